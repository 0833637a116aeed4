// Integer operations.
#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
using CondCode = x86::CondCode;
namespace InstId = asmjit::x86::Inst;

bool BlockCompiler::LowerInteger(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Type operand = op.a == ValueId::kNone ? Type::kI64 : TypeOf(op.a);
  const bool narrow = operand == Type::kI8 || operand == Type::kI16;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op.op) {
    case Op::kAdd:
      LowerAdd(index);
      return !narrow;
    case Op::kSub:
      LowerAlu(index, InstId::kIdSub, /*commutes=*/false);
      return !narrow;
    case Op::kAnd:
      LowerAlu(index, InstId::kIdAnd, /*commutes=*/true);
      return !narrow;
    case Op::kOr:
      LowerAlu(index, InstId::kIdOr, /*commutes=*/true);
      return !narrow;
    case Op::kXor:
      LowerAlu(index, InstId::kIdXor, /*commutes=*/true);
      return !narrow;
    case Op::kMul:
    case Op::kMulHighS:
    case Op::kMulHighU:
    case Op::kMulHighSU:
      LowerMultiply(index);
      return operand == Type::kI64 || (operand == Type::kI32 && op.op == Op::kMul);
    case Op::kDivS:
    case Op::kDivU:
    case Op::kRemS:
    case Op::kRemU:
      LowerDivide(index);
      return !narrow;
    case Op::kAndNot: {
      const Gp mask = Sized(Integer(op.b), operand);
      const Gp value = Sized(Integer(op.a), operand);
      a_.andn(Sized(DefineInteger(Id(index)), operand), mask, value);
      return !narrow;
    }
    case Op::kNot:
      a_.not_(Sized(DefineIntegerFrom(Id(index), op.a), operand));
      return !narrow;
    case Op::kShl:
    case Op::kShrU:
    case Op::kShrS:
      LowerShift(index);
      return !narrow;
    case Op::kRotL:
    case Op::kRotR:
      LowerRotate(index);
      return !narrow;
    case Op::kClz:
    case Op::kCtz:
    case Op::kPopCount:
      LowerCount(index);
      return !narrow;
    case Op::kByteSwap:
      a_.bswap(Sized(DefineIntegerFrom(Id(index), op.a), operand));
      return !narrow;
    case Op::kOrCombine: {
      // A byte is zero where it equals zero; the rest becomes all ones.
      a_.vmovq(kFloatScratch0, Integer(op.a));
      a_.vpxor(kFloatScratch1, kFloatScratch1, kFloatScratch1);
      a_.vpcmpeqb(kFloatScratch0, kFloatScratch0, kFloatScratch1);
      const Gp to = DefineInteger(Id(index));
      a_.vmovq(to, kFloatScratch0);
      a_.not_(to);
      return operand == Type::kI64;
    }
    case Op::kClMulLow:
    case Op::kClMulHigh:
      LowerCarryless(index);
      return operand == Type::kI64;
    case Op::kByteLookup:
      LowerByteLookup(index);
      return true;
    case Op::kNibbleLookup:
      LowerNibbleLookup(index);
      return true;
    case Op::kAesEncrypt:
    case Op::kAesEncryptLast:
    case Op::kAesDecrypt:
    case Op::kAesDecryptLast:
      LowerAesRound(index);
      return true;
    case Op::kAesInvMixColumns:
    case Op::kAesSubWord:
      LowerAesPart(index);
      return true;
    case Op::kEq:
    case Op::kNe:
    case Op::kLtS:
    case Op::kGeS:
    case Op::kLtU:
    case Op::kGeU: {
      const CondCode condition = EmitComparison(op);
      a_.set(condition, x86::al);
      a_.movzx(DefineInteger(Id(index)).r32(), x86::al);
      return !narrow;
    }
    case Op::kSelect:
      if (LivesInXmm(op.type)) {
        LowerSelectFloat(index);
      } else {
        LowerSelect(index);
      }
      return true;
    case Op::kSignExtend:
    case Op::kZeroExtend:
      LowerExtension(index);
      return true;
    default:
      return false;
  }
#pragma GCC diagnostic pop
}

void BlockCompiler::LowerAlu(uint32_t index, x86::Inst::Id id, bool commutes) {
  const Inst& op = function_->insts[index];
  ValueId a = Source(op.a);
  ValueId b = Source(op.b);
  if (commutes && (IsConst(a) || (!DiesHere(a) && DiesHere(b) && StateOf(b).reg != kNoRegister))) {
    std::swap(a, b);
  }
  const asmjit::Operand source = IntegerOperand(b, op.type);
  const Gp to = Sized(DefineIntegerFrom(Id(index), a), op.type);
  a_.emit(id, to, source);
}

void BlockCompiler::LowerAdd(uint32_t index) {
  const Inst& op = function_->insts[index];
  const ValueId a = Source(op.a);
  const ValueId b = Source(op.b);
  const bool in_place = (DiesHere(a) && StateOf(a).reg != kNoRegister) ||
                        (DiesHere(b) && StateOf(b).reg != kNoRegister);
  if (in_place || IsConst(a)) {
    LowerAlu(index, InstId::kIdAdd, /*commutes=*/true);
    return;
  }
  if (const std::optional<int32_t> constant = SmallConst(b)) {
    const Gp source = Integer(a);
    a_.lea(Sized(DefineInteger(Id(index)), op.type), x86::ptr(source, *constant));
    return;
  }
  if (StateOf(a).reg == kNoRegister || StateOf(b).reg == kNoRegister) {
    LowerAlu(index, InstId::kIdAdd, /*commutes=*/true);
    return;
  }
  const Gp left = Integer(a);
  const Gp right = Integer(b);
  a_.lea(Sized(DefineInteger(Id(index)), op.type), x86::ptr(left, right));
}

void BlockCompiler::LowerShift(uint32_t index) {
  const Inst& op = function_->insts[index];
  if (IsConst(op.b)) {
    const auto count = static_cast<uint32_t>(inst(op.b).imm) & (ir::BitsOf(op.type) - 1);
    const Gp to = Sized(DefineIntegerFrom(Id(index), op.a), op.type);
    if (op.op == Op::kShl) {
      a_.shl(to, count);
    } else if (op.op == Op::kShrU) {
      a_.shr(to, count);
    } else {
      a_.sar(to, count);
    }
    return;
  }
  const Gp count = Sized(Integer(op.b), op.type);
  const Gp source = Sized(Integer(op.a), op.type);
  const Gp to = Sized(DefineInteger(Id(index)), op.type);
  if (op.op == Op::kShl) {
    a_.shlx(to, source, count);
  } else if (op.op == Op::kShrU) {
    a_.shrx(to, source, count);
  } else {
    a_.sarx(to, source, count);
  }
}

void BlockCompiler::LowerRotate(uint32_t index) {
  const Inst& op = function_->insts[index];
  const uint32_t width = ir::BitsOf(op.type);
  const Gp source = Sized(Integer(op.a), op.type);
  if (IsConst(op.b)) {
    uint32_t right = static_cast<uint32_t>(inst(op.b).imm) & (width - 1);
    if (op.op == Op::kRotL) right = (width - right) & (width - 1);
    a_.rorx(Sized(DefineInteger(Id(index)), op.type), source, right);
    return;
  }
  const Gp count = Sized(Integer(op.b), op.type);
  const Gp to = Sized(DefineInteger(Id(index)), op.type);
  const Gp first = Sized(kScratch0, op.type);
  const Gp second = Sized(kScratch1, op.type);
  a_.mov(second, count);
  a_.neg(second);
  if (op.op == Op::kRotL) {
    a_.shlx(first, source, count);
    a_.shrx(second, source, second);
  } else {
    a_.shrx(first, source, count);
    a_.shlx(second, source, second);
  }
  a_.or_(first, second);
  a_.mov(to, first);
}

void BlockCompiler::LowerMultiply(uint32_t index) {
  const Inst& op = function_->insts[index];
  if (op.op == Op::kMul) {
    if (const std::optional<int32_t> constant = SmallConst(Source(op.b))) {
      const Gp source = Sized(Integer(op.a), op.type);
      a_.imul(Sized(DefineInteger(Id(index)), op.type), source, *constant);
      return;
    }
    const Gp source = Sized(Integer(op.b), op.type);
    a_.imul(Sized(DefineIntegerFrom(Id(index), op.a), op.type), source);
    return;
  }
  const Gp a = Integer(op.a);
  const Gp b = Integer(op.b);
  const Gp to = DefineInteger(Id(index));
  a_.mov(x86::rax, a);
  if (op.op == Op::kMulHighS) {
    a_.imul(b);
  } else {
    a_.mul(b);
  }
  if (op.op == Op::kMulHighSU) {
    // As unsigned, a negative a counts 2^64 too much, times b.
    a_.mov(x86::rax, a);
    a_.sar(x86::rax, 63);
    a_.and_(x86::rax, b);
    a_.sub(x86::rdx, x86::rax);
  }
  a_.mov(to, x86::rdx);
}

void BlockCompiler::LowerDivide(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool is_signed = op.op == Op::kDivS || op.op == Op::kRemS;
  const bool remainder = op.op == Op::kRemS || op.op == Op::kRemU;
  const Gp a = Sized(Integer(op.a), op.type);
  const Gp b = Sized(Integer(op.b), op.type);
  const Gp to = Sized(DefineInteger(Id(index)), op.type);
  const Gp low = Sized(kScratch0, op.type);
  const Gp high = Sized(kScratch1, op.type);
  const asmjit::Label odd = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  if (is_signed) {
    a_.lea(low, x86::ptr(b.r64(), 1));
    a_.cmp(low, 1);
    a_.jbe(odd);  // the divisor is 0 or -1
    a_.mov(low, a);
    if (op.type == Type::kI64) {
      a_.cqo();
    } else {
      a_.cdq();
    }
    a_.idiv(b);
  } else {
    a_.test(b, b);
    a_.jz(odd);
    a_.mov(low, a);
    a_.xor_(x86::edx, x86::edx);
    a_.div(b);
  }
  a_.mov(to, remainder ? high : low);
  a_.bind(done);
  Later([this, odd, done, a, b, to, low, is_signed, remainder] {
    a_.bind(odd);
    if (!is_signed) {
      if (remainder) {
        a_.mov(to, a);
      } else {
        a_.mov(to, -1);
      }
      a_.jmp(done);
      return;
    }
    // By 0: all ones, remainder a. By -1: -a, remainder 0.
    a_.test(b, b);
    a_.mov(low, a);
    if (remainder) {
      a_.mov(kScratch1.r32(), 0);
      a_.cmovnz(low.r64(), kScratch1);
    } else {
      a_.mov(kScratch1, -1);
      a_.neg(low);
      a_.test(b, b);
      a_.cmovz(low.r64(), kScratch1);
    }
    a_.mov(to, low);
    a_.jmp(done);
  });
}

void BlockCompiler::LowerCount(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Gp source = Sized(Integer(op.a), op.type);
  const Gp to = Sized(DefineInteger(Id(index)), op.type);
  if (op.op == Op::kClz) {
    a_.lzcnt(to, source);
  } else if (op.op == Op::kCtz) {
    a_.tzcnt(to, source);
  } else {
    a_.popcnt(to, source);
  }
}

void BlockCompiler::LowerExtension(uint32_t index) {
  const Inst& op = function_->insts[index];
  const ValueId from = Source(op.a);
  const Type narrow = TypeOf(op.a);
  if (narrow == Type::kI1) {
    if (uses_[from].is_folded) {
      const CondCode condition = EmitComparison(inst(from));
      a_.set(condition, x86::al);
      a_.movzx(DefineInteger(Id(index)).r32(), x86::al);
    } else if (op.op == Op::kZeroExtend) {
      DefineIntegerFrom(Id(index), from);
    } else {
      a_.neg(DefineIntegerFrom(Id(index), from));
    }
    return;
  }
  const uint32_t bytes = ir::BytesOf(narrow);
  const bool sign = op.op == Op::kSignExtend;
  std::optional<Mem> memory;
  if (StateOf(from).reg == kNoRegister && !IsConst(from)) memory = MemoryOf(from, bytes);
  if (memory.has_value()) {
    const Gp to = DefineInteger(Id(index));
    if (sign && bytes == 4) {
      a_.movsxd(to, *memory);
    } else if (sign) {
      a_.movsx(to, *memory);
    } else if (bytes == 4) {
      a_.mov(to.r32(), *memory);
    } else {
      a_.movzx(to.r32(), *memory);
    }
    return;
  }
  const Gp source = Integer(from);
  FreeIfDead(from);
  locked_ &= ~(1U << source.id());
  const Gp to = DefineInteger(Id(index));
  if (bytes == 4) {
    if (sign) {
      a_.movsxd(to, source.r32());
    } else {
      a_.mov(to.r32(), source.r32());
    }
  } else if (bytes == 2) {
    if (sign) {
      a_.movsx(to, source.r16());
    } else {
      a_.movzx(to.r32(), source.r16());
    }
  } else if (sign) {
    a_.movsx(to, source.r8());
  } else {
    a_.movzx(to.r32(), source.r8());
  }
}

void BlockCompiler::LowerSelect(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Gp if_true = Integer(op.b);
  const CondCode condition = EmitCondition(op.a);
  const Gp to = DefineIntegerFrom(Id(index), op.c);  // moves only: the flags survive
  a_.emit(InstId::cmovccFromCond(condition), to, if_true);
}

CondCode BlockCompiler::EmitCondition(ValueId condition) {
  const ValueId source = Source(condition);
  if (uses_[source].is_folded) return EmitComparison(inst(source));
  const Gp value = Integer(source).r32();
  a_.test(value, value);
  return CondCode::kNotZero;
}

CondCode BlockCompiler::EmitComparison(const Inst& comparison) {
  const Type type = TypeOf(comparison.a);
  ValueId a = Source(comparison.a);
  ValueId b = Source(comparison.b);
  CondCode condition = CondCode::kEqual;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (comparison.op) {
    case Op::kNe:
      condition = CondCode::kNotEqual;
      break;
    case Op::kLtS:
      condition = CondCode::kSignedLT;
      break;
    case Op::kGeS:
      condition = CondCode::kSignedGE;
      break;
    case Op::kLtU:
      condition = CondCode::kUnsignedLT;
      break;
    case Op::kGeU:
      condition = CondCode::kUnsignedGE;
      break;
    default:
      break;
  }
#pragma GCC diagnostic pop
  if (IsConst(a) && !IsConst(b)) {
    std::swap(a, b);
    condition = x86::reverseCond(condition);
  }
  const std::optional<int32_t> constant = SmallConst(b);
  if (constant == 0 && (StateOf(a).reg != kNoRegister || !DiesHere(a))) {
    const Gp value = Sized(Integer(a), type);
    a_.test(value, value);
    return condition;
  }
  asmjit::Operand left;
  std::optional<Mem> memory;
  if (StateOf(a).reg == kNoRegister && DiesHere(a) && !IsConst(a)) {
    memory = MemoryOf(a, type == Type::kI64 ? 8 : 4);
  }
  if (memory.has_value()) {
    const asmjit::Operand right =
        constant.has_value() ? asmjit::Operand(asmjit::imm(*constant)) : Sized(Integer(b), type);
    a_.emit(InstId::kIdCmp, *memory, right);
    return condition;
  }
  left = Sized(Integer(a), type);
  a_.emit(InstId::kIdCmp, left, IntegerOperand(b, type));
  return condition;
}

void BlockCompiler::LowerCarryless(uint32_t index) {
  if (!features_.pclmul) {
    LowerByRuntime(index);
    return;
  }
  const Inst& op = function_->insts[index];
  a_.vmovq(kFloatScratch0, Integer(op.a));
  a_.vmovq(kFloatScratch1, Integer(op.b));
  a_.vpclmulqdq(kFloatScratch0, kFloatScratch0, kFloatScratch1, 0);
  const Gp to = DefineInteger(Id(index));
  if (op.op == Op::kClMulLow) {
    a_.vmovq(to, kFloatScratch0);
  } else {
    a_.vpextrq(to, kFloatScratch0, 1);
  }
}

}  // namespace emu::translator::x86_64
