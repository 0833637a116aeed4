// Runs the instruction tests (*.s here) on every tier.
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "tests/guest/program_runner.h"
#include "tests/guest/riscv64/instruction_programs.h"

namespace emu::testing {
namespace {

using Parameters = std::tuple<const char*, translator::TierPolicy>;
class InstructionTest : public ::testing::TestWithParam<Parameters> {};

TEST_P(InstructionTest, EveryLineHolds) {
  const auto& [name, tier] = GetParam();
  const ProgramImage image =
      ProgramImage::Load(absl::StrFormat("%s/%s.elf", EMU_GUEST_PROGRAMS, name));
  ProgramRunner runner(image, {.tier = tier});
  ASSERT_EQ(runner.Run(), 0u) << "the program did not come to its end";

  const uint64_t failures = runner.Read64(runner.AddressOf("failure_count"));
  const GuestPhysAddr first = runner.AddressOf("failures");
  for (uint64_t i = 0; i < failures; ++i) {
    const GuestPhysAddr failure = first + 24 * i;
    ADD_FAILURE() << runner.ReadText(GuestPhysAddr(runner.Read64(failure)))
                  << absl::StrFormat(": is 0x%x, should be 0x%x", runner.Read64(failure + 8),
                                     runner.Read64(failure + 16));
  }
  EXPECT_GT(runner.Read64(runner.AddressOf("check_count")), 4u);
}

INSTANTIATE_TEST_SUITE_P(Riscv64, InstructionTest,
                         ::testing::Combine(::testing::ValuesIn(kInstructionPrograms),
                                            ::testing::ValuesIn(kTiers)),
                         [](const ::testing::TestParamInfo<Parameters>& info) {
                           return std::string(std::get<0>(info.param)) + "_" +
                                  NameOf(std::get<1>(info.param));
                         });

}  // namespace
}  // namespace emu::testing
