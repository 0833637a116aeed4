#include "vmm/base/address_space.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_format.h"
#include "vmm/base/bits.h"

namespace emu {

struct AddressSpace::MmioRange {
  GuestPhysAddr base;
  uint64_t size;
  std::string name;
  MmioHandler* handler;
  // Under the device lock.
  uint64_t reads = 0;
  uint64_t writes = 0;
  uint64_t refused = 0;
};

AddressSpace::AddressSpace(GuestMemory& memory) : memory_(memory) {}
AddressSpace::~AddressSpace() = default;

absl::Status AddressSpace::MapMmio(GuestPhysAddr base, uint64_t size, std::string name,
                                   MmioHandler& handler) {
  if (size == 0 || size - 1 > UINT64_MAX - base.value) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "device %s: a range of %#x bytes at %#x is no range", name, size, base.value));
  }
  const auto overlaps = [&](GuestPhysAddr other, uint64_t other_size) {
    return base.value - other.value < other_size || other.value - base.value < size;
  };
  for (const GuestMemory::RegionInfo& region : memory_.regions()) {
    if (region.kind == MemoryKind::kRom) continue;
    if (overlaps(region.base, region.size_bytes)) {
      return absl::InvalidArgumentError(absl::StrFormat("device %s at %#x overlaps memory at %#x",
                                                        name, base.value, region.base.value));
    }
  }
  for (const MmioRange& range : ranges_) {
    if (overlaps(range.base, range.size)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("device %s at %#x overlaps %s", name, base.value, range.name));
    }
  }
  const auto place = std::ranges::upper_bound(ranges_, base, {}, &MmioRange::base);
  ranges_.insert(place, {.base = base, .size = size, .name = std::move(name), .handler = &handler});
  return absl::OkStatus();
}

AddressSpace::MmioRange* AddressSpace::FindRange(GuestPhysAddr address) {
  const auto after = std::ranges::upper_bound(ranges_, address, {}, &MmioRange::base);
  if (after == ranges_.begin()) return nullptr;
  MmioRange& range = *std::prev(after);
  return address - range.base < range.size ? &range : nullptr;
}

AccessResult AddressSpace::Read(GuestPhysAddr address, uint32_t width_bytes, uint64_t* value,
                                uint32_t cpu) {
  *value = 0;
  if (const std::byte* page = memory_.PageForRead(address)) {
    const size_t length = std::min<uint64_t>(width_bytes, kPageSize - address.PageOffset());
    std::memcpy(value, page + address.PageOffset(), length);
    return AccessResult::kOk;
  }
  MmioRange* range = FindRange(address);
  AccessResult result = AccessResult::kNoDevice;
  if (range != nullptr) {
    std::lock_guard lock(device_mutex_);
    result = range->handler->MmioReadBy(cpu, address - range->base, width_bytes, value);
    *value &= WidthMask(width_bytes);
    ++range->reads;
    if (result != AccessResult::kOk) ++range->refused;
  }
  if (result != AccessResult::kOk) {
    *value = 0;
    LogRefused(range, address, width_bytes);
  }
  return result;
}

AccessResult AddressSpace::Write(GuestPhysAddr address, uint32_t width_bytes, uint64_t value,
                                 uint32_t cpu) {
  if (memory_.PageForRead(address) != nullptr) {
    if (std::byte* page = memory_.PageForWrite(address)) {
      const size_t length = std::min<uint64_t>(width_bytes, kPageSize - address.PageOffset());
      std::memcpy(page + address.PageOffset(), &value, length);
      return AccessResult::kOk;
    }
  }
  MmioRange* range = FindRange(address);
  AccessResult result = AccessResult::kNoDevice;
  if (range != nullptr) {
    std::lock_guard lock(device_mutex_);
    result = range->handler->MmioWriteBy(cpu, address - range->base, width_bytes,
                                         value & WidthMask(width_bytes));
    ++range->writes;
    if (result != AccessResult::kOk) ++range->refused;
  }
  if (result != AccessResult::kOk) LogRefused(range, address, width_bytes);
  return result;
}

std::vector<AddressSpace::IoCounters> AddressSpace::io_counters() {
  std::lock_guard lock(device_mutex_);
  std::vector<IoCounters> counters;
  for (const MmioRange& range : ranges_) {
    counters.push_back({range.name, range.base, range.reads, range.writes, range.refused});
  }
  return counters;
}

void AddressSpace::LogRefused(const MmioRange* range, GuestPhysAddr address, uint32_t width_bytes) {
  if (!refused_log_.Allow()) return;
  LogWarning("guest-access-refused", {{"device", range != nullptr ? range->name : "none"},
                                      HexField("address", address.value),
                                      {"width", width_bytes}});
}

}  // namespace emu
