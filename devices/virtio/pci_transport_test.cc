#include "devices/virtio/pci_transport.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "devices/pci/pci_test_bus.h"
#include "devices/virtio/entropy.h"
#include "devices/virtio/transport_spec.h"

namespace emu::virtio {
namespace {

using namespace pci_transport;
using pci::PciTestBus;

constexpr uint32_t kSlot = 3;
constexpr uint32_t kClassCode = 0x00ff00;
constexpr GuestPhysAddr kTable = PciTestBus::kWindow;
constexpr GuestPhysAddr kBar = PciTestBus::kWindow + 0x8000;
constexpr GuestPhysAddr kRings = DeviceTestBench::kRam;
constexpr GuestPhysAddr kBuffer = DeviceTestBench::kRam + 0x8000;
constexpr uint16_t kQueueSize = 4;

std::unique_ptr<VirtioDevice> FillsWithR() {
  return std::make_unique<Entropy>([](std::span<std::byte> bytes) {
    std::ranges::fill(bytes, std::byte{'r'});
    return true;
  });
}

// Does what a kernel's driver does.
class PciTransportTest : public testing::Test {
 protected:
  PciTransportTest()
      : transport_(bus_.memory(), bus_.bridge().MakeSlot(kSlot), kClassCode, FillsWithR()) {
    bus_.bridge().Plug(kSlot, transport_);
    bus_.Set(kSlot, pci::kBar0 + 4 * kMsixBar, static_cast<uint32_t>(kTable.value));
    bus_.Set(kSlot, pci::kBar0 + 4 * kStructuresBar, static_cast<uint32_t>(kBar.value));
    bus_.Set(kSlot, pci::kCommand, pci::kCommandMemory | pci::kCommandMaster, 2);
  }

  // The structure of `type`, as its capability has it.
  struct Structure {
    uint32_t capability;
    GuestPhysAddr place;
  };
  Structure Find(uint8_t type) {
    uint32_t at = bus_.FindCapability(kSlot, pci::kCapabilityVendor);
    while (at != 0 && bus_.Get(kSlot, at + kCapabilityType, 1) != type) {
      at = bus_.FindCapability(kSlot, pci::kCapabilityVendor, at + 1);
    }
    EXPECT_NE(at, 0u);
    return {at, kBar + bus_.Get(kSlot, at + kCapabilityOffset)};
  }
  GuestPhysAddr Register(Reg reg) {
    const auto& spec =
        *std::ranges::find(kRegisters, static_cast<uint32_t>(reg), &RegisterSpec::id);
    return Find(kCommonCapability).place + spec.offset;
  }
  void Set(Reg reg, uint64_t value, uint32_t width_bytes) {
    bus_.Store(Register(reg), value, width_bytes);
  }
  uint64_t Get(Reg reg, uint32_t width_bytes) { return bus_.Load(Register(reg), width_bytes); }

  void EnableMsix() {
    const uint32_t at = bus_.FindCapability(kSlot, pci::kCapabilityMsix);
    for (uint32_t vector = 0; vector < 2; ++vector) {
      const GuestPhysAddr entry = kTable + vector * pci::kMsixEntryBytes;
      bus_.Store(entry, PciTestBus::kController);
      bus_.Store(entry + 8, 40 + vector);
      bus_.Store(entry + pci::kMsixEntryControl, 0);
    }
    bus_.Set(kSlot, at + pci::kMsixControl, pci::kMsixEnable, 2);
  }

  void Initialize() {
    Set(Reg::kStatus, 0, 1);
    Set(Reg::kStatus, 3, 1);
    Set(Reg::kDriverFeaturesSelect, 1, 4);
    Set(Reg::kDriverFeatures, kFeatureVersion1 >> 32, 4);
    Set(Reg::kStatus, 3 | kStatusFeaturesOk, 1);
    Set(Reg::kConfigVector, 0, 2);
    Set(Reg::kQueueSelect, 0, 2);
    Set(Reg::kQueueSize, kQueueSize, 2);
    Set(Reg::kQueueVector, 1, 2);
    Set(Reg::kQueueDescriptors, kRings.value, 8);
    Set(Reg::kQueueDriver, kRings.value + 0x1000, 4);  // in halves, as Linux does
    bus_.Store(Register(Reg::kQueueDriver) + 4, 0, 4);
    Set(Reg::kQueueDevice, kRings.value + 0x2000, 8);
    Set(Reg::kQueueEnable, 1, 2);
    Set(Reg::kStatus, 3 | kStatusFeaturesOk | kStatusDriverOk, 1);
  }

  template <typename T>
  void Poke(GuestPhysAddr address, T value) {
    ASSERT_TRUE(bus_.memory().Write(address, std::as_bytes(std::span(&value, 1))));
  }
  uint16_t UsedIndex() {
    uint16_t index = 0;
    EXPECT_TRUE(bus_.memory().Read(kRings + 0x2002, std::as_writable_bytes(std::span(&index, 1))));
    return index;
  }
  // One request for four bytes; then a notification.
  void Submit() {
    Poke<uint64_t>(kRings, kBuffer.value);
    Poke<uint32_t>(kRings + 8, 4);
    Poke<uint16_t>(kRings + 12, kDescriptorWrite);
    Poke<uint16_t>(kRings + 0x1002, ++available_);
    const Structure notify = Find(kNotifyCapability);
    const uint32_t multiplier = bus_.Get(kSlot, notify.capability + kCapabilityExtra);
    bus_.Store(notify.place + Get(Reg::kQueueNotifyOffset, 2) * multiplier, 0, 2);
  }

  PciTestBus bus_;
  PciTransport transport_;
  uint16_t available_ = 0;
};

TEST_F(PciTransportTest, IsAModernVirtioDevice) {
  EXPECT_EQ(bus_.Get(kSlot, pci::kVendorId), 0x1044'1af4u);
  EXPECT_EQ(bus_.Get(kSlot, pci::kRevision), kClassCode << 8 | 1);
  EXPECT_EQ(Get(Reg::kQueueCount, 2), 1u);
  EXPECT_EQ(Get(Reg::kQueueSize, 2), kMaxQueueSize);
  EXPECT_EQ(bus_.Get(kSlot, pci::kBar0 + 4 * kStructuresBar) & pci::kBarFlags,
            pci::kBar64Bit | pci::kBarPrefetchable);
}

TEST_F(PciTransportTest, ServesARequestAndInterruptsByMessage) {
  EnableMsix();
  Initialize();
  Submit();
  EXPECT_EQ(UsedIndex(), 1);
  using Messages = std::vector<std::pair<uint32_t, uint32_t>>;
  EXPECT_EQ(bus_.messages, (Messages{{kSlot * 8, 41}}));
  EXPECT_EQ(bus_.pins, (std::array<bool, 4>{}));
}

TEST_F(PciTransportTest, InterruptsByPinUntilTheStatusIsRead) {
  Initialize();
  Submit();
  EXPECT_TRUE(bus_.pins[kSlot]);
  EXPECT_NE(bus_.Get(kSlot, pci::kStatus, 2) & pci::kStatusInterrupt, 0u);
  EXPECT_EQ(bus_.Load(Find(kIsrCapability).place, 1), kInterruptUsedRing);
  EXPECT_FALSE(bus_.pins[kSlot]);
  EXPECT_EQ(bus_.Load(Find(kIsrCapability).place, 1), 0u);
}

TEST_F(PciTransportTest, ThePinCanBeTurnedOff) {
  bus_.Set(kSlot, pci::kCommand, pci::kCommandMemory | pci::kCommandMaster | pci::kCommandNoPin, 2);
  Initialize();
  Submit();
  EXPECT_FALSE(bus_.pins[kSlot]);
  bus_.Set(kSlot, pci::kCommand, pci::kCommandMemory | pci::kCommandMaster, 2);
  EXPECT_TRUE(bus_.pins[kSlot]);
}

TEST_F(PciTransportTest, TouchesNoMemoryUnlessItIsMaster) {
  Initialize();
  bus_.Set(kSlot, pci::kCommand, pci::kCommandMemory, 2);
  Submit();
  EXPECT_EQ(UsedIndex(), 0);
  bus_.Set(kSlot, pci::kCommand, pci::kCommandMemory | pci::kCommandMaster, 2);
  Submit();
  EXPECT_EQ(UsedIndex(), 2);
}

TEST_F(PciTransportTest, AVectorThatIsNotThereReadsBackAsNone) {
  Set(Reg::kConfigVector, 2, 2);
  EXPECT_EQ(Get(Reg::kConfigVector, 2), kNoVector);
  Set(Reg::kQueueVector, 1, 2);
  EXPECT_EQ(Get(Reg::kQueueVector, 2), 1u);
  Set(Reg::kStatus, 0, 1);
  EXPECT_EQ(Get(Reg::kQueueVector, 2), kNoVector);
}

TEST_F(PciTransportTest, AQueueThatMakesNoSenseIsToldByTheConfigurationsVector) {
  EnableMsix();
  Initialize();
  available_ = 100;
  Submit();
  EXPECT_NE(Get(Reg::kStatus, 1) & kStatusNeedsReset, 0u);
  ASSERT_FALSE(bus_.messages.empty());
  EXPECT_EQ(bus_.messages.back().second, 40u);
}

TEST_F(PciTransportTest, ABootLoaderMayUseTheConfigurationSpaceAlone) {
  bus_.Set(kSlot, pci::kCommand, 0, 2);  // no BAR answers
  const uint32_t at = Find(kConfigAccessCapability).capability;
  const auto point = [&](uint32_t offset, uint32_t width_bytes) {
    bus_.Set(kSlot, at + kCapabilityBar, kStructuresBar, 1);
    bus_.Set(kSlot, at + kCapabilityOffset, offset);
    bus_.Set(kSlot, at + kCapabilitySize, width_bytes);
  };
  point(0x14, 1);
  bus_.Set(kSlot, at + kCapabilityExtra, 3, 1);
  EXPECT_EQ(bus_.Get(kSlot, at + kCapabilityExtra, 1), 3u);
  point(0x12, 2);
  EXPECT_EQ(bus_.Get(kSlot, at + kCapabilityExtra, 2), 1u);
  point(kStructuresBytes, 4);  // beyond the end: nothing happens
  bus_.Set(kSlot, at + kCapabilityExtra, 0);
  point(0, 3);
  bus_.Get(kSlot, at + kCapabilityExtra);
}

TEST_F(PciTransportTest, AMachinesResetTakesAllBack) {
  EnableMsix();
  Initialize();
  transport_.Reset();
  EXPECT_EQ(bus_.Get(kSlot, pci::kCommand, 2), 0u);
  EXPECT_EQ(bus_.Get(kSlot, pci::kBar0 + 4 * kStructuresBar) & ~pci::kBarFlags, 0u);
  const uint32_t at = bus_.FindCapability(kSlot, pci::kCapabilityMsix);
  EXPECT_EQ(bus_.Get(kSlot, at + pci::kMsixControl, 2) & pci::kMsixEnable, 0u);
}

}  // namespace
}  // namespace emu::virtio
