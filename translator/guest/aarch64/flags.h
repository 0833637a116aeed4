// PSTATE.NZCV as the operands that made it.
//
// Every instruction that sets flags does so by Arm's AddWithCarry (Arm ARM, shared pseudocode), a
// logical one by adding nothing. So three words tell them all: the flags are those of
// x + ~y + carry, in 32 bits or 64, each inverted where `in` says so, for whatever no sum makes.
// Storing operands costs a compare and branch two stores; most are overwritten before.
#pragma once

#include <cstdint>

#include "translator/guest/aarch64/cpu_state.h"

namespace emu::translator::aarch64 {

// Bits of CpuState::flag_in.
inline constexpr uint64_t kFlagCarryIn = 1;
inline constexpr uint64_t kFlagWord = 32;  // of 32 bits; also how far operands are shifted up
inline constexpr uint32_t kFlagInvertShift = 60;  // NZCV that are inverted, at bits 63:60

inline constexpr uint32_t kN = 8, kZ = 4, kC = 2, kV = 1;

// `flag_in` for any NZCV, where flag_x is 0 and flag_y all ones: their sum is Z alone.
constexpr uint64_t FlagInFor(uint64_t nzcv) { return (nzcv ^ kZ) << kFlagInvertShift; }

constexpr uint32_t ReadNzcv(const CpuState& state) {
  const uint64_t shift = state.flag_in & kFlagWord;
  const uint64_t x = state.flag_x << shift;
  const uint64_t y = state.flag_y << shift;
  const uint64_t carry_in = state.flag_in & kFlagCarryIn;
  const uint64_t sum = x + ~y + carry_in;
  const bool carry = carry_in != 0 ? x >= y : x > y;
  const uint32_t flags = (sum >> 63 != 0 ? kN : 0) | (sum >> shift == 0 ? kZ : 0) |
                         (carry ? kC : 0) | (((x ^ y) & (x ^ sum)) >> 63 != 0 ? kV : 0);
  return flags ^ static_cast<uint32_t>(state.flag_in >> kFlagInvertShift);
}
constexpr void WriteNzcv(CpuState& state, uint64_t nzcv) {
  state.flag_x = 0;
  state.flag_y = ~uint64_t{0};
  state.flag_in = FlagInFor(nzcv);
}

}  // namespace emu::translator::aarch64
