#include "devices/interrupt/plic.h"

#include <algorithm>
#include <bit>

#include "devices/core/register_bank.h"

namespace emu {
namespace {

using namespace plic;

constexpr RegisterBank<Reg> kBank(kRegisters);
constexpr uint32_t kWordsPerContext = kEnableStride / 4;

template <typename Bits>
bool TestBit(const Bits& bits, uint32_t source) {
  return (bits[source / 32] >> (source % 32) & 1) != 0;
}
template <typename Bits>
void AssignBit(Bits& bits, uint32_t source, bool value) {
  const uint32_t mask = uint32_t{1} << (source % 32);
  bits[source / 32] = value ? bits[source / 32] | mask : bits[source / 32] & ~mask;
}

}  // namespace

Plic::Plic(std::vector<InterruptLine> contexts) {
  for (InterruptLine& line : contexts) contexts_.push_back({.line = std::move(line)});
}

InterruptLine Plic::Source(uint32_t source) {
  return InterruptLine([this, source](bool level) { SetLevel(source, level); });
}

// The levels are the devices' and stay.
void Plic::Reset() {
  priority_ = {};
  claimed_ = {};
  pending_ = level_;
  for (Context& context : contexts_) {
    context.enabled = {};
    context.threshold = 0;
  }
  UpdateContexts();
}

void Plic::SetLevel(uint32_t source, bool level) {
  AssignBit(level_, source, level);
  // s. 1.2.1: an open gateway forwards the level; the request falls with it as on QEMU.
  if (!TestBit(claimed_, source)) AssignBit(pending_, source, level);
  UpdateContexts();
}

// s. 7: of the highest priority the lowest number; 0 if none. Priority 0 never interrupts.
uint32_t Plic::Best(const Context& context) const {
  uint32_t best = 0;
  for (uint32_t word = 0; word < kSourceWords; ++word) {
    for (uint32_t bits = pending_[word] & context.enabled[word]; bits != 0; bits &= bits - 1) {
      const uint32_t source = 32 * word + static_cast<uint32_t>(std::countr_zero(bits));
      if (priority_[source] > (best != 0 ? priority_[best] : 0)) best = source;
    }
  }
  return best;
}

// s. 8: not affected by the threshold.
uint32_t Plic::Claim(Context& context) {
  const uint32_t source = Best(context);
  if (source != 0) {
    AssignBit(pending_, source, false);
    AssignBit(claimed_, source, true);
    UpdateContexts();
  }
  return source;
}

// s. 9: ignored unless the source is enabled for this context.
void Plic::Complete(Context& context, uint32_t source) {
  if (source == 0 || source >= kSourceCount || !TestBit(context.enabled, source)) return;
  AssignBit(claimed_, source, false);
  AssignBit(pending_, source, TestBit(level_, source));
  UpdateContexts();
}

AccessResult Plic::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  return kBank.Read(offset, width_bytes, value,
                    [this](Reg reg, uint32_t index) { return ReadRegister(reg, index); });
}

AccessResult Plic::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  return kBank.Write(
      offset, width_bytes, value, [](Reg, uint32_t) { return uint64_t{0}; },
      [this](Reg reg, uint32_t index, uint64_t whole) {
        WriteRegister(reg, index, static_cast<uint32_t>(whole));
      });
}

uint64_t Plic::ReadRegister(Reg reg, uint32_t index) {
  switch (reg) {
    case Reg::kPriority:
      return index < kSourceCount ? priority_[index] : 0;
    case Reg::kPending:
      return index < kSourceWords ? pending_[index] : 0;
    case Reg::kEnable: {
      const uint32_t context = index / kWordsPerContext;
      const uint32_t word = index % kWordsPerContext;
      return context < contexts_.size() && word < kSourceWords ? contexts_[context].enabled[word]
                                                               : 0;
    }
    case Reg::kThreshold:
      return index < contexts_.size() ? contexts_[index].threshold : 0;
    case Reg::kClaim:
      return index < contexts_.size() ? Claim(contexts_[index]) : 0;
  }
  return 0;
}

void Plic::WriteRegister(Reg reg, uint32_t index, uint32_t value) {
  switch (reg) {
    case Reg::kPriority:
      if (index == 0 || index >= kSourceCount) return;
      priority_[index] = static_cast<uint8_t>(value & kMaxPriority);
      break;
    case Reg::kPending:  // read-only
      return;
    case Reg::kEnable: {
      const uint32_t context = index / kWordsPerContext;
      const uint32_t word = index % kWordsPerContext;
      if (context >= contexts_.size() || word >= kSourceWords) return;
      contexts_[context].enabled[word] = word == 0 ? value & ~uint32_t{1} : value;
      break;
    }
    case Reg::kThreshold:
      if (index >= contexts_.size()) return;
      contexts_[index].threshold = value & kMaxPriority;
      break;
    case Reg::kClaim:
      if (index < contexts_.size()) Complete(contexts_[index], value);
      return;
  }
  UpdateContexts();
}

void Plic::UpdateContexts() {
  for (Context& context : contexts_) {
    const uint32_t best = Best(context);
    context.line.Set(best != 0 && priority_[best] > context.threshold);
  }
}

void Plic::VisitState(StateVisitor& visitor) {
  visitor.Field(1, "priority", std::as_writable_bytes(std::span(priority_)));
  visitor.Field(2, "level", std::as_writable_bytes(std::span(level_)));
  visitor.Field(3, "pending", std::as_writable_bytes(std::span(pending_)));
  visitor.Field(4, "claimed", std::as_writable_bytes(std::span(claimed_)));
  for (uint32_t i = 0; i < contexts_.size(); ++i) {
    visitor.BeginGroup(16 + i, "context");
    visitor.Field(1, "enabled", std::as_writable_bytes(std::span(contexts_[i].enabled)));
    visitor.Small(2, "threshold", contexts_[i].threshold);
    visitor.EndGroup();
  }
}

absl::Status Plic::AfterRestore() {
  for (uint8_t& priority : priority_) priority &= kMaxPriority;
  priority_[0] = 0;
  for (Context& context : contexts_) {
    context.enabled[0] &= ~uint32_t{1};
    context.threshold &= kMaxPriority;
  }
  UpdateContexts();
  for (Context& context : contexts_) context.line.Redrive();
  return absl::OkStatus();
}

}  // namespace emu
