// AES and SHA on vectors: what AES-NI and SHA-NI do not do as it stands.
#include <array>

#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;

namespace {

// Immediates of shufps: the lanes 1 and 0, or 3 and 2, of one and then of the other operand.
constexpr uint32_t kLowerBackwards = 0b00'01'00'01;
constexpr uint32_t kUpperBackwards = 0b10'11'10'11;
constexpr uint32_t kBackwards = 0b00'01'10'11;

}  // namespace

bool BlockCompiler::LowerVectorCrypto(uint32_t index) {
  const Inst& op = function_->insts[index];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op.op) {
    case Op::kVAesMixColumns: {
      if (!features_.aes) return false;
      // A round of which all else has been undone before.
      const Xmm source = Float(op.a);
      const Xmm to = DefineFloat(Id(index));
      a_.vpxor(kFloatScratch0, kFloatScratch0, kFloatScratch0);
      a_.vaesdeclast(to, source, kFloatScratch0);
      a_.vaesenc(to, to, kFloatScratch0);
      return true;
    }
    case Op::kVSha256Rounds:
      if (!features_.sha) return false;
      LowerSha256Rounds(index);
      return true;
    case Op::kVSha1Rounds:
      if (!features_.sha) return false;
      LowerSha1Rounds(index);
      return true;
    case Op::kVSha256Schedule0:
    case Op::kVSha256Schedule1:
      if (!features_.sha) return false;
      LowerSha256Schedule(index);
      return true;
    default:
      return false;
  }
#pragma GCC diagnostic pop
}

// The host's state is A, B, E, F and C, D, G, H from the highest lane on; two rounds make the
// former anew and leave the old one as the latter. Their inputs have to be in xmm0.
void BlockCompiler::LowerSha256Rounds(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Xmm abcd = Float(op.a);
  const Xmm efgh = Float(op.b);
  const Xmm inputs = Float(op.c);
  const Xmm to = DefineFloat(Id(index));
  const Xmm& cdgh = kFloatScratch0;
  const Xmm& abef = kFloatScratch1;
  a_.vshufps(cdgh, efgh, abcd, kUpperBackwards);
  a_.vshufps(abef, efgh, abcd, kLowerBackwards);
  const bool saves = to.id() != x86::xmm0.id();
  if (saves) MoveFloat(VectorArgumentMem(0), x86::xmm0);
  if (inputs.id() != x86::xmm0.id()) a_.vmovaps(x86::xmm0, inputs);
  a_.sha256rnds2(cdgh, abef, x86::xmm0);
  a_.vpshufd(x86::xmm0, x86::xmm0, 0b11'10'11'10);
  a_.sha256rnds2(abef, cdgh, x86::xmm0);
  if (saves) MoveFloat(x86::xmm0, VectorArgumentMem(0));
  a_.vshufps(to, abef, cdgh, op.imm == 0 ? kUpperBackwards : kLowerBackwards);
}

// The host's lanes are the other way round; it adds E to the first input's lane, and the constants
// by itself.
void BlockCompiler::LowerSha1Rounds(uint32_t index) {
  constexpr std::array<uint32_t, 3> kConstants = {0x5a82'7999, 0x6ed9'eba1, 0x8f1b'bcdc};
  const Inst& op = function_->insts[index];
  const Xmm abcd = Float(op.a);
  const Xmm e = Float(op.b);
  const Xmm inputs = Float(op.c);
  const Xmm to = DefineFloat(Id(index));
  a_.mov(kScratch0.r32(), kConstants[op.imm]);
  a_.vmovd(kFloatScratch0, kScratch0.r32());
  a_.vpbroadcastd(kFloatScratch0, kFloatScratch0);
  a_.vpsubd(kFloatScratch0, inputs, kFloatScratch0);
  a_.vinsertps(kFloatScratch1, e, e, kZeroButLowest);
  a_.vpaddd(kFloatScratch0, kFloatScratch0, kFloatScratch1);
  a_.vpshufd(kFloatScratch0, kFloatScratch0, kBackwards);
  a_.vpshufd(kFloatScratch1, abcd, kBackwards);
  a_.sha1rnds4(kFloatScratch1, kFloatScratch0, static_cast<uint32_t>(op.imm));
  a_.vpshufd(to, kFloatScratch1, kBackwards);
}

void BlockCompiler::LowerSha256Schedule(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Xmm b = Float(op.b);
  const Xmm to = DefineFloatFrom(Id(index), op.a);
  if (op.op == Op::kVSha256Schedule0) {
    a_.sha256msg1(to, b);
  } else {
    a_.sha256msg2(to, b);
  }
}

}  // namespace emu::translator::x86_64
