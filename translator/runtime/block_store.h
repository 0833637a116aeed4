// The translations of one VM, by guest-physical address and mode, and their coherence with what
// the guest writes over its code.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/hash/hash.h"
#include "translator/ir/function.h"
#include "vmm/base/guest_memory.h"

namespace emu::translator {

class PatchSites;
class SealedCode;

struct CodeBlock;

// A linked jump: one block's code leads to another's. In a list of each of the two.
struct JumpLink {
  CodeBlock* from;
  CodeBlock* to;
  JumpLink* next_outgoing;
  JumpLink* next_incoming;
  uint32_t patch;     // where the jump is patched, and whereto it leads while it is not linked:
  uint32_t unlinked;  // offsets in the code of `from`
};

// One stretch of guest code, translated: IR for the interpreter, or host code. There are tens of
// thousands of them: mind their size.
struct CodeBlock {
  static constexpr uint64_t kNoPage = UINT64_MAX;

  GuestPhysAddr start;
  uint64_t mode = 0;
  // Where the last two bytes are, if the only instruction ends on another page.
  uint64_t second_page = kNoPage;
  uint64_t content_hash = 0;  // of all bytes covered when they were translated
  uint16_t length_bytes = 0;  // guest bytes covered in the page of `start`
  uint16_t guest_instructions = 0;

  uint32_t code_bytes = 0;
  const std::byte* code = nullptr;
  const uint8_t* fault_sites = nullptr;  // as HostCode; kept by the code cache
  uint32_t fault_site_bytes = 0;
  uint32_t variant = 0;                    // see Breakpoints; 0 where nobody debugs
  std::unique_ptr<ir::Function> function;  // where there is no code

  JumpLink* incoming = nullptr;
  JumpLink* outgoing = nullptr;
};

// A page with translations is *clean* (writing to it is withheld for kCode) or *dirty* (it may have
// been written to since). A page starts dirty; Synchronize compares the blocks of dirty pages with
// memory, drops those that changed, and makes the pages clean. So the cost of a synchronization is
// in proportion to what was written, and a first translation revokes nothing. A page without blocks
// is neither: it may be written to.
//
// Memory that had code once and holds data now would be found dirty for ever: a page that was dirty
// so many times loses its blocks, whether they changed or not. Where they are executed again, its
// patience is greater the next time.
//
// Sealed code can't be patched: its jumps lead where they did when it was written, to blocks of its
// own unit, which come together; and all blocks of a page in one mode are dropped together. Who
// still knows an address of theirs is told to forget it.
//
// Find, Insert and HasDirtyPages are for every thread; Synchronize and Clear while the world is
// stopped, with the device lock held: no DMA is under way.
class BlockStore final : public WriteGateObserver {
 public:
  // `patches` is null where nothing is ever linked: blocks without code.
  // `sealed`, likewise, without sealed code.
  explicit BlockStore(GuestMemory& memory, PatchSites* patches = nullptr,
                      const SealedCode* sealed = nullptr);
  ~BlockStore() override;

  const CodeBlock* Find(GuestPhysAddr start, uint64_t mode,
                        std::optional<GuestPhysAddr> second_page = std::nullopt,
                        uint32_t variant = 0) const;
  // The first of two equal insertions wins; returns the block that stays.
  const CodeBlock* Insert(std::unique_ptr<CodeBlock> block);

  // The translation that the host code at `code` belongs to, or nullptr.
  const CodeBlock* FindByCode(const void* code) const;
  // Inserts all blocks of a unit of sealed code; none where one is not current, or there already.
  bool Adopt(std::vector<std::unique_ptr<CodeBlock>> unit);

  // Leads the jump at `patch`, inside the code of `from`, to `to`, if both are of one page and
  // still here. True where sealed code keeps that page's jumps from being linked, too often.
  bool Link(const void* patch, const void* unlinked, const CodeBlock& to);
  // Drops all whose code is in [first, end). The world is stopped.
  void DropCode(const void* first, const void* end);
  // Drops a page's sealed code; returns where each of its blocks could be entered. Likewise.
  std::vector<const void*> DropSealed(GuestPhysAddr page);

  // In the order of their code, those that begin in [first, end), with the store's lock held.
  void VisitCode(const void* first, const void* end,
                 absl::FunctionRef<void(const CodeBlock&)> visit) const;
  // Whether memory is still what the block was made of.
  bool IsCurrent(const CodeBlock& block) const;

  bool HasDirtyPages() const { return dirty_count_.load(std::memory_order_acquire) != 0; }
  struct Changes {
    std::vector<GuestPhysAddr> withheld;  // pages that may not be written to any more
    bool dropped = false;
    std::vector<const void*> dropped_sealed;  // where it could be entered
  };
  Changes Synchronize();
  void Clear();
  size_t size() const;  // blocks
  // How many blocks Synchronize has compared with memory.
  uint64_t compared_blocks() const { return compared_blocks_; }

  static uint64_t HashBytes(const std::byte* bytes, uint32_t length);

  void BeforeWriteGranted(GuestPhysAddr page) override;

 private:
  struct Key {
    uint64_t start;
    uint64_t mode;
    uint64_t second_page;
    uint32_t variant;
    bool operator==(const Key&) const = default;
    template <typename H>
    friend H AbslHashValue(H hash, const Key& key) {
      return H::combine(std::move(hash), key.start, key.mode, key.second_page, key.variant);
    }
  };
  static Key KeyOf(const CodeBlock& block) {
    return {block.start.value, block.mode, block.second_page, block.variant};
  }
  struct HashOfKey {
    using is_transparent = void;
    size_t operator()(const Key& key) const { return absl::HashOf(key); }
    size_t operator()(const std::unique_ptr<CodeBlock>& block) const {
      return absl::HashOf(KeyOf(*block));
    }
  };
  struct SameKey {
    using is_transparent = void;
    static const Key& Of(const Key& key) { return key; }
    static Key Of(const std::unique_ptr<CodeBlock>& block) { return KeyOf(*block); }
    bool operator()(const auto& left, const auto& right) const { return Of(left) == Of(right); }
  };
  struct ByCode {
    using is_transparent = void;
    static const std::byte* Of(const CodeBlock* block) { return block->code; }
    static const std::byte* Of(const std::byte* code) { return code; }
    bool operator()(const auto* left, const auto* right) const { return Of(left) < Of(right); }
  };
  struct CodePage {
    std::vector<CodeBlock*> blocks;
    bool dirty = false;
    uint32_t rounds = 0;  // synchronizations that found it dirty, since it lost its blocks
    uint32_t patience = 4;
    uint32_t unlinked_jumps = 0;  // that sealed code has left for the dispatcher
  };
  static constexpr uint32_t kMostPatience = 1024;
  // Each costs about a thousandth of what it takes to translate the page.
  static constexpr uint32_t kMostUnlinkedJumps = 256;

  void MarkDirty(uint64_t page, CodePage& code_page);
  bool IsSealed(const CodeBlock& block) const;
  // Adds to `stale` the rest of the units that are in part.
  void CompleteUnits(std::vector<CodeBlock*>& stale) const;
  CodeBlock* BlockAt(const void* code) const;
  void Unlink(CodeBlock& block);
  void LeavePage(uint64_t page, const CodeBlock* block);
  void Drop(CodeBlock* block);

  GuestMemory& memory_;
  PatchSites* const patches_;
  const SealedCode* const sealed_;
  mutable std::mutex mutex_;
  absl::flat_hash_set<std::unique_ptr<CodeBlock>, HashOfKey, SameKey> blocks_;
  absl::btree_set<CodeBlock*, ByCode> by_code_;
  absl::flat_hash_map<uint64_t, CodePage> pages_;
  std::vector<uint64_t> dirty_pages_;
  std::atomic<size_t> dirty_count_ = 0;
  uint64_t compared_blocks_ = 0;
};

}  // namespace emu::translator
