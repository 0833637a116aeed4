// How a vCPU reaches memory and helpers: ir::Environment and the memory part of GuestContext.
#include <atomic>

#include "translator/ir/evaluate.h"
#include "translator/runtime/vm_vcpu.h"
#include "vmm/base/guest_access.h"

namespace emu::translator {
namespace {

using Alignment = DataAccess::Alignment;

Alignment AlignmentOf(uint8_t attr) {
  return (attr & ir::kMustAlign) != 0 ? Alignment::kNatural : Alignment::kAny;
}
DataSpace SpaceOf(uint8_t attr) {
  return (attr & ir::kOtherSpace) != 0 ? DataSpace::kOther : DataSpace::kOwn;
}

template <typename Word>
uint64_t RmwWord(ir::RmwKind kind, std::byte* host, uint64_t operand) {
  using Signed = std::make_signed_t<Word>;
  // SAFETY: naturally aligned guest memory, which every vCPU accesses atomically here.
  std::atomic_ref<Word> word(*reinterpret_cast<Word*>(host));
  const auto value = static_cast<Word>(operand);
  const auto update = [&word](auto&& compute) {
    Word old = word.load();
    while (!word.compare_exchange_weak(old, compute(old))) {
    }
    return old;
  };
  switch (kind) {
    case ir::RmwKind::kSwap:
      return word.exchange(value);
    case ir::RmwKind::kAdd:
      return word.fetch_add(value);
    case ir::RmwKind::kXor:
      return word.fetch_xor(value);
    case ir::RmwKind::kAnd:
      return word.fetch_and(value);
    case ir::RmwKind::kOr:
      return word.fetch_or(value);
    case ir::RmwKind::kMin:
      return update([value](Word old) {
        return static_cast<Signed>(old) < static_cast<Signed>(value) ? old : value;
      });
    case ir::RmwKind::kMax:
      return update([value](Word old) {
        return static_cast<Signed>(old) > static_cast<Signed>(value) ? old : value;
      });
    case ir::RmwKind::kMinU:
      return update([value](Word old) { return old < value ? old : value; });
    case ir::RmwKind::kMaxU:
      return update([value](Word old) { return old > value ? old : value; });
  }
  return 0;
}

template <typename Word>
bool CompareExchangeWord(std::byte* host, uint64_t* expected, uint64_t desired) {
  // SAFETY: as above.
  std::atomic_ref<Word> word(*reinterpret_cast<Word*>(host));
  auto old = static_cast<Word>(*expected);
  const bool stored = word.compare_exchange_strong(old, static_cast<Word>(desired));
  *expected = old;
  return stored;
}

bool CompareExchange(std::byte* host, uint32_t bytes, uint64_t* expected, uint64_t desired) {
  switch (bytes) {
    case 1:
      return CompareExchangeWord<uint8_t>(host, expected, desired);
    case 2:
      return CompareExchangeWord<uint16_t>(host, expected, desired);
    case 4:
      return CompareExchangeWord<uint32_t>(host, expected, desired);
    default:
      return CompareExchangeWord<uint64_t>(host, expected, desired);
  }
}

uint64_t Rmw(ir::RmwKind kind, std::byte* host, uint32_t bytes, uint64_t operand) {
  switch (bytes) {
    case 1:
      return RmwWord<uint8_t>(kind, host, operand);
    case 2:
      return RmwWord<uint16_t>(kind, host, operand);
    case 4:
      return RmwWord<uint32_t>(kind, host, operand);
    default:
      return RmwWord<uint64_t>(kind, host, operand);
  }
}

}  // namespace

bool VmVcpu::DataFault() {
  stop_ = data_access_.TakeWatchHit();
  if (stop_.has_value()) return false;
  fault_ = data_access_.fault();
  return false;
}

bool VmVcpu::Load(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t* value) {
  const bool done = data_access_.Load(address, bytes, AlignmentOf(attr), value, SpaceOf(attr));
  UseBanks();
  return done || DataFault();
}

bool VmVcpu::Store(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t value) {
  const bool done = data_access_.Store(address, bytes, AlignmentOf(attr), value, SpaceOf(attr));
  UseBanks();
  return done || DataFault();
}

bool VmVcpu::Probe(uint64_t address, uint32_t bytes, uint8_t attr) {
  const AccessKind kind = (attr & ir::kForWrite) != 0 ? AccessKind::kWrite : AccessKind::kRead;
  return data_access_.Probe(address, bytes, kind) || DataFault();
}

bool VmVcpu::AtomicRmw(ir::RmwKind kind, uint64_t address, uint32_t bytes, uint64_t operand,
                       uint64_t* old_value) {
  std::byte* host = data_access_.HostForAtomic(address, bytes, AccessKind::kWrite);
  if (host == nullptr) return DataFault();
  *old_value = Rmw(kind, host, bytes, operand);
  return true;
}

bool VmVcpu::CompareSwap(uint64_t address, uint32_t bytes, uint64_t expected, uint64_t desired,
                         uint64_t* old_value) {
  std::byte* host = data_access_.HostForAtomic(address, bytes, AccessKind::kWrite);
  if (host == nullptr) return DataFault();
  *old_value = expected;
  CompareExchange(host, bytes, old_value, desired);
  return true;
}

bool VmVcpu::LoadReserved(uint64_t address, uint32_t bytes, uint64_t* value) {
  std::byte* host = data_access_.HostForAtomic(address, bytes, AccessKind::kRead);
  if (host == nullptr) return DataFault();
  *value = LoadGuest(host, bytes);
  std::atomic_thread_fence(std::memory_order_acquire);
  frame_->reservation = host;
  frame_->reserved_value = *value;
  return true;
}

// The reservation is an address and a value: a store of the same value by another hart in between
// goes unseen, which no guest can tell from that store having come later or earlier.
bool VmVcpu::StoreConditional(uint64_t address, uint32_t bytes, uint64_t value, bool* stored) {
  std::byte* host = data_access_.HostForAtomic(address, bytes, AccessKind::kWrite);
  if (host == nullptr) return DataFault();
  uint64_t expected = frame_->reserved_value;
  *stored = host == frame_->reservation && CompareExchange(host, bytes, &expected, value);
  frame_->reservation = nullptr;
  return true;
}

bool VmVcpu::Call(uint64_t helper, uint64_t a, uint64_t b, uint64_t c, uint64_t* result) {
  *result = vm_.isa.helpers()[helper].function(*this, a, b, c);
  return !fault_.has_value() && !stop_.has_value();
}

bool VmVcpu::ReadPhysical64(GuestPhysAddr address, uint64_t* value) {
  const std::byte* page = vm_.address_space.memory().PageForRead(address);
  if (page == nullptr) return false;
  // SAFETY: aligned by the page-table format; other vCPUs may write it meanwhile.
  const auto* word = reinterpret_cast<const uint64_t*>(page + address.PageOffset());
  *value = __atomic_load_n(word, __ATOMIC_ACQUIRE);
  return true;
}

GuestContext::Exchange VmVcpu::CompareExchangePhysical64(GuestPhysAddr address, uint64_t expected,
                                                         uint64_t desired) {
  std::byte* page = vm_.address_space.memory().PageForWrite(address);
  if (page == nullptr) return Exchange::kNoRam;
  return CompareExchangeWord<uint64_t>(page + address.PageOffset(), &expected, desired)
             ? Exchange::kDone
             : Exchange::kOtherValue;
}

bool VmVcpu::ZeroBlock(GuestVirtAddr address, uint32_t size_bytes) {
  if (std::byte* host = data_access_.HostForSpan(address.value, size_bytes, AccessKind::kWrite)) {
    std::memset(host, 0, size_bytes);
    return true;
  }
  for (uint32_t done = 0; done < size_bytes; done += 8) {
    if (!data_access_.Store(address.value + done, 8, Alignment::kAny, 0)) return DataFault();
  }
  return true;
}

namespace {
using Pair = unsigned __int128;
Pair Join(const std::array<uint64_t, 2>& halves) { return Pair{halves[1]} << 64 | halves[0]; }
std::array<uint64_t, 2> Split(Pair pair) {
  return {static_cast<uint64_t>(pair), static_cast<uint64_t>(pair >> 64)};
}
}  // namespace

bool VmVcpu::LoadPair(GuestVirtAddr address, std::array<uint64_t, 2>* value) {
  std::byte* host = data_access_.HostForAtomic(address.value, sizeof(Pair), AccessKind::kRead);
  if (host == nullptr) return DataFault();
  // Whether they belong together, the comparison before a store will tell.
  *value = {LoadGuest(host, 8), LoadGuest(host + 8, 8)};
  return true;
}

bool VmVcpu::CompareSwapPair(GuestVirtAddr address, std::array<uint64_t, 2>* expected,
                             const std::array<uint64_t, 2>& desired) {
  std::byte* host = data_access_.HostForAtomic(address.value, sizeof(Pair), AccessKind::kWrite);
  if (host == nullptr) return DataFault();
  Pair old = Join(*expected);
  // SAFETY: naturally aligned guest memory, as for words.
  __atomic_compare_exchange_n(reinterpret_cast<Pair*>(host), &old, Join(desired), /*weak=*/false,
                              __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  *expected = Split(old);
  return true;
}

}  // namespace emu::translator
