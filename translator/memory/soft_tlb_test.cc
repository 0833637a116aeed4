#include "translator/memory/soft_tlb.h"

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>

namespace emu::translator {
namespace {

std::array<std::byte, 4096> page;
std::array<std::byte, 4096> other_page;

std::unique_ptr<SoftTlb> NewTlb(uint32_t max_entries = kTlbMaxEntries) {
  return *SoftTlb::Create(max_entries);
}

TEST(SoftTlbTest, AFilledPageIsFoundAtItsOffsets) {
  auto tlb = NewTlb();
  tlb->Fill(TlbArray::kRead, 0x7000, page.data());
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7010, 8), page.data() + 0x10);
  EXPECT_EQ(tlb->Find(TlbArray::kWrite, 0x7010, 8), nullptr);
}

TEST(SoftTlbTest, AnAccessThatLeavesThePageMisses) {
  auto tlb = NewTlb();
  tlb->Fill(TlbArray::kRead, 0x7000, page.data());
  EXPECT_NE(tlb->Find(TlbArray::kRead, 0x7ff8, 8), nullptr);
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7ff9, 8), nullptr);
}

TEST(SoftTlbTest, NoAddressHitsAnEmptyEntry) {
  for (const uint32_t entries : {2u, 256u, kTlbMaxEntries}) {
    auto tlb = NewTlb(entries);
    for (uint64_t number = 0; number < 70000; ++number) {
      ASSERT_EQ(tlb->Find(TlbArray::kRead, number << 12, 1), nullptr) << number;
      ASSERT_EQ(tlb->Find(TlbArray::kRead, ~(number << 12), 1), nullptr) << number;
    }
  }
}

TEST(SoftTlbTest, PagesAPowerOfTwoApartDoNotCollide) {
  auto tlb = NewTlb();
  tlb->Fill(TlbArray::kRead, 0x100'0000, page.data());
  tlb->Fill(TlbArray::kRead, 0x200'0000, page.data());
  EXPECT_NE(tlb->Find(TlbArray::kRead, 0x100'0000, 1), nullptr);
  EXPECT_NE(tlb->Find(TlbArray::kRead, 0x200'0000, 1), nullptr);
}

TEST(SoftTlbTest, FlushingAPageReachesEveryBank) {
  auto tlb = NewTlb();
  for (const uint64_t key : {1, 2}) {
    tlb->SelectBanks(key, key);
    tlb->Fill(TlbArray::kRead, 0x7000, page.data());
    tlb->Fill(TlbArray::kRead, 0x8000, page.data());
  }
  tlb->FlushPage(0x7000);
  for (const uint64_t key : {1, 2}) {
    tlb->SelectBanks(key, key);
    EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1), nullptr);
    EXPECT_NE(tlb->Find(TlbArray::kRead, 0x8000, 1), nullptr);
  }
}

TEST(SoftTlbTest, BanksKeepTheirEntriesApart) {
  auto tlb = NewTlb();
  tlb->SelectBanks(1, 1);
  tlb->Fill(TlbArray::kRead, 0x7000, page.data());
  tlb->SelectBanks(2, 2);
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1), nullptr);
  tlb->SelectBanks(1, 1);
  EXPECT_NE(tlb->Find(TlbArray::kRead, 0x7000, 1), nullptr);
}

TEST(SoftTlbTest, TheTwoSpacesAreFilledApart) {
  auto tlb = NewTlb();
  tlb->SelectBanks(1, 2);
  tlb->Fill(TlbArray::kRead, 0x7000, page.data());
  tlb->Fill(TlbArray::kRead, 0x7000, other_page.data(), DataSpace::kOther);
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1), page.data());
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1, DataSpace::kOther), other_page.data());
  tlb->SelectBanks(2, 2);
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1), other_page.data());
}

TEST(SoftTlbTest, TheOtherSpaceTakesABankOnceItIsFilled) {
  auto tlb = NewTlb();
  tlb->SelectBanks(1, 1);
  tlb->Fill(TlbArray::kRead, 0x7000, page.data());
  const void* const empty = (tlb->SelectBanks(2, 3), tlb->bank(DataSpace::kOther));
  for (uint64_t key = 4; key < 4 + 2 * SoftTlb::kBankCount; ++key) tlb->SelectBanks(1, key);
  EXPECT_EQ(tlb->bank(DataSpace::kOther), empty);
  EXPECT_NE(tlb->Find(TlbArray::kRead, 0x7000, 1), nullptr);
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1, DataSpace::kOther), nullptr);
  tlb->Fill(TlbArray::kRead, 0x7000, other_page.data(), DataSpace::kOther);
  EXPECT_NE(tlb->bank(DataSpace::kOther), empty);
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1, DataSpace::kOther), other_page.data());
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1), page.data());
}

// The other space's bank would be the least recently used one while its key stays as it is.
TEST(SoftTlbTest, ASpaceKeepsItsBankHoweverOftenTheOtherOneChanges) {
  auto tlb = NewTlb();
  tlb->SelectBanks(1, 2);
  tlb->Fill(TlbArray::kRead, 0x7000, other_page.data(), DataSpace::kOther);
  for (uint64_t key = 3; key < 3 + 2 * SoftTlb::kBankCount; ++key) {
    tlb->SelectBanks(key, 2);
    ASSERT_NE(tlb->bank(DataSpace::kOwn), tlb->bank(DataSpace::kOther));
    ASSERT_NE(tlb->Find(TlbArray::kRead, 0x7000, 1, DataSpace::kOther), nullptr) << key;
  }
}

TEST(SoftTlbTest, AReusedBankForgetsItsFormerSpace) {
  auto tlb = NewTlb();
  tlb->SelectBanks(1, 1);
  tlb->Fill(TlbArray::kRead, 0x7000, page.data());
  for (uint64_t key = 2; key < 2 + SoftTlb::kBankCount; ++key) tlb->SelectBanks(key, key);
  tlb->SelectBanks(1, 1);
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1), nullptr);
}

TEST(SoftTlbTest, ABankThatMissesOftenGrows) {
  auto tlb = NewTlb();
  const uint32_t before = tlb->current_entries();
  for (uint64_t number = 0; number < 4096; ++number) {
    tlb->Fill(TlbArray::kRead, number << 12, page.data());
  }
  EXPECT_GT(tlb->current_entries(), before);
}

TEST(SoftTlbTest, RevokingTakesTheWritesOfThosePagesInEveryBankAndNoOther) {
  auto tlb = NewTlb();
  tlb->SelectBanks(1, 1);
  tlb->Fill(TlbArray::kWrite, 0x1000, page.data());
  tlb->Fill(TlbArray::kRead, 0x1000, page.data());
  tlb->Fill(TlbArray::kWrite, 0x2000, other_page.data());
  tlb->SelectBanks(2, 2);
  tlb->Fill(TlbArray::kWrite, 0x9000, page.data());
  // SAFETY: an address as a number.
  const std::array revoked = {reinterpret_cast<uint64_t>(page.data())};
  tlb->RevokeWrites(revoked);
  EXPECT_EQ(tlb->Find(TlbArray::kWrite, 0x9000, 8), nullptr);
  tlb->SelectBanks(1, 1);
  EXPECT_EQ(tlb->Find(TlbArray::kWrite, 0x1000, 8), nullptr);
  EXPECT_NE(tlb->Find(TlbArray::kRead, 0x1000, 8), nullptr);
  EXPECT_NE(tlb->Find(TlbArray::kWrite, 0x2000, 8), nullptr);
}

TEST(SoftTlbTest, RevokingIsRightAfterMoreFillsThanAreRemembered) {
  auto tlb = NewTlb();
  tlb->Fill(TlbArray::kWrite, 0x1000, page.data());
  for (uint64_t page = 2; page < 10'000; ++page) {
    tlb->Fill(TlbArray::kWrite, 0x1000 * page, other_page.data());
  }
  tlb->Fill(TlbArray::kWrite, 0x1000, page.data());
  const std::array revoked = {reinterpret_cast<uint64_t>(page.data())};
  tlb->RevokeWrites(revoked);
  EXPECT_EQ(tlb->Find(TlbArray::kWrite, 0x1000, 8), nullptr);
}

TEST(SoftTlbTest, ABankThatHitsKeepsItsSize) {
  auto tlb = NewTlb();
  const uint32_t before = tlb->current_entries();
  for (uint64_t number = 0; number < before; ++number) {
    tlb->Fill(TlbArray::kRead, number << 12, page.data());
  }
  EXPECT_EQ(tlb->current_entries(), before);
}

TEST(SoftTlbTest, AGrownBankThatStaysEmptyShrinksAtItsFlushes) {
  auto tlb = NewTlb();
  const uint32_t before = tlb->current_entries();
  for (uint64_t number = 0; number < 100'000; ++number) {
    tlb->Fill(TlbArray::kRead, number << 12, page.data());
  }
  ASSERT_GT(tlb->current_entries(), before);
  for (int flush = 0; flush < 20; ++flush) tlb->FlushAll();
  EXPECT_EQ(tlb->current_entries(), before);
}

TEST(SoftTlbTest, ABankGrowsNoFurtherThanItIsAllowed) {
  for (const uint32_t entries : {2u, 16u, 1024u, kTlbMaxEntries}) {
    auto tlb = NewTlb(entries);
    for (uint64_t number = 0; number < 1'000'000; ++number) {
      tlb->Fill(TlbArray::kRead, number << 12, page.data());
    }
    EXPECT_EQ(tlb->current_entries(), entries);
  }
}

// Translated code takes mask and arrays from the bank's memory, at these offsets.
TEST(SoftTlbTest, ABankSaysItsSizeInItsHeader) {
  auto tlb = NewTlb();
  for (uint64_t number = 0; number < 100'000; ++number) {
    tlb->Fill(TlbArray::kWrite, number << 12, page.data());
  }
  const auto* bank = static_cast<const std::byte*>(tlb->bank(DataSpace::kOwn));
  TlbBankHeader header;
  std::memcpy(&header, bank, sizeof header);
  EXPECT_EQ(header.index_mask, (tlb->current_entries() - 1) * sizeof(TlbEntry));
  TlbEntry entry;
  std::memcpy(&entry, bank + kTlbWriteOffset + TlbIndex(99'999 << 12, header.index_mask),
              sizeof entry);
  EXPECT_EQ(entry.page_base, uint64_t{99'999} << 12);
}

// The processor's time for many flushes of single pages, the best of a few tries.
std::chrono::nanoseconds TimeToFlushPages(SoftTlb& tlb) {
  timespec began, ended;
  auto best = std::chrono::nanoseconds::max();
  for (int attempt = 0; attempt < 5; ++attempt) {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &began);
    for (uint64_t number = 0; number < 2000; ++number) tlb.FlushPage(number << 12);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
    best = std::min(best, std::chrono::seconds(ended.tv_sec - began.tv_sec) +
                              std::chrono::nanoseconds(ended.tv_nsec - began.tv_nsec));
  }
  return best;
}

TEST(SoftTlbTest, FlushingAPageTakesAsLongInALargeBankAsInASmallOne) {
  auto small = NewTlb(kTlbMinEntries);
  auto large = NewTlb();
  for (uint64_t number = 0; number < 1'000'000; ++number) {
    large->Fill(TlbArray::kRead, number << 12, page.data());
  }
  ASSERT_EQ(large->current_entries(), kTlbMaxEntries);
  // 128 times the size; caches make up for some of the room.
  EXPECT_LT(TimeToFlushPages(*large), 20 * TimeToFlushPages(*small));
}

}  // namespace
}  // namespace emu::translator
