#include "translator/runtime/block_store.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "translator/runtime/patch_site.h"
#include "translator/runtime/sealed_code.h"
#include "vmm/base/guest_access.h"

namespace emu::translator {

BlockStore::BlockStore(GuestMemory& memory, PatchSites* patches, const SealedCode* sealed)
    : memory_(memory), patches_(patches), sealed_(sealed) {
  memory_.SetObserver(WithholdReason::kCode, this);
}

BlockStore::~BlockStore() {
  memory_.SetObserver(WithholdReason::kCode, nullptr);
  Clear();
}

const CodeBlock* BlockStore::Find(GuestPhysAddr start, uint64_t mode,
                                  std::optional<GuestPhysAddr> second_page,
                                  uint32_t variant) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      blocks_.find(Key{start.value, mode,
                       second_page.has_value() ? second_page->value : CodeBlock::kNoPage, variant});
  return found == blocks_.end() ? nullptr : found->get();
}

const CodeBlock* BlockStore::Insert(std::unique_ptr<CodeBlock> block) {
  const std::array<uint64_t, 2> pages = {block->start.PageBase().value, block->second_page};
  std::array<bool, 2> clean = {};
  // Asked before the lock is taken: the gate calls back with its own lock held.
  for (size_t number = 0; number < 2; ++number) {
    if (pages[number] == CodeBlock::kNoPage) continue;
    clean[number] = memory_.IsWithheld(GuestPhysAddr(pages[number]), WithholdReason::kCode);
  }
  const std::lock_guard lock(mutex_);
  const auto [entry, inserted] = blocks_.insert(std::move(block));
  CodeBlock* const stays = entry->get();
  if (!inserted) return stays;
  if (stays->code != nullptr) by_code_.insert(stays);
  for (size_t number = 0; number < 2; ++number) {
    if (pages[number] == CodeBlock::kNoPage) continue;
    CodePage& code_page = pages_[pages[number]];
    code_page.blocks.push_back(stays);
    if (!clean[number]) MarkDirty(pages[number], code_page);
  }
  return stays;
}

bool BlockStore::Adopt(std::vector<std::unique_ptr<CodeBlock>> unit) {
  for (const std::unique_ptr<CodeBlock>& block : unit) {
    const bool is_known = Find(block->start, block->mode,
                               block->second_page == CodeBlock::kNoPage
                                   ? std::nullopt
                                   : std::optional(GuestPhysAddr(block->second_page))) != nullptr;
    if (is_known || !IsCurrent(*block)) return false;
  }
  for (std::unique_ptr<CodeBlock>& block : unit) Insert(std::move(block));
  return true;
}

size_t BlockStore::size() const {
  const std::lock_guard lock(mutex_);
  return blocks_.size();
}

CodeBlock* BlockStore::BlockAt(const void* code) const {
  const auto* byte = static_cast<const std::byte*>(code);
  const auto next = by_code_.upper_bound(byte);
  if (next == by_code_.begin()) return nullptr;
  CodeBlock* const block = *std::prev(next);
  return byte < block->code + block->code_bytes ? block : nullptr;
}

const CodeBlock* BlockStore::FindByCode(const void* code) const {
  const std::lock_guard lock(mutex_);
  return BlockAt(code);
}

bool BlockStore::Link(const void* patch, const void* unlinked, const CodeBlock& to) {
  const std::lock_guard lock(mutex_);
  CodeBlock* const from = BlockAt(patch);
  CodeBlock* const target = BlockAt(to.code);
  if (from == nullptr || target == nullptr || target->second_page != CodeBlock::kNoPage ||
      from->start.PageBase() != target->start.PageBase()) {
    return false;
  }
  if (IsSealed(*from) || IsSealed(*target)) {
    return ++pages_.at(from->start.PageBase().value).unlinked_jumps > kMostUnlinkedJumps;
  }
  const auto offset = [from](const void* place) {
    return static_cast<uint32_t>(static_cast<const std::byte*>(place) - from->code);
  };
  auto* link = new JumpLink{.from = from,
                            .to = target,
                            .next_outgoing = from->outgoing,
                            .next_incoming = target->incoming,
                            .patch = offset(patch),
                            .unlinked = offset(unlinked)};
  from->outgoing = link;
  target->incoming = link;
  patches_->Lead(patch, target->code);
  return false;
}

// Jumps into the block lead to the dispatcher again, and nobody remembers its own.
void BlockStore::Unlink(CodeBlock& block) {
  const auto leave = [](JumpLink*& list, JumpLink* JumpLink::*next, const JumpLink* link) {
    JumpLink** place = &list;
    while (*place != link) place = &((*place)->*next);
    *place = link->*next;
  };
  while (block.incoming != nullptr) {
    JumpLink* const link = block.incoming;
    const std::byte* const code = link->from->code;
    patches_->Lead(code + link->patch, code + link->unlinked);
    block.incoming = link->next_incoming;
    leave(link->from->outgoing, &JumpLink::next_outgoing, link);
    delete link;
  }
  while (block.outgoing != nullptr) {
    JumpLink* const link = block.outgoing;
    block.outgoing = link->next_outgoing;
    leave(link->to->incoming, &JumpLink::next_incoming, link);
    delete link;
  }
}

void BlockStore::LeavePage(uint64_t page, const CodeBlock* block) {
  if (page != CodeBlock::kNoPage) std::erase(pages_.at(page).blocks, block);
}

void BlockStore::Drop(CodeBlock* block) {
  Unlink(*block);
  if (block->code != nullptr) {
    // Who still knows the address comes back and asks again.
    if (patches_ != nullptr && !IsSealed(*block)) {
      patches_->Retire(block->code, static_cast<uint32_t>(block->start.PageOffset()));
    }
    by_code_.erase(block);
  }
  LeavePage(block->start.PageBase().value, block);
  LeavePage(block->second_page, block);
  blocks_.erase(KeyOf(*block));
}

void BlockStore::DropCode(const void* first, const void* end) {
  const std::lock_guard lock(mutex_);
  const std::vector<CodeBlock*> dropped(by_code_.lower_bound(static_cast<const std::byte*>(first)),
                                        by_code_.lower_bound(static_cast<const std::byte*>(end)));
  for (CodeBlock* block : dropped) Drop(block);
}

std::vector<const void*> BlockStore::DropSealed(GuestPhysAddr page) {
  const std::lock_guard lock(mutex_);
  std::vector<const void*> dropped;
  const auto found = pages_.find(page.value);
  if (found == pages_.end()) return dropped;
  found->second.unlinked_jumps = 0;
  std::vector<CodeBlock*> stale;
  std::ranges::copy_if(found->second.blocks, std::back_inserter(stale),
                       [this](const CodeBlock* block) { return IsSealed(*block); });
  CompleteUnits(stale);
  for (CodeBlock* block : stale) {
    dropped.push_back(block->code);
    Drop(block);
  }
  return dropped;
}

void BlockStore::CompleteUnits(std::vector<CodeBlock*>& stale) const {
  if (sealed_ == nullptr) return;
  const absl::flat_hash_set<const CodeBlock*> known(stale.begin(), stale.end());
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> units;
  for (const CodeBlock* block : stale) {
    if (IsSealed(*block)) units.emplace(block->start.PageBase().value, block->mode);
  }
  for (const auto& [page, mode] : units) {
    for (CodeBlock* block : pages_.at(page).blocks) {
      const bool is_of_it =
          block->start.PageBase().value == page && block->mode == mode && IsSealed(*block);
      if (is_of_it && !known.contains(block)) stale.push_back(block);
    }
  }
}

bool BlockStore::IsSealed(const CodeBlock& block) const {
  return sealed_ != nullptr && sealed_->Contains(block.code);
}

void BlockStore::VisitCode(const void* first, const void* end,
                           absl::FunctionRef<void(const CodeBlock&)> visit) const {
  const std::lock_guard lock(mutex_);
  const auto stop = by_code_.lower_bound(static_cast<const std::byte*>(end));
  for (auto at = by_code_.lower_bound(static_cast<const std::byte*>(first)); at != stop; ++at) {
    visit(**at);
  }
}

bool BlockStore::IsCurrent(const CodeBlock& block) const {
  const std::byte* const page = memory_.PageForRead(block.start);
  if (page == nullptr) return false;
  uint64_t hash = HashBytes(page + block.start.PageOffset(), block.length_bytes);
  if (block.second_page != CodeBlock::kNoPage) {
    const std::byte* const second = memory_.PageForRead(GuestPhysAddr(block.second_page));
    if (second == nullptr) return false;
    hash ^= HashBytes(second, 2);
  }
  return hash == block.content_hash;
}

BlockStore::Changes BlockStore::Synchronize() {
  Changes changes;
  {
    const std::lock_guard lock(mutex_);
    for (const uint64_t page : dirty_pages_) {
      CodePage& code_page = pages_[page];
      code_page.dirty = false;
      if (!code_page.blocks.empty()) changes.withheld.push_back(GuestPhysAddr(page));
    }
    dirty_pages_.clear();
    dirty_count_.store(0, std::memory_order_release);
  }
  // Without our lock: the gate calls back with its own held.
  for (const GuestPhysAddr page : changes.withheld) memory_.Withhold(page, WithholdReason::kCode);

  const std::lock_guard lock(mutex_);
  for (const GuestPhysAddr page : changes.withheld) {
    CodePage& code_page = pages_[page.value];
    const bool is_given_up = ++code_page.rounds >= code_page.patience;
    if (is_given_up) {
      code_page.rounds = 0;
      code_page.patience = std::min(2 * code_page.patience, kMostPatience);
    }
    std::vector<CodeBlock*> stale;
    for (CodeBlock* block : code_page.blocks) {
      ++compared_blocks_;
      if (is_given_up || !IsCurrent(*block)) stale.push_back(block);
    }
    CompleteUnits(stale);
    for (CodeBlock* block : stale) {
      if (IsSealed(*block)) changes.dropped_sealed.push_back(block->code);
      Drop(block);
    }
    changes.dropped = changes.dropped || !stale.empty();
  }
  return changes;
}

void BlockStore::Clear() {
  const std::lock_guard lock(mutex_);
  for (const std::unique_ptr<CodeBlock>& block : blocks_) Unlink(*block);
  by_code_.clear();
  blocks_.clear();
  pages_.clear();
  dirty_pages_.clear();
  dirty_count_.store(0, std::memory_order_release);
}

uint64_t BlockStore::HashBytes(const std::byte* bytes, uint32_t length) {
  uint64_t hash = length;
  for (uint32_t at = 0; at < length; at += 8) {
    const uint64_t word = LoadGuest(bytes + at, length - at < 8 ? length - at : 8);
    hash = (hash ^ word) * 0x9fb21c651e98df25;
    hash ^= hash >> 32;
  }
  return hash;
}

void BlockStore::BeforeWriteGranted(GuestPhysAddr page) {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(page.value);
  if (found != pages_.end() && !found->second.blocks.empty()) {
    MarkDirty(page.value, found->second);
  }
}

void BlockStore::MarkDirty(uint64_t page, CodePage& code_page) {
  if (code_page.dirty) return;
  code_page.dirty = true;
  dirty_pages_.push_back(page);
  dirty_count_.store(dirty_pages_.size(), std::memory_order_release);
}

}  // namespace emu::translator
