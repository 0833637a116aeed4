// Floating point. MXCSR holds the guest's rounding mode and gathers its sticky flags.
#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
using CondCode = x86::CondCode;
namespace InstId = asmjit::x86::Inst;
using ir::Rounding;

namespace {

Rounding RoundingOf(const Inst& op) { return static_cast<Rounding>(op.attr); }

// Conversions that are exact whatever the rounding.
bool IsExact(const Inst& op, Type from) {
  if (op.op == Op::kFConvert) return op.type == Type::kF64;
  return op.type == Type::kF64 && from == Type::kI32;
}

}  // namespace

ValueId BlockCompiler::ArithmeticSource(ValueId id) const {
  const ValueId source = Source(id);
  if (inst(source).op == Op::kCanon && uses_[source].is_folded) return inst(source).a;
  return source;
}

void BlockCompiler::FloatConstant(Xmm to, uint64_t bits, Type type) {
  if (bits == 0) {
    a_.vxorps(to, to, to);
    return;
  }
  if (type == Type::kF64) {
    a_.mov(kScratch0, bits);
    a_.vmovq(to, kScratch0);
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
      LowerMinMax(index);
      return true;
    case Op::kFEq:
    case Op::kFLtQuiet:
    case Op::kFLeQuiet:
    case Op::kFLt:
    case Op::kFLe:
      LowerFloatCompare(index);
      return true;
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
  a_.emit(op.type == Type::kF64 ? f64 : f32, DefineFloat(Id(index)), a, b);
}

// Infinity times zero is invalid whatever is added, but the host says nothing if that is a NaN.
void BlockCompiler::LowerMulAdd(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = op.type == Type::kF64;
  const Xmm a = Float(ArithmeticSource(op.a));
  const asmjit::Operand b = FloatOperand(ArithmeticSource(op.b), op.type);
  const Xmm to = DefineFloatFrom(Id(index), ArithmeticSource(op.c));
  const asmjit::Label adds_nan = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  a_.emit(wide ? InstId::kIdVucomisd : InstId::kIdVucomiss, to, to);
  a_.jp(adds_nan);
  a_.emit(wide ? InstId::kIdVfmadd231sd : InstId::kIdVfmadd231ss, to, a, b);
  a_.bind(done);
  Later([this, adds_nan, done, a, b, to, wide, &op] {
    a_.bind(adds_nan);
    a_.vmovsd(ArgumentMem(2), to);
    a_.vmovsd(ArgumentMem(0), a);
    if (b.isMem()) {
      a_.mov(Sized(kScratch0, wide ? Type::kI64 : Type::kI32), b.as<Mem>());
      a_.mov(ArgumentMem(1), kScratch0);
    } else {
      a_.vmovsd(ArgumentMem(1), b.as<Xmm>());
    }
    EmitRuntimeOperation(op);
    a_.vmovq(to, x86::rax);
    a_.jmp(done);
  });
}

void BlockCompiler::LowerFloatCompare(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = TypeOf(op.a) == Type::kF64;
  const Xmm a = Float(ArithmeticSource(op.a));
  const Xmm b = Float(ArithmeticSource(op.b));
  const Gp to = DefineInteger(Id(index));
  if (op.op == Op::kFEq) {
    a_.emit(wide ? InstId::kIdVucomisd : InstId::kIdVucomiss, a, b);
    a_.setnp(x86::al);
    a_.sete(x86::dl);
    a_.and_(x86::al, x86::dl);
  } else {
    // The other way round, unordered counts as not above.
    const bool is_quiet = op.op == Op::kFLtQuiet || op.op == Op::kFLeQuiet;
    const bool is_less = op.op == Op::kFLt || op.op == Op::kFLtQuiet;
    if (is_quiet) {
      a_.emit(wide ? InstId::kIdVucomisd : InstId::kIdVucomiss, b, a);
    } else {
      a_.emit(wide ? InstId::kIdVcomisd : InstId::kIdVcomiss, b, a);
    }
    a_.set(is_less ? CondCode::kUnsignedGT : CondCode::kUnsignedGE, x86::al);
  }
  a_.movzx(to.r32(), x86::al);
}

// minsd takes the second operand of equals and of NaNs; the guest wants -0 below +0 and the number.
void BlockCompiler::LowerMinMax(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = op.type == Type::kF64;
  const bool is_min = op.op == Op::kFMin;
  const Xmm a = Float(ArithmeticSource(op.a));
  const Xmm b = Float(ArithmeticSource(op.b));
  const Xmm to = DefineFloat(Id(index));
  const asmjit::Label equal = a_.newLabel();
  const asmjit::Label unordered = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  a_.emit(wide ? InstId::kIdVucomisd : InstId::kIdVucomiss, a, b);
  a_.jp(unordered);
  a_.jz(equal);
  if (wide) {
    a_.emit(is_min ? InstId::kIdVminsd : InstId::kIdVmaxsd, to, a, b);
  } else {
    a_.emit(is_min ? InstId::kIdVminss : InstId::kIdVmaxss, to, a, b);
  }
  a_.bind(done);
  Later([this, equal, unordered, done, a, b, to, op, is_min] {
    a_.bind(equal);
    if (is_min) {
      a_.vorps(to, a, b);
    } else {
      a_.vandps(to, a, b);
    }
    a_.jmp(done);
    a_.bind(unordered);
    a_.vmovsd(ArgumentMem(0), a);
    a_.vmovsd(ArgumentMem(1), b);
    EmitRuntimeOperation(op);
    a_.vmovq(to, x86::rax);
    a_.jmp(done);
  });
}

void BlockCompiler::LowerFloatToInteger(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = TypeOf(op.a) == Type::kF64;
  const bool to_unsigned = op.op == Op::kFToU;
  const bool truncate = RoundingOf(op) == Rounding::kTowardZero;
  const bool dynamic = RoundingOf(op) == Rounding::kDynamic;
  if ((!truncate && !dynamic) || (to_unsigned && !features_.avx512)) {
    LowerByRuntime(index);
    return;
  }
  const Xmm source = Float(ArithmeticSource(op.a));
  const Gp to = Sized(DefineInteger(Id(index)), op.type);
  const asmjit::Label odd = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  // Out of range, the result is the one value that the check then looks for; the flags are right.
  if (to_unsigned) {
    if (truncate) {
      a_.emit(wide ? InstId::kIdVcvttsd2usi : InstId::kIdVcvttss2usi, to, source);
    } else {
      a_.emit(wide ? InstId::kIdVcvtsd2usi : InstId::kIdVcvtss2usi, to, source);
    }
    a_.cmp(to, -1);
    a_.jz(odd);
  } else {
    if (truncate) {
      a_.emit(wide ? InstId::kIdVcvttsd2si : InstId::kIdVcvttss2si, to, source);
    } else {
      a_.emit(wide ? InstId::kIdVcvtsd2si : InstId::kIdVcvtss2si, to, source);
    }
    a_.cmp(to, 1);
    a_.jo(odd);
  }
  a_.bind(done);
  Later([this, odd, done, source, to, op] {
    a_.bind(odd);
    a_.vmovsd(ArgumentMem(0), source);
    EmitRuntimeOperation(op);
    a_.mov(to.r64(), x86::rax);
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
