// Random operations on floats and vectors.
#include "translator/host/random_writer.h"
#include "translator/ir/attributes.h"
#include "translator/ir/vector_rules.h"

namespace emu::translator {
namespace {

using ir::Op;
using ir::Type;
using ir::Value;

constexpr Op kFloatOps[] = {
    Op::kFAdd,    Op::kFSub,    Op::kFMul,     Op::kFDiv,     Op::kFSqrt,
    Op::kFMulAdd, Op::kFMin,    Op::kFMax,     Op::kFRound,   Op::kFRoundExact,
    Op::kFMinNum, Op::kFMaxNum, Op::kFMinimum, Op::kFMaximum,
};
constexpr Op kFloatComparisons[] = {Op::kFEq, Op::kFLt, Op::kFLe, Op::kFLtQuiet, Op::kFLeQuiet};
constexpr Type kLanes[] = {Type::kI8, Type::kI16, Type::kI32, Type::kI64, Type::kF32, Type::kF64};
constexpr Op kVectorOps[] = {
#define EMU_IR_OP(name, text, operands, result, effects)
#define EMU_IR_TERMINAL(name, text)
#define EMU_IR_VECTOR_OP(name, text, operands, lanes, imm, effects) Op::k##name,
#include "translator/ir/ops.inc"
};

}  // namespace

void RandomWriter::WriteManyFloats() {
  for (uint32_t number = 0; number < 20; ++number) {
    const Type type = Below(3) == 0 ? Type::kF32 : Type::kF64;
    const Value sum = builder_.Binary(Op::kFAdd, Get(type), Get(type), kDynamic);
    KeepArithmetic(sum);
    if (Below(4) == 0) builder_.Set(RandomSlot(type), builder_.Unary(Op::kCanon, sum));
    if (Below(3) == 0)
      Keep(builder_.Vector(Op::kVAdd, Type::kI8, Get(Type::kV128), Get(Type::kV128)));
  }
}

void RandomWriter::UseManyFloats() {
  for (const Type type : {Type::kF32, Type::kF64}) {
    Value sum = Pick(type);
    for (const Value& value : RawPool(type)) {
      sum = builder_.Binary(Op::kFAdd, value, sum, kDynamic);
    }
    changed_ = true;
    if (!RawPool(type).empty()) Keep(builder_.Unary(Op::kCanon, sum));
    builder_.Set(RandomSlot(type), Pick(type));
  }
  Value all = Pick(Type::kV128);
  for (const Value& value : Pool(Type::kV128)) {
    all = builder_.Vector(Op::kVXor, Type::kI8, all, value);
  }
  builder_.Set(RandomSlot(Type::kV128), all);
}

void RandomWriter::WriteFloat() {
  const Type type = FloatType();
  if (Below(4) == 0) {
    changed_ = true;
    Keep(builder_.Binary(OneOf(kFloatComparisons), PickForArithmetic(type),
                         PickForArithmetic(type)));
    return;
  }
  if (Below(8) == 0) {
    const Op op = Below(2) == 0 ? Op::kFCompareQuiet : Op::kFCompare;
    Keep(builder_.Compare(op, Word(), PickForArithmetic(type), PickForArithmetic(type)));
    changed_ = true;
    return;
  }
  if (Below(8) == 0) {
    Keep(builder_.Unary(Below(2) == 0 ? Op::kFNeg : Op::kFAbs, Pick(type)));
    return;
  }
  const Op op = OneOf(kFloatOps);
  const bool rounds = ir::AttrKindOf(op) == ir::AttrKind::kRounding;
  uint8_t attr = rounds ? Rounding() : 0;
  const bool exact = ChooseRules(rounds, &attr);
  const auto pick = [&] { return exact ? Pick(type) : PickForArithmetic(type); };
  const Value a = pick();
  Value result;
  if (ir::InfoOf(op).operand_count == 1) {
    result = builder_.Unary(op, a, attr);
  } else if (op == Op::kFMulAdd) {
    const Value b = pick();
    result = builder_.Ternary(op, a, b, pick(), attr);
  } else {
    result = builder_.Binary(op, a, pick(), attr);
  }
  KeepFloat(result, exact);
}

bool RandomWriter::ChooseRules(bool rounds, uint8_t* attr) {
  if (rounds && Below(2) == 0) *attr |= ir::kTinyBeforeRounding;
  const bool exact = Below(2) == 0;
  if (exact) *attr |= ir::kPropagateNan;
  return exact;
}

void RandomWriter::WriteFloatConversion() {
  const Type type = FloatType();
  const Type other = type == Type::kF32 ? Type::kF64 : Type::kF32;
  uint8_t attr = 0;
  bool exact = false;
  switch (Below(9)) {
    case 7:
      exact = ChooseRules(/*rounds=*/false, &attr);
      KeepFloat(builder_.Convert(Op::kFFromHalf, type, Pick(Type::kI16), attr), exact);
      break;
    case 8:
      changed_ = true;
      attr = Rounding();
      exact = ChooseRules(/*rounds=*/true, &attr);
      Keep(builder_.Convert(Op::kFToHalf, Type::kI16, exact ? Pick(type) : PickForArithmetic(type),
                            attr));
      break;
    case 0:
      attr = Rounding();
      exact = ChooseRules(/*rounds=*/true, &attr);
      KeepFloat(builder_.Convert(Op::kFConvert, other, exact ? Pick(type) : PickForArithmetic(type),
                                 attr),
                exact);
      break;
    case 1:
      changed_ = true;
      attr = Rounding() | (Below(2) == 0 ? ir::kNanIsZero : 0);
      Keep(builder_.Convert(Below(2) == 0 ? Op::kFToS : Op::kFToU, Word(), PickForArithmetic(type),
                            attr));
      break;
    case 2:
      changed_ = true;
      Keep(builder_.Convert(Below(2) == 0 ? Op::kSToF : Op::kUToF, type, Pick(Word()), Rounding()));
      break;
    case 3:
      Keep(builder_.Convert(Op::kUnbox, Type::kF32, Pick(Type::kF64)));
      break;
    case 4: {
      const Value boxed = builder_.Convert(Op::kBox, Type::kF64, Pick(Type::kF32));
      Keep(boxed);
      if (Below(2) == 0) builder_.Set(RandomSlot(Type::kF64), boxed), changed_ = true;
      break;
    }
    case 5:
      Keep(
          builder_.Convert(Op::kBitCast, type == Type::kF32 ? Type::kI32 : Type::kI64, Pick(type)));
      break;
    default:
      Keep(
          builder_.Convert(Op::kBitCast, type, Pick(type == Type::kF32 ? Type::kI32 : Type::kI64)));
      break;
  }
}

void RandomWriter::WriteScalarInVector() {
  const Type lane = FloatType();
  Value value = builder_.Extract(lane, Pick(Type::kV128), 0);
  if (Below(2) == 0) {
    const Value other = builder_.Extract(lane, Pick(Type::kV128), 0);
    value = builder_.Binary(Op::kFSub, value, other, kDynamic | ir::kPropagateNan);
  }
  builder_.Set(RandomSlot(Type::kV128), builder_.Vector(Op::kVScalar, lane, value));
  changed_ = true;
}

void RandomWriter::WriteLaneMove() {
  const Type lane = OneOf(kLanes);
  const auto number = static_cast<uint32_t>(Below(128 / ir::BitsOf(lane)));
  switch (Below(5)) {
    case 0:
      Keep(builder_.Vector(Op::kVSplat, lane, Pick(lane)));
      break;
    case 1: {
      if (Below(2) == 0) return WriteScalarInVector();
      const Value scalar = builder_.Vector(Op::kVScalar, lane, Pick(lane));
      Keep(scalar);
      if (Below(2) == 0) builder_.Set(RandomSlot(Type::kV128), scalar), changed_ = true;
      break;
    }
    case 2:
      Keep(builder_.Vector(Op::kVCopyLane, lane, Pick(Type::kV128), {}, {}, number));
      break;
    case 3:
      Keep(builder_.Extract(lane, Pick(Type::kV128), Below(2) == 0 ? 0 : number));
      break;
    default:
      Keep(builder_.Insert(lane, Pick(Type::kV128), number, Pick(lane)));
      break;
  }
}

// NaNs of vectors are exact.
uint64_t RandomWriter::ImmediateOf(const ir::VectorRule& rule, Type lane) {
  const bool coin = Below(2) == 0;
  switch (rule.imm) {
    case ir::VectorImm::kFloat:
      return Rounding() | ir::kPropagateNan | (coin ? ir::kTinyBeforeRounding : 0);
    case ir::VectorImm::kToInteger:
      return Rounding() | (coin ? ir::kNanIsZero : 0);
    case ir::VectorImm::kNan:
      return ir::kPropagateNan;
    case ir::VectorImm::kNone:
      return 0;
    case ir::VectorImm::kLane:
    case ir::VectorImm::kShift:
    case ir::VectorImm::kWider:
    case ir::VectorImm::kHalves:
    case ir::VectorImm::kPart:
    case ir::VectorImm::kFunction:
      break;
  }
  for (;;) {
    const uint64_t imm = Below(65);
    if (ir::TakesImmediate(rule, lane, imm)) return imm;
  }
}

void RandomWriter::WriteVector() {
  const Op op = OneOf(kVectorOps);
  const ir::VectorRule& rule = *ir::VectorRuleOf(op);
  Type lane = OneOf(kLanes);
  while (!ir::TakesLane(rule, lane)) lane = OneOf(kLanes);
  const uint64_t imm = ImmediateOf(rule, lane);
  const uint32_t operands = ir::InfoOf(op).operand_count;
  const auto pick_if = [&](bool wanted) { return wanted ? Pick(Type::kV128) : Value(); };
  const Value a = Pick(Type::kV128);
  const Value b = pick_if(operands >= 2);
  Keep(builder_.Vector(op, lane, a, b, pick_if(operands >= 3), imm));
  if (ir::InfoOf(op).effects != ir::kPure) changed_ = true;
}

}  // namespace emu::translator
