// What each instruction of float_kernels.s is to give, by its mnemonic.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tests/guest/aarch64/floats/arm_floats.h"

namespace emu::testing {

using Operands = std::array<uint64_t, 3>;

// An instruction as its text tells: "fcvtzs v0.4s,v1.4s,#9".
struct Instruction {
  explicit Instruction(std::string text);

  std::string text, mnemonic;
  uint32_t result_bits = 64;  // NZCV, where the text names none
  uint32_t source_bits = 0;
  uint32_t lanes = 1;
  uint32_t fraction = 0;
};

struct Operation {
  std::string_view mnemonic;
  uint32_t operands;
  uint64_t (*reference)(ArmFloats& floats, const Instruction& instruction,
                        const Operands& operands);
};

// nullptr where the mnemonic is none of them.
const Operation* FindOperation(std::string_view mnemonic);

// Of integers, into floats.
bool IsFromInteger(const Instruction& instruction);

struct LaneOutcome {
  uint64_t bits;
  uint32_t fpsr;
};
LaneOutcome Expected(const Operation& operation, const Instruction& instruction, uint32_t fpcr,
                     const Operands& operands);

}  // namespace emu::testing
