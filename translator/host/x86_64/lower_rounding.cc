// Conversions of half precision, by F16C; roundings to integral values and to integers.
#include <array>
#include <optional>

#include "translator/host/x86_64/block_compiler.h"
#include "translator/host/x86_64/vector_constants.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
namespace InstId = asmjit::x86::Inst;
using ir::Rounding;

std::optional<uint32_t> BlockCompiler::HostRounding(Rounding rounding) {
  switch (rounding) {
    case Rounding::kNearestEven:
      return 0;
    case Rounding::kDown:
      return 1;
    case Rounding::kUp:
      return 2;
    case Rounding::kTowardZero:
      return 3;
    case Rounding::kDynamic:
      return 4;
    case Rounding::kNearestMaxMagnitude:
      return std::nullopt;
  }
  return std::nullopt;
}

// The instruction takes four halves: the other three are zeros, which raise no flag.
void BlockCompiler::LowerFromHalf(uint32_t index) {
  const Inst& op = function_->insts[index];
  a_.movzx(kScratch0.r32(), Integer(op.a).r16());
  const Xmm to = DefineFloat(Id(index));
  a_.vmovd(to, kScratch0.r32());
  a_.vcvtph2ps(to, to);
  if (op.type == Type::kF64) a_.vcvtss2sd(to, to, to);
}

void BlockCompiler::LowerToHalf(uint32_t index) {
  const Inst& op = function_->insts[index];
  const std::optional<uint32_t> rounding = HostRounding(ir::RoundingOf(op.attr));
  if (TypeOf(op.a) != Type::kF32 || !rounding.has_value()) {
    LowerByRuntime(index);
    return;
  }
  const Xmm source = Float(ArithmeticSource(op.a));
  const Gp to = DefineInteger(Id(index));
  const bool keeps_nan = (op.attr & ir::kPropagateNan) != 0;
  const asmjit::Label is_nan = a_.newLabel();
  const asmjit::Label is_least = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  if (!keeps_nan) {
    a_.vucomiss(source, source);
    a_.jp(is_nan);
  }
  a_.vxorps(kFloatScratch0, kFloatScratch0, kFloatScratch0);
  a_.vmovss(kFloatScratch0, kFloatScratch0, source);
  a_.vcvtps2ph(kFloatScratch0, kFloatScratch0, *rounding);
  a_.vmovd(to.r32(), kFloatScratch0);
  const bool tests_least = (op.attr & ir::kTinyBeforeRounding) != 0;
  if (tests_least) {
    a_.mov(kScratch0.r32(), to.r32());
    a_.and_(kScratch0.r32(), 0x7fff);
    a_.cmp(kScratch0.r32(), 0x0400);
    a_.je(is_least);
  }
  a_.bind(done);
  Later([this, is_nan, is_least, done, keeps_nan, tests_least, source, to, &op] {
    if (!keeps_nan) {
      a_.bind(is_nan);
      a_.mov(to.r32(), 0x7e00);
      a_.jmp(done);
    }
    if (tests_least) {
      a_.bind(is_least);
      a_.vmovss(ArgumentMem(0, 4), source);
      EmitRuntimeOperation(op);
      a_.mov(to.r32(), kScratch0.r32());
      a_.jmp(done);
    }
  });
}

void BlockCompiler::LowerRoundToIntegral(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Rounding rounding = ir::RoundingOf(op.attr);
  const std::optional<uint32_t> how = HostRounding(rounding);
  const bool tells_inexact = op.op == Op::kFRoundExact;
  if (!how.has_value() && tells_inexact) {
    LowerByRuntime(index);
    return;
  }
  const bool wide = op.type == Type::kF64;
  const Xmm source = Float(ArithmeticSource(op.a));
  const Xmm to = DefineFloat(Id(index));
  if (tells_inexact) {
    a_.emit(wide ? InstId::kIdVroundsd : InstId::kIdVroundss, to, source, source, *how);
  } else {
    EmitRound(to, source, rounding, wide);
  }
}

// To an integral value, never inexact. Ties to maximum magnitude: cut off, and one more if what was
// cut off is at least a half. All of it is exact.
void BlockCompiler::EmitRound(Xmm to, Xmm source, Rounding rounding, bool wide) {
  using enum VectorConstant;
  const x86::Inst::Id round = wide ? InstId::kIdVroundsd : InstId::kIdVroundss;
  if (const std::optional<uint32_t> how = HostRounding(rounding)) {
    a_.emit(round, to, source, source, *how | kNeverInexact);
    return;
  }
  constexpr uint32_t kTruncate = 3;
  constexpr uint32_t kGreaterOrEqualQuiet = 29;
  const asmjit::Label is_integral = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  const Mem magnitude = ConstantMem(wide ? kMagnitudes64 : kMagnitudes32);
  const auto scalar = [wide](VectorConstant f64, VectorConstant f32) {
    return ConstantMem(wide ? f64 : f32, wide ? 8 : 4);
  };
  a_.vandps(kFloatScratch0, source, magnitude);
  a_.emit(wide ? InstId::kIdVucomisd : InstId::kIdVucomiss, kFloatScratch0,
          scalar(kAllIntegral64, kAllIntegral32));
  a_.jae(is_integral);
  a_.emit(round, to, source, source, kTruncate | kNeverInexact);
  a_.emit(wide ? InstId::kIdVsubsd : InstId::kIdVsubss, kFloatScratch0, source, to);
  a_.vandps(kFloatScratch0, kFloatScratch0, magnitude);
  a_.emit(wide ? InstId::kIdVcmpsd : InstId::kIdVcmpss, kFloatScratch0, kFloatScratch0,
          scalar(kHalves64, kHalves32), kGreaterOrEqualQuiet);
  a_.vandps(kFloatScratch0, kFloatScratch0, ConstantMem(wide ? kOnes64 : kOnes32));
  // One or zero, with the sign, so that the sum of zeros keeps it.
  a_.vandps(kFloatScratch1, source, ConstantMem(wide ? kSigns64 : kSigns32));
  a_.vorps(kFloatScratch0, kFloatScratch0, kFloatScratch1);
  a_.emit(wide ? InstId::kIdVaddsd : InstId::kIdVaddss, to, to, kFloatScratch0);
  a_.bind(done);
  Later([this, is_integral, done, to, source] {
    a_.bind(is_integral);
    a_.vmovaps(to, source);
    a_.jmp(done);
  });
}

// In a mode that is not the host's current one: rounded before, and once more converted for the
// flag of what that changed, if the result is in range. Out of range, it is the one value that the
// check looks for.
void BlockCompiler::LowerFloatToInteger(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = TypeOf(op.a) == Type::kF64;
  const bool is_signed = op.op == Op::kFToS;
  const Rounding rounding = ir::RoundingOf(op.attr);
  if (!is_signed && !features_.avx512) {
    LowerByRuntime(index);
    return;
  }
  const bool truncates = rounding != Rounding::kDynamic;
  const bool rounds_before = truncates && rounding != Rounding::kTowardZero;
  const std::array<x86::Inst::Id, 4> signed_ids = {InstId::kIdVcvtss2si, InstId::kIdVcvttss2si,
                                                   InstId::kIdVcvtsd2si, InstId::kIdVcvttsd2si};
  const std::array<x86::Inst::Id, 4> unsigned_ids = {InstId::kIdVcvtss2usi, InstId::kIdVcvttss2usi,
                                                     InstId::kIdVcvtsd2usi, InstId::kIdVcvttsd2usi};
  const x86::Inst::Id convert =
      (is_signed ? signed_ids : unsigned_ids)[(wide ? 2 : 0) + (truncates ? 1 : 0)];
  const Xmm source = Float(ArithmeticSource(op.a));
  const Gp to = Sized(DefineInteger(Id(index)), op.type);
  Xmm rounded = source;
  if (rounds_before) {
    rounded = x86::xmm(TakeRegister(kFloatRegisters << kFloatBase) - kFloatBase);
    EmitRound(rounded, source, rounding, wide);
  }
  const asmjit::Label odd = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  a_.emit(convert, to, rounded);
  if (is_signed) {
    a_.cmp(to, 1);
    a_.jo(odd);
  } else {
    a_.cmp(to, -1);
    a_.jz(odd);
  }
  if (rounds_before) a_.emit(convert, kScratch0, source);
  a_.bind(done);
  Later([this, odd, done, source, to, op] {
    a_.bind(odd);
    a_.vmovsd(ArgumentMem(0), source);
    EmitRuntimeOperation(op);
    a_.mov(to.r64(), x86::rax);
    a_.jmp(done);
  });
}

}  // namespace emu::translator::x86_64
