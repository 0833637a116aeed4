// Bare-metal programs about what machine and supervisor mode do, on every tier and with small TLBs.
#include <gtest/gtest.h>

#include <string>
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
    {"atomics", 4, 6},  {"crossing", 1, 40},    {"fetch", 1, 30},
    {"floats", 1, 15},  {"ipi", 2, 10},         {"modified_code", 2, 100},
    {"paging", 1, 150}, {"paging_races", 2, 2}, {"plic", 1, 8},
    {"pmp", 1, 80},     {"pmp_fetch", 1, 13},   {"sv48", 1, 15},
    {"sv57", 1, 25},    {"svnapot", 1, 50},     {"timers", 1, 15},
    {"traps", 1, 60},
};

using Parameters = std::tuple<Program, translator::TierPolicy, uint32_t>;
class PrivilegedTest : public ::testing::TestWithParam<Parameters> {};

TEST_P(PrivilegedTest, EveryLineHolds) {
  const auto& [program, tier, tlb_entries] = GetParam();
  const ProgramImage image =
      ProgramImage::Load(absl::StrFormat("%s/privileged/%s.elf", EMU_GUEST_PROGRAMS, program.name));
  ExpectEveryLineHolds(image, {.tier = tier, .cpus = program.cpus, .tlb_max_entries = tlb_entries},
                       program.min_checks);
}

INSTANTIATE_TEST_SUITE_P(Riscv64, PrivilegedTest,
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
