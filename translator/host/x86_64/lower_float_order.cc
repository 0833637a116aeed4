// Comparisons of floats, minimum and maximum.
#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
using CondCode = x86::CondCode;
namespace InstId = asmjit::x86::Inst;

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

// CF is set by less, ZF by equal, both by unordered.
void BlockCompiler::LowerFloatOrder(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = TypeOf(op.a) == Type::kF64;
  const Xmm a = Float(ArithmeticSource(op.a));
  const asmjit::Operand b = FloatOperand(ArithmeticSource(op.b), TypeOf(op.a));
  const Gp to = DefineInteger(Id(index));
  const asmjit::Label unordered = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  a_.xor_(x86::eax, x86::eax);
  a_.xor_(x86::edx, x86::edx);
  if (op.op == Op::kFCompareQuiet) {
    a_.emit(wide ? InstId::kIdVucomisd : InstId::kIdVucomiss, a, b);
  } else {
    a_.emit(wide ? InstId::kIdVcomisd : InstId::kIdVcomiss, a, b);
  }
  a_.set(CondCode::kUnsignedGT, x86::al);
  a_.set(CondCode::kUnsignedGE, x86::dl);
  a_.lea(to.r32(), x86::ptr(x86::rax, x86::rdx));
  a_.jp(unordered);
  a_.bind(done);
  Later([this, unordered, done, to, is_word = op.type == Type::kI32] {
    a_.bind(unordered);
    if (is_word) {
      a_.mov(to.r32(), 0x8000'0000);
    } else {
      a_.mov(to, uint64_t{1} << 63);
    }
    a_.jmp(done);
  });
}

// minsd takes the second operand of equals and of NaNs; the guest wants -0 below +0 and the number.
void BlockCompiler::LowerMinMax(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = op.type == Type::kF64;
  const bool is_min = op.op == Op::kFMin || op.op == Op::kFMinNum || op.op == Op::kFMinimum;
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

}  // namespace emu::translator::x86_64
