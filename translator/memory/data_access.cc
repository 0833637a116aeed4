#include "translator/memory/data_access.h"

#include <bit>

#include "vmm/base/guest_access.h"
#include "vmm/base/guest_memory.h"

namespace emu::translator {
namespace {

// The largest access that a device sees at `address`: naturally aligned and within `bytes`.
uint32_t DeviceWidth(uint64_t address, uint32_t bytes) {
  uint32_t width = std::bit_floor(bytes);
  while ((address & (width - 1)) != 0) width /= 2;
  return width;
}

}  // namespace

bool DataAccess::Load(uint64_t address, uint32_t bytes, Alignment alignment, uint64_t* value,
                      DataSpace space) {
  if (alignment == Alignment::kNatural && (address & (bytes - 1)) != 0) {
    fault_ = isa_.MisalignedFault(GuestVirtAddr(address), AccessKind::kRead);
    return false;
  }
  *value = 0;
  if (const std::byte* host = tlb_.Find(TlbArray::kRead, address, bytes, space); host != nullptr) {
    *value = LoadGuest(host, bytes);
    return true;
  }
  if (IsWatched(address, bytes, /*reads=*/true, /*writes=*/false)) return false;
  const auto first = static_cast<uint32_t>(kPageSize - (address & kPageOffsetMask));
  Place place;
  if (bytes <= first) {
    return Resolve(address, bytes, AccessKind::kRead, &place, space) &&
           LoadPart(place, address, bytes, value);
  }
  Place second;
  uint64_t low = 0;
  uint64_t high = 0;
  if (!Resolve(address, first, AccessKind::kRead, &place, space) ||
      !Resolve(address + first, bytes - first, AccessKind::kRead, &second, space) ||
      !LoadPart(place, address, first, &low) ||
      !LoadPart(second, address + first, bytes - first, &high)) {
    return false;
  }
  *value = low | high << (8 * first);
  return true;
}

bool DataAccess::Store(uint64_t address, uint32_t bytes, Alignment alignment, uint64_t value,
                       DataSpace space) {
  if (alignment == Alignment::kNatural && (address & (bytes - 1)) != 0) {
    fault_ = isa_.MisalignedFault(GuestVirtAddr(address), AccessKind::kWrite);
    return false;
  }
  if (std::byte* host = tlb_.Find(TlbArray::kWrite, address, bytes, space); host != nullptr) {
    StoreGuest(host, bytes, value);
    return true;
  }
  if (IsWatched(address, bytes, /*reads=*/false, /*writes=*/true)) return false;
  const auto first = static_cast<uint32_t>(kPageSize - (address & kPageOffsetMask));
  Place place;
  if (bytes <= first) {
    return Resolve(address, bytes, AccessKind::kWrite, &place, space) &&
           StorePart(place, address, bytes, value);
  }
  // Both pages are checked before either is written.
  Place second;
  return Resolve(address, first, AccessKind::kWrite, &place, space) &&
         Resolve(address + first, bytes - first, AccessKind::kWrite, &second, space) &&
         StorePart(place, address, first, value) &&
         StorePart(second, address + first, bytes - first, value >> (8 * first));
}

bool DataAccess::Probe(uint64_t address, uint32_t bytes, AccessKind kind) {
  const bool is_write = kind == AccessKind::kWrite;
  const TlbArray array = is_write ? TlbArray::kWrite : TlbArray::kRead;
  if (tlb_.Find(array, address, bytes) != nullptr) return true;
  if (IsWatched(address, bytes, !is_write, is_write)) return false;
  const auto first = static_cast<uint32_t>(kPageSize - (address & kPageOffsetMask));
  Place place;
  if (bytes <= first) return Resolve(address, bytes, kind, &place);
  return Resolve(address, first, kind, &place) &&
         Resolve(address + first, bytes - first, kind, &place);
}

std::byte* DataAccess::HostForAtomic(uint64_t address, uint32_t bytes, AccessKind kind) {
  if ((address & (bytes - 1)) != 0) {
    fault_ = isa_.MisalignedFault(GuestVirtAddr(address), kind);
    return nullptr;
  }
  const TlbArray array = kind == AccessKind::kRead ? TlbArray::kRead : TlbArray::kWrite;
  if (std::byte* host = tlb_.Find(array, address, bytes); host != nullptr) return host;
  // What may write reads first.
  if (IsWatched(address, bytes, /*reads=*/true, kind == AccessKind::kWrite)) return nullptr;
  Place place;
  if (!Resolve(address, bytes, kind, &place)) return nullptr;
  if (place.host == nullptr) BusFault(address, kind);
  return place.host;
}

std::byte* DataAccess::HostForSpan(uint64_t address, uint32_t bytes, AccessKind kind,
                                   DataSpace space) {
  if ((address & kPageOffsetMask) + bytes > kPageSize) return nullptr;
  const TlbArray array = kind == AccessKind::kRead ? TlbArray::kRead : TlbArray::kWrite;
  if (std::byte* host = tlb_.Find(array, address, bytes, space); host != nullptr) return host;
  Place place;
  if (!Resolve(address, bytes, kind, &place, space)) return nullptr;
  // What may be kept is in the TLB now.
  return tlb_.Find(array, address, bytes, space);
}

bool DataAccess::Resolve(uint64_t address, uint32_t bytes, AccessKind kind, Place* place,
                         DataSpace space) {
  const TlbArray array = kind == AccessKind::kRead ? TlbArray::kRead : TlbArray::kWrite;
  place->host = tlb_.Find(array, address, bytes, space);
  if (place->host != nullptr) return true;
  ++misses_;

  const WalkResult walk = isa_.Walk(context_, GuestVirtAddr(address), kind, space);
  if (walk.fault.has_value()) {
    fault_ = *walk.fault;
    return false;
  }
  if (!walk.translation.whole_page) {
    // The access may leave the bytes that the walk spoke of.
    const uint64_t last = (address + bytes - 1) & ~(kProtectionGrainBytes - 1);
    if (last > address) {
      const WalkResult rest = isa_.Walk(context_, GuestVirtAddr(last), kind, space);
      if (rest.fault.has_value()) {
        fault_ = *rest.fault;
        return false;
      }
    }
  }
  const uint64_t offset = address & kPageOffsetMask;
  place->physical = walk.translation.page + offset;
  GuestMemory& memory = address_space_.memory();
  std::byte* page = nullptr;
  if (kind == AccessKind::kRead) {
    // SAFETY: read entries are never written through.
    page = const_cast<std::byte*>(memory.PageForRead(walk.translation.page));
  } else {
    page = memory.PageForWrite(walk.translation.page);
  }
  if (page == nullptr) return true;
  if (walk.translation.whole_page && !watchpoints_.WatchesPage(address & ~kPageOffsetMask) &&
      (kind == AccessKind::kRead || memory.IsWritable(walk.translation.page))) {
    tlb_.Fill(array, address & ~kPageOffsetMask, page, space);
  }
  place->host = page + offset;
  return true;
}

bool DataAccess::FindWatchpoint(uint64_t address, uint32_t bytes, bool reads, bool writes) {
  const StopPoint* hit = watchpoints_.Find(address, bytes, reads, writes);
  if (hit == nullptr) return false;
  watch_hit_ = {.reason = DebugStop::Reason::kWatchpoint, .point = *hit, .address = address};
  return true;
}

bool DataAccess::LoadPart(const Place& place, uint64_t address, uint32_t bytes, uint64_t* value) {
  if (place.host != nullptr) {
    *value = LoadGuest(place.host, bytes);
    return true;
  }
  for (uint32_t done = 0; done < bytes;) {
    const uint32_t width = DeviceWidth(address + done, bytes - done);
    uint64_t part = 0;
    if (address_space_.Read(place.physical + done, width, &part, context_.index()) ==
        AccessResult::kNoDevice) {
      return BusFault(address + done, AccessKind::kRead);
    }
    *value |= part << (8 * done);
    done += width;
  }
  return true;
}

bool DataAccess::StorePart(const Place& place, uint64_t address, uint32_t bytes, uint64_t value) {
  if (place.host != nullptr) {
    StoreGuest(place.host, bytes, value);
    return true;
  }
  for (uint32_t done = 0; done < bytes;) {
    const uint32_t width = DeviceWidth(address + done, bytes - done);
    if (address_space_.Write(place.physical + done, width, value >> (8 * done), context_.index()) ==
        AccessResult::kNoDevice) {
      return BusFault(address + done, AccessKind::kWrite);
    }
    done += width;
  }
  return true;
}

bool DataAccess::BusFault(uint64_t address, AccessKind kind) {
  fault_ = isa_.BusFault(GuestVirtAddr(address), kind);
  return false;
}

}  // namespace emu::translator
