// The memory that translated code lives in: mapped twice, for writing and for executing, so that no
// page is ever both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "vmm/base/unique_fd.h"

namespace emu::translator {

// A stub area, then segments that are filled one after the other and emptied whole, the oldest
// first. For the holder of the translation lock.
class CodeCache {
 public:
  static constexpr size_t kStubBytes = 16384;

  // kNamed shows in the process's maps as what it is. perf looks code up in its map of a process
  // only where the memory has no name: kUnnamed.
  enum class Backing : uint8_t { kNamed, kUnnamed };
  // RESOURCE_EXHAUSTED if the host gives no memory for it.
  static absl::StatusOr<std::unique_ptr<CodeCache>> Create(uint32_t size_mib,
                                                           Backing backing = Backing::kNamed);
  ~CodeCache();
  CodeCache(const CodeCache&) = delete;
  CodeCache& operator=(const CodeCache&) = delete;

  const std::byte* stubs() const { return code_; }
  void WriteStubs(std::span<const std::byte> bytes);

  // Where the next block will run.
  const std::byte* next() const { return code_ + next_; }
  // Whether a block of this size goes there.
  bool Fits(size_t bytes) const;
  // Puts a block there; it fits.
  void Append(std::span<const std::byte> bytes);
  // Keeps side tables of the block appended last for as long as its segment.
  const uint8_t* KeepBeside(std::span<const uint8_t> bytes);
  // The writable view of a byte of code.
  std::byte* Writable(const void* code) const;

  // Goes on with a segment that has never been filled; false if there is none.
  bool TakeFreshSegment();
  // Whatever is in any segment is given up.
  void Empty();
  // Whatever is in `segment` is given up, and it is filled next.
  void Reuse(uint32_t segment);
  uint32_t following_segment() const { return (segment_ + 1) % taken_segments_; }
  uint32_t taken_segments() const { return taken_segments_; }
  const std::byte* SegmentStart(uint32_t segment) const {
    return code_ + kStubBytes + segment * segment_bytes_;
  }
  size_t segment_bytes() const { return segment_bytes_; }
  size_t size_bytes() const { return segment_bytes_ * segment_count_; }
  // By segments that have been filled, and what is in the one that is being filled.
  size_t used_bytes() const;
  // What was ever put there: stubs, blocks, and the padding behind blocks and at segments' ends. As
  // long as no segment is used again, that is the stubs and used_bytes().
  size_t emitted_bytes() const { return emitted_bytes_; }

 private:
  CodeCache() = default;
  void MapNamed();
  void MapUnnamed();
  size_t segment_end() const { return kStubBytes + (segment_ + 1) * segment_bytes_; }

  UniqueFd file_;
  std::byte* code_ = nullptr;      // executable view
  std::byte* writable_ = nullptr;  // the same memory
  size_t mapped_bytes_ = 0;
  size_t segment_bytes_ = 0;
  uint32_t segment_count_ = 0;
  uint32_t taken_segments_ = 1;
  uint32_t segment_ = 0;  // being filled
  size_t next_ = 0;       // from the start of the mapping
  size_t emitted_bytes_ = 0;

  // Side tables are collected in chunks.
  static constexpr size_t kChunkBytes = 16384;
  struct SideTables {
    std::vector<std::unique_ptr<uint8_t[]>> chunks;
    size_t used_bytes = kChunkBytes;  // of the last chunk
  };
  std::vector<SideTables> side_tables_;  // by segment
};

}  // namespace emu::translator
