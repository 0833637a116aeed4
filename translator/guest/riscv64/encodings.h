// Every RV64 instruction that the translator knows: one row serves decoder, disassembler, random
// generator and coverage test.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace emu::translator::riscv64 {

class Lifter;

// How operands are written in text, and so which fields the row leaves open.
enum class Format : uint8_t {
  kNone,
  kR,           // rd, rs1, rs2
  kR1,          // rd, rs1
  kI,           // rd, rs1, imm
  kShift,       // rd, rs1, shamt
  kRound,       // rd, rs1, rnum
  kByteSelect,  // rd, rs1, rs2, bs
  kLoad,        // rd, imm(rs1)
  kStore,       // rs2, imm(rs1)
  kBranch,      // rs1, rs2, target
  kU,           // rd, imm
  kJ,           // rd, target
  kCsr,         // rd, csr, rs1
  kCsrImm,      // rd, csr, uimm
  kAmo,         // rd, rs2, (rs1)
  kFloatR,      // fd, fs1, fs2
  kFloatR1,     // fd, fs1
  kFloatR4,     // fd, fs1, fs2, fs3
  kFloatToInt,  // rd, fs1
  kFloatConst,  // fd, number
  kFloatCmp,    // rd, fs1, fs2
  kIntToFloat,  // fd, rs1
  kFloatLoad,   // fd, imm(rs1)
  kFloatStore,  // fs2, imm(rs1)
  kAddress,     // (rs1)
  kFence,       // rs1, rs2 of sfence.vma
  kCompressed,  // 16 bits; operands are implied by the mnemonic
};

struct Encoding {
  uint32_t mask;
  uint32_t match;
  uint8_t length_bytes;
  std::string_view mnemonic;
  Format format;
  void (*lift)(Lifter&);
};

// Where rows overlap, the more specific one stands first.
std::span<const Encoding> Encodings();

}  // namespace emu::translator::riscv64
