// Integer operations that one shuffle of the vector unit does.
#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;

// The shuffle takes four bits of an index, and zero where its highest bit is set. A table of eight
// bytes has zeros behind it; indices from 16 on saturate to 0x80 and more.
void BlockCompiler::LowerByteLookup(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Gp table = Integer(op.a);
  const Gp which = Integer(op.b);
  a_.mov(kScratch0, 0x7070'7070'7070'7070);
  a_.vmovq(kFloatScratch0, kScratch0);
  a_.vmovq(kFloatScratch1, which);
  a_.vpaddusb(kFloatScratch0, kFloatScratch0, kFloatScratch1);
  a_.vmovq(kFloatScratch1, table);
  a_.vpshufb(kFloatScratch0, kFloatScratch1, kFloatScratch0);
  a_.vmovq(DefineInteger(Id(index)), kFloatScratch0);
}

// The same with every nibble in a byte of its own: a table of 16.
void BlockCompiler::LowerNibbleLookup(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Gp table = Integer(op.a);
  const Gp which = Integer(op.b);
  const Gp to = DefineInteger(Id(index));
  a_.mov(kScratch1, 0x0f0f'0f0f'0f0f'0f0f);
  const auto spread = [this](Xmm wide, Gp narrow) {
    a_.pdep(kScratch0, narrow, kScratch1);
    a_.vmovq(wide, kScratch0);
    a_.mov(kScratch0, narrow);
    a_.shr(kScratch0, 32);
    a_.pdep(kScratch0, kScratch0, kScratch1);
    a_.vpinsrq(wide, wide, kScratch0, 1);
  };
  spread(kFloatScratch0, table);
  spread(kFloatScratch1, which);
  a_.vpshufb(kFloatScratch0, kFloatScratch0, kFloatScratch1);
  a_.vmovq(kScratch0, kFloatScratch0);
  a_.pext(kScratch0, kScratch0, kScratch1);
  a_.vpextrq(to, kFloatScratch0, 1);
  a_.pext(to, to, kScratch1);
  a_.shl(to, 32);
  a_.or_(to, kScratch0);
}

}  // namespace emu::translator::x86_64
