// 128-bit vectors: what is one instruction of the host.
#include <array>

#include "translator/host/x86_64/block_compiler.h"
#include "translator/host/x86_64/vector_lanes.h"
#include "translator/ir/vector_rules.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
namespace InstId = asmjit::x86::Inst;

namespace {

// Instructions by the size of lanes.
struct Direct {
  Op op;
  std::array<x86::Inst::Id, 4> instructions;
};
constexpr x86::Inst::Id kNo = InstId::kIdNone;
constexpr Direct kDirect[] = {
    {Op::kVAdd, {InstId::kIdVpaddb, InstId::kIdVpaddw, InstId::kIdVpaddd, InstId::kIdVpaddq}},
    {Op::kVSub, {InstId::kIdVpsubb, InstId::kIdVpsubw, InstId::kIdVpsubd, InstId::kIdVpsubq}},
    {Op::kVMul, {kNo, InstId::kIdVpmullw, InstId::kIdVpmulld, kNo}},
    {Op::kVMulHighS, {kNo, InstId::kIdVpmulhw, kNo, kNo}},
    {Op::kVMulHighU, {kNo, InstId::kIdVpmulhuw, kNo, kNo}},
    {Op::kVMinS, {InstId::kIdVpminsb, InstId::kIdVpminsw, InstId::kIdVpminsd, kNo}},
    {Op::kVMinU, {InstId::kIdVpminub, InstId::kIdVpminuw, InstId::kIdVpminud, kNo}},
    {Op::kVMaxS, {InstId::kIdVpmaxsb, InstId::kIdVpmaxsw, InstId::kIdVpmaxsd, kNo}},
    {Op::kVMaxU, {InstId::kIdVpmaxub, InstId::kIdVpmaxuw, InstId::kIdVpmaxud, kNo}},
    {Op::kVAddSatS, {InstId::kIdVpaddsb, InstId::kIdVpaddsw, kNo, kNo}},
    {Op::kVAddSatU, {InstId::kIdVpaddusb, InstId::kIdVpaddusw, kNo, kNo}},
    {Op::kVSubSatS, {InstId::kIdVpsubsb, InstId::kIdVpsubsw, kNo, kNo}},
    {Op::kVSubSatU, {InstId::kIdVpsubusb, InstId::kIdVpsubusw, kNo, kNo}},
    {Op::kVAverageU, {InstId::kIdVpavgb, InstId::kIdVpavgw, kNo, kNo}},
    {Op::kVAnd, {InstId::kIdVpand, InstId::kIdVpand, InstId::kIdVpand, InstId::kIdVpand}},
    {Op::kVOr, {InstId::kIdVpor, InstId::kIdVpor, InstId::kIdVpor, InstId::kIdVpor}},
    {Op::kVXor, {InstId::kIdVpxor, InstId::kIdVpxor, InstId::kIdVpxor, InstId::kIdVpxor}},
    {Op::kVEq,
     {InstId::kIdVpcmpeqb, InstId::kIdVpcmpeqw, InstId::kIdVpcmpeqd, InstId::kIdVpcmpeqq}},
    {Op::kVGtS,
     {InstId::kIdVpcmpgtb, InstId::kIdVpcmpgtw, InstId::kIdVpcmpgtd, InstId::kIdVpcmpgtq}},
    {Op::kVShlLanes, {kNo, kNo, InstId::kIdVpsllvd, InstId::kIdVpsllvq}},
    {Op::kVShrULanes, {kNo, kNo, InstId::kIdVpsrlvd, InstId::kIdVpsrlvq}},
    {Op::kVShrSLanes, {kNo, kNo, InstId::kIdVpsravd, kNo}},
    {Op::kVZipLow,
     {InstId::kIdVpunpcklbw, InstId::kIdVpunpcklwd, InstId::kIdVpunpckldq, InstId::kIdVpunpcklqdq}},
    {Op::kVZipHigh,
     {InstId::kIdVpunpckhbw, InstId::kIdVpunpckhwd, InstId::kIdVpunpckhdq, InstId::kIdVpunpckhqdq}},
    {Op::kVEven, {kNo, kNo, kNo, InstId::kIdVpunpcklqdq}},
    {Op::kVOdd, {kNo, kNo, kNo, InstId::kIdVpunpckhqdq}},
    {Op::kVNarrowSatS, {kNo, InstId::kIdVpacksswb, InstId::kIdVpackssdw, kNo}},
    {Op::kVNarrowSatSU, {kNo, InstId::kIdVpackuswb, InstId::kIdVpackusdw, kNo}},
    {Op::kVMulEvenS, {kNo, kNo, InstId::kIdVpmuldq, kNo}},
    {Op::kVMulEvenU, {kNo, kNo, InstId::kIdVpmuludq, kNo}},
    {Op::kVDotPairs, {kNo, InstId::kIdVpmaddwd, kNo, kNo}},
    {Op::kVAbs, {InstId::kIdVpabsb, InstId::kIdVpabsw, InstId::kIdVpabsd, kNo}},
};
// Those of AES-NI.
constexpr Direct kWithAes[] = {
    {Op::kVAesEncrypt, {InstId::kIdVaesenc, kNo, kNo, kNo}},
    {Op::kVAesEncryptLast, {InstId::kIdVaesenclast, kNo, kNo, kNo}},
    {Op::kVAesDecrypt, {InstId::kIdVaesdec, kNo, kNo, kNo}},
    {Op::kVAesDecryptLast, {InstId::kIdVaesdeclast, kNo, kNo, kNo}},
    {Op::kVAesInvMixColumns, {InstId::kIdVaesimc, kNo, kNo, kNo}},
};
// Those of AVX-512.
constexpr Direct kWithAvx512[] = {
    {Op::kVAbs, {kNo, kNo, kNo, InstId::kIdVpabsq}},
    {Op::kVShlLanes, {kNo, InstId::kIdVpsllvw, kNo, kNo}},
    {Op::kVShrULanes, {kNo, InstId::kIdVpsrlvw, kNo, kNo}},
    {Op::kVShrSLanes, {kNo, InstId::kIdVpsravw, kNo, InstId::kIdVpsravq}},
};

x86::Inst::Id FindIn(std::span<const Direct> rows, const Inst& op) {
  for (const Direct& row : rows) {
    if (row.op == op.op) return row.instructions[SizeOf(LaneOf(op))];
  }
  return kNo;
}

}  // namespace

bool BlockCompiler::LowerVector(uint32_t index) {
  const Inst& op = function_->insts[index];
  if (ir::VectorRuleOf(op.op) == nullptr) return LowerVectorMove(index);
  if (!LowerDirectly(index) && !LowerVectorMove(index) && !LowerVectorInteger(index) &&
      !LowerVectorFloat(index) && !LowerVectorCrypto(index)) {
    LowerByRuntime(index);
  }
  return true;
}

bool BlockCompiler::LowerDirectly(uint32_t index) {
  const Inst& op = function_->insts[index];
  x86::Inst::Id id = FindIn(kDirect, op);
  if (id == kNo && features_.avx512) id = FindIn(kWithAvx512, op);
  if (id == kNo && features_.aes) id = FindIn(kWithAes, op);
  if (id == kNo) return false;
  if (op.b == ValueId::kNone) {
    const asmjit::Operand a = FloatOperand(op.a, Type::kV128);
    a_.emit(id, DefineFloat(Id(index)), a);
    return true;
  }
  const Xmm a = Float(op.a);
  const asmjit::Operand b = FloatOperand(op.b, Type::kV128);
  a_.emit(id, DefineFloat(Id(index)), a, b);
  return true;
}

}  // namespace emu::translator::x86_64
