// Floating point. MXCSR holds the guest's rounding mode and gathers its sticky flags.
#include "translator/host/x86_64/block_compiler.h"
#include "translator/host/x86_64/vector_constants.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
using CondCode = x86::CondCode;
namespace InstId = asmjit::x86::Inst;
using ir::Rounding;

namespace {

Rounding RoundingOf(const Inst& op) { return ir::RoundingOf(op.attr); }

// Conversions that are exact whatever the rounding.
bool IsExact(const Inst& op, Type from) {
  if (op.op == Op::kFConvert) return op.type == Type::kF64;
  return op.type == Type::kF64 && from == Type::kI32;
}

}  // namespace

ValueId BlockCompiler::ArithmeticSource(ValueId id) const {
  const ValueId source = Source(id);
  if (inst(source).op == Op::kCanon && uses_[source].is_folded) return Source(inst(source).a);
  return source;
}

void BlockCompiler::FloatConstant(Xmm to, uint64_t bits, Type type) {
  if (bits == 0) {
    a_.vxorps(to, to, to);
    return;
  }
  if (type == Type::kV128 && bits == ~uint64_t{0}) {
    a_.vpcmpeqd(to, to, to);
    return;
  }
  if (type != Type::kF32) {
    a_.mov(kScratch0, bits);
    a_.vmovq(to, kScratch0);
    if (type == Type::kV128) a_.vpunpcklqdq(to, to, to);
  } else {
    a_.mov(kScratch0.r32(), static_cast<uint32_t>(bits));
    a_.vmovd(to, kScratch0.r32());
  }
}

bool BlockCompiler::LowerFloat(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool dynamic = RoundingOf(op) == Rounding::kDynamic;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op.op) {
    case Op::kFAdd:
    case Op::kFSub:
    case Op::kFMul:
    case Op::kFDiv:
    case Op::kFSqrt:
    case Op::kFMulAdd:
      if (!dynamic) {
        LowerByRuntime(index);
        return true;
      }
      break;
    default:
      break;
  }
  switch (op.op) {
    case Op::kFAdd:
      LowerFloatBinary(index, InstId::kIdVaddsd, InstId::kIdVaddss);
      return true;
    case Op::kFSub:
      LowerFloatBinary(index, InstId::kIdVsubsd, InstId::kIdVsubss);
      return true;
    case Op::kFMul:
      LowerFloatBinary(index, InstId::kIdVmulsd, InstId::kIdVmulss);
      return true;
    case Op::kFDiv:
      LowerFloatBinary(index, InstId::kIdVdivsd, InstId::kIdVdivss);
      return true;
    case Op::kFSqrt: {
      const Xmm source = Float(ArithmeticSource(op.a));
      const Xmm to = DefineFloat(Id(index));
      a_.emit(op.type == Type::kF64 ? InstId::kIdVsqrtsd : InstId::kIdVsqrtss, to, source, source);
      CheckFloatResult(op, to, {source});
      return true;
    }
    case Op::kFMulAdd:
      LowerMulAdd(index);
      return true;
    case Op::kFRound:
    case Op::kFRoundExact:
      LowerRoundToIntegral(index);
      return true;
    case Op::kFMin:
    case Op::kFMax:
    case Op::kFMinNum:
    case Op::kFMaxNum:
    case Op::kFMinimum:
    case Op::kFMaximum:
      LowerMinMax(index);
      return true;
    case Op::kFEq:
    case Op::kFLtQuiet:
    case Op::kFLeQuiet:
    case Op::kFLt:
    case Op::kFLe:
      LowerFloatCompare(index);
      return true;
    case Op::kFCompareQuiet:
    case Op::kFCompare:
      LowerFloatOrder(index);
      return true;
    case Op::kFAbs: {
      const bool wide = op.type == Type::kF64;
      const Xmm source = Float(Source(op.a));
      a_.vandps(DefineFloat(Id(index)), source,
                ConstantMem(wide ? VectorConstant::kMagnitudes64 : VectorConstant::kMagnitudes32));
      return true;
    }
    case Op::kFNeg: {
      const bool wide = op.type == Type::kF64;
      const Xmm source = Float(Source(op.a));
      const Xmm to = DefineFloat(Id(index));
      a_.vxorps(to, source,
                FrameMem(wide ? offsetof(VcpuFrame, sign_f64) : offsetof(VcpuFrame, sign_f32), 16));
      return true;
    }
    case Op::kFConvert: {
      if (!dynamic && !IsExact(op, TypeOf(op.a))) {
        LowerByRuntime(index);
        return true;
      }
      const Xmm source = Float(ArithmeticSource(op.a));
      const Xmm to = DefineFloat(Id(index));
      a_.emit(op.type == Type::kF64 ? InstId::kIdVcvtss2sd : InstId::kIdVcvtsd2ss, to, source,
              source);
      CheckFloatResult(op, to, {source});
      return true;
    }
    case Op::kFFromHalf:
      LowerFromHalf(index);
      return true;
    case Op::kFToHalf:
      LowerToHalf(index);
      return true;
    case Op::kFToS:
    case Op::kFToU:
      LowerFloatToInteger(index);
      return true;
    case Op::kSToF:
    case Op::kUToF:
      LowerIntegerToFloat(index);
      return true;
    case Op::kCanon:
      LowerCanon(index);
      return true;
    case Op::kBox:
      LowerBox(index);
      return true;
    case Op::kUnbox:
      LowerUnbox(index);
      return true;
    case Op::kBitCast:
      LowerBitCast(index);
      return true;
    default:
      return false;
  }
#pragma GCC diagnostic pop
}

void BlockCompiler::LowerFloatBinary(uint32_t index, x86::Inst::Id f64, x86::Inst::Id f32) {
  const Inst& op = function_->insts[index];
  const Xmm a = Float(ArithmeticSource(op.a));
  const asmjit::Operand b = FloatOperand(ArithmeticSource(op.b), op.type);
  const Xmm to = DefineFloat(Id(index));
  a_.emit(op.type == Type::kF64 ? f64 : f32, to, a, b);
  CheckFloatResult(op, to, {a, b});
}

// Where the attribute wants to know which NaN the result is, or what was tiny before rounding, and
// the host has no answer: a test, and the runtime. Of a conversion, the host's NaN is right.
void BlockCompiler::CheckFloatResult(const Inst& op, Xmm to,
                                     std::initializer_list<asmjit::Operand> operands) {
  const bool wide = op.type == Type::kF64;
  const bool may_be_tiny = op.op == Op::kFMul || op.op == Op::kFDiv || op.op == Op::kFMulAdd ||
                           (op.op == Op::kFConvert && !wide);
  const bool tests_least = may_be_tiny && (op.attr & ir::kTinyBeforeRounding) != 0;
  const bool tests_nan = op.op != Op::kFConvert && (op.attr & ir::kPropagateNan) != 0;
  if (!tests_least && !tests_nan) return;
  const x86::Inst::Id compare = wide ? InstId::kIdVucomisd : InstId::kIdVucomiss;
  const asmjit::Label odd = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  if (tests_least) {
    // Only what was rounded up to the least normal number is not tiny after rounding. Unordered
    // counts as equal.
    using enum VectorConstant;
    a_.vandps(kFloatScratch0, to, ConstantMem(wide ? kMagnitudes64 : kMagnitudes32));
    a_.emit(compare, kFloatScratch0,
            ConstantMem(wide ? kLeastNormals64 : kLeastNormals32, wide ? 8 : 4));
    a_.je(odd);
  } else {
    a_.emit(compare, to, to);
    a_.jp(odd);
  }
  a_.bind(done);
  Later([this, odd, done, to, op, tests_nan, operands = std::vector(operands)] {
    a_.bind(odd);
    if (tests_nan && operands.size() == 2) {
      KeepRightNan(op.type, to, operands[0].as<Xmm>(), operands[1], done);
    }
    for (uint32_t number = 0; number < operands.size(); ++number) {
      StoreOperand(number, operands[number]);
    }
    EmitRuntimeOperation(op);
    a_.vmovq(to, x86::rax);
    a_.jmp(done);
  });
}

// Where the NaN `to` that the host made of `a` and `b` is the one that is wanted, or the default
// one, on to `done`. The host takes the first operand that is a NaN, whichever signals.
void BlockCompiler::KeepRightNan(Type type, Xmm to, Xmm a, const asmjit::Operand& b,
                                 asmjit::Label done) {
  const bool wide = type == Type::kF64;
  const x86::Inst::Id compare = wide ? InstId::kIdVucomisd : InstId::kIdVucomiss;
  const asmjit::Label unknown = a_.newLabel();
  const asmjit::Label is_default = a_.newLabel();
  a_.emit(compare, to, to);
  a_.jnp(unknown);
  a_.emit(compare, a, b);
  a_.jnp(is_default);
  a_.emit(compare, a, a);
  a_.jnp(done);
  // The first one is taken, unless the second one signals.
  if (b.isMem()) {
    MoveFloat(kFloatScratch0, b.as<Mem>());
  } else {
    a_.vmovaps(kFloatScratch0, b.as<Xmm>());
  }
  a_.emit(compare, kFloatScratch0, kFloatScratch0);
  a_.jnp(done);
  a_.vmovq(kScratch0, kFloatScratch0);
  a_.bt(kScratch0, wide ? 51 : 22);
  a_.jc(done);
  a_.jmp(unknown);
  a_.bind(is_default);
  a_.mov(kScratch0, wide ? 0x7ff8'0000'0000'0000 : 0x7fc0'0000);
  a_.vmovq(to, kScratch0);
  a_.jmp(done);
  a_.bind(unknown);
}

// As an argument of the runtime, from where it is in the instruction.
void BlockCompiler::StoreOperand(uint32_t number, const asmjit::Operand& operand) {
  if (operand.isMem()) {
    const Mem& memory = operand.as<Mem>();
    a_.mov(Sized(kScratch0, memory.size() == 8 ? Type::kI64 : Type::kI32), memory);
    a_.mov(ArgumentMem(number), kScratch0);
  } else {
    a_.vmovsd(ArgumentMem(number), operand.as<Xmm>());
  }
}

// Infinity times zero is invalid whatever is added, but the host says nothing if that is a NaN.
void BlockCompiler::LowerMulAdd(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = op.type == Type::kF64;
  const Xmm a = Float(ArithmeticSource(op.a));
  const asmjit::Operand b = FloatOperand(ArithmeticSource(op.b), op.type);
  const x86::Inst::Id multiply_add = wide ? InstId::kIdVfmadd231sd : InstId::kIdVfmadd231ss;
  if ((op.attr & (ir::kPropagateNan | ir::kTinyBeforeRounding)) != 0) {
    // The result tells of all NaNs.
    const Xmm c = Float(ArithmeticSource(op.c));
    const Xmm to = DefineFloat(Id(index));
    a_.vmovaps(to, c);
    a_.emit(multiply_add, to, a, b);
    CheckFloatResult(op, to, {a, b, c});
    return;
  }
  const Xmm to = DefineFloatFrom(Id(index), ArithmeticSource(op.c));
  const asmjit::Label adds_nan = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  a_.emit(wide ? InstId::kIdVucomisd : InstId::kIdVucomiss, to, to);
  a_.jp(adds_nan);
  a_.emit(multiply_add, to, a, b);
  a_.bind(done);
  Later([this, adds_nan, done, a, b, to, &op] {
    a_.bind(adds_nan);
    StoreOperand(0, a);
    StoreOperand(1, b);
    StoreOperand(2, to);
    EmitRuntimeOperation(op);
    a_.vmovq(to, x86::rax);
    a_.jmp(done);
  });
}

void BlockCompiler::LowerIntegerToFloat(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Type from = TypeOf(op.a);
  const bool wide = op.type == Type::kF64;
  const bool from_unsigned = op.op == Op::kUToF;
  if ((RoundingOf(op) != Rounding::kDynamic && !IsExact(op, from)) ||
      (from_unsigned && !features_.avx512)) {
    LowerByRuntime(index);
    return;
  }
  const Gp source = Sized(Integer(op.a), from);
  const Xmm to = DefineFloat(Id(index));
  a_.vxorps(to, to, to);
  if (from_unsigned) {
    a_.emit(wide ? InstId::kIdVcvtusi2sd : InstId::kIdVcvtusi2ss, to, to, source);
  } else {
    a_.emit(wide ? InstId::kIdVcvtsi2sd : InstId::kIdVcvtsi2ss, to, to, source);
  }
}

void BlockCompiler::LowerCanon(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = op.type == Type::kF64;
  const Xmm to = DefineFloatFrom(Id(index), Source(op.a));
  const asmjit::Label is_nan = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  a_.emit(wide ? InstId::kIdVucomisd : InstId::kIdVucomiss, to, to);
  a_.jp(is_nan);
  a_.bind(done);
  Later([this, is_nan, done, to, wide] {
    a_.bind(is_nan);
    FloatConstant(to, wide ? 0x7ff8'0000'0000'0000 : 0x7fc0'0000, wide ? Type::kF64 : Type::kF32);
    a_.jmp(done);
  });
}

void BlockCompiler::LowerBox(uint32_t index) {
  const Inst& op = function_->insts[index];
  a_.vmovd(x86::eax, Float(Source(op.a)));
  a_.mov(kScratch1, -0x1'0000'0000);
  a_.or_(kScratch0, kScratch1);
  a_.vmovq(DefineFloat(Id(index)), kScratch0);
}

void BlockCompiler::LowerUnbox(uint32_t index) {
  const Inst& op = function_->insts[index];
  const ValueId from = Source(op.a);
  const asmjit::Label not_boxed = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  Xmm to;
  std::optional<Mem> memory;
  if (StateOf(from).reg == kNoRegister && !IsConst(from)) memory = MemoryOf(from, 4);
  if (memory.has_value()) {
    to = DefineFloat(Id(index));
    a_.cmp(memory->cloneAdjusted(4), -1);
    a_.jne(not_boxed);
    a_.vmovss(to, *memory);
  } else {
    to = DefineFloatFrom(Id(index), from);
    a_.vpextrd(x86::eax, to, 1);
    a_.cmp(x86::eax, -1);
    a_.jne(not_boxed);
  }
  a_.bind(done);
  Later([this, not_boxed, done, to] {
    a_.bind(not_boxed);
    FloatConstant(to, 0x7fc0'0000, Type::kF32);
    a_.jmp(done);
  });
}

void BlockCompiler::LowerBitCast(uint32_t index) {
  const Inst& op = function_->insts[index];
  const ValueId from = Source(op.a);
  const bool wide = ir::BytesOf(op.type) == 8;
  if (ir::IsFloat(op.type)) {
    const Gp source = Integer(from);
    const Xmm to = DefineFloat(Id(index));
    if (wide) {
      a_.vmovq(to, source);
    } else {
      a_.vmovd(to, source.r32());
    }
    return;
  }
  // LoadInteger takes the bits from wherever they are.
  const Gp to = DefineInteger(Id(index));
  LoadInteger(to, from);
}

}  // namespace emu::translator::x86_64
