#include "translator/guest/riscv64/pmp.h"

#include <bit>
#include <optional>

namespace emu::translator::riscv64 {
namespace {

constexpr uint8_t kRead = 1, kWrite = 2, kExecute = 4, kMatch = 3 << 3, kLocked = 1 << 7;
constexpr uint8_t kOff = 0 << 3, kTopOfRange = 1 << 3, kNaturallyAligned4 = 2 << 3;
constexpr uint64_t kAddressBits = (uint64_t{1} << 54) - 1;

// Bytes [first, last], so that the top of the address space needs no special case.
struct Range {
  uint64_t first;
  uint64_t last;
  bool Covers(uint64_t low, uint64_t high) const { return first <= low && high <= last; }
  bool Overlaps(uint64_t low, uint64_t high) const { return first <= high && low <= last; }
};

std::optional<Range> RangeOf(const CpuState& state, uint32_t entry) {
  const uint8_t match = state.pmpcfg[entry] & kMatch;
  if (match == kOff) return std::nullopt;
  if (match == kTopOfRange) {
    const uint64_t low = entry == 0 ? 0 : ReadPmpAddress(state, entry - 1) & ~uint64_t{1};
    const uint64_t high = ReadPmpAddress(state, entry);
    if (low >= high) return std::nullopt;
    return Range{low << 2, (high << 2) - 1};
  }
  // NAPOT, s. 3.7.1.1: k trailing ones say 2^(k+3) bytes.
  const uint64_t address = state.pmpaddr[entry];
  const int ones = std::countr_one(address);
  const uint64_t low = (address & ~((uint64_t{1} << ones) - 1)) << 2;
  return Range{low, low + ((uint64_t{1} << (ones + 3)) - 1)};
}

PmpRights Rights(uint8_t config, Privilege privilege, bool whole_page) {
  // Unlocked entries say nothing to machine mode: s. 3.7.1.2.
  if (privilege == Privilege::kMachine && (config & kLocked) == 0) config = 7;
  return {(config & kRead) != 0, (config & kWrite) != 0, (config & kExecute) != 0, whole_page};
}

}  // namespace

PmpRights PmpRightsAt(const CpuState& state, GuestPhysAddr address, Privilege privilege) {
  const uint64_t page_low = address.PageBase().value;
  const uint64_t page_high = page_low + kPageOffsetMask;
  const uint64_t low = address.value & ~(kPmpGrainBytes - 1);
  const uint64_t high = low + (kPmpGrainBytes - 1);
  bool whole_page = true;
  for (uint32_t entry = 0; entry < state.pmpcfg.size(); ++entry) {
    const std::optional<Range> range = RangeOf(state, entry);
    if (!range || !range->Overlaps(page_low, page_high)) continue;
    whole_page = whole_page && range->Covers(page_low, page_high);
    if (range->Overlaps(low, high)) return Rights(state.pmpcfg[entry], privilege, whole_page);
  }
  // S. 3.7.1.3: no match lets machine mode through and nobody else.
  return Rights(0, privilege, whole_page);
}

uint64_t ReadPmpConfig(const CpuState& state, uint32_t first_entry) {
  uint64_t value = 0;
  for (uint32_t i = 0; i < 8; ++i) value |= uint64_t{state.pmpcfg[first_entry + i]} << (8 * i);
  return value;
}

bool WritePmpConfig(CpuState& state, uint32_t first_entry, uint64_t value) {
  bool is_changed = false;
  for (uint32_t i = 0; i < 8; ++i) {
    uint8_t& config = state.pmpcfg[first_entry + i];
    if (config & kLocked) continue;
    uint8_t wanted = (value >> (8 * i)) & (kRead | kWrite | kExecute | kMatch | kLocked);
    // Reserved: write without read, and NA4 with this grain. The old fields stay.
    if ((wanted & (kRead | kWrite)) == kWrite) {
      wanted = (wanted & ~(kRead | kWrite | kExecute)) | (config & (kRead | kWrite | kExecute));
    }
    if ((wanted & kMatch) == kNaturallyAligned4) wanted = (wanted & ~kMatch) | (config & kMatch);
    is_changed |= config != wanted;
    config = wanted;
  }
  return is_changed;
}

uint64_t ReadPmpAddress(const CpuState& state, uint32_t entry) {
  // S. 3.7.1.1: bit G-1 reads as zero unless NAPOT is on; what was written comes back with it.
  const bool is_napot = (state.pmpcfg[entry] & 2 << 3) != 0;
  return is_napot ? state.pmpaddr[entry] : state.pmpaddr[entry] & ~uint64_t{1};
}

bool WritePmpAddress(CpuState& state, uint32_t entry, uint64_t value) {
  const bool is_base_of_locked =
      entry + 1 < state.pmpcfg.size() &&
      (state.pmpcfg[entry + 1] & (kLocked | kMatch)) == (kLocked | kTopOfRange);
  if ((state.pmpcfg[entry] & kLocked) || is_base_of_locked) return false;
  const bool is_changed = state.pmpaddr[entry] != (value & kAddressBits);
  state.pmpaddr[entry] = value & kAddressBits;
  return is_changed;
}

void LegalizePmp(CpuState& state) {
  for (const uint32_t first_entry : {0, 8}) {
    const uint64_t wanted = ReadPmpConfig(state, first_entry);
    for (uint32_t i = 0; i < 8; ++i) state.pmpcfg[first_entry + i] = 0;
    WritePmpConfig(state, first_entry, wanted);
  }
  for (uint64_t& address : state.pmpaddr) address &= kAddressBits;
}

}  // namespace emu::translator::riscv64
