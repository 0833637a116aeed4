#include "vmm/base/guest_memory.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "absl/strings/str_format.h"
#include "vmm/base/bits.h"
#include "vmm/base/guest_access.h"

namespace emu {
namespace {

// Unreadable pages on both sides of a region: a stray host access faults instead of reaching
// another mapping.
constexpr uint64_t kGuardBytes = 64 * 1024;
constexpr uint64_t kHugePageSize = 2 * 1024 * 1024;

// Address space of the host, returned at destruction.
class HostMapping {
 public:
  HostMapping() = default;
  HostMapping(void* start, size_t size) : start_(start), size_(size) {}
  HostMapping(const HostMapping&) = delete;
  HostMapping& operator=(const HostMapping&) = delete;
  ~HostMapping() {
    if (start_ != MAP_FAILED) munmap(start_, size_);
  }
  bool is_valid() const { return start_ != MAP_FAILED; }
  std::byte* bytes() const { return static_cast<std::byte*>(start_); }

 private:
  void* start_ = MAP_FAILED;
  size_t size_ = 0;
};

void* MapAnonymous(uint64_t size, int protection) {
  return mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

absl::Status HostRefuses(std::string_view what, uint64_t size) {
  return absl::ResourceExhaustedError(
      absl::StrFormat("the host refuses %s for %d MiB of guest memory: %s; give the VM less memory "
                      "or raise the limit",
                      what, size >> 20, std::strerror(errno)));
}

// A run of pages that began with frames that follow one another in a shared file. The host copies
// a frame of a private mapping at the first store; `owned` says of each page whether that was.
struct SharedRun {
  std::shared_ptr<const UniqueFd> file;
  uint64_t file_offset;
  std::vector<bool> owned;
};

}  // namespace

struct GuestMemory::Region {
  Region(GuestPhysAddr base, uint64_t size, MemoryKind kind, uint64_t reserved)
      : base(base),
        size(size),
        kind(kind),
        reservation(MapAnonymous(reserved, PROT_NONE), reserved),
        reason_bytes(MapAnonymous(size >> kPageShift, PROT_READ | PROT_WRITE), size >> kPageShift) {
  }

  std::byte* HostPage(GuestPhysAddr address) const { return host + (address.PageBase() - base); }
  // SAFETY: the mapping holds one zeroed byte for each page, and an atomic byte is just a byte.
  std::atomic<uint8_t>& Reasons(GuestPhysAddr address) const {
    static_assert(sizeof(std::atomic<uint8_t>) == 1);
    auto* bytes = reinterpret_cast<std::atomic<uint8_t>*>(reason_bytes.bytes());
    return bytes[(address - base) >> kPageShift];
  }

  const GuestPhysAddr base;
  const uint64_t size;
  const MemoryKind kind;
  const HostMapping reservation;  // the region and its guards
  const HostMapping reason_bytes;
  std::byte* host = nullptr;
  std::map<uint64_t, SharedRun> shared;  // by first page of the region; gate_mutex_
};

GuestMemory::GuestMemory() = default;
GuestMemory::~GuestMemory() = default;

absl::Status GuestMemory::AddRegion(GuestPhysAddr base, uint64_t size, MemoryKind kind) {
  if (size == 0 || !IsAligned(size, kPageSize) || !IsAligned(base.value, kPageSize) ||
      size - 1 > UINT64_MAX - base.value) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "memory of %#x bytes at %#x: base and size must be multiples of 4096", size, base.value));
  }
  for (const auto& region : regions_) {
    if (base - region->base < region->size || region->base - base < size) {
      return absl::InvalidArgumentError(
          absl::StrFormat("memory at %#x overlaps memory at %#x", base.value, region->base.value));
    }
  }
  const uint64_t reserved = size + 2 * kGuardBytes + kHugePageSize;
  auto region = std::make_unique<Region>(base, size, kind, reserved);
  if (!region->reservation.is_valid() || !region->reason_bytes.is_valid()) {
    return HostRefuses("address space", size);
  }
  // Guest-physical and host addresses agree modulo 2 MiB, so that huge pages can back both.
  std::byte* start = region->reservation.bytes() + kGuardBytes;
  // SAFETY: only the number is used, to find the distance to the next aligned address.
  const auto number = reinterpret_cast<uintptr_t>(start);
  region->host = start + (AlignUp(number - base.value, kHugePageSize) - (number - base.value));
  if (mmap(region->host, size, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == MAP_FAILED) {
    return HostRefuses("a mapping", size);
  }
  // Advice only: without huge pages, or names, all still works.
  madvise(region->host, size, MADV_HUGEPAGE);
  madvise(region->host, size, MADV_DONTDUMP);
  prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, region->host, size, "guest-memory");
  const auto place =
      std::ranges::upper_bound(regions_, base, {}, [](const auto& r) { return r->base; });
  regions_.insert(place, std::move(region));
  return absl::OkStatus();
}

// A VM has two or three regions, the one that is asked for nearly always the last.
GuestMemory::Region* GuestMemory::FindRegion(GuestPhysAddr address) const {
  for (auto region = regions_.rbegin(); region != regions_.rend(); ++region) {
    if (address - (*region)->base < (*region)->size) return region->get();
  }
  return nullptr;
}

const std::byte* GuestMemory::PageForRead(GuestPhysAddr address) const {
  const Region* region = FindRegion(address);
  return region != nullptr ? region->HostPage(address) : nullptr;
}

std::byte* GuestMemory::PageForWrite(GuestPhysAddr address) {
  Region* region = FindRegion(address);
  if (region == nullptr || region->kind == MemoryKind::kRom) return nullptr;
  return Grant(*region, address);
}

std::byte* GuestMemory::PageForLoading(GuestPhysAddr address) {
  Region* region = FindRegion(address);
  return region != nullptr ? Grant(*region, address) : nullptr;
}

bool GuestMemory::IsWritable(GuestPhysAddr address) const {
  const Region* region = FindRegion(address);
  return region != nullptr && region->kind == MemoryKind::kRam &&
         region->Reasons(address).load(std::memory_order_acquire) == 0;
}

// The fast path may miss a Withhold that runs at the same time; who withholds stops the world where
// that matters.
std::byte* GuestMemory::Grant(Region& region, GuestPhysAddr address) {
  std::byte* host = region.HostPage(address);
  std::atomic<uint8_t>& reasons = region.Reasons(address);
  if (reasons.load(std::memory_order_acquire) == 0) return host;

  std::unique_lock lock(gate_mutex_);
  uint8_t withheld = reasons.load(std::memory_order_relaxed);
  while (!HaveRoom(withheld)) {
    room_.wait(lock);
    withheld = reasons.load(std::memory_order_relaxed);
  }
  for (size_t reason = 0; reason < kWithholdReasonCount; ++reason) {
    if ((withheld >> reason & 1) != 0 && observers_[reason] != nullptr) {
      observers_[reason]->BeforeWriteGranted(address.PageBase());
    }
  }
  const auto copy_on_write = static_cast<uint8_t>(WithholdReason::kCopyOnWrite);
  if ((withheld >> copy_on_write & 1) != 0) OwnFrame(region, address);
  reasons.store(0, std::memory_order_release);
  return host;
}

bool GuestMemory::HaveRoom(uint8_t withheld) const {
  for (size_t reason = 0; reason < kWithholdReasonCount; ++reason) {
    const bool asks = (withheld >> reason & 1) != 0 && observers_[reason] != nullptr;
    if (asks && !observers_[reason]->HasRoom()) return false;
  }
  return true;
}

void GuestMemory::OwnFrame(Region& region, GuestPhysAddr address) {
  const uint64_t page = (address - region.base) >> kPageShift;
  auto run = region.shared.upper_bound(page);
  if (run == region.shared.begin()) return;
  const uint64_t first = (--run)->first;
  std::vector<bool>& owned = run->second.owned;
  if (page - first >= owned.size() || owned[page - first]) return;
  // SAFETY: a store that changes nothing, for the host to make the copy; an atomic byte is a byte.
  reinterpret_cast<std::atomic<uint8_t>*>(region.HostPage(address))->fetch_or(0);
  owned[page - first] = true;
}

absl::Status GuestMemory::ShareFrames(GuestPhysAddr base, uint64_t size,
                                      std::shared_ptr<const UniqueFd> file, uint64_t file_offset) {
  Region* region = FindRegion(base);
  if (region == nullptr || !IsAligned(base.value | size | file_offset, kPageSize) || size == 0 ||
      ExceedsLimit(base - region->base, size, region->size)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "frames of %#x bytes at %#x are not whole pages of one memory region", size, base.value));
  }
  std::lock_guard lock(gate_mutex_);
  const uint64_t first = (base - region->base) >> kPageShift;
  const uint64_t count = size >> kPageShift;
  const auto after = region->shared.lower_bound(first + count);
  if (after != region->shared.begin()) {
    const auto& [other_first, other] = *std::prev(after);
    if (other_first + other.owned.size() > first) {
      return absl::InvalidArgumentError(
          absl::StrFormat("frames at %#x are shared already", base.value));
    }
  }
  if (mmap(region->HostPage(base), size, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file->get(),
           static_cast<off_t>(file_offset)) == MAP_FAILED) {
    return HostRefuses("a mapping", size);
  }
  madvise(region->HostPage(base), size, MADV_DONTDUMP);
  region->shared[first] = {std::move(file), file_offset, std::vector<bool>(count)};
  for (uint64_t offset = 0; offset < size; offset += kPageSize) {
    region->Reasons(base + offset)
        .fetch_or(1 << static_cast<uint8_t>(WithholdReason::kCopyOnWrite));
  }
  return absl::OkStatus();
}

std::optional<GuestMemory::Frame> GuestMemory::FrameAt(GuestPhysAddr address) const {
  const Region* region = FindRegion(address);
  if (region == nullptr) return std::nullopt;
  const uint64_t page = (address - region->base) >> kPageShift;
  std::lock_guard lock(gate_mutex_);
  const auto after = region->shared.upper_bound(page);
  if (after != region->shared.begin()) {
    const auto& [first, run] = *std::prev(after);
    if (page - first < run.owned.size() && !run.owned[page - first]) {
      return Frame{run.file->get(), run.file_offset + ((page - first) << kPageShift),
                   Frame::Ownership::kShared};
    }
  }
  return Frame{Frame::kNoFile, page << kPageShift, Frame::Ownership::kOwned};
}

void GuestMemory::Withhold(GuestPhysAddr page, WithholdReason reason) {
  std::lock_guard lock(gate_mutex_);
  if (Region* region = FindRegion(page)) {
    region->Reasons(page).fetch_or(static_cast<uint8_t>(1 << static_cast<uint8_t>(reason)),
                                   std::memory_order_acq_rel);
  }
}

bool GuestMemory::IsWithheld(GuestPhysAddr page, WithholdReason reason) const {
  const Region* region = FindRegion(page);
  return region != nullptr &&
         (region->Reasons(page).load(std::memory_order_acquire) >> static_cast<uint8_t>(reason) &
          1) != 0;
}

// Reasons change under the gate's lock only.
void GuestMemory::WithholdAll(WithholdReason reason) {
  const auto bit = static_cast<uint8_t>(1 << static_cast<uint8_t>(reason));
  std::lock_guard lock(gate_mutex_);
  for (const auto& region : regions_) {
    for (uint64_t offset = 0; offset < region->size; offset += kPageSize) {
      std::atomic<uint8_t>& reasons = region->Reasons(region->base + offset);
      reasons.store(reasons.load(std::memory_order_relaxed) | bit, std::memory_order_release);
    }
  }
}

std::vector<bool> GuestMemory::Lift(GuestPhysAddr base, uint64_t size, WithholdReason reason) {
  const auto bit = static_cast<uint8_t>(1 << static_cast<uint8_t>(reason));
  std::vector<bool> had(size >> kPageShift);
  const Region* region = FindRegion(base);
  if (region == nullptr || ExceedsLimit(base - region->base, size, region->size)) return had;
  std::lock_guard lock(gate_mutex_);
  for (size_t page = 0; page < had.size(); ++page) {
    std::atomic<uint8_t>& reasons = region->Reasons(base + (page << kPageShift));
    const uint8_t before = reasons.load(std::memory_order_relaxed);
    had[page] = (before & bit) != 0;
    reasons.store(before & static_cast<uint8_t>(~bit), std::memory_order_release);
  }
  return had;
}

void GuestMemory::WakeWriters() {
  // Nobody is between having asked and waiting.
  { std::lock_guard lock(gate_mutex_); }
  room_.notify_all();
}

void GuestMemory::SetObserver(WithholdReason reason, WriteGateObserver* observer) {
  std::lock_guard lock(gate_mutex_);
  observers_[static_cast<size_t>(reason)] = observer;
}

// Calls visit(address, done, length) for the part of [address, address + size) in each page, until
// it answers false. A range that runs past the last address ends there with false.
template <typename Visit>
bool GuestMemory::ForEachPage(GuestPhysAddr address, uint64_t size, Visit&& visit) {
  uint64_t done = 0;
  while (done < size) {
    const GuestPhysAddr at = address + done;
    if (at < address) return false;
    const uint64_t length = std::min(size - done, kPageSize - at.PageOffset());
    if (!visit(at, done, length)) return false;
    done += length;
  }
  return true;
}

bool GuestMemory::Read(GuestPhysAddr address, std::span<std::byte> into) const {
  return ForEachPage(address, into.size(), [&](GuestPhysAddr at, uint64_t done, uint64_t length) {
    const std::byte* page = PageForRead(at);
    if (page == nullptr) return false;
    CopyGuest(into.data() + done, page + at.PageOffset(), length);
    return true;
  });
}

bool GuestMemory::Write(GuestPhysAddr address, std::span<const std::byte> from) {
  return ForEachPage(address, from.size(), [&](GuestPhysAddr at, uint64_t done, uint64_t length) {
    std::byte* page = PageForWrite(at);
    if (page == nullptr) return false;
    CopyGuest(page + at.PageOffset(), from.data() + done, length);
    return true;
  });
}

bool GuestMemory::WriteRom(GuestPhysAddr address, std::span<const std::byte> from) {
  return ForEachPage(address, from.size(), [&](GuestPhysAddr at, uint64_t done, uint64_t length) {
    std::byte* page = PageForLoading(at);
    if (page == nullptr) return false;
    CopyGuest(page + at.PageOffset(), from.data() + done, length);
    return true;
  });
}

std::vector<GuestMemory::RegionInfo> GuestMemory::regions() const {
  std::vector<RegionInfo> infos;
  for (const auto& region : regions_) infos.push_back({region->base, region->size, region->kind});
  return infos;
}

}  // namespace emu
