// The translations of one VM, by guest-physical address and mode, and their coherence with what
// the guest writes over its code.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "translator/ir/function.h"
#include "vmm/base/guest_memory.h"

namespace emu::translator {

struct InterpretedBlock {
  ir::Function function;
  GuestPhysAddr start;
  uint32_t length_bytes;  // guest bytes covered, all in one page
  uint64_t content_hash;  // of those bytes when they were translated
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
  explicit BlockStore(GuestMemory& memory);
  ~BlockStore() override;

  const InterpretedBlock* Find(GuestPhysAddr start, uint64_t mode) const;
  // The first of two equal insertions wins; returns the block that stays.
  const InterpretedBlock* Insert(std::unique_ptr<InterpretedBlock> block, uint64_t mode);

  bool HasDirtyPages() const { return dirty_count_.load(std::memory_order_acquire) != 0; }
  void Synchronize();
  void Clear();

  static uint64_t HashBytes(const std::byte* bytes, uint32_t length);

  void BeforeWriteGranted(GuestPhysAddr page) override;

 private:
  struct Key {
    uint64_t start;
    uint64_t mode;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return (key.start >> 1) * 0x9e3779b97f4a7c15 ^ key.mode;
    }
  };
  struct CodePage {
    std::vector<Key> blocks;
    bool dirty = false;
  };

  void MarkDirty(uint64_t page, CodePage& code_page);

  GuestMemory& memory_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, std::unique_ptr<InterpretedBlock>, KeyHash> blocks_;
  std::unordered_map<uint64_t, CodePage> pages_;
  std::vector<uint64_t> dirty_pages_;
  std::atomic<size_t> dirty_count_ = 0;
};

}  // namespace emu::translator
