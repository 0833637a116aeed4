// Every A64 instruction that the translator knows: one row serves decoder, disassembler, random
// generator and coverage test.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace emu::translator::aarch64 {

class Lifter;
class VectorUnit;

// How operands are written in text, and so which fields the row leaves open. r is a register of the
// size that bit 31 tells, x and w are of one size, (sp) says that 31 is the stack pointer.
enum class Format : uint8_t {
  kNone,
  kImm16,           // imm16
  kHint,            // imm7
  kBarrier,         // CRm
  kPcRelative,      // x, target (adr, adrp)
  kAddSubImm,       // r(sp), r(sp), imm12, lsl
  kLogicalImm,      // r(sp), r, mask
  kMoveWide,        // r, imm16, lsl
  kBitfield,        // r, r, immr, imms
  kExtract,         // r, r, r, lsb
  kBranch,          // target26
  kBranchCond,      // target19, cond
  kCompareBranch,   // r, target19
  kTestBranch,      // r, bit, target14
  kBranchReg,       // x
  kShifted,         // r, r, r, shift
  kExtended,        // r(sp), r(sp), r, extend
  kRRR,             // r, r, r
  kRR,              // r, r
  kRRRR,            // r, r, r, r (multiply-add)
  kCondCompare,     // r, r, nzcv, cond
  kCondCompareImm,  // r, imm5, nzcv, cond
  kCondSelect,      // r, r, r, cond
  kSystem,          // op1, CRn, CRm, op2, x
  kSystemRegister,  // register, x
  kPstate,          // field, imm
  // Of memory; the register's size is the mnemonic's or the row's.
  kLoadLiteral,     // rt, target19
  kUnsignedOffset,  // rt, [x(sp), imm12]
  kUnscaled,        // rt, [x(sp), imm9]
  kPostIndex,       // rt, [x(sp)], imm9
  kPreIndex,        // rt, [x(sp), imm9]!
  kRegisterOffset,  // rt, [x(sp), r, extend]
  kPairOffset,      // rt, rt2, [x(sp), imm7]
  kPairPost,
  kPairPre,
  kExclusive,      // rs, rt, [x(sp)]
  kExclusivePair,  // rs, rt, rt2, [x(sp)]
  kAtomic,         // rs, rt, [x(sp)]
  kOrdered,        // rt, [x(sp)]
  // Floating point and vectors: by number.
  kFloat1,        // vd, vn
  kFloat2,        // vd, vn, vm
  kFloat3,        // vd, vn, vm, va
  kFloatCompare,  // vn, vm
  kFloatImm,      // vd, imm8
  kFloatCondCompare,
  kFloatCondSelect,
  kFloatToInt,     // r, vn
  kIntToFloat,     // vd, r
  kVector1,        // vd, vn
  kVector2,        // vd, vn, vm
  kVectorImm,      // vd, imm8
  kVectorShift,    // vd, vn, immh:immb
  kVectorElement,  // vd, vn, imm5
  kVectorMemory,   // vt.., [x(sp)]
};

struct Encoding {
  uint32_t mask;
  uint32_t match;
  std::string_view mnemonic;
  Format format;
  void (*lift)(Lifter&);
  void (*execute)(VectorUnit&) = nullptr;  // what the lift leaves to VectorUnit
};

// Where rows overlap, the more specific one stands first.
std::span<const Encoding> Encodings();

}  // namespace emu::translator::aarch64
