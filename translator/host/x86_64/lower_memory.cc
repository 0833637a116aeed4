// Guest memory: the inline TLB lookup, groups of accesses, and what the runtime does.
#include <bit>

#include "translator/host/x86_64/block_compiler.h"
#include "translator/memory/tlb_layout.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;

void BlockCompiler::ComputeAddress(Gp to, Gp base, int32_t displacement) {
  if (displacement != 0) {
    a_.lea(to, x86::ptr(base, displacement));
  } else {
    a_.mov(to, base);
  }
}

// The hash of tlb_layout.h: ((va >> 8) ^ (va >> 19)) & mask. The addend does not wait for the
// comparison.
void BlockCompiler::EmitLookup(Gp addend, const Lookup& lookup, asmjit::Label miss) {
  if (access_ == MemoryAccess::kCalls) {
    a_.jmp(miss);
    return;
  }
  const auto array = static_cast<int32_t>(lookup.for_write ? kTlbWriteOffset : kTlbReadOffset);
  ComputeAddress(x86::rdx, lookup.base, lookup.displacement);
  a_.rorx(x86::rax, x86::rdx, 11);
  a_.xor_(x86::eax, x86::edx);
  a_.shr(x86::eax, 8);
  Mem entry = x86::ptr(kBank, x86::rax, 0, array);
  if (lookup.in_other_space) {
    a_.mov(x86::rdx, FrameMem(offsetof(VcpuFrame, other_tlb_bank)));
    a_.and_(x86::eax, x86::ptr(x86::rdx, offsetof(TlbBankHeader, index_mask), 4));
    a_.add(x86::rax, x86::rdx);
    ComputeAddress(x86::rdx, lookup.base, lookup.displacement);
    entry = x86::ptr(x86::rax, array);
  } else {
    a_.and_(x86::eax, x86::ptr(kBank, offsetof(TlbBankHeader, index_mask), 4));
  }
  a_.sub(x86::rdx, entry.cloneAdjusted(offsetof(TlbEntry, page_base)));
  a_.cmp(x86::rdx, 4096 - lookup.span);
  a_.ja(miss);
  a_.mov(addend, entry.cloneAdjusted(offsetof(TlbEntry, addend)));
}

// Starts or continues the group of the access; its addend. At `slow` nothing is known about
// registers but that rdx and rax are free.
Gp BlockCompiler::GroupAddend(uint32_t index, asmjit::Label slow) {
  const uint32_t number = groups_.GroupOf(index);
  const AccessGroup& group = groups_.group(number);
  const ValueId addend_id = AddendOf(number);
  const int32_t offset = groups_.OffsetOf(index);
  if (!IsLeader(index)) {
    const Gp addend = Integer(addend_id);
    a_.test(addend, addend);
    a_.jz(slow);
    return addend;
  }
  const Inst& access = function_->insts[index];
  const auto span = static_cast<uint32_t>(group.end - group.first);
  const auto displacement = static_cast<int32_t>(access.imm) - offset;
  const Gp base = Integer(access.a);
  const Gp addend = DefineInteger(addend_id);
  const auto compute_first = [this, base, displacement] {
    ComputeAddress(x86::rdx, base, displacement);
  };
  const asmjit::Label miss = a_.newLabel();
  const asmjit::Label found = a_.newLabel();
  EmitLookup(addend, {base, displacement, span, group.for_write, group.in_other_space}, miss);
  a_.bind(found);
  const auto& stubs = group.for_write ? stubs_.translate_write : stubs_.translate_read;
  Later([this, compute_first, miss, found, slow, addend, span,
         stub = stubs[group.in_other_space ? 1 : 0]] {
    a_.bind(miss);
    compute_first();
    a_.mov(x86::eax, span);
    a_.call(stub);
    a_.mov(addend, x86::rax);
    a_.test(addend, addend);
    a_.jz(slow);
    compute_first();
    a_.sub(addend, x86::rdx);
    a_.jmp(found);
  });
  return addend;
}

void BlockCompiler::LoadFromHost(Mem from, ValueId to, Type type, Op extension) {
  from.setSize(ir::BytesOf(type));
  if (LivesInXmm(type)) {
    MoveFloat(x86::xmm(StateOf(to).reg - kFloatBase), from);
    return;
  }
  const Gp reg = x86::gpq(StateOf(to).reg);
  const bool sign = extension == Op::kSignExtend;
  switch (ir::BytesOf(type)) {
    case 8:
      a_.mov(reg, from);
      break;
    case 4:
      if (sign) {
        a_.movsxd(reg, from);
      } else {
        a_.mov(reg.r32(), from);
      }
      break;
    default:
      if (sign) {
        a_.movsx(reg, from);
      } else {
        a_.movzx(reg.r32(), from);
      }
      break;
  }
}

// As the operation says; of a store, what it stores is among the arguments.
void BlockCompiler::EmitSlowOperation(const SlowAccess& access, const Inst& op) {
  ComputeAddress(x86::rdx, access.base, access.displacement);
  a_.mov(ArgumentMem(0), x86::rdx);
  EmitRuntimeOperation(op);
  noted_.push_back({static_cast<uint32_t>(a_.offset()), access.instruction, access.pending});
}

void BlockCompiler::EmitTranslation(const SlowAccess& access, bool for_write, uint32_t span,
                                    asmjit::Label apart) {
  if (access_ == MemoryAccess::kCalls) {
    a_.jmp(apart);
    return;
  }
  ComputeAddress(x86::rdx, access.base, access.displacement);
  a_.mov(x86::eax, span);
  a_.call((for_write ? stubs_.translate_write : stubs_.translate_read)[0]);
  a_.test(x86::rax, x86::rax);
  a_.jz(apart);
}

// In one page, or two of 8 bytes.
void BlockCompiler::EmitSlowVectorLoad(const SlowAccess& access, Xmm to) {
  const asmjit::Label apart = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  EmitTranslation(access, /*for_write=*/false, 16, apart);
  MoveFloat(to, x86::ptr(x86::rax, 0, 16));
  a_.jmp(done);
  a_.bind(apart);
  for (uint32_t half = 0; half < 2; ++half) {
    ComputeAddress(x86::rdx, access.base, access.displacement + 8 * static_cast<int32_t>(half));
    a_.call(stubs_.load[3]);
    noted_.push_back({static_cast<uint32_t>(a_.offset()), access.instruction, access.pending});
    a_.mov(ArgumentMem(half), x86::rax);
  }
  MoveFloat(to, ArgumentMem(0, 16));
  a_.bind(done);
}

// In one page, or two of 8 bytes, once it is known that neither faults.
void BlockCompiler::EmitSlowVectorStore(const SlowAccess& access, Xmm from) {
  const asmjit::Label apart = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  EmitTranslation(access, /*for_write=*/true, 16, apart);
  MoveFloat(x86::ptr(x86::rax, 0, 16), from);
  a_.jmp(done);
  a_.bind(apart);
  const Inst probe = {.op = Op::kProbe, .type = Type::kVoid, .attr = ir::kForWrite};
  ComputeAddress(x86::rdx, access.base, access.displacement);
  a_.mov(ArgumentMem(0), x86::rdx);
  a_.mov(ArgumentMem(1), 16);
  EmitRuntimeOperation(probe, Type::kI64);
  noted_.push_back({static_cast<uint32_t>(a_.offset()), access.instruction, access.pending});
  for (uint32_t half = 0; half < 2; ++half) {
    ComputeAddress(x86::rdx, access.base, access.displacement + 8 * static_cast<int32_t>(half));
    half == 0 ? a_.vmovq(x86::rax, from) : a_.vpextrq(x86::rax, from, 1);
    a_.call(stubs_.store[3]);
    noted_.push_back({static_cast<uint32_t>(a_.offset()), access.instruction, access.pending});
  }
  a_.bind(done);
}

void BlockCompiler::LowerLoad(uint32_t index) {
  const Inst& load = function_->insts[index];
  ValueId target = Id(index);
  Op extension = Op::kZeroExtend;
  if (uses_[index].count == 1 && index + 1 < function_->insts.size()) {
    const Inst& next = function_->insts[index + 1];
    if ((next.op == Op::kSignExtend || next.op == Op::kZeroExtend) && next.a == Id(index) &&
        next.type == Type::kI64 && uses_[index + 1].count != 0) {
      target = Id(index + 1);
      extension = next.op;
    }
  }
  const bool is_float = LivesInXmm(load.type);
  const bool is_other = (load.attr & ir::kOtherSpace) != 0;
  const auto displacement = static_cast<int32_t>(static_cast<int64_t>(load.imm));
  const asmjit::Label slow = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  // Everything is in its register before the first jump to where the access is slow.
  const bool in_group = groups_.GroupOf(index) != AccessGroups::kNone;
  const Gp base = Integer(Source(load.a));
  if (in_group) {
    if (!IsLeader(index)) Integer(AddendOf(groups_.GroupOf(index)));
  } else {
    // The load is the last to read its base, on either way.
    locked_ = 0;
    FreeIfDead(Source(load.a));
  }
  if (is_float) {
    DefineFloat(target);
  } else {
    DefineInteger(target);
  }
  Gp addend = x86::rax;
  if (in_group) {
    addend = GroupAddend(index, slow);
  } else {
    EmitLookup(addend, {base, displacement, ir::BytesOf(load.type), /*for_write=*/false, is_other},
               slow);
  }
  const std::vector<PendingSlot> moved = DescribePending();
  const uint8_t reg = StateOf(target).reg;
  LoadFromHost(x86::ptr(base, addend, 0, displacement), target, load.type, extension);
  a_.bind(done);
  Later([this, slow, done, moved, base, displacement, reg, is_other, &load, type = load.type,
         extension, instruction = instruction_] {
    a_.bind(slow);
    if (type == Type::kV128) {
      EmitSlowVectorLoad({base, displacement, instruction, moved}, x86::xmm(reg - kFloatBase));
      a_.jmp(done);
      return;
    }
    const uint32_t bytes = ir::BytesOf(type);
    if (is_other) {
      EmitSlowOperation({base, displacement, instruction, moved}, load);
    } else {
      ComputeAddress(x86::rdx, base, displacement);
      a_.call(stubs_.load[static_cast<size_t>(std::countr_zero(bytes))]);
      noted_.push_back({static_cast<uint32_t>(a_.offset()), instruction, moved});
    }
    if (reg >= kFloatBase) {
      a_.vmovq(x86::xmm(reg - kFloatBase), x86::rax);
    } else if (extension == Op::kSignExtend && bytes < 8) {
      if (bytes == 4) {
        a_.movsxd(x86::gpq(reg), x86::eax);
      } else if (bytes == 2) {
        a_.movsx(x86::gpq(reg), x86::ax);
      } else {
        a_.movsx(x86::gpq(reg), x86::al);
      }
    } else {
      a_.mov(x86::gpq(reg), x86::rax);
    }
    a_.jmp(done);
  });
}

void BlockCompiler::LowerStore(uint32_t index) {
  const Inst& store = function_->insts[index];
  const Type type = TypeOf(store.b);
  const uint32_t bytes = ir::BytesOf(type);
  ValueId value = Source(store.b);
  // A float's bits are stored from where the float is.
  if (bytes >= 4 && inst(value).op == Op::kBitCast && StateOf(value).reg == kNoRegister) {
    const ValueId bits = inst(value).a;
    if (StateOf(bits).reg != kNoRegister || MemoryOf(bits, 8).has_value()) value = bits;
  }
  asmjit::Operand source;
  if (const std::optional<int32_t> constant = SmallConst(value); constant && bytes <= 8) {
    source = asmjit::imm(*constant);
  } else if (LivesInXmm(TypeOf(value))) {
    source = Float(value);
  } else {
    source = Integer(value);
  }
  const bool is_other = (store.attr & ir::kOtherSpace) != 0;
  const asmjit::Label slow = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  const auto displacement = static_cast<int32_t>(static_cast<int64_t>(store.imm));
  const Gp base = Integer(Source(store.a));
  Gp addend = x86::rax;
  if (groups_.GroupOf(index) != AccessGroups::kNone) {
    addend = GroupAddend(index, slow);
  } else {
    EmitLookup(addend, {base, displacement, bytes, /*for_write=*/true, is_other}, slow);
  }
  const Mem place = x86::ptr(base, addend, 0, displacement, bytes);
  if (source.isImm()) {
    a_.mov(place, source.as<asmjit::Imm>());
  } else if (source.as<asmjit::BaseReg>().isGroup(asmjit::RegGroup::kVec)) {
    MoveFloat(place, source.as<Xmm>());
  } else {
    const Gp reg = source.as<Gp>();
    switch (bytes) {
      case 1:
        a_.mov(place, reg.r8());
        break;
      case 2:
        a_.mov(place, reg.r16());
        break;
      case 4:
        a_.mov(place, reg.r32());
        break;
      default:
        a_.mov(place, reg.r64());
        break;
    }
  }
  a_.bind(done);
  Later([this, slow, done, pending = DescribePending(), base, displacement, source, bytes, is_other,
         &store, instruction = instruction_] {
    a_.bind(slow);
    if (bytes == 16) {
      EmitSlowVectorStore({base, displacement, instruction, pending}, source.as<Xmm>());
      a_.jmp(done);
      return;
    }
    if (source.isImm()) {
      a_.mov(x86::rax, source.as<asmjit::Imm>());
    } else if (source.as<asmjit::BaseReg>().isGroup(asmjit::RegGroup::kVec)) {
      a_.vmovq(x86::rax, source.as<Xmm>());
    } else {
      a_.mov(x86::rax, source.as<Gp>().r64());
    }
    if (is_other) {
      a_.mov(ArgumentMem(1), x86::rax);
      EmitSlowOperation({base, displacement, instruction, pending}, store);
    } else {
      ComputeAddress(x86::rdx, base, displacement);
      a_.call(stubs_.store[static_cast<size_t>(std::countr_zero(bytes))]);
      noted_.push_back({static_cast<uint32_t>(a_.offset()), instruction, pending});
    }
    a_.jmp(done);
  });
}

// What its group has found out needs no other look.
void BlockCompiler::LowerProbe(uint32_t index) {
  const Inst& probe = function_->insts[index];
  const bool for_write = (probe.attr & ir::kForWrite) != 0;
  const auto displacement = static_cast<int32_t>(probe.imm);
  const auto bytes = static_cast<uint32_t>(probe.imm >> 32);
  const asmjit::Label slow = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  const Gp base = Integer(Source(probe.a));
  if (groups_.GroupOf(index) != AccessGroups::kNone) {
    GroupAddend(index, slow);
  } else {
    EmitLookup(x86::rax, {base, displacement, bytes, for_write}, slow);
  }
  a_.bind(done);
  Later([this, slow, done, pending = DescribePending(), base, displacement, bytes, for_write,
         &probe, instruction = instruction_] {
    a_.bind(slow);
    const SlowAccess access = {base, displacement, instruction, pending};
    const asmjit::Label apart = a_.newLabel();
    EmitTranslation(access, for_write, bytes, apart);
    a_.jmp(done);
    a_.bind(apart);
    a_.mov(ArgumentMem(1), bytes);
    EmitSlowOperation(access, probe);
    a_.jmp(done);
  });
}

// The host keeps all other orders by itself (Intel SDM volume 3, s. 8.2.2).
void BlockCompiler::LowerFence(const Inst& fence) {
  if (static_cast<ir::MemoryOrder>(fence.attr) != ir::MemoryOrder::kSequential) return;
  a_.lock().or_(x86::dword_ptr(x86::rsp, -8), 0);
}

}  // namespace emu::translator::x86_64
