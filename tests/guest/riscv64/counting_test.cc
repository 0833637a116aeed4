// What translations count that were asked to: the number of instructions of a loop is known.
#include <gtest/gtest.h>

#include "tests/guest/program_runner.h"

namespace emu::testing {
namespace {

class CountingTest : public ::testing::TestWithParam<translator::TierPolicy> {
 protected:
  translator::Vcpu::Counters CountersOf(bool counts) {
    const ProgramImage image = ProgramImage::Load(EMU_GUEST_PROGRAMS "/counting.elf");
    ProgramRunner runner(image, {.tier = GetParam(), .counts = counts});
    EXPECT_EQ(runner.Run(), 0u);
    return runner.counters();
  }
};

constexpr uint64_t kRounds = 100'000;
// Before and behind the loop, and what the hart does until it hears that the power is off.
constexpr uint64_t kAround = 1000;

TEST_P(CountingTest, InstructionsAndHitsOfALoop) {
  const translator::Vcpu::Counters counters = CountersOf(true);
  EXPECT_GE(counters.executed_instructions, 3 * kRounds);
  EXPECT_LE(counters.executed_instructions, 3 * kRounds + kAround);
  EXPECT_GE(counters.tlb_hits, kRounds - 1);
  EXPECT_LE(counters.tlb_hits, kRounds + kAround);
}

TEST_P(CountingTest, NothingIsCountedUnasked) {
  const translator::Vcpu::Counters counters = CountersOf(false);
  EXPECT_EQ(counters.executed_instructions, 0u);
  EXPECT_EQ(counters.tlb_hits, 0u);
}

INSTANTIATE_TEST_SUITE_P(Riscv64, CountingTest, ::testing::ValuesIn(kTiers),
                         [](const auto& info) { return NameOf(info.param); });

}  // namespace
}  // namespace emu::testing
