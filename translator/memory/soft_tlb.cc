#include "translator/memory/soft_tlb.h"

#include <sys/mman.h>

#include <algorithm>

namespace emu::translator {

absl::StatusOr<std::unique_ptr<SoftTlb>> SoftTlb::Create(uint32_t max_entries) {
  auto tlb = std::unique_ptr<SoftTlb>(new SoftTlb(std::min(max_entries, kTlbMaxEntries)));
  for (Bank& bank : tlb->banks_) {
    // Lazily committed: an unused bank touches nothing, a small one the first pages of each array.
    void* memory = mmap(nullptr, kTlbBankBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      return absl::ResourceExhaustedError("no address space for the TLB of a virtual processor");
    }
    bank.memory = static_cast<std::byte*>(memory);
  }
  constexpr uint32_t kFewestEntries = 2;
  tlb->Resize(tlb->empty_, kFewestEntries);
  tlb->empty_.last_used = UINT64_MAX;
  tlb->SelectBanks(0, 0);
  return tlb;
}

SoftTlb::~SoftTlb() {
  for (Bank& bank : banks_) {
    if (bank.memory != nullptr) munmap(bank.memory, kTlbBankBytes);
  }
}

TlbBankHeader& SoftTlb::HeaderOf(const Bank& bank) {
  // SAFETY: the bank's memory starts with its header.
  return *reinterpret_cast<TlbBankHeader*>(bank.memory);
}

TlbEntry* SoftTlb::ArrayOf(const Bank& bank, TlbArray array) {
  // SAFETY: the arrays lie at these offsets of the bank's memory.
  return reinterpret_cast<TlbEntry*>(bank.memory +
                                     (array == TlbArray::kRead ? kTlbReadOffset : kTlbWriteOffset));
}

TlbEntry& SoftTlb::EntryFor(const Bank& bank, TlbArray array, uint64_t address) {
  const uint64_t index = TlbIndex(address, HeaderOf(bank).index_mask);
  return ArrayOf(bank, array)[index / sizeof(TlbEntry)];
}

std::byte* SoftTlb::Find(TlbArray array, uint64_t address, uint32_t bytes, DataSpace space) const {
  const TlbEntry& entry = EntryFor(BankOf(space), array, address);
  const uint64_t offset = address - entry.page_base;
  if (offset > 4096 - bytes) return nullptr;
  // SAFETY: the entry was filled with a page of guest memory, which outlives the TLB.
  return reinterpret_cast<std::byte*>(address + entry.addend);
}

void SoftTlb::SelectBanks(uint64_t own_key, uint64_t other_key) {
  own_ = &TakeBank(own_key);
  other_key_ = other_key;
  other_ = FindBank(other_key);
  if (other_ == nullptr) {
    other_ = &empty_;
  } else {
    other_->last_used = clock_;
  }
}

SoftTlb::Bank* SoftTlb::FindBank(uint64_t key) {
  const auto known = std::ranges::find_if(
      banks_, [key](const Bank& bank) { return bank.in_use && bank.key == key; });
  return known == banks_.end() ? nullptr : &*known;
}

SoftTlb::Bank& SoftTlb::TakeBank(uint64_t key) {
  Bank* taken = FindBank(key);
  if (taken == nullptr) {
    taken = &*std::ranges::min_element(banks_, {}, &Bank::last_used);
    Resize(*taken, MinEntries());
    taken->key = key;
    taken->in_use = true;
  }
  taken->last_used = ++clock_;
  return *taken;
}

void SoftTlb::Fill(TlbArray array, uint64_t page_base, std::byte* host_page, DataSpace space) {
  ++fills_;
  if (space == DataSpace::kOther && other_ == &empty_) other_ = &TakeBank(other_key_);
  Bank& bank = BankOf(space);
  const uint32_t entries = EntriesOf(bank);
  if (++bank.fills_since_resize > 4 * entries && entries < max_entries_) {
    ++resizes_;
    Resize(bank, entries * 2);
  }
  TlbEntry& entry = EntryFor(bank, array, page_base);
  // SAFETY: an address kept as a number, as translated code wants it.
  entry = {page_base, reinterpret_cast<uint64_t>(host_page) - page_base};
  if (array == TlbArray::kRead) return;
  if (write_fills_.size() == kMaxWriteFills) {
    write_fills_are_complete_ = false;
  } else {
    write_fills_.push_back(
        {&entry, static_cast<uint64_t>(&entry - ArrayOf(bank, TlbArray::kWrite))});
  }
}

void SoftTlb::ForgetWriteFills() {
  write_fills_.clear();
  write_fills_are_complete_ = true;
}

void SoftTlb::RevokeWrites(std::span<const uint64_t> host_pages) {
  if (host_pages.empty()) return;
  if (!write_fills_are_complete_) {
    FlushWrites();
    return;
  }
  for (const auto& [entry, index] : write_fills_) {
    const uint64_t host_page = entry->page_base + entry->addend;
    if (std::binary_search(host_pages.begin(), host_pages.end(), host_page)) {
      *entry = {InvalidPage(index), 0};
    }
  }
}

void SoftTlb::FlushAll() {
  ++flushes_;
  ForgetWriteFills();
  for (Bank& bank : banks_) {
    if (!bank.in_use) continue;
    // A bank that had stayed half empty gives memory and flush time back.
    const uint32_t entries = EntriesOf(bank);
    const bool sparse = bank.fills_since_resize < entries / 2 && entries > MinEntries();
    if (sparse) ++resizes_;
    Resize(bank, sparse ? entries / 2 : entries);
  }
}

void SoftTlb::FlushPage(uint64_t page_base) {
  for (const Bank& bank : banks_) {
    if (!bank.in_use) continue;
    const uint64_t index = TlbIndex(page_base, HeaderOf(bank).index_mask) / sizeof(TlbEntry);
    for (const TlbArray array : {TlbArray::kRead, TlbArray::kWrite}) {
      TlbEntry& entry = ArrayOf(bank, array)[index];
      if (entry.page_base == page_base) entry = {InvalidPage(index), 0};
    }
  }
}

void SoftTlb::FlushWrites() {
  ForgetWriteFills();
  for (Bank& bank : banks_) {
    if (bank.in_use) Clear(bank, TlbArray::kWrite);
  }
}

uint32_t SoftTlb::EntriesOf(const Bank& bank) {
  return static_cast<uint32_t>(HeaderOf(bank).index_mask / sizeof(TlbEntry) + 1);
}

void SoftTlb::Resize(Bank& bank, uint32_t entries) {
  HeaderOf(bank).index_mask = uint64_t{entries - 1} * sizeof(TlbEntry);
  bank.fills_since_resize = 0;
  Clear(bank, TlbArray::kRead);
  Clear(bank, TlbArray::kWrite);
}

void SoftTlb::Clear(Bank& bank, TlbArray array) {
  const uint64_t entries = EntriesOf(bank);
  TlbEntry* const first = ArrayOf(bank, array);
  for (uint64_t index = 0; index < entries; ++index) first[index] = {InvalidPage(index), 0};
}

}  // namespace emu::translator
