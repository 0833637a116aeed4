#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

bool BlockCompiler::Compile(const CompileRequest& request, asmjit::CodeHolder& code,
                            FaultSiteWriter& sites) {
  function_ = &request.function;
  crosses_page_ = request.crosses_page;
  uses_.Analyze(*function_);
  groups_.Analyze(*function_, access_ == MemoryAccess::kGroups ? AccessGroups::kMaxSpan : 0);
  values_.assign(function_->insts.size() + groups_.size(), {});
  now_.holder.fill(ValueId::kNone);
  now_.pending.clear();
  home_readers_.clear();
  cold_.clear();
  noted_.clear();
  spill_count_ = 0;
  failed_ = false;

  code.attach(&a_);
  a_.setErrorHandler(this);
  index_ = 0;
  BeginLoop();
  CompileMainLine();
  // What is written here may add to the list.
  index_ = UINT32_MAX;
  for (size_t at = 0; at < cold_.size() && !failed_; ++at) {
    const Cold cold = std::move(cold_[at]);
    cold();
  }
  code.detach(&a_);
  if (failed_) return false;
  sites.Clear();
  for (const Site& site : noted_) sites.Add(site.code_offset, site.instruction, site.pending);
  return true;
}

void BlockCompiler::handleError(asmjit::Error /*error*/, const char* /*message*/,
                                asmjit::BaseEmitter* /*origin*/) {
  assert(false && "an instruction that the host does not have");
  failed_ = true;
}

void BlockCompiler::CompileMainLine() {
  const ir::Block* block = &function_->blocks[0];
  for (;;) {
    for (index_ = block->first; index_ + 1 < block->end; ++index_) {
      if (!LowerInst(index_)) failed_ = true;
      if (failed_) return;
      EndInst(index_);
    }
    if (!LowerTerminal(index_, *block)) failed_ = true;
    if (failed_ || function_->insts[index_].op != Op::kBrCond) return;
    EndInst(index_);
    block = &function_->blocks[static_cast<uint32_t>(block->not_taken)];
  }
}

bool BlockCompiler::LowerInst(uint32_t index) {
  const Inst& op = function_->insts[index];
  const uint16_t effects = ir::InfoOf(op.op).effects;
  const bool needed = uses_[index].count != 0 || (effects & ~(ir::kPure | ir::kReadsState)) != 0;
  // Aliases are what they stand for; extending loads have defined their extension.
  if (!needed || uses_[index].is_folded || ValueUses::IsAlias(op) || op.op == Op::kConst ||
      StateOf(Id(index)).reg != kNoRegister) {
    return true;
  }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op.op) {
    case Op::kInsn:
      instruction_ = static_cast<uint32_t>(op.imm & 0xffff'ffff);
      return true;
    case Op::kGetSlot:
      FlushPending(static_cast<uint16_t>(op.imm));
      StateOf(Id(index)).in_home = true;
      home_readers_.push_back(Id(index));
      return true;
    case Op::kSetSlot:
      LowerSetSlot(op);
      return true;
    case Op::kGetPc: {
      const Gp to = DefineInteger(Id(index));
      a_.mov(to, FrameMem(offsetof(VcpuFrame, pc_page)));
      if (const auto offset = static_cast<int64_t>(op.imm);
          offset != static_cast<int32_t>(offset)) {
        a_.mov(kScratch0, offset);
        a_.add(to, kScratch0);
      } else if (offset != 0) {
        a_.add(to, static_cast<int32_t>(offset));
      }
      return true;
    }
    case Op::kLoad:
      if ((op.attr & ir::kMustAlign) != 0) return LowerAligned(index);
      LowerLoad(index);
      return true;
    case Op::kStore:
      if ((op.attr & ir::kMustAlign) != 0) return LowerAligned(index);
      LowerStore(index);
      return true;
    case Op::kProbe:
      LowerProbe(index);
      return true;
    case Op::kAtomicRmw:
    case Op::kCompareSwap:
    case Op::kLoadReserved:
    case Op::kStoreConditional:
      LowerAtomic(index);
      return true;
    case Op::kFence:
      LowerFence(op);
      return true;
    case Op::kCall:
      LowerCall(index);
      return true;
    default:
      return LowerInteger(index) || LowerVector(index) || LowerFloat(index);
  }
#pragma GCC diagnostic pop
}

}  // namespace emu::translator::x86_64
