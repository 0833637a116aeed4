// Which value is in which register.
#include <algorithm>
#include <bit>

#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;

uint32_t BlockCompiler::LastUse(ValueId id) const {
  if (!IsAddend(id)) return uses_[id].last_use;
  return groups_.group(static_cast<uint32_t>(id) - static_cast<uint32_t>(function_->insts.size()))
      .last;
}

bool BlockCompiler::DiesHere(ValueId id) const {
  return values_[static_cast<uint32_t>(id)].pending == 0 && LastUse(id) <= index_;
}

// An operand of the current instruction may still be wanted: it is alive.
bool BlockCompiler::IsDead(ValueId id) const {
  return values_[static_cast<uint32_t>(id)].pending == 0 && LastUse(id) < index_;
}

void BlockCompiler::Bind(ValueId id, uint8_t reg) {
  StateOf(id).reg = reg;
  now_.holder[reg] = id;
  locked_ |= 1U << reg;
}

void BlockCompiler::Unbind(uint8_t reg) {
  const ValueId id = now_.holder[reg];
  if (id == ValueId::kNone) return;
  StateOf(id).reg = kNoRegister;
  now_.holder[reg] = ValueId::kNone;
}

void BlockCompiler::FreeIfDead(ValueId id) {
  if (!DiesHere(id)) return;
  ValueState& state = StateOf(id);
  if (state.reg != kNoRegister) Unbind(state.reg);
  state.in_home = false;
}

// The cheapest to give up: a dead value, one that memory holds too, one that is stored anyway.
uint8_t BlockCompiler::TakeRegister(uint32_t candidates) {
  uint8_t best = kNoRegister;
  uint64_t best_score = 0;
  for (uint32_t left = candidates & ~locked_; left != 0; left &= left - 1) {
    const auto reg = static_cast<uint8_t>(std::countr_zero(left));
    const ValueId holder = now_.holder[reg];
    if (holder == ValueId::kNone || IsDead(holder)) {
      best = reg;
      break;
    }
    const ValueState& state = StateOf(holder);
    const uint32_t last = LastUse(holder);
    const bool in_memory = state.in_home || state.spill != kNoSpill || IsConst(holder);
    const bool only_pending = last <= index_;
    const uint64_t score = (in_memory ? 1 << 20 : 0) + (only_pending ? 1 << 21 : 0) + last + 1;
    if (score > best_score) {
      best_score = score;
      best = reg;
    }
  }
  if (best == kNoRegister) {
    FailInternally();  // cannot happen: an instruction locks far fewer than there are
    best = static_cast<uint8_t>(std::countr_zero(candidates));
  }
  Evict(best);
  locked_ |= 1U << best;
  return best;
}

// Uses no scratch register: the current instruction may be using them.
void BlockCompiler::Evict(uint8_t reg) {
  const ValueId id = now_.holder[reg];
  if (id == ValueId::kNone) return;
  ValueState& state = StateOf(id);
  if (!IsDead(id) && !state.in_home && state.spill == kNoSpill && !IsConst(id)) {
    const uint32_t bytes = reg < kFloatBase ? 8 : std::max(8U, ir::BytesOf(TypeOf(id)));
    state.spill = NewSpill(bytes);
    const Mem place = SpillMem(state.spill, bytes);
    if (reg < kFloatBase) {
      a_.mov(place, x86::gpq(reg));
    } else {
      MoveFloat(place, x86::xmm(reg - kFloatBase));
    }
  }
  Unbind(reg);
}

int16_t BlockCompiler::NewSpill(uint32_t bytes) {
  const auto words = static_cast<int16_t>(bytes / 8);
  if (spill_count_ + words > static_cast<int16_t>(VcpuFrame::kSpillCount)) {
    FailInternally();
    return 0;
  }
  spill_count_ = static_cast<int16_t>(spill_count_ + words);
  return static_cast<int16_t>(spill_count_ - words);
}

std::optional<Mem> BlockCompiler::MemoryOf(ValueId id, uint32_t bytes) {
  const ValueState& state = StateOf(id);
  if (state.in_home) return StateMem(static_cast<int32_t>(inst(id).imm), bytes);
  if (state.spill != kNoSpill) {
    return SpillMem(state.spill, bytes);
  }
  return std::nullopt;
}

std::optional<int32_t> BlockCompiler::SmallConst(ValueId id) const {
  if (!IsConst(id)) return std::nullopt;
  const Inst& constant = inst(id);
  if (ir::BytesOf(constant.type) < 8) return static_cast<int32_t>(constant.imm);
  const auto value = static_cast<int64_t>(constant.imm);
  if (value != static_cast<int32_t>(value)) return std::nullopt;
  return static_cast<int32_t>(value);
}

void BlockCompiler::LoadInteger(Gp to, ValueId id) {
  const ValueState& state = StateOf(id);
  if (state.reg != kNoRegister && state.reg < kFloatBase) {
    if (state.reg != to.id()) a_.mov(to.r64(), x86::gpq(state.reg));
    return;
  }
  if (state.reg != kNoRegister) {
    a_.vmovq(to.r64(), x86::xmm(state.reg - kFloatBase));
    return;
  }
  if (IsConst(id)) {
    const uint64_t bits = inst(id).imm;
    if (bits <= UINT32_MAX) {
      a_.mov(to.r32(), static_cast<uint32_t>(bits));
    } else {
      a_.mov(to.r64(), bits);
    }
    return;
  }
  const bool narrow = StateOf(id).in_home && ir::BytesOf(TypeOf(id)) < 8;
  const std::optional<Mem> memory = MemoryOf(id, narrow ? ir::BytesOf(TypeOf(id)) : 8);
  if (!memory.has_value()) {
    FailInternally();
  } else if (narrow && ir::BytesOf(TypeOf(id)) < 4) {
    a_.movzx(to.r32(), *memory);
  } else if (narrow) {
    a_.mov(to.r32(), *memory);
  } else {
    a_.mov(to.r64(), *memory);
  }
}

void BlockCompiler::MoveFloat(Xmm to, const Mem& from) {
  if (from.size() == 16) {
    a_.vmovups(to, from);
  } else if (from.size() == 8) {
    a_.vmovsd(to, from);
  } else {
    a_.vmovss(to, from);
  }
}

void BlockCompiler::MoveFloat(const Mem& to, Xmm from) {
  if (to.size() == 16) {
    a_.vmovups(to, from);
  } else if (to.size() == 8) {
    a_.vmovsd(to, from);
  } else {
    a_.vmovss(to, from);
  }
}

void BlockCompiler::LoadFloat(Xmm to, ValueId id) {
  if (const uint8_t reg = StateOf(id).reg; reg != kNoRegister) {
    if (reg - kFloatBase != static_cast<int>(to.id())) {
      a_.vmovaps(to, x86::xmm(reg - kFloatBase));
    }
  } else if (IsConst(id)) {
    FloatConstant(to, inst(id).imm, TypeOf(id));
  } else if (const std::optional<Mem> memory = MemoryOf(id, ir::BytesOf(TypeOf(id)))) {
    MoveFloat(to, *memory);
  } else {
    FailInternally();
  }
}

Gp BlockCompiler::Integer(ValueId id) {
  id = Source(id);
  const uint8_t reg = StateOf(id).reg;
  if (reg != kNoRegister) {
    locked_ |= 1U << reg;
    return x86::gpq(reg);
  }
  const uint8_t taken = TakeRegister(kIntegerRegisters);
  LoadInteger(x86::gpq(taken), id);
  Bind(id, taken);
  return x86::gpq(taken);
}

Xmm BlockCompiler::Float(ValueId id) {
  const uint8_t reg = StateOf(id).reg;
  if (reg != kNoRegister) {
    locked_ |= 1U << reg;
    return x86::xmm(reg - kFloatBase);
  }
  const uint8_t taken = TakeRegister(kFloatRegisters << kFloatBase);
  const Xmm to = x86::xmm(taken - kFloatBase);
  LoadFloat(to, id);
  Bind(id, taken);
  return to;
}

asmjit::Operand BlockCompiler::IntegerOperand(ValueId id, Type type) {
  id = Source(id);
  if (const std::optional<int32_t> constant = SmallConst(id)) return asmjit::imm(*constant);
  if (StateOf(id).reg == kNoRegister && DiesHere(id)) {
    if (const auto memory = MemoryOf(id, type == Type::kI64 ? 8 : 4)) return *memory;
  }
  return Sized(Integer(id), type);
}

asmjit::Operand BlockCompiler::FloatOperand(ValueId id, Type type) {
  if (StateOf(id).reg == kNoRegister && DiesHere(id) && !IsConst(id)) {
    if (const auto memory = MemoryOf(id, ir::BytesOf(type))) return *memory;
  }
  return Float(id);
}

Gp BlockCompiler::DefineInteger(ValueId id) {
  const uint8_t reg = TakeRegister(kIntegerRegisters);
  Bind(id, reg);
  return x86::gpq(reg);
}

Xmm BlockCompiler::DefineFloat(ValueId id) {
  const uint8_t reg = TakeRegister(kFloatRegisters << kFloatBase);
  Bind(id, reg);
  return x86::xmm(reg - kFloatBase);
}

Gp BlockCompiler::DefineIntegerFrom(ValueId id, ValueId from) {
  from = Source(from);
  const uint8_t reg = StateOf(from).reg;
  if (reg != kNoRegister && DiesHere(from)) {
    Unbind(reg);
    Bind(id, reg);
    return x86::gpq(reg);
  }
  const Gp to = DefineInteger(id);
  LoadInteger(to, from);
  return to;
}

Xmm BlockCompiler::DefineFloatFrom(ValueId id, ValueId from) {
  const uint8_t reg = StateOf(from).reg;
  if (reg != kNoRegister && DiesHere(from)) {
    Unbind(reg);
    Bind(id, reg);
    return x86::xmm(reg - kFloatBase);
  }
  const Xmm source = Float(from);
  const Xmm to = DefineFloat(id);
  a_.vmovaps(to, source);
  return to;
}

// The slot at `offset` is about to be overwritten: who still reads its old value gets a copy.
void BlockCompiler::ProtectHome(uint16_t offset) {
  for (const ValueId id : home_readers_) {
    ValueState& state = StateOf(id);
    if (!state.in_home || inst(id).imm != offset) continue;
    if (state.reg == kNoRegister && !DiesHere(id)) {
      if (TypeOf(id) == Type::kV128) {
        LoadFloat(kFloatScratch0, id);
        state.spill = NewSpill(16);
        MoveFloat(SpillMem(state.spill, 16), kFloatScratch0);
      } else {
        LoadInteger(kScratch0, id);
        state.spill = NewSpill(8);
        a_.mov(SpillMem(state.spill, 8), kScratch0);
      }
    }
    state.in_home = false;
  }
}

void BlockCompiler::EndInst(uint32_t index) {
  locked_ = 0;
  const auto release = [this](const auto& self, const Inst& user) -> void {
    for (const ValueId operand : {user.a, user.b, user.c}) {
      if (operand == ValueId::kNone) continue;
      const ValueId source = Source(operand);
      if (uses_[source].is_folded) self(self, inst(source));
      FreeIfDead(source);
    }
  };
  release(release, function_->insts[index]);
  if (const uint32_t group = groups_.GroupOf(index); group != AccessGroups::kNone) {
    FreeIfDead(AddendOf(group));
  }
  if (uses_[index].count == 0) FreeIfDead(Id(index));
}

}  // namespace emu::translator::x86_64
