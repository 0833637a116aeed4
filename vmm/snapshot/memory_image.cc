#include "vmm/snapshot/memory_image.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/strings/str_format.h"
#include "vmm/base/bits.h"
#include "vmm/base/status_macros.h"
#include "vmm/snapshot/crc32c.h"
#include "vmm/snapshot/errors.h"
#include "vmm/snapshot/file_io.h"

namespace emu::snapshot {
namespace {

using vm::v1::MachineState;
using RegionInfo = GuestMemory::RegionInfo;

// What a processor of ours can address, so that no place in it overflows.
constexpr uint64_t kMostRegionBytes = uint64_t{1} << 56;

uint64_t ChunkBytes(uint64_t region_bytes, uint64_t number) {
  return std::min(kChunkBytes, region_bytes - number * kChunkBytes);
}

// Where a chunk lies: by its `source` which file, and from where on.
uint64_t OffsetOf(const MachineState::Chunk& chunk, const MachineState::Region& region) {
  return chunk.source() == 0 ? region.file_offset() + chunk.number() * kChunkBytes
                             : chunk.source_offset();
}

// The chunks of a parent.
class ParentMemory {
 public:
  explicit ParentMemory(const OpenState* parent) : parent_(parent) {}

  // The chunk as one of a source, if the parent has the same bytes.
  absl::StatusOr<std::optional<MachineState::Chunk>> Find(const MachineState::Region& region,
                                                          uint64_t number,
                                                          std::span<const std::byte> bytes) {
    const MachineState::Region* const old = RegionAt(region);
    if (old == nullptr) return std::nullopt;
    const auto chunk = std::lower_bound(
        old->chunks().begin(), old->chunks().end(), number,
        [](const MachineState::Chunk& left, uint64_t right) { return left.number() < right; });
    if (chunk == old->chunks().end() || chunk->number() != number ||
        chunk->source() >= parent_->files.size()) {
      return std::nullopt;
    }
    buffer_.resize(bytes.size());
    const uint64_t offset = OffsetOf(*chunk, *old);
    RETURN_IF_ERROR(ReadAll(parent_->files[chunk->source()]->get(), buffer_, offset));
    if (!std::ranges::equal(buffer_, bytes)) return std::nullopt;
    MachineState::Chunk same = *chunk;
    same.set_source(chunk->source() + 1);
    same.set_source_offset(offset);
    return same;
  }

 private:
  const MachineState::Region* RegionAt(const MachineState::Region& region) const {
    if (parent_ == nullptr) return nullptr;
    for (const MachineState::Region& old : parent_->manifest.regions()) {
      if (old.base() == region.base() && old.size_bytes() == region.size_bytes()) return &old;
    }
    return nullptr;
  }

  const OpenState* const parent_;  // or nullptr
  std::vector<std::byte> buffer_;
};

// One chunk after another, out of a buffer that stays in the processor's cache.
class ChunkWriter {
 public:
  ChunkWriter(FrozenMemory& memory, int file, const OpenState* parent)
      : memory_(memory), file_(file), parent_(parent), buffer_(kChunkBytes) {}

  // Adds the chunk to `region` unless all of it is zero.
  absl::Status Write(const FrozenMemory::Chunk& chunk, MachineState::Region& region) {
    const std::span<std::byte> bytes = std::span(buffer_).first(chunk.size_bytes);
    memory_.Take(chunk, bytes, is_zero_);
    if (std::ranges::find(is_zero_, false) == is_zero_.end()) return absl::OkStatus();
    ForEachRun(bytes, [](bool is_zero, uint64_t, std::span<std::byte> run) {
      if (is_zero) std::ranges::fill(run, std::byte{0});
      return absl::OkStatus();
    }).IgnoreError();
    ASSIGN_OR_RETURN(const std::optional<MachineState::Chunk> same,
                     parent_.Find(region, chunk.number, bytes));
    if (same.has_value()) {
      *region.add_chunks() = *same;
      return absl::OkStatus();
    }
    const uint64_t offset = region.file_offset() + chunk.number * kChunkBytes;
    RETURN_IF_ERROR(ForEachRun(bytes, [&](bool is_zero, uint64_t at, std::span<std::byte> run) {
      return is_zero ? absl::OkStatus() : WriteAll(file_, run, offset + at);
    }));
    MachineState::Chunk& added = *region.add_chunks();
    added.set_number(chunk.number);
    added.set_crc32c(Crc32c(bytes));
    return absl::OkStatus();
  }

 private:
  // Calls visit(is_zero, offset, run) for pages beside each other that are zero, or are not.
  template <typename Visit>
  absl::Status ForEachRun(std::span<std::byte> bytes, Visit&& visit) {
    for (size_t page = 0; page < is_zero_.size();) {
      size_t end = page;
      while (end < is_zero_.size() && is_zero_[end] == is_zero_[page]) ++end;
      RETURN_IF_ERROR(visit(is_zero_[page], page * kPageSize,
                            bytes.subspan(page * kPageSize, (end - page) * kPageSize)));
      page = end;
    }
    return absl::OkStatus();
  }

  FrozenMemory& memory_;
  const int file_;
  ParentMemory parent_;
  std::vector<std::byte> buffer_;
  std::vector<bool> is_zero_;
};

std::string Describe(uint64_t base, uint64_t size, bool is_rom) {
  return absl::StrFormat("%d KiB of %s at %#x", size >> 10, is_rom ? "ROM" : "RAM", base);
}

absl::StatusOr<std::vector<uint64_t>> SizesOf(const OpenState& state) {
  std::vector<uint64_t> sizes;
  for (const std::shared_ptr<const UniqueFd>& file : state.files) {
    struct stat info = {};
    if (fstat(file->get(), &info) != 0) return CantRead(errno);
    sizes.push_back(static_cast<uint64_t>(info.st_size));
  }
  return sizes;
}

absl::Status CheckIsOf(const MachineState::Region& saved, const RegionInfo& wanted) {
  const bool is_rom = wanted.kind == MemoryKind::kRom;
  if (saved.base() == wanted.base.value && saved.size_bytes() == wanted.size_bytes &&
      saved.is_rom() == is_rom) {
    return absl::OkStatus();
  }
  return OfAnotherMachine("memory", Describe(saved.base(), saved.size_bytes(), saved.is_rom()),
                          Describe(wanted.base.value, wanted.size_bytes, is_rom));
}

// Whether each chunk lies in its file.
absl::Status CheckPlaces(const MachineState::Region& saved, std::span<const uint64_t> file_bytes) {
  if (saved.file_offset() > file_bytes[0]) return Damaged("it is cut short");
  if (saved.size_bytes() > kMostRegionBytes) return Damaged("it has more memory than there is");
  const uint64_t count = (saved.size_bytes() + kChunkBytes - 1) / kChunkBytes;
  uint64_t next = 0;
  for (const MachineState::Chunk& chunk : saved.chunks()) {
    if (chunk.number() < next || chunk.number() >= count) {
      return Damaged("it lists memory that there is not");
    }
    next = chunk.number() + 1;
    if (chunk.source() >= file_bytes.size()) return Damaged("it has memory of no source");
    const uint64_t offset = OffsetOf(chunk, saved);
    if (!IsAligned(offset, kPageSize)) return Damaged("memory begins at no page");
    if (ExceedsLimit(offset, ChunkBytes(saved.size_bytes(), chunk.number()),
                     file_bytes[chunk.source()])) {
      return Damaged("it is cut short");
    }
  }
  return absl::OkStatus();
}

// Reading rather than looking at the mapping: an error of the disk is then an answer, no signal.
absl::Status CheckChunks(const MachineState::Region& region, const OpenState& state,
                         std::span<std::byte> buffer) {
  for (const MachineState::Chunk& chunk : region.chunks()) {
    const auto bytes = buffer.first(ChunkBytes(region.size_bytes(), chunk.number()));
    RETURN_IF_ERROR(ReadAll(state.files[chunk.source()]->get(), bytes, OffsetOf(chunk, region)));
    if (Crc32c(bytes) != chunk.crc32c()) {
      return Damaged(absl::StrFormat("the memory at %#x is not what was written",
                                     region.base() + chunk.number() * kChunkBytes));
    }
  }
  return absl::OkStatus();
}

// What follows each other in one file, in one mapping. What is missing stays memory of this
// process's own.
absl::Status ShareChunks(const MachineState::Region& region, const OpenState& state,
                         GuestMemory& memory) {
  for (int i = 0; i < region.chunks_size();) {
    const MachineState::Chunk& first = region.chunks(i);
    const uint64_t offset = OffsetOf(first, region);
    uint64_t count = 1;
    for (++i; i < region.chunks_size(); ++i, ++count) {
      const MachineState::Chunk& next = region.chunks(i);
      if (next.number() != first.number() + count || next.source() != first.source() ||
          OffsetOf(next, region) != offset + count * kChunkBytes) {
        break;
      }
    }
    const uint64_t begin = first.number() * kChunkBytes;
    const uint64_t size = std::min(count * kChunkBytes, region.size_bytes() - begin);
    RETURN_IF_ERROR(memory.ShareFrames(GuestPhysAddr(region.base()) + begin, size,
                                       state.files[first.source()], offset));
  }
  return absl::OkStatus();
}

}  // namespace

uint64_t DescribeRegions(const GuestMemory& memory, uint64_t file_offset, MachineState& state) {
  for (const RegionInfo& info : memory.regions()) {
    MachineState::Region& region = *state.add_regions();
    region.set_base(info.base.value);
    region.set_size_bytes(info.size_bytes);
    region.set_is_rom(info.kind == MemoryKind::kRom);
    region.set_file_offset(file_offset);
    file_offset += AlignUp(info.size_bytes, kChunkBytes);
  }
  return file_offset;
}

absl::Status SaveMemory(FrozenMemory& memory, int file, const OpenState* parent,
                        const Progress& progress, MachineState& state) {
  uint64_t total = 0;
  for (const MachineState::Region& region : state.regions()) total += region.size_bytes();
  ChunkWriter writer(memory, file, parent);
  uint64_t done = 0;
  while (const std::optional<FrozenMemory::Chunk> chunk = memory.Next()) {
    RETURN_IF_ERROR(writer.Write(*chunk, *state.mutable_regions(static_cast<int>(chunk->region))));
    done += chunk->size_bytes;
    if (!progress(done, total)) return Cancelled();
  }
  for (MachineState::Region& region : *state.mutable_regions()) {
    std::sort(region.mutable_chunks()->begin(), region.mutable_chunks()->end(),
              [](const MachineState::Chunk& left, const MachineState::Chunk& right) {
                return left.number() < right.number();
              });
  }
  return absl::OkStatus();
}

std::vector<MachineState::Source> SourcesOf(const OpenState& parent) {
  std::vector<MachineState::Source> sources(1);
  sources[0].set_uid(parent.manifest.uid());
  sources[0].set_manifest_crc32c(parent.manifest_crc32c);
  sources.insert(sources.end(), parent.manifest.sources().begin(), parent.manifest.sources().end());
  return sources;
}

absl::Status CheckMemory(const OpenState& state) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> file_bytes, SizesOf(state));
  std::vector<std::byte> buffer(kChunkBytes);
  for (const MachineState::Region& region : state.manifest.regions()) {
    RETURN_IF_ERROR(CheckPlaces(region, file_bytes));
    RETURN_IF_ERROR(CheckChunks(region, state, buffer));
  }
  return absl::OkStatus();
}

absl::Status LoadMemory(const OpenState& state, Checks checks, GuestMemory& memory) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> file_bytes, SizesOf(state));
  const std::vector<RegionInfo> regions = memory.regions();
  const auto& saved = state.manifest.regions();
  if (static_cast<size_t>(saved.size()) != regions.size()) {
    return OfAnotherMachine("memory", absl::StrFormat("%d regions", saved.size()),
                            absl::StrFormat("%d regions", regions.size()));
  }
  std::vector<std::byte> buffer(checks == Checks::kAll ? kChunkBytes : 0);
  for (int i = 0; i < saved.size(); ++i) {
    RETURN_IF_ERROR(CheckIsOf(saved[i], regions[static_cast<size_t>(i)]));
    RETURN_IF_ERROR(CheckPlaces(saved[i], file_bytes));
    if (checks == Checks::kAll) RETURN_IF_ERROR(CheckChunks(saved[i], state, buffer));
  }
  for (const MachineState::Region& region : saved) {
    RETURN_IF_ERROR(ShareChunks(region, state, memory));
  }
  return absl::OkStatus();
}

}  // namespace emu::snapshot
