#include "translator/ir/vector_evaluate.h"

#include <algorithm>
#include <bit>

#include "translator/ir/evaluate.h"

namespace emu::ir {
namespace {

__extension__ using Wide = __int128;

// The sum or difference, as near as the lane can hold.
uint64_t Saturated(Type lane, bool is_signed, Wide value) {
  const uint32_t bits = BitsOf(lane) - (is_signed ? 1 : 0);
  const Wide maximum = (Wide{1} << bits) - 1;
  const Wide minimum = is_signed ? -maximum - 1 : 0;
  return static_cast<uint64_t>(std::clamp(value, minimum, maximum));
}

uint64_t ReversedByte(uint64_t byte) {
  uint64_t reversed = 0;
  for (uint32_t bit = 0; bit < 8; ++bit) reversed |= (byte >> bit & 1) << (7 - bit);
  return reversed;
}

}  // namespace

std::optional<uint64_t> EvaluateLane(const Inst& inst, uint64_t a, uint64_t b, uint64_t c) {
  const auto lane = static_cast<Type>(inst.attr);
  const uint32_t bits = BitsOf(lane);
  const auto as_signed = [lane](uint64_t value) { return SignedValue(lane, value); };
  const int64_t x = as_signed(a);
  const int64_t y = as_signed(b);
  const auto mask_if = [](bool holds) { return holds ? ~uint64_t{0} : uint64_t{0}; };
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (inst.op) {
    case Op::kVAdd:
      return a + b;
    case Op::kVSub:
      return a - b;
    case Op::kVMul:
      return a * b;
    case Op::kVMulHighS:
      return static_cast<uint64_t>(x * y >> bits);
    case Op::kVMulHighU:
      return a * b >> bits;
    case Op::kVAbs:
      return x < 0 ? 0 - a : a;
    case Op::kVMinS:
      return x < y ? a : b;
    case Op::kVMinU:
      return std::min(a, b);
    case Op::kVMaxS:
      return x > y ? a : b;
    case Op::kVMaxU:
      return std::max(a, b);
    case Op::kVAddSatS:
      return Saturated(lane, true, Wide{x} + y);
    case Op::kVAddSatU:
      return Saturated(lane, false, Wide{a} + b);
    case Op::kVSubSatS:
      return Saturated(lane, true, Wide{x} - y);
    case Op::kVSubSatU:
      return Saturated(lane, false, Wide{a} - b);
    case Op::kVAverageU:
      return (a + b + 1) >> 1;
    case Op::kVAnd:
      return a & b;
    case Op::kVOr:
      return a | b;
    case Op::kVXor:
      return a ^ b;
    case Op::kVAndNot:
      return a & ~b;
    case Op::kVBitSelect:
      return (a & b) | (~a & c);
    case Op::kVEq:
      return mask_if(a == b);
    case Op::kVGtS:
      return mask_if(x > y);
    case Op::kVGeS:
      return mask_if(x >= y);
    case Op::kVGtU:
      return mask_if(a > b);
    case Op::kVGeU:
      return mask_if(a >= b);
    case Op::kVShl:
      return a << inst.imm;
    case Op::kVShrU:
      return a >> inst.imm;
    case Op::kVShrS:
      return static_cast<uint64_t>(x >> inst.imm);
    case Op::kVShlLanes:
      return b < bits ? a << b : 0;
    case Op::kVShrULanes:
      return b < bits ? a >> b : 0;
    case Op::kVShrSLanes:
      return static_cast<uint64_t>(x >> std::min<uint64_t>(b, bits - 1));
    case Op::kVFNeg:
      return a ^ uint64_t { 1 } << (bits - 1);
    case Op::kVFAbs:
      return a & ~(uint64_t{1} << (bits - 1));
    case Op::kVPopCount:
      return static_cast<uint64_t>(std::popcount(a));
    case Op::kVBitReverse:
      return ReversedByte(a);
    case Op::kVClz:
      return static_cast<uint64_t>(std::countl_zero(a)) - (64 - bits);
    default:
      return std::nullopt;
  }
#pragma GCC diagnostic pop
}

VectorResult EvaluateVector(const Inst& inst, Rounding current, Vector128 a, Vector128 b,
                            Vector128 c) {
  if (const auto moved = EvaluateMove(inst, a, b)) return {*moved};
  if (const auto mixed = EvaluateCrypto(inst, a, b, c)) return {*mixed};
  if (const auto computed = EvaluateFloats(inst, current, a, b, c)) return *computed;
  const uint32_t bits = BitsOf(static_cast<Type>(inst.attr));
  Vector128 result;
  for (uint32_t lane = 0; lane < 128 / bits; ++lane) {
    const std::optional<uint64_t> value =
        EvaluateLane(inst, GetLane(a, bits, lane), GetLane(b, bits, lane), GetLane(c, bits, lane));
    SetLane(result, bits, lane, value.value_or(0));
  }
  return {result};
}

}  // namespace emu::ir
