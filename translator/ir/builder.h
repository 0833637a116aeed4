// Writes a Function from front to back. What a lifter calls; constants fold on the way.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "translator/ir/function.h"

namespace emu::ir {

// A value with its type, as lifters hold it.
struct Value {
  ValueId id = ValueId::kNone;
  Type type = Type::kVoid;
};

// Slots that a function adds to, a sum for each of its blocks as the block ends: what a fault
// leaves unfinished is not in it.
struct CountSlots {
  Slot instructions;
  Slot accesses;  // to memory
};

// Blocks are written one after the other: StartBlock closes nothing by itself, so end the current
// block with a terminal first. The builder checks operand types (DCHECK).
//
// With folding on, constants fold and a Get of a slot whose value is known in this block, or in the
// blocks that lead to it alone, writes nothing and returns that value.
class Builder {
 public:
  enum class Folding : uint8_t { kOff, kOn };
  explicit Builder(Function& function, Folding folding = Folding::kOn)
      : function_(function), folding_(folding) {}

  // Begins the function anew: cheaper than another builder, whose knowledge of slots is 16 KiB.
  void Restart();

  // Before the first block, for a function that counts what it executes.
  void CountInto(const CountSlots& slots) { counts_ = slots; }

  BlockId NewBlock();
  void StartBlock(BlockId block);
  bool InBlock() const { return open_; }

  // The start of a guest instruction: byte offset in the guest page and length in bytes.
  void Insn(uint32_t page_offset, uint32_t length);

  Value Const(Type type, uint64_t bits);
  Value I64(uint64_t bits) { return Const(Type::kI64, bits); }
  Value Get(Slot slot);
  void Set(Slot slot, Value value);
  Value Pc(int64_t offset_from_page);

  // One- and two-operand operations whose result has the operands' type, or kI1 for comparisons.
  Value Unary(Op op, Value a, uint8_t attr = 0);
  Value Binary(Op op, Value a, Value b, uint8_t attr = 0);
  // Comparisons whose result is a number of type `to`.
  Value Compare(Op op, Type to, Value a, Value b);
  Value Ternary(Op op, Value a, Value b, Value c, uint8_t attr = 0);
  // Operations that name their result type: extensions, conversions, bit casts, boxes.
  Value Convert(Op op, Type to, Value a, uint8_t attr = 0);
  Value Select(Value condition, Value if_true, Value if_false);

  // Lanes of 128-bit vectors.
  Value Vector(Op op, Type lane, Value a, Value b = {}, Value c = {}, uint64_t imm = 0);
  Value Extract(Type lane, Value vector, uint32_t number);
  Value Insert(Type lane, Value vector, uint32_t number, Value value);

  Value Load(Type type, Value address, int64_t displacement, uint8_t attr = 0);
  void Store(Value address, int64_t displacement, Value value, uint8_t attr = 0);
  void Probe(Value address, int32_t displacement, uint32_t bytes, uint8_t attr);
  Value Rmw(RmwKind kind, Value address, Value operand, uint8_t attr);
  Value CompareSwap(Value address, Value expected, Value desired, uint8_t attr);
  Value LoadReserved(Type type, Value address, uint8_t attr);
  Value StoreConditional(Value address, Value value, uint8_t attr);
  void Fence(MemoryOrder order);
  Value Call(uint32_t helper, Type result, Value a = {}, Value b = {}, Value c = {});

  void Br(BlockId to);
  void BrCond(Value condition, BlockId taken, BlockId not_taken);
  void GotoGuest(int64_t offset_from_page);
  void GotoIndirect(Value target, JumpHint hint);
  void Raise(uint64_t cause, Value value = {});
  void Exit(Value pc);
  void Wait(Value pc);

 private:
  Value Append(Inst inst);
  std::optional<Value> FoldAes(Op op, Value a, Value b);
  void AddCounts(const CountSlots& slots);
  void End(Inst terminal, BlockId taken = BlockId::kNone, BlockId not_taken = BlockId::kNone);
  bool IsConst(Value value) const;
  // What slots hold at this point of the code. Slots beyond kKnownBytes are never known.
  static constexpr uint32_t kKnownBytes = 1024;
  void Learn(uint64_t offset, ValueId value);
  void ForgetAll();
  uint64_t BitsOfConst(Value value) const { return function_.inst(value.id).imm; }

  Function& function_;
  Folding folding_;
  std::optional<CountSlots> counts_;
  uint32_t current_ = 0;
  bool open_ = false;

  struct Known {
    uint64_t epoch = 0;  // valid if equal to epoch_
    ValueId value = ValueId::kNone;
  };
  struct Change {
    uint64_t offset;
    Known before;
  };
  std::array<Known, kKnownBytes> known_;
  uint64_t epoch_ = 1;
  uint64_t last_epoch_ = 1;
  // What was learned since the last conditional branch, to be taken back for its other way.
  std::vector<Change> journal_;
  std::array<BlockId, 2> branch_targets_ = {BlockId::kNone, BlockId::kNone};
  uint64_t branch_epoch_ = 0;
};

}  // namespace emu::ir
