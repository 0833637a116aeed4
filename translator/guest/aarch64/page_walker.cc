#include "translator/guest/aarch64/page_walker.h"

#include <algorithm>
#include <array>

#include "translator/guest/aarch64/status_bits.h"
#include "translator/guest/aarch64/syndrome.h"

namespace emu::translator::aarch64 {
namespace {

// TCR_EL1 (Arm ARM D19.2.139) and descriptors (D8.3.1, D8.3.2).
constexpr uint64_t kTcrHa = 1ull << 39, kTcrHd = 1ull << 40;
constexpr uint64_t kValid = 1 << 0, kTableOrPage = 1 << 1, kForUser = 1 << 6, kReadOnly = 1 << 7,
                   kAccessed = 1 << 10, kDirtyModifier = 1ull << 51, kNoExecute1 = 1ull << 53,
                   kNoExecute0 = 1ull << 54;
constexpr uint64_t kTableNoExecute1 = 1ull << 59, kTableNoExecute0 = 1ull << 60,
                   kTableNotUser = 1ull << 61, kTableReadOnly = 1ull << 62;
constexpr uint32_t kAddressBits = 48;
constexpr uint64_t kAddressMask = (uint64_t{1} << kAddressBits) - 1;
constexpr uint32_t kHighBit = 55;  // of an address: which half it belongs to

constexpr uint64_t Field(uint64_t value, uint32_t position, uint32_t width) {
  return value >> position & ((uint64_t{1} << width) - 1);
}

// One half of the address space, as TCR_EL1 describes it.
struct Half {
  uint64_t base;          // of the first table
  uint32_t granule_bits;  // 12, 14 or 16
  uint32_t input_bits;
  bool is_off;             // EPD
  bool ignores_tag;        // TBI
  bool ignores_hierarchy;  // HPD
};
Half HalfOf(const CpuState& state, bool upper) {
  const uint64_t tcr = state.tcr;
  // What is reserved counts as 4 KiB.
  constexpr std::array<uint32_t, 4> kLower = {12, 16, 14, 12}, kUpper = {12, 14, 12, 16};
  const uint32_t size = static_cast<uint32_t>(Field(tcr, upper ? 16 : 0, 6));
  Half half = {};
  half.granule_bits = upper ? kUpper[Field(tcr, 30, 2)] : kLower[Field(tcr, 14, 2)];
  half.input_bits = 64 - std::clamp<uint32_t>(size, 16, 39);
  half.base = (upper ? state.ttbr1 : state.ttbr0) & kAddressMask & ~uint64_t{1};
  half.is_off = Field(tcr, upper ? 23 : 7, 1) != 0;
  half.ignores_tag = Field(tcr, upper ? 38 : 37, 1) != 0;
  half.ignores_hierarchy = Field(tcr, upper ? 42 : 41, 1) != 0;
  return half;
}
uint32_t OutputBits(const CpuState& state) {
  constexpr std::array<uint32_t, 8> kBits = {32, 36, 40, 42, 44, 48, 48, 48};
  return kBits[Field(state.tcr, 32, 3)];
}
bool MmuIsOn(const CpuState& state) { return (state.sctlr & kSctlrM) != 0; }

struct Access {
  GuestVirtAddr address;
  AccessKind kind;
  Viewer viewer;
};
WalkResult Fail(const Access& access, uint64_t status) {
  if (access.kind == AccessKind::kExecute) {
    return {GuestFault{Syndrome(ExceptionClass::kFetchAbort, status), access.address.value}, {}};
  }
  const uint64_t write = access.kind == AccessKind::kWrite ? kIssWrite : 0;
  return {GuestFault{Syndrome(ExceptionClass::kDataAbort, status | write), access.address.value},
          {}};
}

// Of a leaf, with what the tables above it take away (Arm ARM D8.4.1).
struct Rights {
  bool readable, writable, executable;
};
Rights RightsOf(const CpuState& state, uint64_t leaf, uint64_t tables, Viewer viewer) {
  const bool for_user = (leaf & kForUser) != 0 && (tables & kTableNotUser) == 0;
  const bool writable = (leaf & kReadOnly) == 0 && (tables & kTableReadOnly) == 0;
  const bool no_execute0 = (leaf & kNoExecute0) != 0 || (tables & kTableNoExecute0) != 0;
  const bool no_execute1 = (leaf & kNoExecute1) != 0 || (tables & kTableNoExecute1) != 0;
  const bool writes_exclude = (state.sctlr & kSctlrWxn) != 0;
  if (viewer.el == 0) {
    const bool may_write = for_user && writable;
    return {for_user, may_write, !no_execute0 && !(writes_exclude && may_write)};
  }
  const bool may_access = !(viewer.pan && for_user);
  const bool is_excluded = (for_user && writable) || (writes_exclude && writable);
  return {may_access, may_access && writable, !no_execute1 && !is_excluded};
}
bool Allows(const Rights& rights, AccessKind kind) {
  switch (kind) {
    case AccessKind::kRead:
      return rights.readable;
    case AccessKind::kWrite:
      return rights.writable;
    case AccessKind::kExecute:
      return rights.executable;
  }
  return false;
}

// The descriptor that maps an address, and where it stands.
struct Leaf {
  GuestPhysAddr slot;
  uint64_t descriptor = 0;
  uint64_t tables = 0;  // what the tables above it forbid
  uint32_t level = 0;
  uint64_t offset_mask = 0;  // inside of what it maps
};
struct LeafResult {
  std::optional<uint64_t> failure;  // a fault status
  Leaf leaf;
};
LeafResult FindLeaf(GuestContext& context, uint64_t va, const Half& half) {
  const CpuState& state = StateAt(context.state());
  const uint32_t stride = half.granule_bits - 3;
  const uint32_t levels = (half.input_bits - half.granule_bits + stride - 1) / stride;
  const uint32_t output_bits = OutputBits(state);
  Leaf leaf;
  leaf.level = 4 - levels;
  uint32_t shift = half.granule_bits + stride * (levels - 1);
  uint64_t index_mask = (uint64_t{1} << (half.input_bits - shift)) - 1;
  uint64_t table = half.base & ~(index_mask << 3 | 7);
  if (table >> output_bits != 0) return {kAddressSize, {}};
  for (;;) {
    leaf.slot = GuestPhysAddr(table + (va >> shift & index_mask) * 8);
    if (!context.ReadPhysical64(leaf.slot, &leaf.descriptor)) {
      return {kExternalOnWalk + leaf.level, {}};
    }
    const uint64_t descriptor = leaf.descriptor;
    const bool is_last = leaf.level == 3;
    const bool has_bit = (descriptor & kTableOrPage) != 0;
    // Arm ARM D8.3.1: blocks are at level 1 for 4 KiB granules, and at level 2.
    const bool may_block = leaf.level == 2 || (leaf.level == 1 && half.granule_bits == 12);
    if ((descriptor & kValid) == 0 || (is_last && !has_bit) ||
        (!is_last && !has_bit && !may_block)) {
      return {kTranslationFault + leaf.level, {}};
    }
    leaf.offset_mask = (uint64_t{1} << shift) - 1;
    const bool is_leaf = is_last || !has_bit;
    const uint64_t low = is_leaf ? leaf.offset_mask : (uint64_t{1} << half.granule_bits) - 1;
    const uint64_t output = descriptor & kAddressMask & ~low;
    if (output >> output_bits != 0) return {kAddressSize + leaf.level, {}};
    if (is_leaf) return {std::nullopt, leaf};
    if (!half.ignores_hierarchy) {
      leaf.tables |=
          descriptor & (kTableNoExecute1 | kTableNoExecute0 | kTableNotUser | kTableReadOnly);
    }
    table = output;
    ++leaf.level;
    shift -= stride;
    index_mask = (uint64_t{1} << stride) - 1;
  }
}

// The address without its tag; nothing where it belongs to neither half.
std::optional<uint64_t> Untagged(uint64_t va, const Half& half) {
  const uint32_t top = half.ignores_tag ? kHighBit + 1 : 64;
  const bool upper = (va >> kHighBit & 1) != 0;
  const uint64_t extension = (va << (64 - top)) >> (64 - top) >> half.input_bits;
  const uint64_t ones = (uint64_t{1} << (top - half.input_bits)) - 1;
  if (extension != (upper ? ones : 0)) return std::nullopt;
  return va & ((uint64_t{1} << half.input_bits) - 1);
}
bool HasTag(uint64_t va) { return static_cast<uint64_t>(static_cast<int64_t>(va << 8) >> 8) != va; }
uint64_t WithoutTag(uint64_t va) {
  return static_cast<uint64_t>(static_cast<int64_t>(va << 8) >> 8);
}

void RememberLarge(CpuState& state, uint64_t va, uint64_t offset_mask) {
  const uint32_t upper = va >> kHighBit & 1;
  const uint64_t first = va & ~offset_mask;
  state.large_first[upper] = std::min(state.large_first[upper], first);
  state.large_last[upper] = std::max(state.large_last[upper], first | offset_mask);
}

WalkResult WalkTables(GuestContext& context, const Access& access) {
  CpuState& state = StateAt(context.state());
  const uint64_t va = access.address.value;
  const Half half = HalfOf(state, (va >> kHighBit & 1) != 0);
  const std::optional<uint64_t> untagged = Untagged(va, half);
  if (!untagged || half.is_off) return Fail(access, kTranslationFault);
  for (;;) {
    auto [failure, leaf] = FindLeaf(context, *untagged, half);
    if (failure) return Fail(access, *failure);
    const bool sets_accessed = (leaf.descriptor & kAccessed) == 0;
    if (sets_accessed && (state.tcr & kTcrHa) == 0) return Fail(access, kAccessFlag + leaf.level);
    // Arm ARM D8.4.6: a page with DBM that is read only is clean, and may be written.
    const bool is_clean = (state.tcr & kTcrHd) != 0 && (leaf.descriptor & kDirtyModifier) != 0 &&
                          (leaf.descriptor & kReadOnly) != 0;
    const bool sets_dirty = is_clean && access.kind == AccessKind::kWrite;
    uint64_t wanted = leaf.descriptor | kAccessed;
    if (sets_dirty) wanted &= ~kReadOnly;
    const Rights rights = RightsOf(state, wanted, leaf.tables, access.viewer);
    if (!Allows(rights, access.kind)) return Fail(access, kPermission + leaf.level);
    if (wanted != leaf.descriptor) {
      const auto done = context.CompareExchangePhysical64(leaf.slot, leaf.descriptor, wanted);
      if (done == GuestContext::Exchange::kOtherValue) continue;
      if (done == GuestContext::Exchange::kNoRam) {
        return Fail(access, kExternalOnWalk + leaf.level);
      }
    }
    if (leaf.offset_mask >= kPageSize) RememberLarge(state, WithoutTag(va), leaf.offset_mask);
    if (HasTag(va)) state.has_tagged = true;
    const uint64_t output =
        (leaf.descriptor & kAddressMask & ~leaf.offset_mask) | (*untagged & leaf.offset_mask);
    const bool is_fetch = access.kind == AccessKind::kExecute;
    return {std::nullopt,
            {GuestPhysAddr(output).PageBase(), rights.readable && !is_fetch,
             rights.writable && !is_fetch, rights.executable && is_fetch}};
  }
}

bool IgnoresTag(const CpuState& state, uint64_t va) {
  return Field(state.tcr, (va >> kHighBit & 1) != 0 ? 38 : 37, 1) != 0;
}

uint64_t SpaceKey(const CpuState& state, Viewer viewer) {
  return state.regime << 2 | (viewer.el == 0 ? 2 : viewer.pan ? 1 : 0);
}
// With UAO, unprivileged accesses are as any other (Arm ARM D8.4.3).
Viewer DataViewer(const CpuState& state, DataSpace space) {
  if (space == DataSpace::kOther && state.uao == 0) return {0, false};
  return {state.el, state.pan != 0};
}

}  // namespace

WalkResult WalkAs(GuestContext& context, GuestVirtAddr address, AccessKind kind, Viewer viewer) {
  const CpuState& state = StateAt(context.state());
  const Access access = {address, kind, viewer};
  const bool ignores_tag = IgnoresTag(state, address.value);
  if (kind == AccessKind::kExecute && ignores_tag && HasTag(address.value)) {
    return {GuestFault{kTaggedFetch, WithoutTag(context.pc())}, {}};
  }
  if (MmuIsOn(state)) return WalkTables(context, access);
  const uint64_t physical = ignores_tag ? address.value & ~(uint64_t{0xff} << 56) : address.value;
  if (physical >> kAddressBits != 0) return Fail(access, kAddressSize);
  if (physical != address.value) StateAt(context.state()).has_tagged = true;
  return {std::nullopt, {GuestPhysAddr(physical).PageBase(), true, true, true}};
}

WalkResult Walk(GuestContext& context, GuestVirtAddr address, AccessKind kind, DataSpace space) {
  const CpuState& state = StateAt(context.state());
  const bool is_fetch = kind == AccessKind::kExecute;
  return WalkAs(context, address, kind,
                is_fetch ? Viewer{state.el, false} : DataViewer(state, space));
}

std::optional<GuestPhysAddr> Peek(GuestContext& context, GuestVirtAddr address) {
  const CpuState& state = StateAt(context.state());
  const uint64_t va = address.value;
  if (!MmuIsOn(state)) {
    return va >> kAddressBits == 0 ? std::optional(GuestPhysAddr(va)) : std::nullopt;
  }
  const Half half = HalfOf(state, (va >> kHighBit & 1) != 0);
  const std::optional<uint64_t> untagged = Untagged(va, half);
  if (!untagged || half.is_off) return std::nullopt;
  const auto [failure, leaf] = FindLeaf(context, *untagged, half);
  if (failure) return std::nullopt;
  return GuestPhysAddr((leaf.descriptor & kAddressMask & ~leaf.offset_mask) |
                       (*untagged & leaf.offset_mask));
}

uint64_t DataSpaceKey(const CpuState& state, DataSpace space) {
  return SpaceKey(state, DataViewer(state, space));
}
uint64_t FetchSpaceKey(const CpuState& state) { return SpaceKey(state, {state.el, false}); }

void SynchronizeContext(GuestContext& context) {
  context.SynchronizeCode();
  CpuState& state = StateAt(context.state());
  CpuState::Regime wanted = {state.ttbr0, state.ttbr1, state.tcr,
                             state.sctlr & (kSctlrM | kSctlrWxn), 0};
  const auto is_wanted = [&wanted](const CpuState::Regime& regime) {
    return regime.number != 0 && regime.ttbr0 == wanted.ttbr0 && regime.ttbr1 == wanted.ttbr1 &&
           regime.tcr == wanted.tcr && regime.control == wanted.control;
  };
  const auto place_of = [&state](uint64_t number) -> CpuState::Regime& {
    return state.regimes[number % state.regimes.size()];
  };
  if (!is_wanted(place_of(state.regime))) {
    const auto known = std::ranges::find_if(state.regimes, is_wanted);
    if (known != state.regimes.end()) {
      state.regime = known->number;
    } else {
      wanted.number = state.regime = ++state.last_regime;
      place_of(wanted.number) = wanted;
    }
  }
  context.ModeChanged();
}

void FlushTranslations(GuestContext& context, std::optional<GuestVirtAddr> address) {
  CpuState& state = StateAt(context.state());
  // The TLB holds what is large in pieces of 4 KiB, and what is tagged under its tag.
  const auto is_scattered = [&state](uint64_t va) {
    const uint32_t upper = va >> kHighBit & 1;
    return state.has_tagged || (state.large_first[upper] <= va && va <= state.large_last[upper]);
  };
  if (address && !is_scattered(address->value)) {
    context.FlushTlbPage(address->PageBase());
    return;
  }
  state.large_first.fill(UINT64_MAX);
  state.large_last.fill(0);
  state.has_tagged = false;
  context.FlushTlb();
}

GuestFault MisalignedFault(GuestVirtAddr address, AccessKind kind) {
  return *Fail({address, kind, {}}, kAlignment).fault;
}
GuestFault BusFault(GuestVirtAddr address, AccessKind kind) {
  return *Fail({address, kind, {}}, kExternal).fault;
}

}  // namespace emu::translator::aarch64
