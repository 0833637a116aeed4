#include "translator/guest/riscv64/compressed.h"

namespace emu::translator::riscv64 {
namespace {

constexpr uint32_t kLoad = 0x03, kLoadFp = 0x07, kOpImm = 0x13, kOpImm32 = 0x1b, kStore = 0x23,
                   kStoreFp = 0x27, kOp = 0x33, kLui = 0x37, kOp32 = 0x3b, kBranch = 0x63,
                   kJalr = 0x67, kJal = 0x6f;
constexpr uint32_t kEbreak = 0x0010'0073;
constexpr uint32_t kReturnAddress = 1, kStackPointer = 2;

constexpr uint32_t RType(uint32_t opcode, uint32_t funct3, uint32_t funct7, uint32_t rd,
                         uint32_t rs1, uint32_t rs2) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr uint32_t IType(uint32_t opcode, uint32_t funct3, uint32_t rd, uint32_t rs1, int32_t imm) {
  return static_cast<uint32_t>(imm) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr uint32_t SType(uint32_t opcode, uint32_t funct3, uint32_t rs1, uint32_t rs2,
                         uint32_t imm) {
  return (imm >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm & 31) << 7 | opcode;
}
constexpr uint32_t BType(uint32_t funct3, uint32_t rs1, int32_t imm) {
  const auto u = static_cast<uint32_t>(imm);
  return (u >> 12 & 1) << 31 | (u >> 5 & 0x3f) << 25 | rs1 << 15 | funct3 << 12 |
         (u >> 1 & 0xf) << 8 | (u >> 11 & 1) << 7 | kBranch;
}
constexpr uint32_t JType(uint32_t rd, int32_t imm) {
  const auto u = static_cast<uint32_t>(imm);
  return (u >> 20 & 1) << 31 | (u >> 1 & 0x3ff) << 21 | (u >> 11 & 1) << 20 |
         (u >> 12 & 0xff) << 12 | rd << 7 | kJal;
}

// The fields of one 16-bit instruction, by the names of s. 26.2.
struct Fields {
  uint32_t code;

  constexpr uint32_t Bit(uint32_t from, uint32_t to) const { return (code >> from & 1) << to; }
  constexpr uint32_t Bits(uint32_t high, uint32_t low) const {
    return code >> low & ((uint32_t{2} << (high - low)) - 1);
  }
  constexpr uint32_t rd() const { return Bits(11, 7); }
  constexpr uint32_t rs2() const { return Bits(6, 2); }
  constexpr uint32_t rd_short() const { return 8 + Bits(4, 2); }
  constexpr uint32_t rs1_short() const { return 8 + Bits(9, 7); }
  constexpr uint32_t Immediate6() const { return Bit(12, 5) | Bits(6, 2); }
  constexpr int32_t SignedImmediate6() const {
    return static_cast<int32_t>(Immediate6() << 26) >> 26;
  }
  constexpr uint32_t WordOffset() const { return Bits(12, 10) << 3 | Bit(6, 2) | Bit(5, 6); }
  constexpr uint32_t DoubleOffset() const { return Bits(12, 10) << 3 | Bits(6, 5) << 6; }
  constexpr uint32_t StackLoadWord() const {
    return Bit(12, 5) | Bits(6, 4) << 2 | Bits(3, 2) << 6;
  }
  constexpr uint32_t StackLoadDouble() const {
    return Bit(12, 5) | Bits(6, 5) << 3 | Bits(4, 2) << 6;
  }
  constexpr uint32_t StackStoreWord() const { return Bits(12, 9) << 2 | Bits(8, 7) << 6; }
  constexpr uint32_t StackStoreDouble() const { return Bits(12, 10) << 3 | Bits(9, 7) << 6; }
  constexpr int32_t JumpOffset() const {
    const uint32_t u = Bit(12, 11) | Bit(11, 4) | Bits(10, 9) << 8 | Bit(8, 10) | Bit(7, 6) |
                       Bit(6, 7) | Bits(5, 3) << 1 | Bit(2, 5);
    return static_cast<int32_t>(u << 20) >> 20;
  }
  constexpr int32_t BranchOffset() const {
    const uint32_t u =
        Bit(12, 8) | Bits(11, 10) << 3 | Bits(6, 5) << 6 | Bits(4, 3) << 1 | Bit(2, 5);
    return static_cast<int32_t>(u << 23) >> 23;
  }
};

// Zcb (Code Size Reduction 1.0.4-1, s. 2.6): bytes and halfwords.
uint32_t ExpandNarrowAccess(const Fields& f) {
  const uint32_t byte_offset = f.Bit(5, 1) | f.Bit(6, 0);
  const uint32_t half_offset = f.Bit(5, 1);
  const bool second = f.Bit(6, 0) != 0;
  switch (f.Bits(12, 10)) {
    case 0:
      return IType(kLoad, 4, f.rd_short(), f.rs1_short(), static_cast<int32_t>(byte_offset));
    case 1:
      return IType(kLoad, second ? 1 : 5, f.rd_short(), f.rs1_short(),
                   static_cast<int32_t>(half_offset));
    case 2:
      return SType(kStore, 0, f.rs1_short(), f.rd_short(), byte_offset);
    case 3:
      return second ? 0 : SType(kStore, 1, f.rs1_short(), f.rd_short(), half_offset);
    default:
      return 0;
  }
}

uint32_t ExpandQuadrant0(const Fields& f) {
  const auto word = static_cast<int32_t>(f.WordOffset());
  const auto wide = static_cast<int32_t>(f.DoubleOffset());
  switch (f.Bits(15, 13)) {
    case 0: {
      const uint32_t imm = f.Bits(12, 11) << 4 | f.Bits(10, 7) << 6 | f.Bit(6, 2) | f.Bit(5, 3);
      if (imm == 0) return 0;
      return IType(kOpImm, 0, f.rd_short(), kStackPointer, static_cast<int32_t>(imm));
    }
    case 1:
      return IType(kLoadFp, 3, f.rd_short(), f.rs1_short(), wide);
    case 2:
      return IType(kLoad, 2, f.rd_short(), f.rs1_short(), word);
    case 3:
      return IType(kLoad, 3, f.rd_short(), f.rs1_short(), wide);
    case 4:
      return ExpandNarrowAccess(f);
    case 5:
      return SType(kStoreFp, 3, f.rs1_short(), f.rd_short(), f.DoubleOffset());
    case 6:
      return SType(kStore, 2, f.rs1_short(), f.rd_short(), f.WordOffset());
    case 7:
      return SType(kStore, 3, f.rs1_short(), f.rd_short(), f.DoubleOffset());
    default:
      return 0;
  }
}

// Zcb: operations on one register, by bits 4:2.
uint32_t ExpandUnary(const Fields& f) {
  const uint32_t rd = f.rs1_short();
  switch (f.Bits(4, 2)) {
    case 0:  // zext.b
      return IType(kOpImm, 7, rd, rd, 0xff);
    case 1:  // sext.b
      return IType(kOpImm, 1, rd, rd, 0x604);
    case 2:  // zext.h
      return RType(kOp32, 4, 0x04, rd, rd, 0);
    case 3:  // sext.h
      return IType(kOpImm, 1, rd, rd, 0x605);
    case 4:  // zext.w: add.uw with zero
      return RType(kOp32, 0, 0x04, rd, rd, 0);
    case 5:  // not
      return IType(kOpImm, 4, rd, rd, -1);
    default:
      return 0;
  }
}

uint32_t ExpandArithmetic(const Fields& f) {
  const uint32_t rd = f.rs1_short();
  const auto shift = static_cast<int32_t>(f.Immediate6());
  switch (f.Bits(11, 10)) {
    case 0:
      return IType(kOpImm, 5, rd, rd, shift);
    case 1:
      return IType(kOpImm, 5, rd, rd, shift | 0x400);
    case 2:
      return IType(kOpImm, 7, rd, rd, f.SignedImmediate6());
    default:
      break;
  }
  const uint32_t rs2 = f.rd_short();
  switch (f.Bit(12, 2) | f.Bits(6, 5)) {
    case 0:
      return RType(kOp, 0, 0x20, rd, rd, rs2);
    case 1:
      return RType(kOp, 4, 0, rd, rd, rs2);
    case 2:
      return RType(kOp, 6, 0, rd, rd, rs2);
    case 3:
      return RType(kOp, 7, 0, rd, rd, rs2);
    case 4:
      return RType(kOp32, 0, 0x20, rd, rd, rs2);
    case 5:
      return RType(kOp32, 0, 0, rd, rd, rs2);
    case 6:
      return RType(kOp, 0, 0x01, rd, rd, rs2);
    case 7:
      return ExpandUnary(f);
    default:
      return 0;
  }
}

uint32_t ExpandQuadrant1(const Fields& f) {
  const int32_t imm = f.SignedImmediate6();
  switch (f.Bits(15, 13)) {
    case 0:
      return IType(kOpImm, 0, f.rd(), f.rd(), imm);
    case 1:
      return f.rd() == 0 ? 0 : IType(kOpImm32, 0, f.rd(), f.rd(), imm);
    case 2:
      return IType(kOpImm, 0, f.rd(), 0, imm);
    case 3: {
      if (f.Immediate6() == 0) return 0;
      if (f.rd() != kStackPointer) return static_cast<uint32_t>(imm) << 12 | f.rd() << 7 | kLui;
      const uint32_t u = f.Bit(12, 9) | f.Bit(6, 4) | f.Bit(5, 6) | f.Bits(4, 3) << 7 | f.Bit(2, 5);
      return IType(kOpImm, 0, kStackPointer, kStackPointer, static_cast<int32_t>(u << 22) >> 22);
    }
    case 4:
      return ExpandArithmetic(f);
    case 5:
      return JType(0, f.JumpOffset());
    case 6:
      return BType(0, f.rs1_short(), f.BranchOffset());
    default:
      return BType(1, f.rs1_short(), f.BranchOffset());
  }
}

uint32_t ExpandQuadrant2(const Fields& f) {
  const auto load_wide = static_cast<int32_t>(f.StackLoadDouble());
  switch (f.Bits(15, 13)) {
    case 0:
      return IType(kOpImm, 1, f.rd(), f.rd(), static_cast<int32_t>(f.Immediate6()));
    case 1:
      return IType(kLoadFp, 3, f.rd(), kStackPointer, load_wide);
    case 2:
      if (f.rd() == 0) return 0;
      return IType(kLoad, 2, f.rd(), kStackPointer, static_cast<int32_t>(f.StackLoadWord()));
    case 3:
      return f.rd() == 0 ? 0 : IType(kLoad, 3, f.rd(), kStackPointer, load_wide);
    case 4: {
      const bool second = f.Bit(12, 0) != 0;
      if (f.rs2() != 0) return RType(kOp, 0, 0, f.rd(), second ? f.rd() : 0, f.rs2());
      if (f.rd() == 0) return second ? kEbreak : 0;
      return IType(kJalr, 0, second ? kReturnAddress : 0, f.rd(), 0);
    }
    case 5:
      return SType(kStoreFp, 3, kStackPointer, f.rs2(), f.StackStoreDouble());
    case 6:
      return SType(kStore, 2, kStackPointer, f.rs2(), f.StackStoreWord());
    default:
      return SType(kStore, 3, kStackPointer, f.rs2(), f.StackStoreDouble());
  }
}

}  // namespace

uint32_t ExpandCompressed(uint32_t code) {
  const Fields fields = {code & 0xffff};
  switch (code & 3) {
    case 0:
      return ExpandQuadrant0(fields);
    case 1:
      return ExpandQuadrant1(fields);
    case 2:
      return ExpandQuadrant2(fields);
    default:
      return 0;
  }
}

}  // namespace emu::translator::riscv64
