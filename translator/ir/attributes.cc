#include "translator/ir/attributes.h"

#include "translator/ir/vector_rules.h"

namespace emu::ir {

AttrKind AttrKindOf(Op op) {
  // Few operations have one; the others are all alike.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op) {
    case Op::kFence:
    case Op::kLoad:
    case Op::kStore:
    case Op::kAtomicRmw:
    case Op::kCompareSwap:
    case Op::kLoadReserved:
    case Op::kStoreConditional:
      return AttrKind::kMemory;
    case Op::kTranslate:
    case Op::kProbe:
      return AttrKind::kTranslate;
    case Op::kFAdd:
    case Op::kFSub:
    case Op::kFMul:
    case Op::kFDiv:
    case Op::kFSqrt:
    case Op::kFMulAdd:
    case Op::kFRound:
    case Op::kFRoundExact:
    case Op::kFConvert:
    case Op::kFToHalf:
    case Op::kFToS:
    case Op::kFToU:
    case Op::kSToF:
    case Op::kUToF:
      return AttrKind::kRounding;
    case Op::kFMin:
    case Op::kFMax:
    case Op::kFMinNum:
    case Op::kFMaxNum:
    case Op::kFMinimum:
    case Op::kFMaximum:
    case Op::kFFromHalf:
      return AttrKind::kNan;
    case Op::kVSplat:
    case Op::kVScalar:
    case Op::kVExtract:
    case Op::kVInsert:
      return AttrKind::kLane;
    case Op::kGotoIndirect:
      return AttrKind::kHint;
    default:
      return VectorRuleOf(op) != nullptr ? AttrKind::kLane : AttrKind::kNone;
  }
#pragma GCC diagnostic pop
}

OperandRule OperandRuleOf(Op op) {
  const bool takes_value =
      op == Op::kBrCond || op == Op::kGotoIndirect || op == Op::kExit || op == Op::kWait;
  if (takes_value) return {1, false};
  if (op == Op::kRaise) return {1, true};
  return {InfoOf(op).operand_count, op == Op::kCall};
}

uint32_t SuccessorCount(Op op) { return op == Op::kBr ? 1 : op == Op::kBrCond ? 2 : 0; }

std::string_view NameOf(Type type) {
  switch (type) {
    case Type::kVoid:
      return "void";
    case Type::kI1:
      return "i1";
    case Type::kI8:
      return "i8";
    case Type::kI16:
      return "i16";
    case Type::kI32:
      return "i32";
    case Type::kI64:
      return "i64";
    case Type::kF32:
      return "f32";
    case Type::kF64:
      return "f64";
    case Type::kV128:
      return "v128";
  }
  return "";
}

}  // namespace emu::ir
