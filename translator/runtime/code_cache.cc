#include "translator/runtime/code_cache.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace emu::translator {
namespace {

constexpr size_t kMiB = 1024 * 1024;
// Of a word that is patched at once.
constexpr size_t kBlockAlignment = 8;
constexpr uint32_t kMinSegments = 16;
constexpr size_t kHugePage = 2 * kMiB;

// A view of `file` at an address where huge pages fit. Nullptr if the host refuses.
std::byte* MapAligned(int file, size_t bytes, int protection) {
  const auto reserved = bytes + kHugePage;
  void* place =
      mmap(nullptr, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) return nullptr;
  // SAFETY: only the number is used, to find the distance to the next aligned address.
  const size_t before = -reinterpret_cast<uintptr_t>(place) % kHugePage;
  auto* const start = static_cast<std::byte*>(place) + before;
  if (before != 0) munmap(place, before);
  munmap(start + bytes, reserved - before - bytes);
  void* view = mmap(start, bytes, protection, MAP_SHARED | MAP_FIXED, file, 0);
  if (view == MAP_FAILED) return nullptr;
  madvise(start, bytes, MADV_HUGEPAGE);  // a host may give memory files none
  return start;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CodeCache>> CodeCache::Create(uint32_t size_mib, Backing backing) {
  auto cache = std::unique_ptr<CodeCache>(new CodeCache());
  const size_t bytes = std::max<size_t>(size_mib, 1) * kMiB;
  cache->segment_bytes_ = std::min(kMiB, bytes / kMinSegments);
  cache->segment_count_ = static_cast<uint32_t>(bytes / cache->segment_bytes_);
  cache->mapped_bytes_ = kStubBytes + bytes;
  if (backing == Backing::kNamed) {
    cache->MapNamed();
  } else {
    cache->MapUnnamed();
  }
  if (cache->writable_ == nullptr || cache->code_ == nullptr) {
    return absl::ResourceExhaustedError(absl::StrCat("cannot map a code cache of ", size_mib,
                                                     " MiB; a smaller --code-cache-mib may do"));
  }
  cache->next_ = kStubBytes;
  cache->side_tables_.resize(cache->segment_count_);
  return cache;
}

void CodeCache::MapNamed() {
  file_ = UniqueFd(memfd_create("emu-code", MFD_CLOEXEC));
  if (file_.get() < 0 || ftruncate(file_.get(), static_cast<off_t>(mapped_bytes_)) != 0) return;
  writable_ = MapAligned(file_.get(), mapped_bytes_, PROT_READ | PROT_WRITE);
  code_ = MapAligned(file_.get(), mapped_bytes_, PROT_READ | PROT_EXEC);
}

void CodeCache::MapUnnamed() {
  void* writable =
      mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (writable == MAP_FAILED) return;
  writable_ = static_cast<std::byte*>(writable);
  // From a size of 0 it maps the same memory once more.
  void* code = mremap(writable, 0, mapped_bytes_, MREMAP_MAYMOVE);
  if (code == MAP_FAILED) return;
  code_ = static_cast<std::byte*>(code);
  if (mprotect(code, mapped_bytes_, PROT_READ | PROT_EXEC) == 0) return;
  munmap(code, mapped_bytes_);
  code_ = nullptr;
}

CodeCache::~CodeCache() {
  if (code_ != nullptr) munmap(code_, mapped_bytes_);
  if (writable_ != nullptr) munmap(writable_, mapped_bytes_);
}

void CodeCache::WriteStubs(std::span<const std::byte> bytes) {
  const size_t size = std::min(bytes.size(), kStubBytes);
  std::memcpy(writable_, bytes.data(), size);
  emitted_bytes_ += size;
}

bool CodeCache::Fits(size_t bytes) const { return next_ + bytes <= segment_end(); }

void CodeCache::Append(std::span<const std::byte> bytes) {
  std::memcpy(writable_ + next_, bytes.data(), bytes.size());
  const size_t start = next_;
  next_ = (next_ + bytes.size() + kBlockAlignment - 1) & ~(kBlockAlignment - 1);
  emitted_bytes_ += next_ - start;
}

const uint8_t* CodeCache::KeepBeside(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return nullptr;
  SideTables& tables = side_tables_[segment_];
  if (tables.used_bytes + bytes.size() > kChunkBytes) {
    tables.chunks.push_back(
        std::make_unique_for_overwrite<uint8_t[]>(std::max(kChunkBytes, bytes.size())));
    tables.used_bytes = 0;
  }
  uint8_t* const place = tables.chunks.back().get() + tables.used_bytes;
  std::copy(bytes.begin(), bytes.end(), place);
  tables.used_bytes += bytes.size();
  return place;
}

std::byte* CodeCache::Writable(const void* code) const {
  return writable_ + (static_cast<const std::byte*>(code) - code_);
}

size_t CodeCache::used_bytes() const {
  const size_t filling = next_ - kStubBytes - segment_ * segment_bytes_;
  return (taken_segments_ - 1) * segment_bytes_ + filling;
}

bool CodeCache::TakeFreshSegment() {
  if (taken_segments_ == segment_count_) return false;
  emitted_bytes_ += segment_end() - next_;
  Reuse(taken_segments_++);
  return true;
}

void CodeCache::Empty() {
  side_tables_.clear();
  side_tables_.resize(segment_count_);
  taken_segments_ = 1;
  Reuse(0);
}

void CodeCache::Reuse(uint32_t segment) {
  segment_ = segment;
  side_tables_[segment] = {};
  next_ = kStubBytes + segment * segment_bytes_;
}

}  // namespace emu::translator
