#include "translator/guest/riscv64/page_walker.h"

#include <algorithm>

#include "translator/guest/riscv64/pmp.h"
#include "translator/guest/riscv64/status_bits.h"

namespace emu::translator::riscv64 {
namespace {

// RISC-V Privileged 20240411 s. 10.3.1 and 10.4.1, and Svpbmt.
constexpr uint64_t kPteValid = 1 << 0, kPteRead = 1 << 1, kPteWrite = 1 << 2, kPteExecute = 1 << 3;
constexpr uint64_t kPteUser = 1 << 4, kPteAccessed = 1 << 6, kPteDirty = 1 << 7;
constexpr uint64_t kPteMemoryType = 3ull << 61;
constexpr uint64_t kPteReserved = 0x7full << 54;
constexpr uint64_t kPteNapot = 1ull << 63;
constexpr uint32_t kPtePpnShift = 10;
constexpr uint32_t kBitsPerLevel = 9;
// Svnapot (s. 11.1): the one size there is, 64 KiB, and how the PPN's low bits say it.
constexpr uint64_t kNapotPages = 16, kNapotPattern = 8;
constexpr uint64_t kPhysicalLimit = uint64_t{1} << 56;

struct Access {
  GuestVirtAddr address;
  AccessKind kind;
  Privilege privilege;
};

uint64_t Pick(AccessKind kind, uint64_t fetch, uint64_t load, uint64_t store) {
  switch (kind) {
    case AccessKind::kExecute:
      return fetch;
    case AccessKind::kRead:
      return load;
    case AccessKind::kWrite:
      return store;
  }
  return load;
}

WalkResult Fail(GuestFault fault) { return {fault, {}}; }

bool IsWellFormed(const CpuState& state, uint64_t pte) {
  if ((pte & kPteValid) == 0 || (pte & (kPteRead | kPteWrite)) == kPteWrite) return false;
  if (pte & kPteReserved) return false;
  const uint64_t memory_type = pte & kPteMemoryType;
  return memory_type == 0 || ((state.menvcfg & kEnvPbmte) && memory_type != kPteMemoryType);
}
bool IsLeaf(uint64_t pte) { return (pte & (kPteRead | kPteExecute)) != 0; }
// S. 10.3.1, Svpbmt and Svnapot: what is reserved in an entry that is no leaf.
bool IsPointerWellFormed(uint64_t pte) {
  return (pte & (kPteUser | kPteAccessed | kPteDirty | kPteMemoryType | kPteNapot)) == 0;
}

struct Rights {
  bool readable, writable, executable;
  bool Allows(AccessKind kind) const { return Pick(kind, executable, readable, writable) != 0; }
};

// S. 10.3.2 step 6, with SUM and MXR of s. 3.1.6.3. Leaves the dirty bit aside.
Rights RightsOf(const CpuState& state, uint64_t pte, Privilege privilege, bool is_fetch) {
  const bool is_user_page = (pte & kPteUser) != 0;
  if (privilege == Privilege::kUser && !is_user_page) return {};
  if (privilege == Privilege::kSupervisor && is_user_page &&
      (is_fetch || (state.mstatus & kStatusSum) == 0)) {
    return {};
  }
  if (is_fetch) return {false, false, (pte & kPteExecute) != 0};
  const uint64_t readers = state.mstatus & kStatusMxr ? kPteRead | kPteExecute : kPteRead;
  return {(pte & readers) != 0, (pte & kPteWrite) != 0, false};
}

// The last step: protection of the page itself.
WalkResult Finish(const CpuState& state, const Access& access, GuestPhysAddr physical,
                  Rights rights) {
  if (physical.value >= kPhysicalLimit) return Fail(AccessFault(access.address, access.kind));
  const PmpRights pmp = PmpRightsAt(state, physical, access.privilege);
  rights.readable = rights.readable && pmp.readable;
  rights.writable = rights.writable && pmp.writable;
  rights.executable = rights.executable && pmp.executable;
  if (!rights.Allows(access.kind)) return Fail(AccessFault(access.address, access.kind));
  return {
      std::nullopt,
      {physical.PageBase(), rights.readable, rights.writable, rights.executable, pmp.whole_page}};
}

// How many pages a leaf maps; 0: a size that there is not.
uint64_t PagesOf(uint64_t pte, uint32_t level) {
  if ((pte & kPteNapot) == 0) return uint64_t{1} << (kBitsPerLevel * level);
  const uint64_t pattern = pte >> kPtePpnShift & (kNapotPages - 1);
  return level == 0 && pattern == kNapotPattern ? kNapotPages : 0;
}

// The first page frame of a leaf; none if it is misaligned or of no size that there is.
std::optional<uint64_t> FrameOf(uint64_t pte, uint32_t level) {
  const uint64_t pages = PagesOf(pte, level);
  if (pages == 0) return std::nullopt;
  const uint64_t ppn = pte >> kPtePpnShift & kSatpPpn;
  const uint64_t frame = (pte & kPteNapot) != 0 ? ppn & ~(kNapotPages - 1) : ppn;
  if ((frame & (pages - 1)) != 0) return std::nullopt;
  return frame;
}

uint32_t LevelsOf(uint64_t mode) { return 3 + static_cast<uint32_t>(mode - kSatpSv39); }

void RememberSuperpage(CpuState& state, GuestVirtAddr address, uint64_t offset_mask) {
  const uint32_t half = address.value >> 63;
  const uint64_t first = address.value & ~offset_mask;
  state.superpage_first[half] = std::min(state.superpage_first[half], first);
  state.superpage_last[half] = std::max(state.superpage_last[half], first | offset_mask);
}

// Sets the accessed and dirty bits that the access needs. kRetry: the entry changed meanwhile.
enum class Update : uint8_t { kDone, kRetry, kPageFault, kAccessFault };
Update UpdateLeaf(GuestContext& context, const Access& access, GuestPhysAddr slot, uint64_t* pte) {
  const uint64_t wanted = *pte | kPteAccessed | (access.kind == AccessKind::kWrite ? kPteDirty : 0);
  if (wanted == *pte) return Update::kDone;
  const CpuState& state = StateAt(context.state());
  if ((state.menvcfg & kEnvAdue) == 0) return Update::kPageFault;
  if (!PmpRightsAt(state, slot, Privilege::kSupervisor).writable) return Update::kAccessFault;
  switch (context.CompareExchangePhysical64(slot, *pte, wanted)) {
    case GuestContext::Exchange::kDone:
      *pte = wanted;
      return Update::kDone;
    case GuestContext::Exchange::kOtherValue:
      return Update::kRetry;
    case GuestContext::Exchange::kNoRam:
      break;
  }
  return Update::kAccessFault;
}

// S. 10.4.1: the bits that no level looks at are copies of the highest one that some level does.
bool IsCanonical(uint64_t va, uint32_t levels) {
  const uint32_t unused_bits = 64 - (kPageShift + kBitsPerLevel * levels);
  return static_cast<uint64_t>(static_cast<int64_t>(va << unused_bits) >> unused_bits) == va;
}

// RISC-V Privileged 20240411 s. 10.3.2, the virtual address translation process.
WalkResult WalkTables(GuestContext& context, const Access& access, uint32_t levels) {
  CpuState& state = StateAt(context.state());
  const uint64_t va = access.address.value;
  const auto page_fault = [&] { return Fail(PageFault(access.address, access.kind)); };
  const auto access_fault = [&] { return Fail(AccessFault(access.address, access.kind)); };
  if (!IsCanonical(va, levels)) return page_fault();

  uint64_t table_ppn = state.satp & kSatpPpn;
  for (uint32_t level = levels; level-- > 0;) {
    const uint64_t index = va >> (kPageShift + kBitsPerLevel * level) & 0x1ff;
    const GuestPhysAddr slot((table_ppn << kPageShift) + index * 8);
    if (!PmpRightsAt(state, slot, Privilege::kSupervisor).readable) return access_fault();

    while (true) {
      uint64_t pte = 0;
      if (!context.ReadPhysical64(slot, &pte)) return access_fault();
      if (!IsWellFormed(state, pte)) return page_fault();
      const uint64_t ppn = pte >> kPtePpnShift & kSatpPpn;
      if (!IsLeaf(pte)) {
        if (!IsPointerWellFormed(pte)) return page_fault();
        table_ppn = ppn;
        break;
      }

      const bool is_fetch = access.kind == AccessKind::kExecute;
      Rights rights = RightsOf(state, pte, access.privilege, is_fetch);
      if (!rights.Allows(access.kind)) return page_fault();
      const std::optional<uint64_t> frame = FrameOf(pte, level);
      if (!frame) return page_fault();
      const uint64_t pages = PagesOf(pte, level);
      const uint64_t offset_mask = pages * kPageSize - 1;

      switch (UpdateLeaf(context, access, slot, &pte)) {
        case Update::kDone:
          break;
        case Update::kRetry:  // as long as others change it, who get on by that
          continue;
        case Update::kPageFault:
          return page_fault();
        case Update::kAccessFault:
          return access_fault();
      }
      rights.writable = rights.writable && (pte & kPteDirty);
      if (pages > 1) RememberSuperpage(state, access.address, offset_mask);
      const GuestPhysAddr physical((*frame << kPageShift) | (va & offset_mask));
      return Finish(state, access, physical, rights);
    }
  }
  return page_fault();
}

uint64_t SpaceKey(const CpuState& state, Privilege privilege, bool is_fetch) {
  // Bits 63:61 say who looks, 60:59 in which mode, 58:0 ASID and PPN.
  enum Viewer : uint64_t { kSupervisor = 0, kUser = 4, kMachine = 6, kBare = 7 };
  constexpr uint32_t kViewerShift = 61;
  const uint64_t mode = state.satp >> kSatpModeShift;
  if (privilege == Privilege::kMachine) return kMachine << kViewerShift;
  if (mode == kSatpBare) return kBare << kViewerShift;
  uint64_t viewer = privilege == Privilege::kUser ? kUser : kSupervisor;
  if (!is_fetch) {
    if (state.mstatus & kStatusMxr) viewer |= 1;
    if (privilege == Privilege::kSupervisor && (state.mstatus & kStatusSum)) viewer |= 2;
  }
  constexpr uint32_t kModeShift = 59;
  const uint64_t root = state.satp & (kSatpAsid | kSatpPpn);
  return viewer << kViewerShift | (mode - kSatpSv39) << kModeShift | root;
}

}  // namespace

Privilege DataPrivilege(const CpuState& state) {
  if ((state.mstatus & kStatusMprv) == 0) return state.privilege;
  return static_cast<Privilege>((state.mstatus & kStatusMpp) >> kStatusMppShift);
}

WalkResult Walk(GuestContext& context, GuestVirtAddr address, AccessKind kind) {
  const CpuState& state = StateAt(context.state());
  const bool is_fetch = kind == AccessKind::kExecute;
  const Access access = {address, kind, is_fetch ? state.privilege : DataPrivilege(state)};
  const uint64_t mode = state.satp >> kSatpModeShift;
  if (access.privilege == Privilege::kMachine || mode == kSatpBare) {
    return Finish(state, access, GuestPhysAddr(address.value), {!is_fetch, !is_fetch, is_fetch});
  }
  return WalkTables(context, access, LevelsOf(mode));
}

std::optional<GuestPhysAddr> Peek(GuestContext& context, GuestVirtAddr address) {
  const CpuState& state = StateAt(context.state());
  const uint64_t mode = state.satp >> kSatpModeShift;
  if (DataPrivilege(state) == Privilege::kMachine || mode == kSatpBare) {
    return GuestPhysAddr(address.value);
  }
  const uint32_t levels = LevelsOf(mode);
  if (!IsCanonical(address.value, levels)) return std::nullopt;
  uint64_t table_ppn = state.satp & kSatpPpn;
  for (uint32_t level = levels; level-- > 0;) {
    const uint64_t index = address.value >> (kPageShift + kBitsPerLevel * level) & 0x1ff;
    uint64_t pte = 0;
    if (!context.ReadPhysical64(GuestPhysAddr((table_ppn << kPageShift) + index * 8), &pte) ||
        !IsWellFormed(state, pte)) {
      return std::nullopt;
    }
    if (!IsLeaf(pte)) {
      if (!IsPointerWellFormed(pte)) return std::nullopt;
      table_ppn = pte >> kPtePpnShift & kSatpPpn;
      continue;
    }
    const std::optional<uint64_t> frame = FrameOf(pte, level);
    if (!frame) return std::nullopt;
    const uint64_t offset_mask = PagesOf(pte, level) * kPageSize - 1;
    return GuestPhysAddr((*frame << kPageShift) | (address.value & offset_mask));
  }
  return std::nullopt;
}

uint64_t DataSpaceKey(const CpuState& state) {
  return SpaceKey(state, DataPrivilege(state), /*is_fetch=*/false);
}
uint64_t FetchSpaceKey(const CpuState& state) {
  return SpaceKey(state, state.privilege, /*is_fetch=*/true);
}

void FlushTranslations(GuestContext& context) {
  CpuState& state = StateAt(context.state());
  state.superpage_first.fill(UINT64_MAX);
  state.superpage_last.fill(0);
  context.FlushTlb();
}

void FlushTranslationsOf(GuestContext& context, GuestVirtAddr address) {
  // The TLB holds a superpage in pieces of 4 KiB, and one sfence.vma must reach them all.
  const CpuState& state = StateAt(context.state());
  const uint32_t half = address.value >> 63;
  if (state.superpage_first[half] <= address.value && address.value <= state.superpage_last[half]) {
    FlushTranslations(context);
  } else {
    context.FlushTlbPage(address.PageBase());
  }
}

GuestFault PageFault(GuestVirtAddr address, AccessKind kind) {
  return {Pick(kind, kCauseFetchPage, kCauseLoadPage, kCauseStorePage), address.value};
}
GuestFault AccessFault(GuestVirtAddr address, AccessKind kind) {
  return {Pick(kind, kCauseFetchAccess, kCauseLoadAccess, kCauseStoreAccess), address.value};
}
GuestFault MisalignedFault(GuestVirtAddr address, AccessKind kind) {
  return {Pick(kind, kCauseFetchMisaligned, kCauseLoadMisaligned, kCauseStoreMisaligned),
          address.value};
}

}  // namespace emu::translator::riscv64
