// Vectors of floats.
#include <array>

#include "translator/host/x86_64/block_compiler.h"
#include "translator/host/x86_64/vector_constants.h"
#include "translator/host/x86_64/vector_lanes.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
namespace InstId = asmjit::x86::Inst;
using ir::Rounding;

namespace {

uint8_t RulesOf(const Inst& op) { return static_cast<uint8_t>(op.imm); }
bool IsWide(const Inst& op) { return LaneOf(op) == Type::kF64; }

// Predicates of vcmpps.
constexpr uint32_t kUnordered = 3;
constexpr uint32_t kEqual = 0;
constexpr uint32_t kEqualOrUnordered = 8;
constexpr uint32_t kGreater = 14;
constexpr uint32_t kGreaterOrEqual = 13;

struct Arithmetic {
  Op op;
  x86::Inst::Id f32, f64;
};
constexpr Arithmetic kArithmetic[] = {
    {Op::kVFAdd, InstId::kIdVaddps, InstId::kIdVaddpd},
    {Op::kVFSub, InstId::kIdVsubps, InstId::kIdVsubpd},
    {Op::kVFMul, InstId::kIdVmulps, InstId::kIdVmulpd},
    {Op::kVFDiv, InstId::kIdVdivps, InstId::kIdVdivpd},
    {Op::kVFSqrt, InstId::kIdVsqrtps, InstId::kIdVsqrtpd},
};

// Of f32 and f64, by the current mode and by truncation.
constexpr std::array<x86::Inst::Id, 4> kToSigned = {InstId::kIdVcvtps2dq, InstId::kIdVcvttps2dq,
                                                    InstId::kIdVcvtpd2qq, InstId::kIdVcvttpd2qq};
constexpr std::array<x86::Inst::Id, 4> kToUnsigned = {
    InstId::kIdVcvtps2udq, InstId::kIdVcvttps2udq, InstId::kIdVcvtpd2uqq, InstId::kIdVcvttpd2uqq};

}  // namespace

bool BlockCompiler::LowerVectorFloat(uint32_t index) {
  const Inst& op = function_->insts[index];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op.op) {
    case Op::kVFAdd:
    case Op::kVFSub:
    case Op::kVFMul:
    case Op::kVFDiv:
    case Op::kVFSqrt:
    case Op::kVFMulAdd:
      return LowerVectorArithmetic(index);
    case Op::kVFMin:
    case Op::kVFMax:
    case Op::kVFMinNum:
    case Op::kVFMaxNum:
    case Op::kVFMinimum:
    case Op::kVFMaximum:
      LowerVectorMinMax(index);
      return true;
    case Op::kVFEq:
    case Op::kVFGt:
    case Op::kVFGe: {
      const uint32_t predicate = op.op == Op::kVFEq   ? kEqual
                                 : op.op == Op::kVFGt ? kGreater
                                                      : kGreaterOrEqual;
      const Xmm a = Float(op.a);
      const asmjit::Operand b = FloatOperand(op.b, Type::kV128);
      a_.emit(IsWide(op) ? InstId::kIdVcmppd : InstId::kIdVcmpps, DefineFloat(Id(index)), a, b,
              predicate);
      return true;
    }
    case Op::kVFNeg: {
      const Xmm source = Float(op.a);
      a_.vxorps(DefineFloat(Id(index)), source,
                ConstantMem(IsWide(op) ? VectorConstant::kSigns64 : VectorConstant::kSigns32));
      return true;
    }
    case Op::kVFAbs: {
      const Xmm source = Float(op.a);
      a_.vandps(
          DefineFloat(Id(index)), source,
          ConstantMem(IsWide(op) ? VectorConstant::kMagnitudes64 : VectorConstant::kMagnitudes32));
      return true;
    }
    case Op::kVFRound:
    case Op::kVFRoundExact:
      return LowerVectorRound(index);
    case Op::kVFToS:
    case Op::kVFToU:
      return LowerVectorToInteger(index);
    case Op::kVSToF:
    case Op::kVUToF:
      return LowerVectorFromInteger(index);
    default:
      return LowerVectorFormat(index);
  }
#pragma GCC diagnostic pop
}

bool BlockCompiler::LowerVectorArithmetic(uint32_t index) {
  const Inst& op = function_->insts[index];
  if (ir::RoundingOf(RulesOf(op)) != Rounding::kDynamic) return false;
  const Xmm a = Float(op.a);
  if (op.op == Op::kVFMulAdd) {
    const asmjit::Operand b = FloatOperand(op.b, Type::kV128);
    const Xmm c = Float(op.c);
    const Xmm to = DefineFloat(Id(index));
    a_.vmovaps(to, c);
    a_.emit(IsWide(op) ? InstId::kIdVfmadd231pd : InstId::kIdVfmadd231ps, to, a, b);
    CheckVectorResult(op, to, {a, b, c});
    return true;
  }
  for (const Arithmetic& row : kArithmetic) {
    if (row.op != op.op) continue;
    const x86::Inst::Id id = IsWide(op) ? row.f64 : row.f32;
    if (op.op == Op::kVFSqrt) {
      const Xmm to = DefineFloat(Id(index));
      a_.emit(id, to, a);
      CheckVectorResult(op, to, {a});
      return true;
    }
    const asmjit::Operand b = FloatOperand(op.b, Type::kV128);
    const Xmm to = DefineFloat(Id(index));
    a_.emit(id, to, a, b);
    CheckVectorResult(op, to, {a, b});
    return true;
  }
  return false;
}

// As CheckFloatResult, of all lanes at once. A multiply-add of infinity times zero and a NaN is
// invalid, which the host does not say.
void BlockCompiler::CheckVectorResult(const Inst& op, Xmm to, Operands operands) {
  const bool tests_least = (RulesOf(op) & ir::kTinyBeforeRounding) != 0 &&
                           (op.op == Op::kVFMul || op.op == Op::kVFDiv || op.op == Op::kVFMulAdd ||
                            op.op == Op::kVFNarrow);
  const bool tests_nan =
      op.op == Op::kVFMulAdd || (op.op != Op::kVFNarrow && (RulesOf(op) & ir::kPropagateNan) != 0);
  if (!tests_least && !tests_nan) return;
  using enum VectorConstant;
  const bool wide = IsWide(op) && op.op != Op::kVFNarrow;
  const x86::Inst::Id compare = wide ? InstId::kIdVcmppd : InstId::kIdVcmpps;
  if (tests_least) {
    a_.vandps(kFloatScratch0, to, ConstantMem(wide ? kMagnitudes64 : kMagnitudes32));
    a_.emit(compare, kFloatScratch0, kFloatScratch0,
            ConstantMem(wide ? kLeastNormals64 : kLeastNormals32), kEqualOrUnordered);
  } else {
    a_.emit(compare, kFloatScratch0, to, to, kUnordered);
  }
  LeaveOddLanes(op, to, operands);
}

// To the runtime where a mask in kFloatScratch0 is not empty; what is jumped over, if it is, comes
// first.
void BlockCompiler::LeaveOddLanes(const Inst& op, Xmm to, Operands operands,
                                  const std::function<void()>& otherwise) {
  const asmjit::Label odd = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  a_.vptest(kFloatScratch0, kFloatScratch0);
  a_.jnz(odd);
  if (otherwise) otherwise();
  a_.bind(done);
  Later([this, odd, done, to, op, operands = std::vector(operands)] {
    a_.bind(odd);
    for (uint32_t number = 0; number < operands.size(); ++number) {
      if (operands[number].isMem()) {
        MoveFloat(kFloatScratch0, operands[number].as<Mem>());
        MoveFloat(VectorArgumentMem(number), kFloatScratch0);
      } else {
        MoveFloat(VectorArgumentMem(number), operands[number].as<Xmm>());
      }
    }
    EmitRuntimeOperation(op);
    MoveFloat(to, VectorArgumentMem(3));
    a_.jmp(done);
  });
}

// The host's minimum is its second operand where both are zeros, so both orders tell both. Of a
// quiet NaN it says that it is invalid: NaNs go first.
void BlockCompiler::LowerVectorMinMax(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = IsWide(op);
  const bool is_min = op.op == Op::kVFMin || op.op == Op::kVFMinNum || op.op == Op::kVFMinimum;
  const x86::Inst::Id compute = is_min ? (wide ? InstId::kIdVminpd : InstId::kIdVminps)
                                       : (wide ? InstId::kIdVmaxpd : InstId::kIdVmaxps);
  const Xmm a = Float(op.a);
  const Xmm b = Float(op.b);
  const Xmm to = DefineFloat(Id(index));
  a_.emit(wide ? InstId::kIdVcmppd : InstId::kIdVcmpps, kFloatScratch0, a, b, kUnordered);
  LeaveOddLanes(op, to, {a, b}, [&] {
    a_.emit(compute, to, a, b);
    a_.emit(compute, kFloatScratch0, b, a);
    is_min ? a_.vorps(to, to, kFloatScratch0) : a_.vandps(to, to, kFloatScratch0);
  });
}

bool BlockCompiler::LowerVectorRound(uint32_t index) {
  const Inst& op = function_->insts[index];
  const std::optional<uint32_t> rounding = HostRounding(ir::RoundingOf(RulesOf(op)));
  if (!rounding.has_value() && op.op == Op::kVFRoundExact) return false;
  if (!rounding.has_value()) {
    const Xmm source = Float(op.a);
    EmitVectorRoundAway(DefineFloat(Id(index)), source, IsWide(op));
    return true;
  }
  const uint32_t how = *rounding | (op.op == Op::kVFRound ? kNeverInexact : 0);
  const asmjit::Operand source = FloatOperand(op.a, Type::kV128);
  a_.emit(IsWide(op) ? InstId::kIdVroundpd : InstId::kIdVroundps, DefineFloat(Id(index)), source,
          how);
  return true;
}

// Ties to maximum magnitude, as EmitRound does it; lanes without a fraction, and NaNs, take no
// part.
void BlockCompiler::EmitVectorRoundAway(Xmm to, Xmm source, bool wide) {
  using enum VectorConstant;
  constexpr uint32_t kTruncate = 3;
  constexpr uint32_t kLessQuiet = 17;
  constexpr uint32_t kGreaterOrEqualQuiet = 29;
  const x86::Inst::Id compare = wide ? InstId::kIdVcmppd : InstId::kIdVcmpps;
  const Mem magnitudes = ConstantMem(wide ? kMagnitudes64 : kMagnitudes32);
  const Xmm fraction = x86::xmm(TakeRegister(kFloatRegisters << kFloatBase) - kFloatBase);
  a_.emit(wide ? InstId::kIdVroundpd : InstId::kIdVroundps, to, source, kTruncate | kNeverInexact);
  a_.vandps(kFloatScratch0, source, magnitudes);
  a_.emit(compare, kFloatScratch0, kFloatScratch0,
          ConstantMem(wide ? kAllIntegral64 : kAllIntegral32), kLessQuiet);
  a_.vandps(fraction, source, kFloatScratch0);
  a_.vandps(kFloatScratch1, to, kFloatScratch0);
  a_.emit(wide ? InstId::kIdVsubpd : InstId::kIdVsubps, fraction, fraction, kFloatScratch1);
  a_.vandps(fraction, fraction, magnitudes);
  a_.emit(compare, fraction, fraction, ConstantMem(wide ? kHalves64 : kHalves32),
          kGreaterOrEqualQuiet);
  a_.vandps(fraction, fraction, ConstantMem(wide ? kOnes64 : kOnes32));
  a_.vandps(kFloatScratch1, source, ConstantMem(wide ? kSigns64 : kSigns32));
  a_.vorps(fraction, fraction, kFloatScratch1);
  a_.vandps(kFloatScratch1, to, kFloatScratch0);
  a_.emit(wide ? InstId::kIdVaddpd : InstId::kIdVaddps, fraction, fraction, kFloatScratch1);
  a_.vblendvps(to, to, fraction, kFloatScratch0);
}

// Out of range, the result is the one value that the check then looks for. In a mode that is not
// the current one, lanes are rounded before: not for unsigned ones, as a negative one would be
// inexact.
bool BlockCompiler::LowerVectorToInteger(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = IsWide(op);
  const bool is_signed = op.op == Op::kVFToS;
  const Rounding rounding = ir::RoundingOf(RulesOf(op));
  const bool truncates = rounding == Rounding::kTowardZero;
  const bool rounds_before = !truncates && rounding != Rounding::kDynamic;
  const std::optional<uint32_t> how = HostRounding(rounding);
  if (!how.has_value() || (rounds_before && !is_signed)) return false;
  if ((wide || !is_signed) && !features_.avx512) return false;
  const Xmm source = Float(op.a);
  const Xmm to = DefineFloat(Id(index));
  if (rounds_before) {
    a_.emit(wide ? InstId::kIdVroundpd : InstId::kIdVroundps, kFloatScratch0, source, *how);
  }
  const size_t which = (wide ? 2 : 0) + (truncates ? 1 : 0);
  a_.emit((is_signed ? kToSigned : kToUnsigned)[which], to,
          rounds_before ? kFloatScratch0 : source);
  const x86::Inst::Id compare = wide ? InstId::kIdVpcmpeqq : InstId::kIdVpcmpeqd;
  if (is_signed) {
    a_.emit(compare, kFloatScratch0, to,
            ConstantMem(wide ? VectorConstant::kSigns64 : VectorConstant::kSigns32));
  } else {
    a_.vpcmpeqd(kFloatScratch0, kFloatScratch0, kFloatScratch0);
    a_.emit(compare, kFloatScratch0, kFloatScratch0, to);
  }
  LeaveOddLanes(op, to, {source});
  return true;
}

bool BlockCompiler::LowerVectorFromInteger(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool wide = IsWide(op);
  const bool is_signed = op.op == Op::kVSToF;
  if (ir::RoundingOf(RulesOf(op)) != Rounding::kDynamic) return false;
  if ((wide || !is_signed) && !features_.avx512) return false;
  const x86::Inst::Id convert = is_signed ? (wide ? InstId::kIdVcvtqq2pd : InstId::kIdVcvtdq2ps)
                                          : (wide ? InstId::kIdVcvtuqq2pd : InstId::kIdVcvtudq2ps);
  const asmjit::Operand source = FloatOperand(op.a, Type::kV128);
  a_.emit(convert, DefineFloat(Id(index)), source);
  return true;
}

// The host keeps sign and payload of NaNs.
bool BlockCompiler::LowerVectorFormat(uint32_t index) {
  const Inst& op = function_->insts[index];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op.op) {
    case Op::kVFWiden: {
      const Xmm source = Float(op.a);
      a_.vcvtps2pd(DefineFloat(Id(index)), source);
      return true;
    }
    case Op::kVFNarrow: {
      if (ir::RoundingOf(RulesOf(op)) != Rounding::kDynamic) return false;
      const Xmm source = Float(op.a);
      const Xmm to = DefineFloat(Id(index));
      a_.vcvtpd2ps(to, source);
      CheckVectorResult(op, to, {source});
      return true;
    }
    case Op::kVFFromHalf: {
      const Xmm source = Float(op.a);
      a_.vcvtph2ps(DefineFloat(Id(index)), source);
      return true;
    }
    case Op::kVFToHalf: {
      const std::optional<uint32_t> how = HostRounding(ir::RoundingOf(RulesOf(op)));
      const uint8_t rules = RulesOf(op) & ~ir::kRoundingMask;
      if (!how.has_value() || rules != ir::kPropagateNan) return false;
      const Xmm source = Float(op.a);
      a_.vcvtps2ph(DefineFloat(Id(index)), source, *how);
      return true;
    }
    default:
      return false;
  }
#pragma GCC diagnostic pop
}

}  // namespace emu::translator::x86_64
