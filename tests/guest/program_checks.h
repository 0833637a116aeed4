// What a bare-metal program has checked of itself, as failures of a test.
#pragma once

#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "tests/guest/program_runner.h"

namespace emu::testing {

// Runs a program that counts at `check_count` and `failure_count`, and writes name, actual and
// expected value of each failure to `failures`; fewer checks than `min_checks` are a failure.
inline void ExpectEveryLineHolds(const ProgramImage& image, const RunOptions& options,
                                 uint64_t min_checks) {
  ProgramRunner runner(image, options);
  ASSERT_EQ(runner.Run(), 0u) << "the program did not come to its end";

  const uint64_t failures = runner.Read64(runner.AddressOf("failure_count"));
  const GuestPhysAddr first = runner.AddressOf("failures");
  for (uint64_t i = 0; i < failures; ++i) {
    const GuestPhysAddr failure = first + 24 * i;
    ADD_FAILURE() << runner.ReadText(GuestPhysAddr(runner.Read64(failure)))
                  << absl::StrFormat(": is 0x%x, should be 0x%x", runner.Read64(failure + 8),
                                     runner.Read64(failure + 16));
  }
  EXPECT_GE(runner.Read64(runner.AddressOf("check_count")), min_checks);
}

}  // namespace emu::testing
