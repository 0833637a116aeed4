// Blocks that jump back to their own start: what goes round stays in registers. It is stored as at
// any other end, so that an iteration begins as the block does, but nobody waits for it to be
// loaded.
#include <algorithm>

#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;

namespace {

// Enough are left for what a block computes.
constexpr uint32_t kMostIntegers = 6;
constexpr uint32_t kMostFloats = 9;

}  // namespace

void BlockCompiler::BeginLoop() {
  loop_.clear();
  carried_.Analyze(*function_);
  if (crosses_page_) return;
  uint32_t integers = 0;
  uint32_t floats = 0;
  for (const ValueId id : carried_.first_reads()) {
    if (uses_[id].count == 0) continue;
    const bool in_xmm = LivesInXmm(TypeOf(id));
    if (in_xmm ? ++floats > kMostFloats : ++integers > kMostIntegers) continue;
    StateOf(id).in_home = true;
    home_readers_.push_back(id);
    if (in_xmm) {
      Float(id);
    } else {
      Integer(id);
    }
    loop_.push_back({.offset = static_cast<uint16_t>(inst(id).imm),
                     .bytes = static_cast<uint8_t>(ir::BytesOf(TypeOf(id))),
                     .reg = StateOf(id).reg});
  }
  locked_ = 0;
  if (loop_.empty()) return;
  loop_start_ = a_.newLabel();
  a_.bind(loop_start_);
}

bool BlockCompiler::IsBackEdge(uint64_t target) const {
  return !loop_.empty() && carried_.IsBackEdge(target);
}

// Where what is to be in a register of the loop is before the pending slots are stored.
std::vector<BlockCompiler::CarriedMove> BlockCompiler::PlanBackEdge() {
  std::vector<CarriedMove> moves;
  for (const Carried& slot : loop_) {
    const auto pending =
        std::find_if(now_.pending.begin(), now_.pending.end(),
                     [&](const Pending& one) { return one.offset == slot.offset; });
    CarriedMove move = {.to = slot, .from = kNoRegister, .transform = 0};
    if (pending != now_.pending.end() && pending->bytes == slot.bytes &&
        (pending->transform & PendingSlot::kBox) == 0) {
      const uint8_t reg = StateOf(pending->value).reg;
      if (reg != kNoRegister && (reg >= kFloatBase) == (slot.reg >= kFloatBase)) {
        move.from = reg;
        move.transform = pending->transform;
      }
    }
    moves.push_back(move);
  }
  return moves;
}

void BlockCompiler::LowerBackEdge(int64_t target) {
  std::vector<CarriedMove> moves = PlanBackEdge();
  FlushPending();
  EmitExitCheck(target);
  std::vector<CarriedMove> loads;
  const auto take = [&moves](auto at) {
    const CarriedMove move = *at;
    moves.erase(at);
    return move;
  };
  while (!moves.empty()) {
    // One that overwrites nothing that another needs; where they go in a circle, memory has it too.
    const auto free = std::find_if(moves.begin(), moves.end(), [&moves](const CarriedMove& move) {
      return move.from != kNoRegister &&
             std::none_of(moves.begin(), moves.end(), [&move](const CarriedMove& other) {
               return &other != &move && other.from == move.to.reg;
             });
    });
    if (free == moves.end()) {
      loads.push_back(take(moves.begin()));
    } else {
      EmitCarriedMove(take(free));
    }
  }
  for (const CarriedMove& load : loads) LoadCarried(load.to);
  a_.jmp(loop_start_);
}

void BlockCompiler::LoadCarried(const Carried& slot) {
  const Mem home = StateMem(slot.offset, slot.bytes);
  if (slot.reg < kFloatBase) {
    a_.mov(x86::gpq(slot.reg), home);
  } else {
    MoveFloat(x86::xmm(slot.reg - kFloatBase), home);
  }
}

void BlockCompiler::EmitCarriedMove(const CarriedMove& move) {
  if (move.to.reg < kFloatBase) {
    if (move.to.reg != move.from) a_.mov(x86::gpq(move.to.reg), x86::gpq(move.from));
    return;
  }
  const Xmm to = x86::xmm(move.to.reg - kFloatBase);
  const Xmm from = x86::xmm(move.from - kFloatBase);
  if ((move.transform & PendingSlot::kScalarF64) != 0) {
    a_.vmovq(to, from);
  } else if ((move.transform & PendingSlot::kScalarF32) != 0) {
    a_.vinsertps(to, from, from, kZeroButLowest);
  } else if (to != from) {
    a_.vmovaps(to, from);
  }
  if ((move.transform & PendingSlot::kCanonF64) == 0) return;
  const asmjit::Label is_nan = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  a_.vucomisd(to, to);
  a_.jp(is_nan);
  a_.bind(done);
  Later([this, slot = move.to, is_nan, done] {
    a_.bind(is_nan);
    LoadCarried(slot);
    a_.jmp(done);
  });
}

}  // namespace emu::translator::x86_64
