#include "devices/interrupt/gicv3_its.h"

#include <gtest/gtest.h>

#include <array>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

using gicv3::CpuReg;

constexpr uint64_t kCtlr = 0, kTyper = 8, kCommandBase = 0x80, kCommandWrite = 0x88,
                   kCommandRead = 0x90, kDeviceTableBase = 0x100, kCollectionTableBase = 0x108,
                   kTranslater = 0x10040;
constexpr uint64_t kValid = uint64_t{1} << 63;
constexpr GuestPhysAddr kRam = DeviceTestBench::kRam;
constexpr GuestPhysAddr kQueue = kRam, kDeviceTable = kRam + 0x10000,
                        kCollectionTable = kRam + 0x20000, kEvents = kRam + 0x30000,
                        kPropertyTable = kRam + 0x40000, kPendingTables = kRam + 0x60000;
constexpr uint32_t kDevice = 0x18;

// Two processors with LPIs on; device 0x18 has 32 events, collection n leads to processor n.
class Gicv3ItsTest : public testing::Test {
 protected:
  Gicv3ItsTest() : gic_(bench_.memory(), Lines()), its_(bench_.memory(), gic_) {
    its_.Reset();
    const std::vector<std::byte> config(64, std::byte{0xa1});
    EXPECT_TRUE(bench_.memory().Write(kPropertyTable, config));
    bench_.Write(gic_.distributor(), 0, 2);
    for (uint32_t cpu = 0; cpu < 2; ++cpu) {
      const uint64_t frame = cpu * gicv3::kRedistributorStride;
      bench_.Write(gic_.redistributors(), frame + 0x70, kPropertyTable.value | 15, 8);
      bench_.Write(gic_.redistributors(), frame + 0x78, (kPendingTables + 0x10000 * cpu).value, 8);
      bench_.Write(gic_.redistributors(), frame, 1);
      gic_.WriteCpuRegister(cpu, static_cast<uint32_t>(CpuReg::kPmr), 0xf0);
      gic_.WriteCpuRegister(cpu, static_cast<uint32_t>(CpuReg::kIgrpen1), 1);
    }
    TurnOn(kValid | kDeviceTable.value);
    Command({0x08 | uint64_t{kDevice} << 32, 4, kValid | kEvents.value, 0});
    for (uint64_t cpu = 0; cpu < 2; ++cpu) Command({0x09, 0, kValid | cpu << 16 | cpu, 0});
  }
  std::vector<Gicv3::CpuLines> Lines() {
    std::vector<Gicv3::CpuLines> lines;
    for (bool& irq : irq_) lines.push_back({DeviceTestBench::Wire(irq), InterruptLine()});
    return lines;
  }
  void TurnOn(uint64_t device_table_base) {
    bench_.Write(its_, kCtlr, 0);
    bench_.Write(its_, kCommandBase, kValid | kQueue.value, 8);
    bench_.Write(its_, kCommandWrite, 0, 8);
    written_ = 0;
    bench_.Write(its_, kDeviceTableBase, device_table_base, 8);
    bench_.Write(its_, kCollectionTableBase, kValid | kCollectionTable.value, 8);
    bench_.Write(its_, kCtlr, 1);
  }
  void Command(const std::array<uint64_t, 4>& words) {
    EXPECT_TRUE(bench_.memory().Write(kQueue + written_, std::as_bytes(std::span(words))));
    written_ = (written_ + 32) % 4096;
    bench_.Write(its_, kCommandWrite, written_, 8);
    EXPECT_EQ(bench_.Read(its_, kCommandRead, 8), written_);
  }
  void MapEvent(uint64_t event, uint64_t intid, uint64_t collection) {
    Command({0x0a | uint64_t{kDevice} << 32, intid << 32 | event, collection, 0});
  }
  void OfEvent(uint64_t command, uint64_t event, uint64_t collection = 0) {
    Command({command | uint64_t{kDevice} << 32, event, collection, 0});
  }
  uint64_t Acknowledge(uint32_t cpu) {
    const uint64_t intid =
        gic_.ReadCpuRegister(cpu, static_cast<uint32_t>(CpuReg::kIar1)).value_or(0xdead);
    gic_.WriteCpuRegister(cpu, static_cast<uint32_t>(CpuReg::kEoir1), intid);
    return intid;
  }

  DeviceTestBench bench_;
  std::array<bool, 2> irq_ = {};
  Gicv3 gic_;
  Gicv3Its its_;
  uint64_t written_ = 0;
};

TEST_F(Gicv3ItsTest, IdentifiesItself) {
  EXPECT_EQ(bench_.Read(its_, kCtlr), 0x8000'0001u);
  EXPECT_EQ(bench_.Read(its_, kTyper, 8), 0x0000'001f'0001'ef71u);
  EXPECT_EQ(bench_.Read(its_, 0xffe8), 0x3bu);
  EXPECT_EQ(bench_.Read(its_, kDeviceTableBase, 8) >> 48, 0x8107u);
  EXPECT_EQ(bench_.Read(its_, kCollectionTableBase, 8) >> 48, 0x8407u);
  EXPECT_EQ(bench_.Read(its_, 0x110, 8), 0u);  // there are two
}

TEST_F(Gicv3ItsTest, AMessageBecomesAnInterruptOfItsProcessor) {
  MapEvent(3, 8200, 1);
  its_.Translate(kDevice, 3);
  EXPECT_FALSE(irq_[0]);
  EXPECT_TRUE(irq_[1]);
  EXPECT_EQ(Acknowledge(1), 8200u);
  EXPECT_FALSE(irq_[1]);
}

TEST_F(Gicv3ItsTest, WhatIsNotMappedIsDropped) {
  MapEvent(3, 8200, 1);
  MapEvent(4, 8201, 2);   // a collection that leads nowhere
  MapEvent(5, 100, 0);    // no LPI
  MapEvent(32, 8202, 0);  // the device has 32 events
  its_.Translate(kDevice, 2);
  its_.Translate(kDevice, 4);
  its_.Translate(kDevice, 5);
  its_.Translate(kDevice, 32);
  its_.Translate(kDevice + 1, 3);
  its_.Translate(UINT32_MAX, 3);
  EXPECT_FALSE(irq_[0] || irq_[1]);
  bench_.Write(its_, kCtlr, 0);
  its_.Translate(kDevice, 3);
  EXPECT_FALSE(irq_[1]);
}

TEST_F(Gicv3ItsTest, AnEventMovesWithWhatIsPending) {
  MapEvent(3, 8200, 1);
  its_.Translate(kDevice, 3);
  OfEvent(0x01, 3, 0);
  EXPECT_FALSE(irq_[1]);
  EXPECT_EQ(Acknowledge(0), 8200u);
  its_.Translate(kDevice, 3);
  EXPECT_TRUE(irq_[0]);
  Command({0x0e, 0, 0, uint64_t{1} << 16});  // everything of processor 0 to 1
  EXPECT_FALSE(irq_[0]);
  EXPECT_EQ(Acknowledge(1), 8200u);
}

TEST_F(Gicv3ItsTest, CommandsMakePendingAndClear) {
  MapEvent(3, 8200, 0);
  OfEvent(0x03, 3);
  EXPECT_TRUE(irq_[0]);
  OfEvent(0x04, 3);
  EXPECT_FALSE(irq_[0]);
  OfEvent(0x03, 3);
  OfEvent(0x0f, 3);  // discarded
  EXPECT_FALSE(irq_[0]);
  OfEvent(0x03, 3);
  EXPECT_FALSE(irq_[0]);
}

TEST_F(Gicv3ItsTest, AnInvalidationReadsTheTableAnew) {
  MapEvent(3, 8200, 0);
  OfEvent(0x03, 3);
  const std::byte off{0xa0};
  ASSERT_TRUE(bench_.memory().Write(kPropertyTable + 8, {&off, 1}));
  OfEvent(0x0c, 3);
  EXPECT_FALSE(irq_[0]);
}

TEST_F(Gicv3ItsTest, AProcessorThatWritesAMessageIsDeviceZero) {
  Command({0x08, 4, kValid | (kEvents + 0x1000).value, 0});
  Command({0x0b, 8192, 0, 0});  // MAPI beyond the device's events
  Command({0x0a, uint64_t{8193} << 32 | 7, 0, 0});
  bench_.Write(its_, kTranslater, 7);
  EXPECT_EQ(Acknowledge(0), 8193u);
  EXPECT_FALSE(irq_[0]);
}

TEST_F(Gicv3ItsTest, DevicesMayBeInATableOfTwoLevels) {
  const uint64_t page = kValid | (kDeviceTable + 0x1000).value;
  ASSERT_TRUE(bench_.memory().Write(kDeviceTable + 8, std::as_bytes(std::span(&page, 1))));
  TurnOn(kValid | uint64_t{1} << 62 | kDeviceTable.value);
  const uint64_t device = 512 + 5;  // the second page of 4 KiB
  Command({0x08 | device << 32, 4, kValid | kEvents.value, 0});
  Command({0x0a | device << 32, uint64_t{8200} << 32 | 1, 0, 0});
  its_.Translate(device, 1);
  EXPECT_EQ(Acknowledge(0), 8200u);
  std::byte entry[8];
  ASSERT_TRUE(bench_.memory().Read(kDeviceTable + 0x1000 + 8 * 5, entry));
  EXPECT_NE(entry[7], std::byte{0});
}

TEST_F(Gicv3ItsTest, AQueueThatIsNotMemoryStops) {
  bench_.Write(its_, kCtlr, 0);
  bench_.Write(its_, kCommandBase, kValid | 0x1000, 8);
  bench_.Write(its_, kCtlr, 1);
  bench_.Write(its_, kCommandWrite, 64, 8);
  EXPECT_EQ(bench_.Read(its_, kCommandRead, 8), 0u);
}

}  // namespace
}  // namespace emu
