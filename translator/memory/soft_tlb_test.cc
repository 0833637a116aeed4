#include "translator/memory/soft_tlb.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

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
    tlb->SelectBank(key);
    tlb->Fill(TlbArray::kRead, 0x7000, page.data());
    tlb->Fill(TlbArray::kRead, 0x8000, page.data());
  }
  tlb->FlushPage(0x7000);
  for (const uint64_t key : {1, 2}) {
    tlb->SelectBank(key);
    EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1), nullptr);
    EXPECT_NE(tlb->Find(TlbArray::kRead, 0x8000, 1), nullptr);
  }
}

TEST(SoftTlbTest, BanksKeepTheirEntriesApart) {
  auto tlb = NewTlb();
  tlb->SelectBank(1);
  tlb->Fill(TlbArray::kRead, 0x7000, page.data());
  tlb->SelectBank(2);
  EXPECT_EQ(tlb->Find(TlbArray::kRead, 0x7000, 1), nullptr);
  tlb->SelectBank(1);
  EXPECT_NE(tlb->Find(TlbArray::kRead, 0x7000, 1), nullptr);
}

TEST(SoftTlbTest, AReusedBankForgetsItsFormerSpace) {
  auto tlb = NewTlb();
  tlb->SelectBank(1);
  tlb->Fill(TlbArray::kRead, 0x7000, page.data());
  for (uint64_t key = 2; key < 2 + SoftTlb::kBankCount; ++key) tlb->SelectBank(key);
  tlb->SelectBank(1);
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
  tlb->SelectBank(1);
  tlb->Fill(TlbArray::kWrite, 0x1000, page.data());
  tlb->Fill(TlbArray::kRead, 0x1000, page.data());
  tlb->Fill(TlbArray::kWrite, 0x2000, other_page.data());
  tlb->SelectBank(2);
  tlb->Fill(TlbArray::kWrite, 0x9000, page.data());
  // SAFETY: an address as a number.
  const std::array revoked = {reinterpret_cast<uint64_t>(page.data())};
  tlb->RevokeWrites(revoked);
  EXPECT_EQ(tlb->Find(TlbArray::kWrite, 0x9000, 8), nullptr);
  tlb->SelectBank(1);
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

}  // namespace
}  // namespace emu::translator
