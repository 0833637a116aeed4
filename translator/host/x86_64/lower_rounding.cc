// Conversions of half precision, by F16C, and roundings to integral values.
#include <optional>

#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
namespace InstId = asmjit::x86::Inst;
using ir::Rounding;

namespace {

// The immediate of vcvtps2ph and vrounds; none for what the host cannot do.
std::optional<uint32_t> HostRounding(Rounding rounding) {
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

}  // namespace

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
  const std::optional<uint32_t> rounding = HostRounding(static_cast<Rounding>(op.attr));
  if (TypeOf(op.a) != Type::kF32 || !rounding.has_value()) {
    LowerByRuntime(index);
    return;
  }
  const Xmm source = Float(ArithmeticSource(op.a));
  const Gp to = DefineInteger(Id(index));
  const asmjit::Label is_nan = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  a_.vucomiss(source, source);
  a_.jp(is_nan);
  a_.vxorps(kFloatScratch0, kFloatScratch0, kFloatScratch0);
  a_.vmovss(kFloatScratch0, kFloatScratch0, source);
  a_.vcvtps2ph(kFloatScratch0, kFloatScratch0, *rounding);
  a_.vmovd(to.r32(), kFloatScratch0);
  a_.bind(done);
  Later([this, is_nan, done, to] {
    a_.bind(is_nan);
    a_.mov(to.r32(), 0x7e00);
    a_.jmp(done);
  });
}

void BlockCompiler::LowerRoundToIntegral(uint32_t index) {
  const Inst& op = function_->insts[index];
  const std::optional<uint32_t> rounding = HostRounding(static_cast<Rounding>(op.attr));
  if (!rounding.has_value()) {
    LowerByRuntime(index);
    return;
  }
  constexpr uint32_t kNeverInexact = 8;
  const uint32_t how = *rounding | (op.op == Op::kFRound ? kNeverInexact : 0);
  const Xmm source = Float(ArithmeticSource(op.a));
  const Xmm to = DefineFloat(Id(index));
  a_.emit(op.type == Type::kF64 ? InstId::kIdVroundsd : InstId::kIdVroundss, to, source, source,
          how);
}

}  // namespace emu::translator::x86_64
