#include "translator/runtime/block_store.h"

#include <array>
#include <cstring>
#include <iterator>

#include "translator/runtime/patch_site.h"

namespace emu::translator {

BlockStore::BlockStore(GuestMemory& memory, PatchSites* patches)
    : memory_(memory), patches_(patches) {
  memory_.SetObserver(WithholdReason::kCode, this);
}

BlockStore::~BlockStore() { memory_.SetObserver(WithholdReason::kCode, nullptr); }

BlockStore::Key BlockStore::KeyOf(const CodeBlock& block, uint64_t mode) {
  return {block.start.value, mode,
          block.second_page.has_value() ? block.second_page->value : kNoPage};
}

const CodeBlock* BlockStore::Find(GuestPhysAddr start, uint64_t mode,
                                  std::optional<GuestPhysAddr> second_page) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      blocks_.find({start.value, mode, second_page.has_value() ? second_page->value : kNoPage});
  return found == blocks_.end() ? nullptr : found->second.get();
}

const CodeBlock* BlockStore::Insert(std::unique_ptr<CodeBlock> block, uint64_t mode) {
  const Key key = KeyOf(*block, mode);
  std::array<uint64_t, 2> pages = {block->start.PageBase().value, key.second_page};
  std::array<bool, 2> clean = {};
  // Asked before the lock is taken: the gate calls back with its own lock held.
  for (size_t number = 0; number < 2; ++number) {
    if (pages[number] == kNoPage) continue;
    clean[number] = memory_.IsWithheld(GuestPhysAddr(pages[number]), WithholdReason::kCode);
  }
  const std::lock_guard lock(mutex_);
  const auto [entry, inserted] = blocks_.try_emplace(key, std::move(block));
  if (!inserted) return entry->second.get();
  if (entry->second->code != nullptr) by_code_[entry->second->code] = entry->second.get();
  for (size_t number = 0; number < 2; ++number) {
    if (pages[number] == kNoPage) continue;
    CodePage& code_page = pages_[pages[number]];
    code_page.blocks.push_back(key);
    if (!clean[number]) MarkDirty(pages[number], code_page);
  }
  return entry->second.get();
}

const CodeBlock* BlockStore::FindByCode(const void* code) const {
  const std::lock_guard lock(mutex_);
  const auto* byte = static_cast<const std::byte*>(code);
  auto found = by_code_.upper_bound(byte);
  if (found == by_code_.begin()) return nullptr;
  --found;
  return byte <= found->first + found->second->code_bytes ? found->second : nullptr;
}

void BlockStore::Link(const void* patch, const void* unlinked, const CodeBlock& to) {
  const std::lock_guard lock(mutex_);
  auto found = by_code_.upper_bound(static_cast<const std::byte*>(patch));
  if (found == by_code_.begin()) return;
  CodeBlock& from = *std::prev(found)->second;
  CodeBlock& target = *by_code_.at(to.code);
  if (from.start.PageBase() != target.start.PageBase() || target.second_page.has_value()) return;
  target.incoming.push_back({&from, patch, unlinked});
  from.outgoing.push_back(&target);
  patches_->Lead(patch, target.code);
}

void BlockStore::Unlink(CodeBlock& block) {
  for (const CodeBlock::Incoming& jump : block.incoming) {
    patches_->Lead(jump.patch, jump.unlinked);
    std::erase(jump.from->outgoing, &block);
  }
  for (CodeBlock* target : block.outgoing) {
    std::erase_if(target->incoming,
                  [&block](const CodeBlock::Incoming& jump) { return jump.from == &block; });
  }
}

void BlockStore::Drop(const Key& key) {
  const auto entry = blocks_.find(key);
  if (entry == blocks_.end()) return;
  Unlink(*entry->second);
  if (entry->second->code != nullptr) by_code_.erase(entry->second->code);
  blocks_.erase(entry);
}

void BlockStore::DropCode(const void* first, const void* end) {
  const std::lock_guard lock(mutex_);
  const auto in_range = [&](const Key& key) {
    const auto entry = blocks_.find(key);
    if (entry == blocks_.end()) return true;
    const std::byte* code = entry->second->code;
    return code != nullptr && code >= first && code < end;
  };
  std::vector<Key> dropped;
  for (auto& [page, code_page] : pages_) {
    std::erase_if(code_page.blocks, [&](const Key& key) {
      if (!in_range(key)) return false;
      dropped.push_back(key);
      return true;
    });
  }
  for (const Key& key : dropped) Drop(key);
}

bool BlockStore::IsCurrent(const CodeBlock& block) const {
  const std::byte* bytes = memory_.PageForRead(block.start) + block.start.PageOffset();
  uint64_t hash = HashBytes(bytes, block.length_bytes);
  if (block.second_page.has_value()) hash ^= HashBytes(memory_.PageForRead(*block.second_page), 2);
  return hash == block.content_hash;
}

void BlockStore::Synchronize() {
  std::vector<uint64_t> pages;
  {
    const std::lock_guard lock(mutex_);
    pages.swap(dirty_pages_);
    dirty_count_.store(0, std::memory_order_release);
    for (const uint64_t page : pages) pages_[page].dirty = false;
  }
  // Without our lock: the gate calls back with its own held.
  for (const uint64_t page : pages) memory_.Withhold(GuestPhysAddr(page), WithholdReason::kCode);

  const std::lock_guard lock(mutex_);
  for (const uint64_t page : pages) {
    std::erase_if(pages_[page].blocks, [&](const Key& key) {
      const auto entry = blocks_.find(key);
      if (entry == blocks_.end()) return true;  // dropped with its other page
      if (IsCurrent(*entry->second)) return false;
      Drop(key);
      return true;
    });
  }
}

void BlockStore::Clear() {
  const std::lock_guard lock(mutex_);
  by_code_.clear();
  blocks_.clear();
  pages_.clear();
  dirty_pages_.clear();
  dirty_count_.store(0, std::memory_order_release);
}

uint64_t BlockStore::HashBytes(const std::byte* bytes, uint32_t length) {
  uint64_t hash = length;
  for (uint32_t at = 0; at < length; at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes + at, length - at < 8 ? length - at : 8);
    hash = (hash ^ word) * 0x9fb21c651e98df25;
    hash ^= hash >> 32;
  }
  return hash;
}

void BlockStore::BeforeWriteGranted(GuestPhysAddr page) {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(page.value);
  if (found != pages_.end()) MarkDirty(page.value, found->second);
}

void BlockStore::MarkDirty(uint64_t page, CodePage& code_page) {
  if (code_page.dirty) return;
  code_page.dirty = true;
  dirty_pages_.push_back(page);
  dirty_count_.store(dirty_pages_.size(), std::memory_order_release);
}

}  // namespace emu::translator
