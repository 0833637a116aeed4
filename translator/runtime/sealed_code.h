// Translations that another VM has made, in a file: mapped to be executed, never written to, its
// pages shared by all that map it.
//
//   0     header: magic, whose code it is, where the layers are         (written last)
//   4096  layers, the newest first, each
//           code    the code cache's start, stubs and blocks where they were; holes between them
//           pages   SealedPage, sorted
//           blocks  SealedBlock, those of a page one after the other
//           sites   their side tables, as CodeBlock::fault_sites
//
// Code is position dependent only towards its layer's own stubs, so a layer goes anywhere as one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "translator/runtime/block_store.h"

namespace emu::translator {

// The blocks of a guest page in one mode.
struct SealedPage {
  uint64_t page;
  uint64_t mode;
  uint32_t first_block;
  uint32_t block_count;
};

// What a CodeBlock says of itself. Those of a page that jumps lead to and fro between are a unit:
// they come together.
struct SealedBlock {
  uint64_t second_page;
  uint64_t content_hash;
  uint32_t code;  // from the layer's start
  uint32_t code_bytes;
  uint32_t fault_sites;  // from the start of the sites
  uint32_t fault_site_bytes;
  uint16_t page_offset;
  uint16_t length_bytes;
  uint16_t guest_instructions;
  uint16_t unit;  // its number in the page
};

struct SealedLayer {
  uint64_t start;  // in the file, a whole number of host pages, as is the length of the code
  uint64_t bytes;
  uint64_t code_bytes;
  uint64_t pages;  // how many
  uint64_t blocks;
  uint64_t site_bytes;

  uint64_t pages_start() const { return start + code_bytes; }
  uint64_t blocks_start() const { return pages_start() + pages * sizeof(SealedPage); }
  uint64_t sites_start() const { return blocks_start() + blocks * sizeof(SealedBlock); }
  bool IsWithin(uint64_t file_bytes) const;
};

struct SealedHeader {
  static constexpr uint64_t kMagic = 0x3165'646f'6375'6d65;  // "emucode1"
  static constexpr size_t kMostLayers = 8;
  static constexpr uint64_t kBytes = 4096;  // in the file

  uint64_t magic;
  std::array<char, 256> maker;
  uint64_t layer_count;
  std::array<SealedLayer, kMostLayers> layers;
};
static_assert(sizeof(SealedHeader) <= SealedHeader::kBytes);

// Who can execute the code: this very program, with the same guest and the same host features. No
// value for a program without a build id.
std::string SealedCodeMaker(std::string_view arch, std::string_view host_code);

// For the holder of the translation lock, but for Contains.
class SealedCode {
 public:
  // FAILED_PRECONDITION for a file that was not finished or whose maker is another; DATA_LOSS;
  // INTERNAL where the host does not map it. Whoever can write to the file decides what is
  // executed: it must be trusted as this program is.
  static absl::StatusOr<std::unique_ptr<SealedCode>> Map(int file, std::string_view maker);
  ~SealedCode();
  SealedCode(const SealedCode&) = delete;
  SealedCode& operator=(const SealedCode&) = delete;

  using Unit = std::vector<std::unique_ptr<CodeBlock>>;
  // The units of blocks that begin at `start` in `mode`, of all layers, as they were; each is found
  // once. What they were made of is to be compared with memory.
  std::vector<Unit> Take(GuestPhysAddr start, uint64_t mode);

  bool Contains(const void* code) const {
    const auto* byte = static_cast<const std::byte*>(code);
    return byte >= mapping_ && byte < mapping_ + bytes_;
  }
  const std::byte* start() const { return mapping_; }
  const std::byte* end() const { return mapping_ + bytes_; }

  std::span<const SealedLayer> layers() const { return {header().layers.data(), layer_count_}; }
  std::span<const std::byte> BytesOf(const SealedLayer& layer) const {
    return {mapping_ + layer.start, layer.bytes};
  }

 private:
  SealedCode() = default;
  const SealedHeader& header() const;
  std::span<const SealedBlock> AllBlocks(const SealedLayer& layer) const;
  std::span<const SealedBlock> BlocksOf(const SealedLayer& layer, GuestPhysAddr page,
                                        uint64_t mode) const;
  std::unique_ptr<CodeBlock> ToBlock(const SealedLayer& layer, const SealedBlock& sealed,
                                     GuestPhysAddr page, uint64_t mode) const;

  const std::byte* mapping_ = nullptr;
  uint64_t bytes_ = 0;
  size_t layer_count_ = 0;
  std::array<std::vector<bool>, SealedHeader::kMostLayers> taken_;  // by block of the layer
};

}  // namespace emu::translator
