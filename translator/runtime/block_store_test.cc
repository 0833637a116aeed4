#include "translator/runtime/block_store.h"

#include <gtest/gtest.h>

namespace emu::translator {
namespace {

constexpr GuestPhysAddr kCode(0x8000'1010);

class BlockStoreTest : public testing::Test {
 protected:
  BlockStoreTest() {
    EXPECT_TRUE(memory_.AddRegion(0x8000'0000_gpa, 1 << 20, MemoryKind::kRam).ok());
    store_ = std::make_unique<BlockStore>(memory_);
  }

  void InsertBlock() {
    auto block = std::make_unique<CodeBlock>();
    block->start = kCode;
    block->length_bytes = 8;
    block->content_hash = BlockStore::HashBytes(memory_.PageForRead(kCode) + kCode.PageOffset(), 8);
    store_->Insert(std::move(block), 0);
  }
  void WriteByte(GuestPhysAddr address) {
    std::byte* page = memory_.PageForWrite(address);
    page[address.PageOffset()] ^= std::byte{0xff};
  }

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

TEST_F(BlockStoreTest, ModesHaveTranslationsOfTheirOwn) {
  InsertBlock();
  EXPECT_EQ(store_->Find(kCode, 1), nullptr);
}

}  // namespace
}  // namespace emu::translator
