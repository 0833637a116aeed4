// Floating point, lane by lane as the operations on scalars.
#include <algorithm>
#include <optional>

#include "translator/ir/float_evaluate.h"
#include "translator/ir/vector_evaluate.h"

namespace emu::ir {
namespace {

// The operation on scalars, with its operands and result in lanes of these types. A comparison's
// result is a mask; `swaps`: its operands change places.
struct Scalar {
  Op vector, op;
  bool is_mask = false;
  bool swaps = false;
};
constexpr Scalar kScalars[] = {
    {Op::kVFAdd, Op::kFAdd},           {Op::kVFSub, Op::kFSub},
    {Op::kVFMul, Op::kFMul},           {Op::kVFDiv, Op::kFDiv},
    {Op::kVFSqrt, Op::kFSqrt},         {Op::kVFMulAdd, Op::kFMulAdd},
    {Op::kVFRound, Op::kFRound},       {Op::kVFRoundExact, Op::kFRoundExact},
    {Op::kVFMin, Op::kFMin},           {Op::kVFMax, Op::kFMax},
    {Op::kVFMinNum, Op::kFMinNum},     {Op::kVFMaxNum, Op::kFMaxNum},
    {Op::kVFMinimum, Op::kFMinimum},   {Op::kVFMaximum, Op::kFMaximum},
    {Op::kVFEq, Op::kFEq, true},       {Op::kVFGt, Op::kFLt, true, true},
    {Op::kVFGe, Op::kFLe, true, true}, {Op::kVFToS, Op::kFToS},
    {Op::kVFToU, Op::kFToU},           {Op::kVSToF, Op::kSToF},
    {Op::kVUToF, Op::kUToF},           {Op::kVFWiden, Op::kFConvert},
    {Op::kVFNarrow, Op::kFConvert},    {Op::kVFFromHalf, Op::kFFromHalf},
    {Op::kVFToHalf, Op::kFToHalf},
};

struct Types {
  Type from, to;
};
Types TypesOf(Op op, Type lane) {
  const Type integer = lane == Type::kF32 ? Type::kI32 : Type::kI64;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op) {
    case Op::kVFToS:
    case Op::kVFToU:
      return {lane, integer};
    case Op::kVSToF:
    case Op::kVUToF:
      return {integer, lane};
    case Op::kVFWiden:
      return {Type::kF32, Type::kF64};
    case Op::kVFNarrow:
      return {Type::kF64, Type::kF32};
    case Op::kVFFromHalf:
      return {Type::kI16, Type::kF32};
    case Op::kVFToHalf:
      return {Type::kF32, Type::kI16};
    default:
      return {lane, lane};
  }
#pragma GCC diagnostic pop
}

}  // namespace

std::optional<VectorResult> EvaluateFloats(const Inst& inst, Rounding current, const Vector128& a,
                                           const Vector128& b, const Vector128& c) {
  for (const Scalar& scalar : kScalars) {
    if (scalar.vector != inst.op) continue;
    const auto [from, to] = TypesOf(inst.op, static_cast<Type>(inst.attr));
    const uint32_t from_bits = BitsOf(from);
    const uint32_t to_bits = BitsOf(to);
    const FloatOperation operation = {scalar.op, scalar.is_mask ? Type::kI1 : to, from,
                                      static_cast<uint8_t>(inst.imm)};
    VectorResult result;
    for (uint32_t lane = 0; lane < 128 / std::max(from_bits, to_bits); ++lane) {
      const uint64_t x = GetLane(a, from_bits, lane);
      const uint64_t y = GetLane(b, from_bits, lane);
      const FloatResult computed = EvaluateFloat(operation, current, scalar.swaps ? y : x,
                                                 scalar.swaps ? x : y, GetLane(c, from_bits, lane));
      result.flags |= computed.flags;
      const bool holds = scalar.is_mask && computed.bits != 0;
      SetLane(result.value, to_bits, lane, holds ? ~uint64_t{0} : computed.bits);
    }
    return result;
  }
  return std::nullopt;
}

}  // namespace emu::ir
