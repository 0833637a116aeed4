// Conditions out of what made the flags (Arm ARM C1.2.4).
#include "translator/guest/aarch64/lifter.h"

namespace emu::translator::aarch64 {
namespace {

// Conditions by their upper three bits; the lowest one inverts.
enum Base : uint32_t { kEq, kCs, kMi, kVs, kHi, kGe, kGt, kAlways };

constexpr bool Holds(uint32_t base, uint32_t nzcv) {
  const bool n = (nzcv & kN) != 0, z = (nzcv & kZ) != 0, c = (nzcv & kC) != 0, v = (nzcv & kV) != 0;
  switch (base) {
    case kEq:
      return z;
    case kCs:
      return c;
    case kMi:
      return n;
    case kVs:
      return v;
    case kHi:
      return c && !z;
    case kGe:
      return n == v;
    case kGt:
      return n == v && !z;
    default:
      return true;
  }
}

}  // namespace

Value Lifter::Condition(uint32_t condition) {
  const uint32_t base = condition >> 1;
  const Value holds = Base(base);
  // 0b1111 is always, too.
  const bool inverts = (condition & 1) != 0 && base != kAlways;
  return inverts ? b.Binary(Op::kXor, holds, Bool(true)) : holds;
}

Value Lifter::Base(uint32_t base) {
  if (base == kAlways) return Bool(true);
  switch (flags.kind) {
    case FlagSource::Kind::kUnknown:
      return SlotCondition(base);
    case FlagSource::Kind::kLogic:
      return LogicCondition(base);
    case FlagSource::Kind::kSub:
      break;
  }
  const Value holds = SubCondition(base);
  if (!flags.condition) return holds;
  if (Holds(base, flags.otherwise)) {
    return b.Binary(Op::kOr, b.Binary(Op::kXor, *flags.condition, Bool(true)), holds);
  }
  return b.Binary(Op::kAnd, *flags.condition, holds);
}

Value Lifter::SubCondition(uint32_t base) {
  const Value zero = b.Const(flags.a.type, 0);
  const auto difference = [this] { return b.Binary(Op::kSub, flags.a, flags.b); };
  switch (base) {
    case kEq:
      return b.Binary(Op::kEq, flags.a, flags.b);
    case kCs:
      return b.Binary(Op::kGeU, flags.a, flags.b);
    case kMi:
      return b.Binary(Op::kLtS, difference(), zero);
    case kVs: {
      const Value changed = b.Binary(Op::kXor, flags.a, difference());
      const Value differ = b.Binary(Op::kXor, flags.a, flags.b);
      return b.Binary(Op::kLtS, b.Binary(Op::kAnd, differ, changed), zero);
    }
    case kHi:
      return b.Binary(Op::kLtU, flags.b, flags.a);
    case kGe:
      return b.Binary(Op::kGeS, flags.a, flags.b);
    default:
      return b.Binary(Op::kLtS, flags.b, flags.a);
  }
}

Value Lifter::LogicCondition(uint32_t base) {
  const Value zero = b.Const(flags.a.type, 0);
  switch (base) {
    case kEq:
      return b.Binary(Op::kEq, flags.a, zero);
    case kMi:
      return b.Binary(Op::kLtS, flags.a, zero);
    case kGe:
      return b.Binary(Op::kGeS, flags.a, zero);
    case kGt:
      return b.Binary(Op::kLtS, zero, flags.a);
    default:
      return Bool(false);
  }
}

// See ReadNzcv.
Value Lifter::SlotCondition(uint32_t base) {
  const Value in = b.Get(kFlagInSlot);
  const Value shift = b.Binary(Op::kAnd, in, I64(kFlagWord));
  const Value x = b.Binary(Op::kShl, b.Get(kFlagXSlot), shift);
  const Value y = b.Binary(Op::kShl, b.Get(kFlagYSlot), shift);
  const Value carry_in = b.Binary(Op::kAnd, in, I64(kFlagCarryIn));
  const Value sum =
      b.Binary(Op::kAdd, b.Binary(Op::kSub, x, y), b.Binary(Op::kSub, carry_in, I64(1)));
  const auto inverted = [&](Value flag, uint32_t which) {
    const uint64_t bit = uint64_t{which} << kFlagInvertShift;
    return b.Binary(Op::kXor, flag, b.Binary(Op::kNe, b.Binary(Op::kAnd, in, I64(bit)), I64(0)));
  };
  const auto z = [&] {
    return inverted(b.Binary(Op::kEq, b.Binary(Op::kShrU, sum, shift), I64(0)), kZ);
  };
  const auto n = [&] { return inverted(b.Binary(Op::kLtS, sum, I64(0)), kN); };
  const auto c = [&] {
    // x - y needs no borrow, or no more than the carry: x >= y with it, x > y without.
    const Value above = b.Binary(Op::kLtU, y, x);
    const Value equal = b.Binary(Op::kEq, x, y);
    const Value has_carry = b.Binary(Op::kNe, carry_in, I64(0));
    return inverted(b.Binary(Op::kOr, above, b.Binary(Op::kAnd, equal, has_carry)), kC);
  };
  const auto v = [&] {
    const Value both = b.Binary(Op::kAnd, b.Binary(Op::kXor, x, y), b.Binary(Op::kXor, x, sum));
    return inverted(b.Binary(Op::kLtS, both, I64(0)), kV);
  };
  const auto negated = [this](Value value) { return b.Binary(Op::kXor, value, Bool(true)); };
  switch (base) {
    case kEq:
      return z();
    case kCs:
      return c();
    case kMi:
      return n();
    case kVs:
      return v();
    case kHi:
      return b.Binary(Op::kAnd, c(), negated(z()));
    case kGe:
      return negated(b.Binary(Op::kXor, n(), v()));
    default:
      return b.Binary(Op::kAnd, negated(b.Binary(Op::kXor, n(), v())), negated(z()));
  }
}

}  // namespace emu::translator::aarch64
