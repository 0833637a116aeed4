#include "translator/runtime/block_store.h"

#include <gtest/gtest.h>

#include <vector>

namespace emu::translator {
namespace {

constexpr GuestPhysAddr kCode(0x8000'1010);

class BlockStoreTest : public testing::Test {
 protected:
  BlockStoreTest() {
    EXPECT_TRUE(memory_.AddRegion(0x8000'0000_gpa, 1 << 20, MemoryKind::kRam).ok());
    store_ = std::make_unique<BlockStore>(memory_);
  }

  void InsertBlock(GuestPhysAddr start = kCode) {
    auto block = std::make_unique<CodeBlock>();
    block->start = start;
    block->length_bytes = 8;
    block->content_hash = BlockStore::HashBytes(memory_.PageForRead(start) + start.PageOffset(), 8);
    store_->Insert(std::move(block));
  }
  void InsertCrossing(GuestPhysAddr start, GuestPhysAddr second_page) {
    auto block = std::make_unique<CodeBlock>();
    block->start = start;
    block->length_bytes = 2;
    block->second_page = second_page.value;
    block->content_hash =
        BlockStore::HashBytes(memory_.PageForRead(start) + start.PageOffset(), 2) ^
        BlockStore::HashBytes(memory_.PageForRead(second_page), 2);
    store_->Insert(std::move(block));
  }
  // A block whose host code is code_bytes of code_ from `first` on.
  const CodeBlock* InsertCompiled(GuestPhysAddr start, size_t first, uint32_t code_bytes) {
    auto block = std::make_unique<CodeBlock>();
    block->start = start;
    block->length_bytes = 8;
    block->content_hash = BlockStore::HashBytes(memory_.PageForRead(start) + start.PageOffset(), 8);
    block->code = &code_[first];
    block->code_bytes = code_bytes;
    return store_->Insert(std::move(block));
  }
  void WriteByte(GuestPhysAddr address) {
    std::byte* page = memory_.PageForWrite(address);
    page[address.PageOffset()] ^= std::byte{0xff};
  }

  std::byte code_[64] = {};
  GuestMemory memory_;
  std::unique_ptr<BlockStore> store_;
};

TEST_F(BlockStoreTest, ASynchronizedPageWithholdsWriting) {
  InsertBlock();
  EXPECT_TRUE(store_->HasDirtyPages());
  store_->Synchronize();
  EXPECT_FALSE(store_->HasDirtyPages());
  EXPECT_FALSE(memory_.IsWritable(kCode));
  EXPECT_NE(store_->Find(kCode, 0), nullptr);
}

TEST_F(BlockStoreTest, WritingOverABlockDropsItAtTheNextSynchronization) {
  InsertBlock();
  store_->Synchronize();
  WriteByte(kCode);
  EXPECT_TRUE(store_->HasDirtyPages());
  store_->Synchronize();
  EXPECT_EQ(store_->Find(kCode, 0), nullptr);
}

TEST_F(BlockStoreTest, WritingBesideABlockKeepsIt) {
  InsertBlock();
  store_->Synchronize();
  WriteByte(kCode + 64);
  store_->Synchronize();
  EXPECT_NE(store_->Find(kCode, 0), nullptr);
}

TEST_F(BlockStoreTest, AWriteBeforeTheFirstSynchronizationIsSeenToo) {
  InsertBlock();
  WriteByte(kCode);
  store_->Synchronize();
  EXPECT_EQ(store_->Find(kCode, 0), nullptr);
}

TEST_F(BlockStoreTest, ASynchronizationLooksOnlyAtPagesThatWereWrittenTo) {
  for (uint64_t page = 0; page < 100; ++page) {
    for (uint64_t block = 0; block < 4; ++block) InsertBlock(kCode + page * kPageSize + 8 * block);
  }
  store_->Synchronize();
  EXPECT_EQ(store_->compared_blocks(), 400u);
  store_->Synchronize();
  EXPECT_EQ(store_->compared_blocks(), 400u);
  WriteByte(kCode + 7 * kPageSize + 64);
  store_->Synchronize();
  EXPECT_EQ(store_->compared_blocks(), 404u);
}

TEST_F(BlockStoreTest, ModesHaveTranslationsOfTheirOwn) {
  InsertBlock();
  EXPECT_EQ(store_->Find(kCode, 1), nullptr);
}

TEST_F(BlockStoreTest, TheFirstOfTwoEqualInsertionsStays) {
  InsertBlock();
  const CodeBlock* const first = store_->Find(kCode, 0);
  InsertBlock();
  EXPECT_EQ(store_->Find(kCode, 0), first);
}

TEST_F(BlockStoreTest, ABlockOnTwoPagesIsDroppedByAWriteToEither) {
  constexpr GuestPhysAddr kEnd(0x8000'1ffe);
  constexpr GuestPhysAddr kNext(0x8000'5000);
  for (const GuestPhysAddr written : {kEnd, kNext}) {
    InsertCrossing(kEnd, kNext);
    store_->Synchronize();
    ASSERT_NE(store_->Find(kEnd, 0, kNext), nullptr);
    WriteByte(written);
    store_->Synchronize();
    EXPECT_EQ(store_->Find(kEnd, 0, kNext), nullptr);
  }
}

TEST_F(BlockStoreTest, ABlockOnTwoPagesIsFoundByBoth) {
  constexpr GuestPhysAddr kEnd(0x8000'1ffe);
  InsertCrossing(kEnd, 0x8000'5000_gpa);
  EXPECT_EQ(store_->Find(kEnd, 0), nullptr);
  EXPECT_EQ(store_->Find(kEnd, 0, 0x8000'6000_gpa), nullptr);
  EXPECT_NE(store_->Find(kEnd, 0, 0x8000'5000_gpa), nullptr);
}

TEST_F(BlockStoreTest, WritingBackTheSameBytesKeepsTheBlock) {
  InsertBlock();
  store_->Synchronize();
  WriteByte(kCode);
  WriteByte(kCode);
  store_->Synchronize();
  EXPECT_NE(store_->Find(kCode, 0), nullptr);
}

// As often as its patience says, which grows each time.
TEST_F(BlockStoreTest, APageThatIsWrittenToAgainAndAgainLosesItsBlocks) {
  for (const int patience : {4, 8}) {
    InsertBlock();
    for (int round = 1; round < patience; ++round) {
      WriteByte(kCode + 100);
      store_->Synchronize();
      ASSERT_NE(store_->Find(kCode, 0), nullptr) << patience << ", round " << round;
    }
    WriteByte(kCode + 100);
    store_->Synchronize();
    EXPECT_EQ(store_->Find(kCode, 0), nullptr);
    // Nothing is left there to watch.
    WriteByte(kCode + 100);
    store_->Synchronize();
    WriteByte(kCode + 100);
    EXPECT_FALSE(store_->HasDirtyPages());
  }
}

TEST_F(BlockStoreTest, ABlockIsFoundByItsCodeAlone) {
  const CodeBlock* const block = InsertCompiled(kCode, 16, 32);
  EXPECT_EQ(store_->FindByCode(&code_[15]), nullptr);
  EXPECT_EQ(store_->FindByCode(&code_[16]), block);
  EXPECT_EQ(store_->FindByCode(&code_[47]), block);
  EXPECT_EQ(store_->FindByCode(&code_[48]), nullptr);
}

TEST_F(BlockStoreTest, OnlyTheCodeInTheRangeIsDropped) {
  InsertCompiled(kCode, 0, 16);
  InsertCompiled(kCode + 8, 16, 16);
  InsertCompiled(kCode + kPageSize, 32, 16);
  store_->DropCode(&code_[16], &code_[32]);
  EXPECT_NE(store_->Find(kCode, 0), nullptr);
  EXPECT_EQ(store_->Find(kCode + 8, 0), nullptr);
  EXPECT_EQ(store_->FindByCode(&code_[20]), nullptr);
  EXPECT_NE(store_->Find(kCode + kPageSize, 0), nullptr);
}

TEST_F(BlockStoreTest, WhatIsDroppedMayBeInsertedAgain) {
  InsertCompiled(kCode, 0, 16);
  store_->DropCode(&code_[0], &code_[16]);
  const CodeBlock* const again = InsertCompiled(kCode, 32, 16);
  store_->Synchronize();
  EXPECT_EQ(store_->Find(kCode, 0), again);
  WriteByte(kCode);
  store_->Synchronize();
  EXPECT_EQ(store_->FindByCode(&code_[32]), nullptr);
}

TEST_F(BlockStoreTest, ClearingForgetsAll) {
  InsertCompiled(kCode, 0, 16);
  store_->Clear();
  EXPECT_FALSE(store_->HasDirtyPages());
  EXPECT_EQ(store_->Find(kCode, 0), nullptr);
  EXPECT_EQ(store_->FindByCode(&code_[0]), nullptr);
}

TEST_F(BlockStoreTest, TheHashSeesEveryByteAndTheLength) {
  std::vector<std::byte> bytes(32, std::byte{0x11});
  for (uint32_t length = 1; length <= 32; ++length) {
    const uint64_t hash = BlockStore::HashBytes(bytes.data(), length);
    EXPECT_NE(hash, BlockStore::HashBytes(bytes.data(), length - 1));
    bytes[length - 1] = std::byte{0x10};
    EXPECT_NE(hash, BlockStore::HashBytes(bytes.data(), length));
    bytes[length - 1] = std::byte{0x11};
  }
}

}  // namespace
}  // namespace emu::translator
