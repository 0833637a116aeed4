// The translations of one VM, by guest-physical address and mode, and their coherence with what
// the guest writes over its code.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "translator/ir/function.h"
#include "vmm/base/guest_memory.h"

namespace emu::translator {

class PatchSites;

// One stretch of guest code, translated: IR for the interpreter, or host code.
struct CodeBlock {
  ir::Function function;  // empty if there is code
  GuestPhysAddr start;
  uint32_t length_bytes = 0;  // guest bytes covered in the page of `start`
  uint64_t content_hash = 0;  // of all bytes covered when they were translated
  // Where the last two bytes are, if the only instruction ends on another page.
  std::optional<GuestPhysAddr> second_page;

  uint32_t guest_instructions = 0;
  const std::byte* code = nullptr;
  uint32_t code_bytes = 0;
  std::vector<uint8_t> fault_sites;

  // Jumps of other translations that lead here, and whereto they lead when unlinked.
  struct Incoming {
    CodeBlock* from;
    const void* patch;
    const void* unlinked;
  };
  std::vector<Incoming> incoming;
  std::vector<CodeBlock*> outgoing;
};

// A page with translations is *clean* (writing to it is withheld for kCode) or *dirty* (it may have
// been written to since). A page starts dirty; Synchronize compares the blocks of dirty pages with
// memory, drops those that changed, and makes the pages clean. So the cost of a synchronization is
// in proportion to what was written, and a first translation revokes nothing.
//
// Find, Insert and HasDirtyPages are for every thread; Synchronize and Clear while the world is
// stopped, with the device lock held: no DMA is under way.
class BlockStore final : public WriteGateObserver {
 public:
  // `patches` is null where nothing is ever linked: blocks without code.
  explicit BlockStore(GuestMemory& memory, PatchSites* patches = nullptr);
  ~BlockStore() override;

  const CodeBlock* Find(GuestPhysAddr start, uint64_t mode,
                        std::optional<GuestPhysAddr> second_page = std::nullopt) const;
  // The first of two equal insertions wins; returns the block that stays.
  const CodeBlock* Insert(std::unique_ptr<CodeBlock> block, uint64_t mode);

  // The translation that the host code at `code` belongs to, or nullptr.
  const CodeBlock* FindByCode(const void* code) const;
  // Leads the jump at `patch`, inside the code of `from`, to `to`, if both are of one page and
  // still here.
  void Link(const void* patch, const void* unlinked, const CodeBlock& to);
  // Drops all whose code is in [first, end). The world is stopped.
  void DropCode(const void* first, const void* end);

  bool HasDirtyPages() const { return dirty_count_.load(std::memory_order_acquire) != 0; }
  void Synchronize();
  void Clear();

  static uint64_t HashBytes(const std::byte* bytes, uint32_t length);

  void BeforeWriteGranted(GuestPhysAddr page) override;

 private:
  struct Key {
    uint64_t start;
    uint64_t mode;
    uint64_t second_page;  // kNoPage: none
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return ((key.start >> 1) ^ key.second_page) * 0x9e3779b97f4a7c15 ^ key.mode;
    }
  };
  struct CodePage {
    std::vector<Key> blocks;
    bool dirty = false;
  };

  static constexpr uint64_t kNoPage = UINT64_MAX;

  static Key KeyOf(const CodeBlock& block, uint64_t mode);
  void MarkDirty(uint64_t page, CodePage& code_page);
  bool IsCurrent(const CodeBlock& block) const;
  void Unlink(CodeBlock& block);
  void Drop(const Key& key);  // leaves the page lists alone

  GuestMemory& memory_;
  PatchSites* const patches_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, std::unique_ptr<CodeBlock>, KeyHash> blocks_;
  std::map<const std::byte*, CodeBlock*> by_code_;
  std::unordered_map<uint64_t, CodePage> pages_;
  std::vector<uint64_t> dirty_pages_;
  std::atomic<size_t> dirty_count_ = 0;
};

}  // namespace emu::translator
