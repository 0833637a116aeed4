// AES, by AES-NI or in the runtime.
#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
namespace InstId = asmjit::x86::Inst;

namespace {

x86::Inst::Id RoundOf(Op op) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op) {
    case Op::kAesEncrypt:
      return InstId::kIdVaesenc;
    case Op::kAesEncryptLast:
      return InstId::kIdVaesenclast;
    case Op::kAesDecrypt:
      return InstId::kIdVaesdec;
    default:
      return InstId::kIdVaesdeclast;
  }
#pragma GCC diagnostic pop
}

}  // namespace

// The host's round with a key of zero.
void BlockCompiler::LowerAesRound(uint32_t index) {
  if (!features_.aes) {
    LowerByRuntime(index);
    return;
  }
  const Inst& op = function_->insts[index];
  const Gp low = Integer(op.a);
  const Gp high = Integer(op.b);
  a_.vmovq(kFloatScratch0, low);
  a_.vpinsrq(kFloatScratch0, kFloatScratch0, high, 1);
  a_.vpxor(kFloatScratch1, kFloatScratch1, kFloatScratch1);
  a_.emit(RoundOf(op.op), kFloatScratch0, kFloatScratch0, kFloatScratch1);
  a_.vmovq(DefineInteger(Id(index)), kFloatScratch0);
}

void BlockCompiler::LowerAesPart(uint32_t index) {
  if (!features_.aes) {
    LowerByRuntime(index);
    return;
  }
  const Inst& op = function_->insts[index];
  const Gp source = Integer(op.a);
  if (op.op == Op::kAesInvMixColumns) {
    a_.vmovq(kFloatScratch0, source);
    a_.vaesimc(kFloatScratch0, kFloatScratch0);
    a_.vmovq(DefineInteger(Id(index)), kFloatScratch0);
    return;
  }
  // In a state of four equal columns, ShiftRows changes nothing.
  a_.vmovd(kFloatScratch0, source.r32());
  a_.vpshufd(kFloatScratch0, kFloatScratch0, 0);
  a_.vpxor(kFloatScratch1, kFloatScratch1, kFloatScratch1);
  a_.vaesenclast(kFloatScratch0, kFloatScratch0, kFloatScratch1);
  a_.vmovd(DefineInteger(Id(index)).r32(), kFloatScratch0);
}

}  // namespace emu::translator::x86_64
