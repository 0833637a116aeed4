// Bare-metal programs about what EL1 does, on every tier and with small TLBs.
#include <gtest/gtest.h>

#include <tuple>

#include "absl/strings/str_format.h"
#include "tests/guest/program_checks.h"

namespace emu::testing {
namespace {

struct Program {
  const char* name;
  uint32_t cpus;
  uint64_t min_checks;  // a program that jumps over its checks fails
};
constexpr Program kPrograms[] = {
    {"exceptions", 1, 130}, {"exclusives", 4, 15},     {"floats", 1, 160},
    {"granules", 1, 20},    {"modified_code", 2, 400}, {"paging", 1, 190},
    {"psci", 2, 15},        {"stepping", 1, 50},       {"timers", 1, 30},
};

using Parameters = std::tuple<Program, translator::TierPolicy, uint32_t>;
class Aarch64PrivilegedTest : public ::testing::TestWithParam<Parameters> {};

TEST_P(Aarch64PrivilegedTest, EveryLineHolds) {
  const auto& [program, tier, tlb_entries] = GetParam();
  const ProgramImage image =
      ProgramImage::Load(absl::StrFormat("%s/privileged/%s.elf", EMU_GUEST_PROGRAMS, program.name));
  ExpectEveryLineHolds(
      image,
      {.arch = "aarch64", .tier = tier, .cpus = program.cpus, .tlb_max_entries = tlb_entries},
      program.min_checks);
}

INSTANTIATE_TEST_SUITE_P(Aarch64, Aarch64PrivilegedTest,
                         ::testing::Combine(::testing::ValuesIn(kPrograms),
                                            ::testing::ValuesIn(kTiers),
                                            ::testing::Values(2u, 32768u)),
                         [](const ::testing::TestParamInfo<Parameters>& info) {
                           return absl::StrFormat("%s_%s_Tlb%u", std::get<0>(info.param).name,
                                                  NameOf(std::get<1>(info.param)),
                                                  std::get<2>(info.param));
                         });

}  // namespace
}  // namespace emu::testing
