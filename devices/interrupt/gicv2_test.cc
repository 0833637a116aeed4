#include "devices/interrupt/gicv2.h"

#include <gtest/gtest.h>

#include <array>

#include "devices/core/device_test_bench.h"
#include "devices/interrupt/gicv2m.h"

namespace emu {
namespace {

constexpr uint64_t kGicdCtlr = 0, kTyper = 4, kGroup = 0x80, kSetEnable = 0x100,
                   kSetPending = 0x200, kPriority = 0x400, kTargets = 0x800, kConfig = 0xc00,
                   kSoftware = 0xf00, kClearSenders = 0xf10, kSetSenders = 0xf20;
constexpr uint64_t kCtlr = 0, kPmr = 4, kBpr = 8, kIar = 0xc, kEoir = 0x10, kRpr = 0x14,
                   kHppir = 0x18, kAliasedIar = 0x20, kAliasedEoir = 0x24, kDir = 0x1000;
constexpr uint32_t kNone = gic::kNoInterrupt;

// Two processors, everything of group 0 enabled and let through to the first, as a kernel does.
class Gicv2Test : public testing::Test {
 protected:
  Gicv2Test() : gic_(Lines()) {
    Set(0, kGicdCtlr, 1);
    for (uint64_t bank = 0; bank < gic::kBankCount; ++bank) {
      Set(0, kSetEnable + 4 * bank, 0xffff'ffff);
    }
    Set(1, kSetEnable, 0xffff'ffff);
    for (uint64_t word = 8; word < gic::kIntidCount / 4; ++word) {
      Set(0, kTargets + 4 * word, 0x0101'0101);
    }
    for (uint32_t cpu = 0; cpu < 2; ++cpu) {
      SetCpu(cpu, kPmr, 0xff);
      SetCpu(cpu, kCtlr, 1);
    }
  }
  std::vector<Gic::CpuLines> Lines() {
    const auto of = [this](int cpu) -> Gic::CpuLines {
      return {DeviceTestBench::Wire(irq_[cpu]), DeviceTestBench::Wire(fiq_[cpu])};
    };
    return {of(0), of(1)};
  }
  uint64_t Get(uint32_t cpu, uint64_t offset, uint32_t width = 4) {
    uint64_t value = 0xdead;
    EXPECT_EQ(gic_.distributor().MmioReadBy(cpu, offset, width, &value), AccessResult::kOk);
    return value;
  }
  void Set(uint32_t cpu, uint64_t offset, uint64_t value, uint32_t width = 4) {
    EXPECT_EQ(gic_.distributor().MmioWriteBy(cpu, offset, width, value), AccessResult::kOk);
  }
  uint64_t GetCpu(uint32_t cpu, uint64_t offset) {
    uint64_t value = 0xdead;
    EXPECT_EQ(gic_.cpu_interfaces().MmioReadBy(cpu, offset, 4, &value), AccessResult::kOk);
    return value;
  }
  void SetCpu(uint32_t cpu, uint64_t offset, uint64_t value) {
    EXPECT_EQ(gic_.cpu_interfaces().MmioWriteBy(cpu, offset, 4, value), AccessResult::kOk);
  }

  std::array<bool, 2> irq_ = {};
  std::array<bool, 2> fiq_ = {};
  Gicv2 gic_;
  InterruptLine wire32_ = gic_.SharedInput(0);
  InterruptLine wire33_ = gic_.SharedInput(1);
};

TEST_F(Gicv2Test, IdentifiesItself) {
  EXPECT_EQ(Get(0, kTyper), 0x28u);  // 288 interrupts, two processors
  EXPECT_EQ(Get(0, 0xfe8), 0x2bu);
  EXPECT_EQ(GetCpu(0, 0xfc), 0x2043bu);
  EXPECT_FALSE(gic_.ReadCpuRegister(0, 0xc665).has_value());
  SetCpu(1, kCtlr, ~uint64_t{0});
  EXPECT_EQ(GetCpu(1, kCtlr), 0x3ffu);
  EXPECT_EQ(GetCpu(0, kCtlr), 1u);
}

TEST_F(Gicv2Test, ALevelIsServedUntilItFalls) {
  wire32_.Set(true);
  EXPECT_TRUE(irq_[0]);
  EXPECT_FALSE(irq_[1]);
  EXPECT_FALSE(fiq_[0]);
  EXPECT_EQ(GetCpu(0, kHppir), 32u);
  EXPECT_EQ(GetCpu(0, kIar), 32u);
  EXPECT_FALSE(irq_[0]);  // active
  EXPECT_EQ(GetCpu(0, kIar), kNone);
  SetCpu(0, kEoir, 32);
  EXPECT_TRUE(irq_[0]);
  EXPECT_EQ(GetCpu(0, kIar), 32u);
  wire32_.Set(false);
  SetCpu(0, kEoir, 32);
  EXPECT_FALSE(irq_[0]);
}

TEST_F(Gicv2Test, OfSeveralTargetsOneServesIt) {
  Set(0, kTargets + 32, 3, 1);
  EXPECT_EQ(Get(0, kTargets + 32, 1), 3u);
  wire32_.Set(true);
  EXPECT_TRUE(irq_[0]);
  EXPECT_TRUE(irq_[1]);
  EXPECT_EQ(GetCpu(1, kIar), 32u);
  EXPECT_FALSE(irq_[0]);
  EXPECT_EQ(GetCpu(0, kIar), kNone);
}

TEST_F(Gicv2Test, EachProcessorIsTheTargetOfItsOwn) {
  EXPECT_EQ(Get(0, kTargets), 0x0101'0101u);
  EXPECT_EQ(Get(1, kTargets + 28), 0x0202'0202u);
  Set(1, kTargets, 0xffff'ffff);
  EXPECT_EQ(Get(1, kTargets), 0x0202'0202u);
  Set(0, kTargets + 32, 0xff, 1);  // of processors that are not there, nothing is kept
  EXPECT_EQ(Get(0, kTargets + 32, 1), 3u);
}

TEST_F(Gicv2Test, PrivateInterruptsAreEachProcessorsOwn) {
  gic_.SetPrivateInput(1, 27, true);
  EXPECT_FALSE(irq_[0]);
  EXPECT_TRUE(irq_[1]);
  EXPECT_EQ(Get(0, kSetPending), 0u);
  EXPECT_EQ(Get(1, kSetPending), 1u << 27);
  EXPECT_EQ(GetCpu(1, kIar), 27u);
}

TEST_F(Gicv2Test, SoftwareInterruptsNameTheirSender) {
  Set(1, kSoftware, 1 << 16 | 3);  // to the first processor
  Set(0, kSoftware, 2 << 24 | 3);  // to itself
  EXPECT_EQ(Get(0, kSetSenders, 4) >> 24, 3u);
  EXPECT_EQ(GetCpu(0, kIar), 3u);
  EXPECT_FALSE(irq_[0]);  // active, whoever else has sent it
  SetCpu(0, kEoir, 3);
  EXPECT_TRUE(irq_[0]);
  EXPECT_EQ(GetCpu(0, kIar), 1u << 10 | 3);
  SetCpu(0, kEoir, 1 << 10 | 3);
  EXPECT_FALSE(irq_[0]);
  Set(0, kSoftware, 1 << 24 | 5);  // to all others
  EXPECT_FALSE(irq_[0]);
  EXPECT_TRUE(irq_[1]);
}

TEST_F(Gicv2Test, SendersAreChangedOneByOneAndSoftwareInterruptsByNothingElse) {
  Set(0, kSetSenders + 3, 2, 1);
  EXPECT_EQ(GetCpu(0, kHppir), 1u << 10 | 3);
  Set(0, kSetPending, 1 << 4);
  EXPECT_EQ(Get(0, kSetPending), 1u << 3);
  Set(0, kClearSenders + 3, 1, 1);
  EXPECT_EQ(Get(0, kSetPending), 1u << 3);
  Set(0, kClearSenders + 3, 2, 1);
  EXPECT_EQ(Get(0, kSetPending), 0u);
}

TEST_F(Gicv2Test, TheMoreUrgentInterrupts) {
  Set(0, kPriority + 32, 0x80, 1);
  Set(0, kPriority + 33, 0x40, 1);
  wire32_.Set(true);
  EXPECT_EQ(GetCpu(0, kIar), 32u);
  EXPECT_EQ(GetCpu(0, kRpr), 0x80u);
  wire33_.Set(true);
  EXPECT_TRUE(irq_[0]);
  EXPECT_EQ(GetCpu(0, kIar), 33u);
  SetCpu(0, kEoir, 33);
  EXPECT_EQ(GetCpu(0, kRpr), 0x80u);
  SetCpu(0, kPmr, 0x40);
  EXPECT_FALSE(irq_[0]);
}

TEST_F(Gicv2Test, ABinaryPointMakesPrioritiesEqual) {
  SetCpu(0, kBpr, 7);  // no preemption
  Set(0, kPriority + 32, 0x80, 1);
  wire32_.Set(true);
  EXPECT_EQ(GetCpu(0, kIar), 32u);
  wire33_.Set(true);
  EXPECT_FALSE(irq_[0]);
}

TEST_F(Gicv2Test, Group0IsFiqIfItIsToBe) {
  SetCpu(0, kCtlr, 1 | gicv2::kCtlrFiq);
  wire32_.Set(true);
  EXPECT_FALSE(irq_[0]);
  EXPECT_TRUE(fiq_[0]);
}

TEST_F(Gicv2Test, Group1IsForItsOwnRegistersUnlessToldOtherwise) {
  Set(0, kGicdCtlr, 3);
  Set(0, kGroup + 4, 1);
  SetCpu(0, kCtlr, 3);
  wire32_.Set(true);
  EXPECT_TRUE(irq_[0]);
  EXPECT_EQ(GetCpu(0, kIar), gicv2::kOtherGroup);
  EXPECT_EQ(GetCpu(0, kAliasedIar), 32u);
  SetCpu(0, kEoir, 32);  // of the other group: nothing ends
  EXPECT_FALSE(irq_[0]);
  SetCpu(0, kAliasedEoir, 32);
  EXPECT_TRUE(irq_[0]);
  SetCpu(0, kCtlr, 3 | gicv2::kCtlrAckCtl);
  EXPECT_EQ(GetCpu(0, kIar), 32u);
  SetCpu(0, kEoir, 32);
  EXPECT_TRUE(irq_[0]);
}

TEST_F(Gicv2Test, TheEndCanBeSplit) {
  SetCpu(0, kCtlr, 1 | gicv2::kCtlrSplitEnd);
  wire32_.Set(true);
  EXPECT_EQ(GetCpu(0, kIar), 32u);
  SetCpu(0, kEoir, 32);
  EXPECT_EQ(GetCpu(0, kRpr), 0xffu);
  EXPECT_FALSE(irq_[0]);  // still active
  SetCpu(0, kDir, 32);
  EXPECT_TRUE(irq_[0]);
}

TEST_F(Gicv2Test, WithOneProcessorThereAreNoTargets) {
  bool irq = false;
  Gicv2 gic({{DeviceTestBench::Wire(irq), InterruptLine()}});
  gic.distributor().MmioWrite(kGicdCtlr, 4, 1);
  gic.distributor().MmioWrite(kSetEnable + 4, 4, 1);
  gic.cpu_interfaces().MmioWrite(kPmr, 4, 0xff);
  gic.cpu_interfaces().MmioWrite(kCtlr, 4, 1);
  gic.distributor().MmioWrite(kTargets + 32, 4, 1);
  uint64_t targets = 1;
  gic.distributor().MmioRead(kTargets + 32, 4, &targets);
  EXPECT_EQ(targets, 0u);
  gic.SharedInput(0).Set(true);
  EXPECT_TRUE(irq);
}

TEST_F(Gicv2Test, AProcessorThatIsNotThereIsRefused) {
  uint64_t value = 0;
  EXPECT_EQ(gic_.cpu_interfaces().MmioReadBy(2, kIar, 4, &value), AccessResult::kBadAccess);
  EXPECT_EQ(gic_.distributor().MmioWriteBy(2, kSoftware, 4, 0), AccessResult::kBadAccess);
}

TEST_F(Gicv2Test, AMessageRaisesItsInterrupt) {
  Gicv2m messages(33, {gic_.SharedInput(1)});
  Set(0, kConfig + 8, 8);  // INTID 33 is an edge
  uint64_t typer = 0;
  EXPECT_EQ(messages.MmioRead(8, 4, &typer), AccessResult::kOk);
  EXPECT_EQ(typer, 33u << 16 | 1);
  messages.MmioWrite(0x40, 4, 34);
  messages.MmioWrite(0x40, 4, 32);
  EXPECT_FALSE(irq_[0]);
  messages.MmioWrite(0x40, 4, 33);
  EXPECT_EQ(GetCpu(0, kIar), 33u);
  SetCpu(0, kEoir, 33);
  EXPECT_FALSE(irq_[0]);
}

}  // namespace
}  // namespace emu
