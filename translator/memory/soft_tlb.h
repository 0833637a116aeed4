// The data TLB of one vCPU: banks of entries, one for each address space and privilege in use, so
// that a switch between them changes pointers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "translator/guest/guest_isa.h"
#include "translator/memory/tlb_layout.h"

namespace emu::translator {

enum class TlbArray : uint8_t { kRead, kWrite };

// For the vCPU's own thread, or any thread while the world is stopped.
class SoftTlb {
 public:
  static constexpr size_t kBankCount = 8;

  // `max_entries` is a power of two, at most kTlbMaxEntries; small ones are for tests.
  // RESOURCE_EXHAUSTED if the host gives no address space.
  static absl::StatusOr<std::unique_ptr<SoftTlb>> Create(uint32_t max_entries);
  ~SoftTlb();
  SoftTlb(const SoftTlb&) = delete;
  SoftTlb& operator=(const SoftTlb&) = delete;

  // Makes the banks of these keys, which may be equal, those of the two spaces; takes the least
  // recently used one if none has the own space's key. Without a bank, the other space has an empty
  // one until it is filled: few of those that are selected are ever used.
  void SelectBanks(uint64_t own_key, uint64_t other_key);

  // The host address for `bytes` at `address`, or nullptr on a miss.
  std::byte* Find(TlbArray array, uint64_t address, uint32_t bytes,
                  DataSpace space = DataSpace::kOwn) const;
  // Enters a translation of the page at `page_base`; the bank grows when it misses too often.
  void Fill(TlbArray array, uint64_t page_base, std::byte* host_page,
            DataSpace space = DataSpace::kOwn);

  void FlushAll();
  void FlushPage(uint64_t page_base);  // in every bank; constant time
  void FlushWrites();                  // every write entry of every bank
  // The write entries that lead to one of these pages (host addresses, sorted). Costs in proportion
  // to the write entries filled since all were flushed, not to what the banks hold.
  void RevokeWrites(std::span<const uint64_t> host_pages);

  // Since it was made.
  uint64_t fills() const { return fills_; }
  uint64_t resizes() const { return resizes_; }
  uint64_t flushes() const { return flushes_; }  // of everything
  uint32_t current_entries() const { return EntriesOf(*own_); }
  // A space's bank, as translated code takes it; changes with SelectBanks and, of the other space,
  // with Fill.
  void* bank(DataSpace space) const { return BankOf(space).memory; }

 private:
  struct Bank {
    std::byte* memory = nullptr;
    uint64_t key = 0;
    uint64_t last_used = 0;
    uint32_t fills_since_resize = 0;
    bool in_use = false;
  };

  explicit SoftTlb(uint32_t max_entries) : max_entries_(max_entries) {}
  static TlbBankHeader& HeaderOf(const Bank& bank);
  static uint32_t EntriesOf(const Bank& bank);
  static TlbEntry* ArrayOf(const Bank& bank, TlbArray array);
  static TlbEntry& EntryFor(const Bank& bank, TlbArray array, uint64_t address);
  Bank& BankOf(DataSpace space) const { return space == DataSpace::kOwn ? *own_ : *other_; }
  Bank* FindBank(uint64_t key);
  Bank& TakeBank(uint64_t key);
  void Resize(Bank& bank, uint32_t entries);
  void Clear(Bank& bank, TlbArray array);
  uint32_t MinEntries() const {
    return max_entries_ < kTlbMinEntries ? max_entries_ : kTlbMinEntries;
  }

  void ForgetWriteFills();

  // Write entries filled since all of them were flushed. Once there are too many, nothing is known.
  static constexpr size_t kMaxWriteFills = 4096;
  struct WriteFill {
    TlbEntry* entry;
    uint64_t index;
  };
  std::vector<WriteFill> write_fills_;
  bool write_fills_are_complete_ = true;

  const uint32_t max_entries_;
  std::array<Bank, kBankCount + 1> banks_;
  Bank& empty_ = banks_.back();  // never taken
  Bank* own_ = nullptr;
  Bank* other_ = nullptr;
  uint64_t other_key_ = 0;
  uint64_t clock_ = 0;
  uint64_t fills_ = 0;
  uint64_t resizes_ = 0;
  uint64_t flushes_ = 0;
};

}  // namespace emu::translator
