#include "translator/runtime/block_store.h"

#include <cstring>

namespace emu::translator {

BlockStore::BlockStore(GuestMemory& memory) : memory_(memory) {
  memory_.SetObserver(WithholdReason::kCode, this);
}

BlockStore::~BlockStore() { memory_.SetObserver(WithholdReason::kCode, nullptr); }

const InterpretedBlock* BlockStore::Find(GuestPhysAddr start, uint64_t mode) const {
  const std::lock_guard lock(mutex_);
  const auto found = blocks_.find({start.value, mode});
  return found == blocks_.end() ? nullptr : found->second.get();
}

const InterpretedBlock* BlockStore::Insert(std::unique_ptr<InterpretedBlock> block, uint64_t mode) {
  const Key key = {block->start.value, mode};
  const uint64_t page = block->start.PageBase().value;
  // Asked before the lock is taken: the gate calls back with its own lock held.
  const bool clean = memory_.IsWithheld(GuestPhysAddr(page), WithholdReason::kCode);
  const std::lock_guard lock(mutex_);
  const auto [entry, inserted] = blocks_.try_emplace(key, std::move(block));
  if (inserted) {
    CodePage& code_page = pages_[page];
    code_page.blocks.push_back(key);
    if (!clean) MarkDirty(page, code_page);
  }
  return entry->second.get();
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
    const std::byte* bytes = memory_.PageForRead(GuestPhysAddr(page));
    std::erase_if(pages_[page].blocks, [&](const Key& key) {
      const auto entry = blocks_.find(key);
      const InterpretedBlock& block = *entry->second;
      const uint64_t hash = HashBytes(bytes + block.start.PageOffset(), block.length_bytes);
      if (hash == block.content_hash) return false;
      blocks_.erase(entry);
      return true;
    });
  }
}

void BlockStore::Clear() {
  const std::lock_guard lock(mutex_);
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
