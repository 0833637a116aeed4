// Slots that are set but not stored.
#include <algorithm>

#include "translator/host/x86_64/block_compiler.h"
#include "translator/ir/evaluate.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;

void BlockCompiler::LowerSetSlot(const Inst& set) {
  const ValueId whole = Source(set.a);
  Pending pending = {.offset = static_cast<uint16_t>(set.imm),
                     .bytes = static_cast<uint8_t>(ir::BytesOf(TypeOf(set.a))),
                     .transform = 0,
                     .value = whole};
  // Lazy forms are made when the slot is stored.
  if (uses_[pending.value].is_folded && inst(pending.value).op == Op::kVScalar) {
    const bool wide = inst(pending.value).attr == static_cast<uint8_t>(Type::kF64);
    // Of a slot for the lowest lane alone, the value is all.
    if (pending.bytes == 16) {
      pending.transform = wide ? PendingSlot::kScalarF64 : PendingSlot::kScalarF32;
    }
    pending.value = Source(inst(pending.value).a);
  }
  if (uses_[pending.value].is_folded && inst(pending.value).op == Op::kBox) {
    pending.transform |= PendingSlot::kBox;
    pending.value = Source(inst(pending.value).a);
  }
  if (uses_[pending.value].is_folded && inst(pending.value).op == Op::kCanon) {
    pending.transform |=
        TypeOf(pending.value) == Type::kF64 ? PendingSlot::kCanonF64 : PendingSlot::kCanonF32;
    pending.value = Source(inst(pending.value).a);
  }
  auto at = now_.pending.begin();
  while (at != now_.pending.end() && at->offset < pending.offset) ++at;
  ++StateOf(pending.value).pending;
  if (at != now_.pending.end() && at->offset == pending.offset) {
    const ValueId old = at->value;
    --StateOf(old).pending;
    *at = pending;
    FreeIfDead(old);
  } else if (const ValueState& state = StateOf(pending.value);
             pending.transform == 0 && state.in_home && inst(pending.value).imm == pending.offset) {
    --StateOf(pending.value).pending;  // the slot holds it already
  } else {
    now_.pending.insert(at, pending);
  }
}

void BlockCompiler::StoreCanonical(const Pending& pending, Xmm value) {
  const bool boxed = (pending.transform & PendingSlot::kBox) != 0;
  const bool single = boxed || (pending.transform & PendingSlot::kCanonF32) != 0;
  const Mem place = StateMem(pending.offset, single ? 4 : 8);
  const bool canon = (pending.transform & ~PendingSlot::kBox) != 0;
  if (boxed) a_.mov(StateMem(pending.offset + 4, 4), -1);
  if (!canon) {
    a_.vmovss(place, value);
    return;
  }
  const asmjit::Label is_nan = a_.newLabel();
  const asmjit::Label stored = a_.newLabel();
  if (single) {
    a_.vucomiss(value, value);
    a_.jp(is_nan);
    a_.vmovss(place, value);
  } else {
    a_.vucomisd(value, value);
    a_.jp(is_nan);
    a_.vmovsd(place, value);
  }
  a_.bind(stored);
  Later([this, is_nan, stored, place, single] {
    a_.bind(is_nan);
    if (single) {
      a_.mov(place, 0x7fc0'0000);
    } else {
      a_.mov(kScratch0, uint64_t{0x7ff8'0000'0000'0000});
      a_.mov(place, kScratch0);
    }
    a_.jmp(stored);
  });
}

void BlockCompiler::StoreTransformed(const Pending& pending) {
  const uint8_t reg = StateOf(pending.value).reg;
  const Xmm value = reg != kNoRegister ? x86::xmm(reg - kFloatBase) : kFloatScratch0;
  if (reg == kNoRegister) LoadFloat(value, pending.value);
  if ((pending.transform & PendingSlot::kScalarF64) != 0) {
    a_.vmovq(kFloatScratch0, value);
  } else if ((pending.transform & PendingSlot::kScalarF32) != 0) {
    a_.vinsertps(kFloatScratch0, value, value, kZeroButLowest);
  } else {
    StoreCanonical(pending, value);
    return;
  }
  MoveFloat(StateMem(pending.offset, 16), kFloatScratch0);
}

void BlockCompiler::StorePending(const Pending& pending) {
  ProtectHome(pending.offset);
  const ValueId id = pending.value;
  const ValueState& state = StateOf(id);
  if (pending.transform != 0) {
    StoreTransformed(pending);
    return;
  }
  const Mem place = StateMem(pending.offset, pending.bytes);
  const auto store = [&](Gp from) {
    switch (pending.bytes) {
      case 1:
        a_.mov(place, from.r8());
        break;
      case 2:
        a_.mov(place, from.r16());
        break;
      case 4:
        a_.mov(place, from.r32());
        break;
      default:
        a_.mov(place, from.r64());
        break;
    }
  };
  if (state.reg != kNoRegister && state.reg >= kFloatBase) {
    MoveFloat(place, x86::xmm(state.reg - kFloatBase));
  } else if (pending.bytes == 16) {
    LoadFloat(kFloatScratch0, id);
    MoveFloat(place, kFloatScratch0);
  } else if (state.reg != kNoRegister) {
    store(x86::gpq(state.reg));
  } else if (const auto bits = IsConst(id) ? std::optional(inst(id).imm) : std::nullopt;
             bits.has_value() &&
             (pending.bytes < 8 || static_cast<int64_t>(*bits) == static_cast<int32_t>(*bits))) {
    a_.mov(place, static_cast<int32_t>(*bits));
  } else {
    LoadInteger(kScratch0, id);
    store(kScratch0);
  }
}

// Uses rax; rdx survives.
void BlockCompiler::FlushPending() {
  const std::vector<Pending> pending = std::move(now_.pending);
  now_.pending.clear();
  for (const Pending& slot : pending) {
    StorePending(slot);
    --StateOf(slot.value).pending;
  }
  for (const Pending& slot : pending) FreeIfDead(slot.value);
}

void BlockCompiler::FlushPending(uint16_t offset) {
  const auto at = std::find_if(now_.pending.begin(), now_.pending.end(),
                               [offset](const Pending& slot) { return slot.offset == offset; });
  if (at == now_.pending.end()) return;
  const Pending slot = *at;
  now_.pending.erase(at);
  StorePending(slot);
  --StateOf(slot.value).pending;
  FreeIfDead(slot.value);
}

std::vector<PendingSlot> BlockCompiler::DescribePending() {
  using Place = PendingSlot::Place;
  std::vector<PendingSlot> described;
  described.reserve(now_.pending.size());
  for (const Pending& pending : now_.pending) {
    const ValueState& state = StateOf(pending.value);
    PendingSlot slot = {.offset = pending.offset,
                        .bytes = pending.bytes,
                        .place = Place::kConstant,
                        .transform = pending.transform,
                        .value = 0};
    if (state.reg != kNoRegister) {
      slot.place = state.reg < kFloatBase ? Place::kInteger : Place::kFloat;
      slot.value = state.reg < kFloatBase ? state.reg : state.reg - kFloatBase;
    } else if (IsConst(pending.value)) {
      slot.value = inst(pending.value).imm;
    } else if (state.in_home) {
      slot.place = Place::kSlot;
      slot.value = inst(pending.value).imm;
    } else {
      slot.place = Place::kSpill;
      slot.value = static_cast<uint64_t>(state.spill);
    }
    described.push_back(slot);
  }
  return described;
}

}  // namespace emu::translator::x86_64
