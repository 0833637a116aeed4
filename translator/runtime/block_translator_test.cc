#include "translator/runtime/block_translator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <vector>

namespace emu::translator {
namespace {

using Status = BlockTranslator::Result::Status;

constexpr GuestPhysAddr kPage = 0x8000'4000_gpa;
constexpr uint64_t kRamBytes = 4 << 20;
constexpr uint32_t kReturn = 0x0000'8067;  // jalr x0, 0(x1)

constexpr uint32_t AddImmediate(uint32_t rd, uint32_t rs1, uint32_t value) {
  return value << 20 | rs1 << 15 | rd << 7 | 0x13;
}
constexpr uint32_t kBranchTo0x100 = 0x1020'8063;  // beq x1, x2: taken while both are 0

class BlockTranslatorTest : public testing::Test {
 protected:
  BlockTranslatorTest() : isa_(*FindGuestIsa("riscv64")) {
    EXPECT_TRUE(memory_.AddRegion(0x8000'0000_gpa, kRamBytes, MemoryKind::kRam).ok());
    frame_memory_.resize((sizeof(VcpuFrame) + isa_.state_size()) / 64 + 1);
    // SAFETY: large and aligned enough for a frame with the guest's state behind it.
    frame_ = new (frame_memory_.data()) VcpuFrame();
    frame_->jump_table = &kEmptyJumpTable.header;
  }

  void Create(TierPolicy tier, uint64_t eviction_seed = 0) {
    auto created = BlockTranslator::Create({.arch = "riscv64",
                                            .tier = tier,
                                            .code_cache_mib = 1,
                                            .random_eviction_seed = eviction_seed,
                                            .trace = {}},
                                           isa_, memory_);
    ASSERT_TRUE(created.ok()) << created.status();
    blocks_ = *std::move(created);
    if (blocks_->host() != nullptr) blocks_->host()->PrepareFrame(*frame_);
  }

  void Put(GuestPhysAddr address, uint32_t code) {
    ASSERT_TRUE(memory_.Write(address, std::as_bytes(std::span(&code, 1))));
  }
  BlockTranslator::Result Get(GuestPhysAddr start, uint64_t mode = 0) {
    return blocks_->Get({.start = start, .mode = mode, .second_page = {}});
  }
  bool IsKnown(GuestPhysAddr start) { return blocks_->store().Find(start, 0) != nullptr; }
  LeaveReason Run(const CodeBlock& block) {
    frame_->pc_page = block.start.PageBase().value;
    return blocks_->host()->Enter(*frame_, block.code);
  }

  // A branch at the page's start to kTarget, which returns; linked.
  void MakeLinkedPair() {
    Put(kPage, kBranchTo0x100);
    Put(kPage + 4, kReturn);
    Put(kTarget, kReturn);
    jump_ = Get(kPage).block;
    ASSERT_NE(jump_->code, nullptr);
    ASSERT_EQ(Run(*jump_), LeaveReason::kLink);
    const HostBackend::JumpSite site = blocks_->host()->DecodeJumpSite(frame_->leave_site);
    ASSERT_EQ(site.target_offset, 0x100u);
    blocks_->Link(site, *Get(kTarget).block);
  }

  static constexpr GuestPhysAddr kTarget = kPage + 0x100;

  const GuestIsa& isa_;
  GuestMemory memory_;
  struct alignas(64) CacheLine {
    std::byte bytes[64];
  };
  std::vector<CacheLine> frame_memory_;
  VcpuFrame* frame_;
  std::unique_ptr<BlockTranslator> blocks_;
  const CodeBlock* jump_ = nullptr;
};

TEST_F(BlockTranslatorTest, ATranslationIsMadeOnce) {
  Create(TierPolicy::kCompile);
  Put(kPage, kReturn);
  const auto first = Get(kPage);
  EXPECT_TRUE(first.is_new);
  EXPECT_EQ(first.block->guest_instructions, 1u);
  EXPECT_EQ(first.block->length_bytes, 4u);
  const auto second = Get(kPage);
  EXPECT_FALSE(second.is_new);
  EXPECT_EQ(second.block, first.block);
}

TEST_F(BlockTranslatorTest, ModesHaveTranslationsOfTheirOwn) {
  Create(TierPolicy::kCompile);
  Put(kPage, kReturn);
  EXPECT_NE(Get(kPage, 0).block, Get(kPage, 1).block);
}

TEST_F(BlockTranslatorTest, InterpretedBlocksKeepTheirFunctionAndNoCode) {
  Create(TierPolicy::kInterpretOnly);
  Put(kPage, kReturn);
  const CodeBlock* const block = Get(kPage).block;
  EXPECT_EQ(blocks_->host(), nullptr);
  EXPECT_EQ(block->code, nullptr);
  EXPECT_NE(block->function, nullptr);
}

TEST_F(BlockTranslatorTest, CompiledBlocksGiveTheirFunctionUp) {
  Create(TierPolicy::kCompile);
  Put(kPage, kReturn);
  const CodeBlock* const block = Get(kPage).block;
  EXPECT_EQ(block->function, nullptr);
  EXPECT_GT(block->code_bytes, 0u);
  EXPECT_EQ(blocks_->store().FindByCode(block->code + block->code_bytes - 1), block);
}

TEST_F(BlockTranslatorTest, AnInstructionOnTwoPagesNeedsBoth) {
  Create(TierPolicy::kCompile);
  const GuestPhysAddr start = kPage + 4094;
  Put(start, AddImmediate(1, 1, 7));
  EXPECT_EQ(Get(start).status, Status::kCrosses);
  const auto result = blocks_->Get({.start = start, .mode = 0, .second_page = kPage + kPageSize});
  ASSERT_EQ(result.status, Status::kDone);
  EXPECT_EQ(result.block->length_bytes, 2u);
  EXPECT_EQ(result.block->guest_instructions, 1u);
  blocks_->Synchronize();
  Put(kPage + kPageSize, 0xffff'ffff);
  blocks_->Synchronize();
  EXPECT_EQ(blocks_->store().Find(start, 0, kPage + kPageSize), nullptr);
}

TEST_F(BlockTranslatorTest, ALinkedJumpGoesStraightToItsTarget) {
  Create(TierPolicy::kCompile);
  MakeLinkedPair();
  EXPECT_EQ(Run(*jump_), LeaveReason::kLookup);
}

TEST_F(BlockTranslatorTest, ALinkIsUndoneWhenItsTargetIsDropped) {
  Create(TierPolicy::kCompile);
  MakeLinkedPair();
  Put(kTarget, AddImmediate(1, 1, 1));
  blocks_->Synchronize();
  EXPECT_FALSE(IsKnown(kTarget));
  ASSERT_TRUE(IsKnown(kPage));
  EXPECT_EQ(Run(*jump_), LeaveReason::kLink);
}

TEST_F(BlockTranslatorTest, ADroppedBlockLeavesItsTargetBehind) {
  Create(TierPolicy::kCompile);
  MakeLinkedPair();
  Put(kPage, kReturn);
  blocks_->Synchronize();
  EXPECT_FALSE(IsKnown(kPage));
  // The target's list of jumps to it must not keep the dead one.
  Put(kTarget, AddImmediate(1, 1, 1));
  blocks_->Synchronize();
  EXPECT_FALSE(IsKnown(kTarget));
}

TEST_F(BlockTranslatorTest, ABlockMayBeLinkedToItself) {
  Create(TierPolicy::kCompile);
  Put(kPage, 0x0000'006f);  // jal x0, 0
  const CodeBlock* const loop = Get(kPage).block;
  ASSERT_EQ(Run(*loop), LeaveReason::kLink);
  blocks_->Link(blocks_->host()->DecodeJumpSite(frame_->leave_site), *loop);
  frame_->exit_request = 1;
  EXPECT_EQ(Run(*loop), LeaveReason::kLookup);
  Put(kPage, kReturn);
  blocks_->Synchronize();
  EXPECT_FALSE(IsKnown(kPage));
}

TEST_F(BlockTranslatorTest, SynchronizingDropsWhatChangedAndOnlyThat) {
  for (const TierPolicy tier : {TierPolicy::kCompile, TierPolicy::kInterpretOnly}) {
    Create(tier);
    for (const uint64_t offset : {0x0, 0x100, 0x1000}) {
      Put(kPage + offset, kReturn);
      Get(kPage + offset);
    }
    blocks_->Synchronize();
    Put(kTarget, AddImmediate(1, 1, 1));
    const uint64_t generation = blocks_->generation();
    blocks_->Synchronize();
    EXPECT_NE(blocks_->generation(), generation);
    EXPECT_TRUE(IsKnown(kPage));
    EXPECT_FALSE(IsKnown(kTarget));
    EXPECT_TRUE(IsKnown(kPage + 0x1000));
    blocks_.reset();
  }
}

TEST_F(BlockTranslatorTest, WhatIsTranslatedAgainIsTheNewCode) {
  Create(TierPolicy::kCompile);
  Put(kPage, kReturn);
  EXPECT_EQ(Get(kPage).block->guest_instructions, 1u);
  Put(kPage, AddImmediate(1, 1, 1));
  Put(kPage + 4, kReturn);
  blocks_->Synchronize();
  EXPECT_EQ(Get(kPage).block->guest_instructions, 2u);
}

TEST_F(BlockTranslatorTest, CountersAreSumsOverBlocksAndAgreeWithTheCache) {
  Create(TierPolicy::kCompile);
  const uint64_t stub_bytes = blocks_->counters().host_bytes;
  EXPECT_GT(stub_bytes, 0u);
  EXPECT_EQ(blocks_->counters().cache_used_bytes, 0u);
  uint64_t instructions = 0;
  uint64_t guest_bytes = 0;
  uint64_t code_bytes = 0;
  uint64_t fault_site_bytes = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (uint64_t number = 0; number < 2000; ++number) {
    const GuestPhysAddr start = kPage + number * 32;
    Put(start, AddImmediate(1, 1, static_cast<uint32_t>(number % 2047)));
    Put(start + 4, 0x0000'b103);  // ld x2, 0(x1): may fault
    Put(start + 8, kReturn);
    const CodeBlock* const block = Get(start).block;
    Get(start);  // known already: not counted again
    instructions += block->guest_instructions;
    guest_bytes += block->length_bytes;
    code_bytes += block->code_bytes;
    fault_site_bytes += block->fault_site_bytes;
  }
  const auto taken = std::chrono::steady_clock::now() - begin;
  const CodeCounters counters = blocks_->counters();
  EXPECT_EQ(counters.blocks, 2000u);
  EXPECT_EQ(counters.guest_instructions, instructions);
  EXPECT_EQ(counters.guest_instructions, 6000u);
  EXPECT_EQ(counters.guest_bytes, guest_bytes);
  EXPECT_EQ(counters.side_table_bytes, 2000 * sizeof(CodeBlock) + fault_site_bytes);
  EXPECT_GT(fault_site_bytes, 0u);
  EXPECT_GT(counters.cache_used_bytes, 1u << 16) << "one segment was never filled";
  EXPECT_EQ(counters.host_bytes, stub_bytes + counters.cache_used_bytes);
  EXPECT_GE(counters.host_bytes, code_bytes);
  EXPECT_GT(counters.translation_ns, 0u);
  EXPECT_LT(counters.translation_ns,
            static_cast<uint64_t>(std::chrono::nanoseconds(taken).count()));
}

TEST_F(BlockTranslatorTest, AnInstructionOnTwoPagesCountsAllItsBytes) {
  Create(TierPolicy::kInterpretOnly);
  Put(kPage + 4094, AddImmediate(1, 1, 7));
  blocks_->Get({.start = kPage + 4094, .mode = 0, .second_page = kPage + kPageSize});
  EXPECT_EQ(blocks_->counters().guest_bytes, 4u);
  EXPECT_EQ(blocks_->counters().host_bytes, 0u);
}

class EvictionTest : public BlockTranslatorTest {
 protected:
  // Long blocks of different code, one behind the other.
  void WriteCode() {
    for (uint64_t offset = 0; offset < kRamBytes; offset += 4) {
      const auto number = static_cast<uint32_t>(offset / 4);
      Put(0x8000'0000_gpa + offset,
          AddImmediate(1 + number % 31, 1 + (number + 7) % 31, number % 2047));
    }
  }
  static GuestPhysAddr Start(uint64_t number) { return 0x8000'0000_gpa + number * 256; }
};

TEST_F(EvictionTest, AFullCacheMakesRoomByDroppingTheOldest) {
  Create(TierPolicy::kCompile);
  WriteCode();
  constexpr uint64_t kBlocks = kRamBytes / 256;
  uint64_t made = 0;
  while (made < kBlocks && Get(Start(made)).status == Status::kDone) ++made;
  ASSERT_LT(made, kBlocks) << "the cache never filled";
  ASSERT_GT(made, 100u);

  const uint64_t generation = blocks_->generation();
  blocks_->MakeRoom(generation);
  EXPECT_NE(blocks_->generation(), generation);
  EXPECT_FALSE(IsKnown(Start(0)));
  EXPECT_TRUE(IsKnown(Start(made - 1)));
  EXPECT_EQ(Get(Start(made)).status, Status::kDone);

  // Who asks for room that another has made already gets none.
  const CodeBlock* const last = Get(Start(made)).block;
  blocks_->MakeRoom(generation);
  EXPECT_EQ(blocks_->store().FindByCode(last->code), last);
}

TEST_F(EvictionTest, ACacheThatWentRoundManyTimesStillHoldsTheCodeOfItsBlocks) {
  Create(TierPolicy::kCompile);
  WriteCode();
  uint32_t evictions = 0;
  for (uint64_t number = 0; evictions < 40; number = (number + 1) % (kRamBytes / 256)) {
    const auto result = Get(Start(number));
    if (result.status == Status::kNoRoom) {
      blocks_->MakeRoom(blocks_->generation());
      ++evictions;
      continue;
    }
    ASSERT_EQ(blocks_->store().FindByCode(result.block->code), result.block);
    // It goes on behind itself; jumps from page to page are never linked.
    const bool is_last = Start(number + 1).PageOffset() == 0;
    ASSERT_EQ(Run(*result.block), is_last ? LeaveReason::kLookup : LeaveReason::kLink);
  }
}

TEST_F(EvictionTest, ASeedMakesRoomNowAndThenThoughThereIsRoom) {
  Create(TierPolicy::kCompile, 7);
  uint32_t refused = 0;
  for (uint64_t number = 0; number < 8000; ++number) {
    const GuestPhysAddr start = 0x8000'0000_gpa + number * 4;
    Put(start, kReturn);
    if (Get(start).status == Status::kNoRoom) ++refused;
  }
  EXPECT_GT(refused, 2u);
  EXPECT_LT(refused, 60u);
}

TEST_F(EvictionTest, LinksIntoAnEvictedSegmentAreUndone) {
  Create(TierPolicy::kCompile);
  WriteCode();
  MakeLinkedPair();
  // The target is translated anew, far from the jump: only it is evicted.
  blocks_->Synchronize();
  uint64_t number = 4096;
  while (Get(Start(number)).status == Status::kDone) ++number;
  blocks_->MakeRoom(blocks_->generation());
  ASSERT_FALSE(IsKnown(kPage));
  ASSERT_FALSE(IsKnown(kTarget));

  const CodeBlock* const target = Get(kTarget).block;
  const CodeBlock* jump = nullptr;
  // The next segment holds the jump.
  while (Get(Start(number)).status == Status::kDone) ++number;
  blocks_->MakeRoom(blocks_->generation());
  jump = Get(kPage).block;
  ASSERT_EQ(Run(*jump), LeaveReason::kLink);
  blocks_->Link(blocks_->host()->DecodeJumpSite(frame_->leave_site), *target);
  ASSERT_EQ(Run(*jump), LeaveReason::kLookup);

  // Round the cache until the target's segment goes; the jump's is one further.
  while (IsKnown(kTarget)) {
    while (Get(Start(number)).status == Status::kDone) ++number;
    blocks_->MakeRoom(blocks_->generation());
  }
  ASSERT_TRUE(IsKnown(kPage));
  EXPECT_EQ(Run(*jump), LeaveReason::kLink);
}

}  // namespace
}  // namespace emu::translator
