#include "translator/ir/builder.h"

#include <cassert>
#include <optional>
#include <utility>

#include "translator/ir/evaluate.h"

namespace emu::ir {
namespace {

// The comparison that holds where `op` does not; nothing for what is none.
std::optional<Op> Opposite(Op op) {
  constexpr std::pair<Op, Op> kPairs[] = {
      {Op::kEq, Op::kNe}, {Op::kLtS, Op::kGeS}, {Op::kLtU, Op::kGeU}};
  for (const auto& [one, other] : kPairs) {
    if (op == one) return other;
    if (op == other) return one;
  }
  return std::nullopt;
}

bool IsCommutative(Op op) {
  return op == Op::kAdd || op == Op::kAnd || op == Op::kOr || op == Op::kXor || op == Op::kMul ||
         op == Op::kEq || op == Op::kNe;
}

}  // namespace

void Builder::Restart() {
  function_.Clear();
  counts_.reset();
  open_ = false;
  journal_.clear();
  branch_targets_ = {BlockId::kNone, BlockId::kNone};
  ForgetAll();
}

BlockId Builder::NewBlock() {
  function_.blocks.emplace_back();
  return BlockId{static_cast<uint32_t>(function_.blocks.size() - 1)};
}

void Builder::StartBlock(BlockId block) {
  assert(!open_ && "the block before must end with a terminal");
  current_ = static_cast<uint32_t>(block);
  function_.blocks[current_].first = static_cast<uint32_t>(function_.insts.size());
  open_ = true;
  if (block == branch_targets_[0] || block == branch_targets_[1]) {
    // Both ways of a branch know what its block knew.
    epoch_ = branch_epoch_;
    while (!journal_.empty()) {
      known_[journal_.back().offset] = journal_.back().before;
      journal_.pop_back();
    }
  } else {
    ForgetAll();
  }
}

void Builder::Insn(uint32_t page_offset, uint32_t length) {
  ++function_.guest_instruction_count;
  Append({.op = Op::kInsn,
          .type = Type::kVoid,
          .attr = 0,
          .imm = page_offset | uint64_t{length} << 32});
}

Value Builder::Const(Type type, uint64_t bits) {
  return Append({.op = Op::kConst, .type = type, .attr = 0, .imm = MaskTo(type, bits)});
}

Value Builder::Get(Slot slot) {
  if (folding_ == Folding::kOn && slot.offset < kKnownBytes) {
    const Known& known = known_[slot.offset];
    if (known.epoch == epoch_ && function_.inst(known.value).type == slot.type) {
      return {known.value, slot.type};
    }
  }
  const Value value =
      Append({.op = Op::kGetSlot, .type = slot.type, .attr = 0, .imm = slot.offset});
  Learn(slot.offset, value.id);
  return value;
}

void Builder::Set(Slot slot, Value value) {
  assert(value.type == slot.type);
  Append({.op = Op::kSetSlot, .type = Type::kVoid, .attr = 0, .a = value.id, .imm = slot.offset});
  Learn(slot.offset, value.id);
}

void Builder::Learn(uint64_t offset, ValueId value) {
  if (offset >= kKnownBytes) return;
  journal_.push_back({offset, known_[offset]});
  known_[offset] = {epoch_, value};
}

void Builder::ForgetAll() { epoch_ = ++last_epoch_; }

Value Builder::Pc(int64_t offset_from_page) {
  return Append({.op = Op::kGetPc,
                 .type = Type::kI64,
                 .attr = 0,
                 .imm = static_cast<uint64_t>(offset_from_page)});
}

Value Builder::Unary(Op op, Value a, uint8_t attr) { return Convert(op, a.type, a, attr); }

Value Builder::Binary(Op op, Value a, Value b, uint8_t attr) {
  assert(a.type == b.type);
  const Type result = InfoOf(op).result == ResultRule::kI1 ? Type::kI1 : a.type;
  if (folding_ == Folding::kOn && IsConst(a) && IsConst(b)) {
    const std::optional<uint64_t> folded =
        EvaluatePure(op, result, a.type, BitsOfConst(a), BitsOfConst(b), 0);
    if (folded.has_value()) return Const(result, *folded);
  }
  if (folding_ == Folding::kOn) {
    // A constant stands on the right.
    if (IsConst(a) && IsCommutative(op)) std::swap(a, b);
    if (op == Op::kXor && result == Type::kI1 && IsConst(b) && BitsOfConst(b) == 1) {
      const Inst inner = function_.inst(a.id);
      if (const std::optional<Op> opposite = Opposite(inner.op)) {
        return Append({.op = *opposite, .type = result, .attr = 0, .a = inner.a, .b = inner.b});
      }
    }
    if (IsConst(b) && BitsOfConst(b) == 0) {
      if (op == Op::kAnd) return b;
      if (op == Op::kAdd || op == Op::kSub || op == Op::kOr || op == Op::kXor || op == Op::kShl ||
          op == Op::kShrU || op == Op::kShrS) {
        return a;
      }
    }
  }
  return Append({.op = op, .type = result, .attr = attr, .a = a.id, .b = b.id});
}

Value Builder::Compare(Op op, Type to, Value a, Value b) {
  assert(a.type == b.type);
  return Append({.op = op, .type = to, .attr = 0, .a = a.id, .b = b.id});
}

Value Builder::Ternary(Op op, Value a, Value b, Value c, uint8_t attr) {
  assert(a.type == b.type && b.type == c.type);
  return Append({.op = op, .type = a.type, .attr = attr, .a = a.id, .b = b.id, .c = c.id});
}

Value Builder::Convert(Op op, Type to, Value a, uint8_t attr) {
  if (folding_ == Folding::kOn && IsConst(a)) {
    const std::optional<uint64_t> folded = EvaluatePure(op, to, a.type, BitsOfConst(a), 0, 0);
    if (folded.has_value()) return Const(to, *folded);
  }
  if (folding_ == Folding::kOn) {
    // Of a value and its inverse conversion, nothing is left: what was boxed, or extended.
    const Inst& inner = function_.inst(a.id);
    const bool extended = inner.op == Op::kSignExtend || inner.op == Op::kZeroExtend;
    if ((op == Op::kUnbox && inner.op == Op::kBox) || (op == Op::kTruncate && extended)) {
      if (function_.inst(inner.a).type == to) return {inner.a, to};
    }
  }
  return Append({.op = op, .type = to, .attr = attr, .a = a.id});
}

Value Builder::Select(Value condition, Value if_true, Value if_false) {
  assert(condition.type == Type::kI1 && if_true.type == if_false.type);
  return Append({.op = Op::kSelect,
                 .type = if_true.type,
                 .attr = 0,
                 .a = condition.id,
                 .b = if_true.id,
                 .c = if_false.id});
}

// A round without a key, of which what follows is part, is a round with it.
std::optional<Value> Builder::FoldAes(Op op, Value a, Value b) {
  const auto has_no_key = [this](const Inst& round) {
    return round.op >= Op::kVAesEncrypt && round.op <= Op::kVAesDecryptLast &&
           function_.inst(round.b).op == Op::kConst && function_.inst(round.b).imm == 0;
  };
  const auto append = [this](Inst round, Op with, ValueId key) {
    round.op = with;
    round.b = key;
    return Append(round);
  };
  const Inst first = function_.inst(a.id);
  if (op == Op::kVXor) {
    if (has_no_key(first)) return append(first, first.op, b.id);
    const Inst second = function_.inst(b.id);
    if (has_no_key(second)) return append(second, second.op, a.id);
  }
  const bool mixes = op == Op::kVAesMixColumns && first.op == Op::kVAesEncryptLast;
  const bool mixes_back = op == Op::kVAesInvMixColumns && first.op == Op::kVAesDecryptLast;
  if ((mixes || mixes_back) && has_no_key(first)) {
    return append(first, mixes ? Op::kVAesEncrypt : Op::kVAesDecrypt, first.b);
  }
  return std::nullopt;
}

Value Builder::Vector(Op op, Type lane, Value a, Value b, Value c, uint64_t imm) {
  if (folding_ == Folding::kOn) {
    if (const std::optional<Value> round = FoldAes(op, a, b)) return *round;
  }
  return Append({.op = op,
                 .type = Type::kV128,
                 .attr = static_cast<uint8_t>(lane),
                 .a = a.id,
                 .b = b.id,
                 .c = c.id,
                 .imm = imm});
}

Value Builder::Extract(Type lane, Value vector, uint32_t number) {
  if (folding_ == Folding::kOn) {
    const Inst& inner = function_.inst(vector.id);
    const bool is_scalar = inner.op == Op::kVScalar && number == 0;
    if (is_scalar && inner.attr == static_cast<uint8_t>(lane)) return {inner.a, lane};
    if (inner.op == Op::kConst) return Const(lane, inner.imm >> (number * BitsOf(lane) % 64));
  }
  return Append({.op = Op::kVExtract,
                 .type = lane,
                 .attr = static_cast<uint8_t>(lane),
                 .a = vector.id,
                 .imm = number});
}

Value Builder::Insert(Type lane, Value vector, uint32_t number, Value value) {
  return Vector(Op::kVInsert, lane, vector, value, {}, number);
}

Value Builder::Load(Type type, Value address, int64_t displacement, uint8_t attr) {
  return Append({.op = Op::kLoad,
                 .type = type,
                 .attr = attr,
                 .a = address.id,
                 .imm = static_cast<uint64_t>(displacement)});
}

void Builder::Store(Value address, int64_t displacement, Value value, uint8_t attr) {
  Append({.op = Op::kStore,
          .type = Type::kVoid,
          .attr = attr,
          .a = address.id,
          .b = value.id,
          .imm = static_cast<uint64_t>(displacement)});
}

void Builder::Probe(Value address, int32_t displacement, uint32_t bytes, uint8_t attr) {
  Append({.op = Op::kProbe,
          .type = Type::kVoid,
          .attr = attr,
          .a = address.id,
          .imm = static_cast<uint32_t>(displacement) | uint64_t{bytes} << 32});
}

Value Builder::Rmw(RmwKind kind, Value address, Value operand, uint8_t attr) {
  return Append({.op = Op::kAtomicRmw,
                 .type = operand.type,
                 .attr = attr,
                 .a = address.id,
                 .b = operand.id,
                 .imm = static_cast<uint64_t>(kind)});
}

Value Builder::CompareSwap(Value address, Value expected, Value desired, uint8_t attr) {
  return Append({.op = Op::kCompareSwap,
                 .type = expected.type,
                 .attr = attr,
                 .a = address.id,
                 .b = expected.id,
                 .c = desired.id});
}

Value Builder::LoadReserved(Type type, Value address, uint8_t attr) {
  return Append({.op = Op::kLoadReserved, .type = type, .attr = attr, .a = address.id});
}

Value Builder::StoreConditional(Value address, Value value, uint8_t attr) {
  return Append({.op = Op::kStoreConditional,
                 .type = Type::kI1,
                 .attr = attr,
                 .a = address.id,
                 .b = value.id});
}

void Builder::Fence(MemoryOrder order) {
  Append({.op = Op::kFence, .type = Type::kVoid, .attr = static_cast<uint8_t>(order)});
}

Value Builder::Call(uint32_t helper, Type result, Value a, Value b, Value c) {
  ForgetAll();
  return Append(
      {.op = Op::kCall, .type = result, .attr = 0, .a = a.id, .b = b.id, .c = c.id, .imm = helper});
}

void Builder::Br(BlockId to) { End({.op = Op::kBr, .type = Type::kVoid, .attr = 0}, to); }

void Builder::BrCond(Value condition, BlockId taken, BlockId not_taken) {
  End({.op = Op::kBrCond, .type = Type::kVoid, .attr = 0, .a = condition.id}, taken, not_taken);
}

void Builder::GotoGuest(int64_t offset_from_page) {
  End({.op = Op::kGotoGuest,
       .type = Type::kVoid,
       .attr = 0,
       .imm = static_cast<uint64_t>(offset_from_page)});
}

void Builder::GotoIndirect(Value target, JumpHint hint) {
  End({.op = Op::kGotoIndirect,
       .type = Type::kVoid,
       .attr = static_cast<uint8_t>(hint),
       .a = target.id});
}

void Builder::Raise(uint64_t cause, Value value) {
  End({.op = Op::kRaise, .type = Type::kVoid, .attr = 0, .a = value.id, .imm = cause});
}

void Builder::Exit(Value pc) { End({.op = Op::kExit, .type = Type::kVoid, .attr = 0, .a = pc.id}); }

void Builder::Wait(Value pc) { End({.op = Op::kWait, .type = Type::kVoid, .attr = 0, .a = pc.id}); }

Value Builder::Append(Inst inst) {
  assert(open_);
  function_.insts.push_back(inst);
  return {ValueId{static_cast<uint32_t>(function_.insts.size() - 1)}, inst.type};
}

// Of the block that is open.
void Builder::AddCounts(const CountSlots& slots) {
  uint64_t instructions = 0;
  uint64_t accesses = 0;
  for (size_t at = function_.blocks[current_].first; at < function_.insts.size(); ++at) {
    instructions += function_.insts[at].op == Op::kInsn ? 1 : 0;
    constexpr uint32_t kAccess = kMemory | kMayExit;
    accesses += (InfoOf(function_.insts[at].op).effects & kAccess) == kAccess ? 1 : 0;
  }
  const auto add = [this](Slot slot, uint64_t count) {
    if (count != 0) Set(slot, Binary(Op::kAdd, Get(slot), I64(count)));
  };
  add(slots.instructions, instructions);
  add(slots.accesses, accesses);
}

void Builder::End(Inst terminal, BlockId taken, BlockId not_taken) {
  if (counts_.has_value()) AddCounts(*counts_);
  Append(terminal);
  Block& block = function_.blocks[current_];
  block.end = static_cast<uint32_t>(function_.insts.size());
  block.taken = taken;
  block.not_taken = not_taken;
  open_ = false;
  if (terminal.op == Op::kBrCond) {
    branch_targets_ = {taken, not_taken};
    branch_epoch_ = epoch_;
    journal_.clear();
  }
}

bool Builder::IsConst(Value value) const { return function_.inst(value.id).op == Op::kConst; }

}  // namespace emu::ir
