#include "vmm/snapshot/memory_image.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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

uint64_t ChunkBytes(uint64_t region_bytes, uint64_t number) {
  return std::min(kChunkBytes, region_bytes - number * kChunkBytes);
}

// One chunk after another, out of a buffer that stays in the processor's cache.
class ChunkWriter {
 public:
  ChunkWriter(FrozenMemory& memory, int file)
      : memory_(memory), file_(file), buffer_(kChunkBytes) {}

  // Adds the chunk to `region` unless all of it is zero.
  absl::Status Write(const FrozenMemory::Chunk& chunk, MachineState::Region& region) {
    const std::span<std::byte> bytes = std::span(buffer_).first(chunk.size_bytes);
    memory_.Take(chunk, bytes, is_zero_);
    if (std::ranges::find(is_zero_, false) == is_zero_.end()) return absl::OkStatus();
    RETURN_IF_ERROR(WritePages(bytes, region.file_offset() + chunk.number * kChunkBytes));
    MachineState::Chunk& added = *region.add_chunks();
    added.set_number(chunk.number);
    added.set_crc32c(Crc32c(bytes));
    return absl::OkStatus();
  }

 private:
  // But for zeroes, which are made to be some.
  absl::Status WritePages(std::span<std::byte> bytes, uint64_t offset) {
    for (size_t page = 0; page < is_zero_.size();) {
      size_t end = page;
      while (end < is_zero_.size() && is_zero_[end] == is_zero_[page]) ++end;
      const auto run = bytes.subspan(page * kPageSize, (end - page) * kPageSize);
      if (is_zero_[page]) {
        std::ranges::fill(run, std::byte{0});
      } else {
        RETURN_IF_ERROR(WriteAll(file_, run, offset + page * kPageSize));
      }
      page = end;
    }
    return absl::OkStatus();
  }

  FrozenMemory& memory_;
  const int file_;
  std::vector<std::byte> buffer_;
  std::vector<bool> is_zero_;
};

std::string Describe(uint64_t base, uint64_t size, bool is_rom) {
  return absl::StrFormat("%d KiB of %s at %#x", size >> 10, is_rom ? "ROM" : "RAM", base);
}

absl::Status CheckRegion(const MachineState::Region& saved, const RegionInfo& wanted,
                         uint64_t file_bytes) {
  const bool is_rom = wanted.kind == MemoryKind::kRom;
  if (saved.base() != wanted.base.value || saved.size_bytes() != wanted.size_bytes ||
      saved.is_rom() != is_rom) {
    return OfAnotherMachine("memory", Describe(saved.base(), saved.size_bytes(), saved.is_rom()),
                            Describe(wanted.base.value, wanted.size_bytes, is_rom));
  }
  if (!IsAligned(saved.file_offset(), kPageSize)) return Damaged("memory begins at no page");
  const uint64_t count = (wanted.size_bytes + kChunkBytes - 1) / kChunkBytes;
  uint64_t next = 0;
  for (const MachineState::Chunk& chunk : saved.chunks()) {
    if (chunk.number() < next || chunk.number() >= count) {
      return Damaged("it lists memory that there is not");
    }
    next = chunk.number() + 1;
    const uint64_t size = ChunkBytes(wanted.size_bytes, chunk.number());
    if (saved.file_offset() > file_bytes ||
        ExceedsLimit(saved.file_offset() + chunk.number() * kChunkBytes, size, file_bytes)) {
      return Damaged("it is cut short");
    }
  }
  return absl::OkStatus();
}

// Reading rather than looking at the mapping: an error of the disk is then an answer, no signal.
absl::Status CheckChunks(const MachineState::Region& region, int file,
                         std::span<std::byte> buffer) {
  for (const MachineState::Chunk& chunk : region.chunks()) {
    const uint64_t begin = chunk.number() * kChunkBytes;
    const auto bytes = buffer.first(ChunkBytes(region.size_bytes(), chunk.number()));
    RETURN_IF_ERROR(ReadAll(file, bytes, region.file_offset() + begin));
    if (Crc32c(bytes) != chunk.crc32c()) {
      return Damaged(
          absl::StrFormat("the memory at %#x is not what was written", region.base() + begin));
    }
  }
  return absl::OkStatus();
}

// Neighbours in one mapping. What is missing stays memory of this process's own.
absl::Status ShareChunks(const MachineState::Region& region,
                         const std::shared_ptr<const UniqueFd>& file, GuestMemory& memory) {
  for (int i = 0; i < region.chunks_size();) {
    const uint64_t first = region.chunks(i).number();
    uint64_t end = first;
    for (; i < region.chunks_size() && region.chunks(i).number() == end; ++i) ++end;
    const uint64_t begin = first * kChunkBytes;
    const uint64_t size = std::min(end * kChunkBytes, region.size_bytes()) - begin;
    RETURN_IF_ERROR(memory.ShareFrames(GuestPhysAddr(region.base()) + begin, size, file,
                                       region.file_offset() + begin));
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

absl::Status SaveMemory(FrozenMemory& memory, int file, const Progress& progress,
                        MachineState& state) {
  uint64_t total = 0;
  for (const MachineState::Region& region : state.regions()) total += region.size_bytes();
  ChunkWriter writer(memory, file);
  uint64_t done = 0;
  while (const std::optional<FrozenMemory::Chunk> chunk = memory.Next()) {
    RETURN_IF_ERROR(writer.Write(*chunk, *state.mutable_regions(static_cast<int>(chunk->region))));
    done += chunk->size_bytes;
    if (!progress(done, total)) return Cancelled();
  }
  for (MachineState::Region& region : *state.mutable_regions()) {
    std::ranges::sort(*region.mutable_chunks(), {}, &MachineState::Chunk::number);
  }
  return absl::OkStatus();
}

absl::Status LoadMemory(const MachineState& state, const std::shared_ptr<const UniqueFd>& file,
                        GuestMemory& memory) {
  struct stat info = {};
  if (fstat(file->get(), &info) != 0) return CantRead(errno);
  const std::vector<RegionInfo> regions = memory.regions();
  if (static_cast<size_t>(state.regions_size()) != regions.size()) {
    return OfAnotherMachine("memory", absl::StrFormat("%d regions", state.regions_size()),
                            absl::StrFormat("%d regions", regions.size()));
  }
  std::vector<std::byte> buffer(kChunkBytes);
  for (int i = 0; i < state.regions_size(); ++i) {
    const MachineState::Region& region = state.regions(i);
    RETURN_IF_ERROR(
        CheckRegion(region, regions[static_cast<size_t>(i)], static_cast<uint64_t>(info.st_size)));
    RETURN_IF_ERROR(CheckChunks(region, file->get(), buffer));
  }
  for (const MachineState::Region& region : state.regions()) {
    RETURN_IF_ERROR(ShareChunks(region, file, memory));
  }
  return absl::OkStatus();
}

}  // namespace emu::snapshot
