// Runs the instruction tests (*.s here) on every tier.
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "tests/guest/program_checks.h"
#include "tests/guest/riscv64/instruction_programs.h"

namespace emu::testing {
namespace {

using Parameters = std::tuple<const char*, translator::TierPolicy>;
class InstructionTest : public ::testing::TestWithParam<Parameters> {};

TEST_P(InstructionTest, EveryLineHolds) {
  const auto& [name, tier] = GetParam();
  const ProgramImage image =
      ProgramImage::Load(absl::StrFormat("%s/%s.elf", EMU_GUEST_PROGRAMS, name));
  constexpr uint64_t kMinChecks = 5;
  ExpectEveryLineHolds(image, {.tier = tier}, kMinChecks);
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
