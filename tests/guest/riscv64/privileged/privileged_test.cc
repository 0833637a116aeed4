// Bare-metal programs about what machine and supervisor mode do, on every tier and with small TLBs.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "absl/strings/str_format.h"
#include "tests/guest/program_runner.h"

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
  ProgramRunner runner(image, {.tier = tier, .cpus = program.cpus, .tlb_max_entries = tlb_entries});
  ASSERT_EQ(runner.Run(), 0u) << "the program did not come to its end";

  const uint64_t failures = runner.Read64(runner.AddressOf("failure_count"));
  const GuestPhysAddr first = runner.AddressOf("failures");
  for (uint64_t i = 0; i < failures; ++i) {
    const GuestPhysAddr failure = first + 24 * i;
    ADD_FAILURE() << runner.ReadText(GuestPhysAddr(runner.Read64(failure)))
                  << absl::StrFormat(": is 0x%x, should be 0x%x", runner.Read64(failure + 8),
                                     runner.Read64(failure + 16));
  }
  EXPECT_GE(runner.Read64(runner.AddressOf("check_count")), program.min_checks);
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
