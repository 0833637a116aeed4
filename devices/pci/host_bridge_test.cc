#include "devices/pci/host_bridge.h"

#include <gtest/gtest.h>

#include "devices/pci/pci_test_bus.h"

namespace emu::pci {
namespace {

constexpr Identity kIdentity = {.vendor = 0x1234,
                                .device = 0x5678,
                                .revision = 9,
                                .class_code = 0x010203,
                                .subsystem_vendor = 0xabcd,
                                .subsystem = 0xef01,
                                .has_pin = true};

// Remembers what its BARs were told.
class Recorder final : public Function {
 public:
  explicit Recorder(Slot slot)
      : slot(std::move(slot)), space(kIdentity), msix(space, 3, 0, this->slot.messages) {
    space.AddBar(2, 0x1'0000'0000, kBar64Bit | kBarPrefetchable);
    space.AddBar(4, 256);
  }

  const ConfigSpace& config() const override { return space; }
  uint32_t ConfigRead(uint32_t offset, uint32_t width_bytes) override {
    return space.Read(offset, width_bytes);
  }
  void ConfigWrite(uint32_t offset, uint32_t width_bytes, uint32_t value) override {
    space.Write(offset, width_bytes, value);
    msix.ConfigWritten();
  }
  AccessResult BarRead(uint32_t bar, uint64_t offset, uint32_t width_bytes,
                       uint64_t* value) override {
    if (bar == 0) return msix.Read(offset, width_bytes, value);
    *value = offset;
    return AccessResult::kOk;
  }
  AccessResult BarWrite(uint32_t bar, uint64_t offset, uint32_t width_bytes,
                        uint64_t value) override {
    if (bar == 0) return msix.Write(offset, width_bytes, value);
    written.emplace_back(bar, offset);
    return AccessResult::kOk;
  }

  Slot slot;
  ConfigSpace space;
  Msix msix;
  std::vector<std::pair<uint32_t, uint64_t>> written;
};

class HostBridgeTest : public testing::Test {
 protected:
  static constexpr uint32_t kSlot = 5;
  HostBridgeTest() : function_(bus_.bridge().MakeSlot(kSlot)) {
    bus_.bridge().Plug(kSlot, function_);
  }

  PciTestBus bus_;
  Recorder function_;
};

TEST_F(HostBridgeTest, FunctionsAreWhereTheyWerePlugged) {
  EXPECT_EQ(bus_.Get(0, kVendorId), 0x0008'1b36u);
  EXPECT_EQ(bus_.Get(0, kRevision), 0x0600'0000u);
  EXPECT_EQ(bus_.Get(kSlot, kVendorId), 0x5678'1234u);
  EXPECT_EQ(bus_.Get(kSlot, kRevision), 0x0102'0309u);
  EXPECT_EQ(bus_.Get(kSlot, kSubsystemVendorId), 0xef01'abcdu);
  EXPECT_EQ(bus_.Get(kSlot, kInterruptPin, 1), 1u);
}

TEST_F(HostBridgeTest, NobodyAnswersWithAllOnes) {
  EXPECT_EQ(bus_.Get(4, kVendorId), UINT32_MAX);                                  // an empty slot
  EXPECT_EQ(bus_.Get(kSlot, (1 << kEcamFunctionShift) | kVendorId), UINT32_MAX);  // function 1
  EXPECT_EQ(bus_.Get(kSlot, (1 << kEcamBusShift) | kVendorId), UINT32_MAX);       // bus 1
  EXPECT_EQ(bus_.Get(kSlot, 0x100), UINT32_MAX);  // what only PCI Express has
  EXPECT_EQ(bus_.Load(PciTestBus::kWindow, 2), 0xffffu);
}

TEST_F(HostBridgeTest, ABarShowsItsSizeAndItsKind) {
  bus_.Set(kSlot, kBar0 + 8, UINT32_MAX);
  bus_.Set(kSlot, kBar0 + 12, UINT32_MAX);
  bus_.Set(kSlot, kBar0 + 16, UINT32_MAX);
  EXPECT_EQ(bus_.Get(kSlot, kBar0 + 8), 0x0000'000cu);  // 4 GiB: the lower half is all size
  EXPECT_EQ(bus_.Get(kSlot, kBar0 + 12), UINT32_MAX);
  EXPECT_EQ(bus_.Get(kSlot, kBar0 + 16), 0xffff'ff00u);
  EXPECT_EQ(bus_.Get(kSlot, kBar0 + 20), 0u);  // there is none
}

TEST_F(HostBridgeTest, ABarAnswersWhereItWasPutWhileMemoryIsEnabled) {
  const GuestPhysAddr place = PciTestBus::kWindow + 0x1200;
  bus_.Set(kSlot, kBar0 + 12, 1);  // the large one is elsewhere
  bus_.Set(kSlot, kBar0 + 16, static_cast<uint32_t>(place.value));
  EXPECT_EQ(bus_.Load(place + 4), UINT32_MAX);
  bus_.Set(kSlot, kCommand, kCommandMemory, 2);
  EXPECT_EQ(bus_.Load(place + 4), 4u);
  EXPECT_EQ(bus_.Load(place + 0x100), UINT32_MAX);
  bus_.Store(place + 8, 1);
  EXPECT_EQ(function_.written, (std::vector<std::pair<uint32_t, uint64_t>>{{4, 8}}));
}

TEST_F(HostBridgeTest, WhatIsReadOnlyStays) {
  bus_.Set(kSlot, kVendorId, 0);
  bus_.Set(kSlot, kInterruptPin, 0, 1);
  EXPECT_EQ(bus_.Get(kSlot, kVendorId), 0x5678'1234u);
  EXPECT_EQ(bus_.Get(kSlot, kInterruptPin, 1), 1u);
  bus_.Set(kSlot, kInterruptLine, 0x42, 1);
  EXPECT_EQ(bus_.Get(kSlot, kInterruptLine, 1), 0x42u);
}

TEST_F(HostBridgeTest, PinsMoveOnWithTheSlotAndAreShared) {
  function_.slot.pin.Set(true);
  EXPECT_EQ(bus_.pins, (std::array<bool, kPins>{false, true, false, false}));
  Slot other = bus_.bridge().MakeSlot(9);
  other.pin.Set(true);
  function_.slot.pin.Set(false);
  EXPECT_TRUE(bus_.pins[1]);
  other.pin.Set(false);
  EXPECT_FALSE(bus_.pins[1]);
}

class MsixTest : public HostBridgeTest {
 protected:
  static constexpr GuestPhysAddr kTable = PciTestBus::kWindow + 0x4000;
  static constexpr GuestPhysAddr kPending = kTable + 3 * kMsixEntryBytes;

  MsixTest() : at_(bus_.FindCapability(kSlot, kCapabilityMsix)) {
    bus_.Set(kSlot, kBar0, static_cast<uint32_t>(kTable.value));
    bus_.Set(kSlot, kCommand, kCommandMemory | kCommandMaster, 2);
    bus_.Set(kSlot, at_ + kMsixControl, kMsixEnable, 2);
    for (uint32_t vector = 0; vector < 3; ++vector) SetEntry(vector, PciTestBus::kController);
  }
  void SetEntry(uint32_t vector, uint64_t address) {
    const GuestPhysAddr entry = kTable + vector * kMsixEntryBytes;
    bus_.Store(entry, address, 8);
    bus_.Store(entry + 8, 100 + vector);
    bus_.Store(entry + kMsixEntryControl, 0);
  }

  using Messages = std::vector<std::pair<uint32_t, uint32_t>>;
  const uint32_t at_;
};

TEST_F(MsixTest, TheCapabilitySaysWhereTheTableIs) {
  EXPECT_EQ(bus_.Get(kSlot, at_ + kMsixControl, 2), kMsixEnable | 2u);  // three vectors
  EXPECT_EQ(bus_.Get(kSlot, at_ + kMsixTable), 0u);
  EXPECT_EQ(bus_.Get(kSlot, at_ + kMsixPending), 3 * kMsixEntryBytes);
}

TEST_F(MsixTest, AMessageGoesToTheController) {
  function_.msix.Send(2);
  function_.msix.Send(3);  // there is none
  EXPECT_EQ(bus_.messages, (Messages{{kSlot * 8, 102}}));
}

TEST_F(MsixTest, AMessageElsewhereIsAWriteToMemory) {
  SetEntry(1, (DeviceTestBench::kRam + 64).value);
  function_.msix.Send(1);
  std::array<std::byte, 4> bytes;
  ASSERT_TRUE(bus_.memory().Read(DeviceTestBench::kRam + 64, bytes));
  EXPECT_EQ(LoadLittle<uint32_t>(bytes), 101u);
  SetEntry(1, 0x10);  // nothing is there
  function_.msix.Send(1);
}

TEST_F(MsixTest, WhatIsMaskedWaits) {
  const GuestPhysAddr control = kTable + kMsixEntryBytes + kMsixEntryControl;
  bus_.Store(control, kMsixEntryMasked);
  function_.msix.Send(1);
  function_.msix.Send(1);
  EXPECT_EQ(bus_.Load(kPending), 2u);
  EXPECT_TRUE(bus_.messages.empty());
  bus_.Store(control, 0);
  EXPECT_EQ(bus_.Load(kPending), 0u);
  EXPECT_EQ(bus_.messages, (Messages{{kSlot * 8, 101}}));

  bus_.Set(kSlot, at_ + kMsixControl, kMsixEnable | kMsixMaskAll, 2);
  function_.msix.Send(0);
  EXPECT_EQ(bus_.messages.size(), 1u);
  bus_.Set(kSlot, at_ + kMsixControl, kMsixEnable, 2);
  EXPECT_EQ(bus_.messages.size(), 2u);
}

TEST_F(MsixTest, AFunctionThatIsNoMasterSendsNothing) {
  bus_.Set(kSlot, kCommand, kCommandMemory, 2);
  function_.msix.Send(0);
  EXPECT_TRUE(bus_.messages.empty());
}

TEST_F(MsixTest, BytesAreNoAccess) {
  uint64_t value = 0;
  EXPECT_EQ(function_.msix.Read(0, 1, &value), AccessResult::kBadAccess);
  EXPECT_EQ(function_.msix.Write(0, 2, 0), AccessResult::kBadAccess);
}

}  // namespace
}  // namespace emu::pci
