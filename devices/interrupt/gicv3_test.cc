#include "devices/interrupt/gicv3.h"

#include <gtest/gtest.h>

#include <array>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

using gicv3::CpuReg;

constexpr uint64_t kCtlr = 0, kTyper = 4, kGroup = 0x80, kSetEnable = 0x100, kClearEnable = 0x180,
                   kSetPending = 0x200, kClearPending = 0x280, kSetActive = 0x300,
                   kPriority = 0x400, kConfig = 0xc00, kRouter = 0x6000;
constexpr uint64_t kRedistributor1 = gicv3::kRedistributorStride;
constexpr uint64_t kSgiBase = 0x10000;
constexpr uint64_t kPropertyBase = 0x70, kPendingBase = 0x78;
constexpr GuestPhysAddr kPropertyTable = DeviceTestBench::kRam + 0x20000;
constexpr GuestPhysAddr kPendingTable = DeviceTestBench::kRam + 0x40000;

// Two processors, everything of group 1 enabled and let through, as a kernel sets it up.
class Gicv3Test : public testing::Test {
 protected:
  Gicv3Test() : gic_(bench_.memory(), Lines()) {
    bench_.Write(distributor_, kCtlr, 2);
    for (uint64_t bank = 1; bank < gic::kBankCount; ++bank) {
      bench_.Write(distributor_, kGroup + 4 * bank, 0xffff'ffff);
      bench_.Write(distributor_, kSetEnable + 4 * bank, 0xffff'ffff);
    }
    for (uint32_t cpu = 0; cpu < 2; ++cpu) {
      const uint64_t frame = cpu * gicv3::kRedistributorStride;
      bench_.Write(redistributors_, frame + kSgiBase + kGroup, 0xffff'ffff);
      bench_.Write(redistributors_, frame + kSgiBase + kSetEnable, 0xffff'ffff);
      Set(cpu, CpuReg::kPmr, 0xff);
      Set(cpu, CpuReg::kIgrpen1, 1);
    }
  }
  std::vector<Gicv3::CpuLines> Lines() {
    const auto of = [this](int cpu) -> Gicv3::CpuLines {
      return {DeviceTestBench::Wire(irq_[cpu]), DeviceTestBench::Wire(fiq_[cpu])};
    };
    return {of(0), of(1)};
  }
  uint64_t Get(uint32_t cpu, CpuReg reg) {
    return gic_.ReadCpuRegister(cpu, static_cast<uint32_t>(reg)).value_or(0xdead);
  }
  void Set(uint32_t cpu, CpuReg reg, uint64_t value) {
    EXPECT_TRUE(gic_.WriteCpuRegister(cpu, static_cast<uint32_t>(reg), value));
  }
  void SetPriority(uint32_t intid, uint8_t priority) {
    bench_.Write(distributor_, kPriority + intid, priority, 1);
  }
  void TurnLpisOn(uint32_t cpu) {
    const uint64_t frame = cpu * gicv3::kRedistributorStride;
    bench_.Write(redistributors_, frame + kPropertyBase, kPropertyTable.value | 15, 8);
    bench_.Write(redistributors_, frame + kPendingBase, (kPendingTable + 0x10000 * cpu).value, 8);
    bench_.Write(redistributors_, frame, 1);
  }
  void ConfigureLpi(uint32_t intid, uint8_t config) {
    const auto byte = static_cast<std::byte>(config);
    ASSERT_TRUE(bench_.memory().Write(kPropertyTable + (intid - 8192), {&byte, 1}));
    gic_.LpiConfigChanged();
  }

  DeviceTestBench bench_;
  std::array<bool, 2> irq_ = {};
  std::array<bool, 2> fiq_ = {};
  Gicv3 gic_;
  MmioHandler& distributor_ = gic_.distributor();
  MmioHandler& redistributors_ = gic_.redistributors();
  InterruptLine wire32_ = gic_.SharedInput(0);
  InterruptLine wire33_ = gic_.SharedInput(1);
};

TEST_F(Gicv3Test, IdentifiesItself) {
  EXPECT_EQ(bench_.Read(distributor_, kCtlr), 0x52u);
  EXPECT_EQ(bench_.Read(distributor_, kTyper), 0x037a'0008u);
  EXPECT_EQ(bench_.Read(distributor_, 0xffe8), 0x3bu);
  uint64_t typer2 = 1;  // of GICv4.1: nothing of it is there, but kernels ask
  EXPECT_EQ(distributor_.MmioRead(0xc, 4, &typer2), AccessResult::kOk);
  EXPECT_EQ(typer2, 0u);
  EXPECT_EQ(bench_.Read(redistributors_, 0xffe8), 0x3bu);
  EXPECT_EQ(bench_.Read(redistributors_, 8, 8), 0x0000'0000'0100'0001u);
  EXPECT_EQ(bench_.Read(redistributors_, kRedistributor1 + 8, 8), 0x0000'0001'0100'0111u);
  EXPECT_EQ(bench_.Read(redistributors_, kRedistributor1 + 0xc), 1u);
  EXPECT_EQ(Get(0, CpuReg::kCtlr), 0x8400u);
  EXPECT_EQ(Get(0, CpuReg::kSre), 7u);
}

TEST_F(Gicv3Test, ARedistributorWakesUp) {
  EXPECT_EQ(bench_.Read(redistributors_, 0x14), 6u);
  bench_.Write(redistributors_, 0x14, 0);
  EXPECT_EQ(bench_.Read(redistributors_, 0x14), 0u);
}

TEST_F(Gicv3Test, ALevelIsServedUntilItFalls) {
  wire32_.Set(true);
  EXPECT_TRUE(irq_[0]);
  EXPECT_FALSE(irq_[1]);
  EXPECT_FALSE(fiq_[0]);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 32u);
  EXPECT_FALSE(irq_[0]);  // active
  EXPECT_EQ(Get(0, CpuReg::kIar1), 1023u);
  Set(0, CpuReg::kEoir1, 32);
  EXPECT_TRUE(irq_[0]);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 32u);
  wire32_.Set(false);
  Set(0, CpuReg::kEoir1, 32);
  EXPECT_FALSE(irq_[0]);
}

TEST_F(Gicv3Test, AnEdgeIsServedOnce) {
  bench_.Write(distributor_, kConfig + 8, 2);  // INTID 32
  wire32_.Set(true);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 32u);
  Set(0, CpuReg::kEoir1, 32);
  EXPECT_FALSE(irq_[0]);
  wire32_.Set(false);
  wire32_.Set(true);
  wire32_.Set(false);
  EXPECT_TRUE(irq_[0]);
  bench_.Write(distributor_, kClearPending + 4, 1);
  EXPECT_FALSE(irq_[0]);
}

TEST_F(Gicv3Test, AnInterruptGoesWhereItIsRouted) {
  bench_.Write(distributor_, kRouter + 8 * 32, 1, 8);
  wire32_.Set(true);
  EXPECT_FALSE(irq_[0]);
  EXPECT_TRUE(irq_[1]);
  bench_.Write(distributor_, kRouter + 8 * 32, 0x0100, 4);  // cluster 1, which is empty
  EXPECT_FALSE(irq_[0] || irq_[1]);
}

TEST_F(Gicv3Test, MaskedInterruptsWait) {
  wire32_.Set(true);
  bench_.Write(distributor_, kClearEnable + 4, 1);
  EXPECT_FALSE(irq_[0]);
  bench_.Write(distributor_, kSetEnable + 4, 1);
  EXPECT_TRUE(irq_[0]);
  bench_.Write(distributor_, kCtlr, 0);
  EXPECT_FALSE(irq_[0]);
  bench_.Write(distributor_, kCtlr, 2);
  Set(0, CpuReg::kIgrpen1, 0);
  EXPECT_FALSE(irq_[0]);
  Set(0, CpuReg::kIgrpen1, 1);
  SetPriority(32, 0xa0);
  Set(0, CpuReg::kPmr, 0xa0);
  EXPECT_FALSE(irq_[0]);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 1023u);
  Set(0, CpuReg::kPmr, 0xf0);
  EXPECT_TRUE(irq_[0]);
}

TEST_F(Gicv3Test, TheMostUrgentIsServedFirstAndInterruptsTheOther) {
  SetPriority(32, 0xa0);
  SetPriority(33, 0x80);
  wire32_.Set(true);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 32u);
  EXPECT_EQ(Get(0, CpuReg::kRpr), 0xa0u);
  wire33_.Set(true);
  EXPECT_TRUE(irq_[0]);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 33u);
  EXPECT_EQ(Get(0, CpuReg::kRpr), 0x80u);
  Set(0, CpuReg::kEoir1, 33);
  EXPECT_EQ(Get(0, CpuReg::kRpr), 0xa0u);
  Set(0, CpuReg::kEoir1, 32);
  EXPECT_EQ(Get(0, CpuReg::kRpr), 0xffu);
}

TEST_F(Gicv3Test, TheBinaryPointSaysWhatInterruptsWhat) {
  SetPriority(32, 0xa8);
  SetPriority(33, 0xa0);
  Set(0, CpuReg::kBpr1, 5);  // the group priority is bits 7:5
  wire32_.Set(true);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 32u);
  wire33_.Set(true);
  EXPECT_FALSE(irq_[0]);
  Set(0, CpuReg::kEoir1, 32);
  EXPECT_EQ(Get(0, CpuReg::kHppir1), 33u);
  Set(0, CpuReg::kBpr1, 0);
  EXPECT_EQ(Get(0, CpuReg::kBpr1), 3u);  // the smallest
}

TEST_F(Gicv3Test, PrioritiesHaveFiveBits) {
  SetPriority(32, 0xff);
  EXPECT_EQ(bench_.Read(distributor_, kPriority + 32, 1), 0xf8u);
  Set(0, CpuReg::kPmr, 0xff);
  EXPECT_EQ(Get(0, CpuReg::kPmr), 0xf8u);
}

TEST_F(Gicv3Test, TheEndMayBeInTwoSteps) {
  Set(0, CpuReg::kCtlr, 2);
  wire32_.Set(true);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 32u);
  Set(0, CpuReg::kEoir1, 32);
  EXPECT_EQ(Get(0, CpuReg::kRpr), 0xffu);
  EXPECT_FALSE(irq_[0]);  // still active
  Set(0, CpuReg::kDir, 32);
  EXPECT_TRUE(irq_[0]);
}

TEST_F(Gicv3Test, GroupZeroIsAFastInterrupt) {
  bench_.Write(distributor_, kCtlr, 3);
  Set(0, CpuReg::kIgrpen0, 1);
  bench_.Write(distributor_, kGroup + 4, ~uint32_t{1});
  wire32_.Set(true);
  EXPECT_TRUE(fiq_[0]);
  EXPECT_FALSE(irq_[0]);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 1023u);
  EXPECT_EQ(Get(0, CpuReg::kIar0), 32u);
  Set(0, CpuReg::kEoir1, 32);  // of the wrong group
  EXPECT_EQ(Get(0, CpuReg::kRpr), 0u);
  Set(0, CpuReg::kEoir0, 32);
  EXPECT_TRUE(fiq_[0]);
}

TEST_F(Gicv3Test, ProcessorsInterruptEachOther) {
  Set(0, CpuReg::kSgi1r, uint64_t{5} << 24 | 2);  // to processor 1
  EXPECT_FALSE(irq_[0]);
  EXPECT_TRUE(irq_[1]);
  EXPECT_EQ(Get(1, CpuReg::kIar1), 5u);
  Set(1, CpuReg::kEoir1, 5);
  EXPECT_FALSE(irq_[1]);
  Set(1, CpuReg::kSgi1r, uint64_t{1} << 40 | 7 << 24);  // to all others
  EXPECT_TRUE(irq_[0]);
  EXPECT_FALSE(irq_[1]);
  Set(1, CpuReg::kSgi1r, 1 << 16 | 2);  // to another cluster
  EXPECT_FALSE(irq_[1]);
  Set(0, CpuReg::kSgi0r, 2);  // it is in group 1
  EXPECT_FALSE(irq_[1]);
}

TEST_F(Gicv3Test, AProcessorsOwnInterruptsAreItsOwn) {
  gic_.SetPrivateInput(1, 30, true);
  EXPECT_FALSE(irq_[0]);
  EXPECT_EQ(Get(1, CpuReg::kIar1), 30u);
  EXPECT_EQ(bench_.Read(redistributors_, kRedistributor1 + kSgiBase + kSetActive), 1u << 30);
  EXPECT_EQ(bench_.Read(distributor_, kSetEnable), 0u);  // not the distributor's
  EXPECT_EQ(bench_.Read(redistributors_, kSgiBase + kConfig), 0xaaaa'aaaau);
}

TEST_F(Gicv3Test, SoftwareMayMakeInterruptsPending) {
  bench_.Write(distributor_, kSetPending + 4, 2);
  EXPECT_EQ(bench_.Read(distributor_, kSetPending + 4), 2u);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 33u);
  EXPECT_EQ(bench_.Read(distributor_, kSetPending + 4), 0u);
}

TEST_F(Gicv3Test, WhatIsNotThereIsUndefined) {
  EXPECT_EQ(gic_.ReadCpuRegister(0, static_cast<uint32_t>(CpuReg::kEoir1)), std::nullopt);
  EXPECT_FALSE(gic_.WriteCpuRegister(0, static_cast<uint32_t>(CpuReg::kIar1), 0));
  const uint32_t ap1r1 = gicv3::SystemRegister(3, 0, 12, 9, 1);
  EXPECT_EQ(gic_.ReadCpuRegister(0, ap1r1), std::nullopt);
  EXPECT_FALSE(gic_.WriteCpuRegister(0, ap1r1, 0));
}

TEST_F(Gicv3Test, MessagesAreServedByTheirTable) {
  TurnLpisOn(1);
  ConfigureLpi(8193, 0xa0);  // not enabled
  gic_.SetLpiPending(1, 8193, true);
  EXPECT_FALSE(irq_[1]);
  ConfigureLpi(8193, 0xa1);
  EXPECT_TRUE(irq_[1]);
  ConfigureLpi(8195, 0x81);
  gic_.SetLpiPending(1, 8195, true);
  EXPECT_EQ(Get(1, CpuReg::kIar1), 8195u);
  Set(1, CpuReg::kEoir1, 8195);
  EXPECT_EQ(Get(1, CpuReg::kIar1), 8193u);
  Set(1, CpuReg::kEoir1, 8193);
  EXPECT_FALSE(irq_[1]);
  gic_.SetLpiPending(1, 8191, true);  // no LPI
  gic_.SetLpiPending(1, 65536, true);
  gic_.SetLpiPending(7, 8193, true);  // no processor
  EXPECT_FALSE(irq_[1]);
}

TEST_F(Gicv3Test, PendingMessagesAreInTheGuestsTableWhileMessagesAreOff) {
  ConfigureLpi(8193, 0xa1);
  gic_.SetLpiPending(0, 8193, true);  // off: dropped
  TurnLpisOn(0);
  EXPECT_FALSE(irq_[0]);
  gic_.SetLpiPending(0, 8193, true);
  bench_.Write(redistributors_, 0, 0);
  EXPECT_FALSE(irq_[0]);
  std::byte pending = {};
  ASSERT_TRUE(bench_.memory().Read(kPendingTable + 1024, {&pending, 1}));
  EXPECT_EQ(pending, std::byte{2});
  bench_.Write(redistributors_, 0, 1);
  EXPECT_EQ(Get(0, CpuReg::kIar1), 8193u);
}

}  // namespace
}  // namespace emu
