// What the translate_*.h files write IR with: the fields of one instruction, registers and flags.
#pragma once

#include <cstdint>
#include <optional>

#include "translator/guest/aarch64/cpu_state.h"
#include "translator/guest/aarch64/flags.h"
#include "translator/guest/aarch64/helpers.h"
#include "translator/guest/aarch64/syndrome.h"
#include "translator/ir/builder.h"

namespace emu::translator::aarch64 {

using ir::Op;
using ir::Type;
using ir::Value;

// The lanes that 1 << scale bytes make.
constexpr Type LaneType(uint32_t scale) {
  constexpr Type kTypes[] = {Type::kI8, Type::kI16, Type::kI32, Type::kI64};
  return kTypes[scale];
}

// What the flags are known to come from, in this translation.
struct FlagSource {
  enum class Kind : uint8_t {
    kUnknown,  // the slots say
    kSub,      // a - b
    kLogic,    // of `a`, with neither C nor V
  };
  Kind kind = Kind::kUnknown;
  Value a, b;
  // kSub: only where this holds (i1); `otherwise` is NZCV elsewhere.
  std::optional<Value> condition = {};
  uint32_t otherwise = 0;
};

// Lives for one request; `code` and `offset` move from instruction to instruction.
class Lifter {
 public:
  Lifter(ir::Builder& builder, Mode mode) : b(builder), mode(mode) {}

  ir::Builder& b;
  const Mode mode;
  uint32_t code = 0;
  uint32_t row = 0;         // of the encoding table
  int64_t offset = 0;       // of this instruction in its page
  int64_t next = 0;         // where translation goes on, if the block stays open
  int64_t page_end = 4096;  // targets inside [offset, page_end) may be followed

  uint32_t Bits(uint32_t high, uint32_t low) const {
    return code >> low & ((uint32_t{2} << (high - low)) - 1);
  }
  int64_t SignedBits(uint32_t high, uint32_t low) const {
    return static_cast<int32_t>(code << (31 - high)) >> (31 - high + low);
  }
  bool Bit(uint32_t position) const { return (code >> position & 1) != 0; }
  uint32_t rd() const { return Bits(4, 0); }
  uint32_t rn() const { return Bits(9, 5); }
  uint32_t rm() const { return Bits(20, 16); }
  uint32_t ra() const { return Bits(14, 10); }
  bool sf() const { return Bit(31); }
  Type size() const { return sf() ? Type::kI64 : Type::kI32; }
  uint32_t datasize() const { return sf() ? 64 : 32; }
  int64_t Target26() const { return offset + SignedBits(25, 0) * 4; }
  int64_t Target19() const { return offset + SignedBits(23, 5) * 4; }
  int64_t Target14() const { return offset + SignedBits(18, 5) * 4; }

  // Values.
  Value I64(uint64_t value) { return b.I64(value); }
  Value Const(uint64_t value) { return b.Const(size(), value); }  // of the instruction's size
  Value X(uint32_t number) { return number == 31 ? b.I64(0) : b.Get(XSlot(number)); }
  Value Sp() { return b.Get(StackSlot()); }
  Value XSp(uint32_t number) { return number == 31 ? Sp() : X(number); }
  Value Narrow(Type type, Value value) {
    return type == value.type ? value : b.Convert(Op::kTruncate, type, value);
  }
  Value Widen(Value value) {
    return value.type == Type::kI64 ? value : b.Convert(Op::kZeroExtend, Type::kI64, value);
  }
  Value R(uint32_t number) { return Narrow(size(), X(number)); }  // of the instruction's size
  Value RSp(uint32_t number) { return Narrow(size(), XSp(number)); }
  void SetX(uint32_t number, Value value) {
    if (number != 31) b.Set(XSlot(number), Widen(value));
  }
  void SetXSp(uint32_t number, Value value) {
    if (number == 31) {
      b.Set(StackSlot(), Widen(value));
    } else {
      SetX(number, value);
    }
  }
  ir::Slot StackSlot() const { return SpSlot(mode.el == 1 && mode.sp_sel == 1 ? 1 : 0); }
  Value AddImm(Value value, int64_t step) {
    return b.Binary(Op::kAdd, value, b.Const(value.type, static_cast<uint64_t>(step)));
  }

  // Vector registers. Writing less than all of one clears the rest.
  Value V(uint32_t number) { return b.Get(VSlot(number)); }
  void SetScalar(uint32_t number, Value value) {
    b.Set(VSlot(number), b.Vector(Op::kVScalar, value.type, value));
  }
  // All of it, or (Q is 0, or the instruction is one of scalars) its lower half.
  void SetVector(uint32_t number, Value value) {
    if (Bit(30) && !Bit(28)) {
      b.Set(VSlot(number), value);
    } else {
      SetScalar(number, b.Extract(Type::kF64, value, 0));
    }
  }
  // FP and vectors are off: the instruction traps (Arm ARM D1.3.9).
  bool FloatIsTrapped() {
    if (!mode.fp_off) return false;
    constexpr uint64_t kConditionAlways = 0x1e0'0000;
    b.Raise(Syndrome(ExceptionClass::kFloatTrap, kConditionAlways), b.I64(0));
    return true;
  }

  // Flags: what is set, and what a condition is (Arm ARM C1.2.4).
  void SetFlags(const FlagSource& source, Value x, Value y, Value in) {
    flags = source;
    b.Set(kFlagXSlot, x);
    b.Set(kFlagYSlot, y);
    b.Set(kFlagInSlot, in);
  }
  Value Condition(uint32_t condition);
  FlagSource flags;

  Value CallHelper(HelperId id, Value a = {}, Value c = {}, Value second = {}) {
    return b.Call(static_cast<uint32_t>(id), Type::kI64, a, second, c);
  }
  Value Next() { return b.Pc(offset + 4); }

  void Undefined() { b.Raise(kUndefined, b.I64(0)); }
  // The instruction ends with this exception if the condition holds.
  void RaiseIf(Value condition, uint64_t cause, Value value) {
    const ir::BlockId raises = b.NewBlock();
    const ir::BlockId goes_on = b.NewBlock();
    b.BrCond(condition, raises, goes_on);
    b.StartBlock(raises);
    b.Raise(cause, value);
    b.StartBlock(goes_on);
  }
  // SP as the base of an access (Arm ARM D1.3.10.1). What was checked, and what lies a multiple of
  // 16 away from it, is not checked again.
  Value CheckedSp() {
    const Value sp = Sp();
    if (mode.checks_sp && sp.id != aligned_sp_) {
      const Value low = b.Binary(Op::kAnd, sp, b.I64(15));
      RaiseIf(b.Binary(Op::kNe, low, b.I64(0)), Syndrome(ExceptionClass::kSpAlignment), b.I64(0));
      aligned_sp_ = sp.id;
    }
    return sp;
  }
  void SpMoved(Value from, int64_t step, Value to) {
    if (from.id == aligned_sp_ && step % 16 == 0) aligned_sp_ = to.id;
  }

  // An unconditional jump: goes on in this translation where it can, else ends it.
  void Jump(int64_t target) {
    if (target > offset && target < page_end) {
      next = target;
    } else {
      b.GotoGuest(target);
    }
  }
  // A conditional one: the other way stays in this translation.
  void Branch(Value condition, int64_t target) {
    const ir::BlockId taken = b.NewBlock();
    const ir::BlockId fall_through = b.NewBlock();
    b.BrCond(condition, taken, fall_through);
    b.StartBlock(taken);
    b.GotoGuest(target);
    b.StartBlock(fall_through);
  }
  // Ends the block, going on with the next instruction, if a helper's result is not 0.
  void ExitIf(Value wanted) {
    const ir::BlockId leaves = b.NewBlock();
    const ir::BlockId goes_on = b.NewBlock();
    b.BrCond(b.Binary(Op::kNe, wanted, b.I64(0)), leaves, goes_on);
    b.StartBlock(leaves);
    b.GotoGuest(offset + 4);
    b.StartBlock(goes_on);
  }

 private:
  Value Bool(bool value) { return b.Const(Type::kI1, value ? 1 : 0); }
  // The condition's even form: its inverse is one bit away.
  Value Base(uint32_t base);
  Value SubCondition(uint32_t base);
  Value LogicCondition(uint32_t base);
  Value SlotCondition(uint32_t base);

  ir::ValueId aligned_sp_ = ir::ValueId::kNone;
};

}  // namespace emu::translator::aarch64
