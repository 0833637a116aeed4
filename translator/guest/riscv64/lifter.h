// What the translate_*.cc files write IR with: the fields of one instruction and the registers.
#pragma once

#include <cstdint>

#include "translator/guest/riscv64/cpu_state.h"
#include "translator/guest/riscv64/helpers.h"
#include "translator/ir/builder.h"

namespace emu::translator::riscv64 {

// RISC-V Privileged 20240411 s. 3.1.15, table 14.
inline constexpr uint64_t kIllegalInstruction = 2;
inline constexpr uint64_t kBreakpoint = 3;
inline constexpr uint64_t kUserEcall = 8;  // plus the privilege

// Lives for one request; `code` and `offset` move from instruction to instruction.
class Lifter {
 public:
  Lifter(ir::Builder& builder, Mode mode) : b(builder), mode(mode) {}

  ir::Builder& b;
  const Mode mode;
  uint32_t code = 0;  // 32 bits; a compressed instruction stands here expanded
  uint32_t raw = 0;   // as it stands in memory
  uint32_t length = 4;
  int64_t offset = 0;       // of this instruction in its page
  int64_t next = 0;         // where translation goes on, if the block stays open
  int64_t page_end = 4096;  // targets inside [offset, page_end) may be followed

  uint32_t Bits(uint32_t high, uint32_t low) const {
    return code >> low & ((uint32_t{2} << (high - low)) - 1);
  }
  int64_t SignedBits(uint32_t high, uint32_t low) const {
    return static_cast<int32_t>(code << (31 - high)) >> (31 - high + low);
  }
  uint32_t rd() const { return Bits(11, 7); }
  uint32_t rs1() const { return Bits(19, 15); }
  uint32_t rs2() const { return Bits(24, 20); }
  uint32_t rs3() const { return Bits(31, 27); }
  int64_t ImmI() const { return SignedBits(31, 20); }
  int64_t ImmS() const { return SignedBits(31, 25) * 32 + Bits(11, 7); }
  int64_t ImmB() const {
    return SignedBits(31, 31) * 4096 + (Bits(7, 7) << 11 | Bits(30, 25) << 5 | Bits(11, 8) << 1);
  }
  int64_t ImmU() const { return static_cast<int32_t>(code & 0xffff'f000); }
  int64_t ImmJ() const {
    return SignedBits(31, 31) * (1 << 20) +
           (Bits(19, 12) << 12 | Bits(20, 20) << 11 | Bits(30, 21) << 1);
  }

  ir::Value I64(int64_t value) { return b.I64(static_cast<uint64_t>(value)); }
  ir::Value X(uint32_t number) { return number == 0 ? b.I64(0) : b.Get(XSlot(number)); }
  ir::Value X32(uint32_t number) { return b.Convert(ir::Op::kTruncate, ir::Type::kI32, X(number)); }
  void SetX(uint32_t number, ir::Value value) {
    if (number != 0) b.Set(XSlot(number), value);
  }
  void SetSigned(uint32_t number, ir::Value narrow) {
    SetX(number, b.Convert(ir::Op::kSignExtend, ir::Type::kI64, narrow));
  }
  void SetUnsigned(uint32_t number, ir::Value narrow) {
    SetX(number, b.Convert(ir::Op::kZeroExtend, ir::Type::kI64, narrow));
  }
  ir::Value Address(uint32_t base, int64_t displacement) {
    return b.Binary(ir::Op::kAdd, X(base), I64(displacement));
  }

  ir::Value F64(uint32_t number) { return b.Get(FSlot(number)); }
  ir::Value F32(uint32_t number) {
    return b.Convert(ir::Op::kUnbox, ir::Type::kF32, b.Get(FSlot(number)));
  }
  void SetF64(uint32_t number, ir::Value value) {
    b.Set(FSlot(number), value);
    TouchFloatState();
  }
  // For instructions that write an f register, or may accrue flags: mstatus.FS becomes dirty.
  void TouchFloatState() { b.Set(kFsDirtySlot, b.I64(1)); }
  void SetF32(uint32_t number, ir::Value value) {
    SetF64(number, b.Convert(ir::Op::kBox, ir::Type::kF64, value));
  }

  ir::Value CallHelper(HelperId id, ir::Value a = {}, ir::Value c = {}, ir::Value second = {}) {
    return b.Call(static_cast<uint32_t>(id), ir::Type::kI64, a, second, c);
  }
  ir::Value Encoding() { return b.I64(raw); }
  ir::Value Next() { return b.Pc(offset + length); }

  void Illegal() { b.Raise(kIllegalInstruction, b.I64(raw)); }
  // An unconditional jump: goes on in this translation where it can, else ends it.
  void Jump(int64_t target) {
    if (target > offset && target < page_end) {
      next = target;
    } else {
      b.GotoGuest(target);
    }
  }
  // A conditional one: the other way stays in this translation.
  void Branch(ir::Value condition, int64_t target) {
    const ir::BlockId taken = b.NewBlock();
    const ir::BlockId fall_through = b.NewBlock();
    b.BrCond(condition, taken, fall_through);
    b.StartBlock(taken);
    b.GotoGuest(target);
    b.StartBlock(fall_through);
  }
};

}  // namespace emu::translator::riscv64
