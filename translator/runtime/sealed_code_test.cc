#include "translator/runtime/sealed_code.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "translator/runtime/block_translator.h"
#include "vmm/base/guest_memory.h"
#include "vmm/base/test_seed.h"
#include "vmm/base/unique_fd.h"

namespace emu::translator {
namespace {

constexpr GuestPhysAddr kPage = 0x8000'4000_gpa;
constexpr GuestPhysAddr kTarget = kPage + 0x100;
constexpr GuestPhysAddr kOtherPage = kPage + kPageSize;
constexpr uint32_t kReturn = 0x0000'8067;         // jalr x0, 0(x1)
constexpr uint32_t kBranchTo0x100 = 0x1020'8063;  // beq x1, x2: taken while both are 0
constexpr uint32_t kLoad = 0x0000'b103;           // ld x2, 0(x1): may fault

// A VM's memory, its translations, and what a vCPU needs to run them.
class TestVm {
 public:
  explicit TestVm(int sealed_code = -1, MemoryAccess access = MemoryAccess::kGroups) {
    EXPECT_TRUE(memory_.AddRegion(0x8000'0000_gpa, 1 << 20, MemoryKind::kRam).ok());
    Put(kPage, kBranchTo0x100);
    Put(kPage + 4, kReturn);
    Put(kTarget, kReturn);
    Put(kOtherPage, kLoad);
    Put(kOtherPage + 4, kReturn);
    const GuestIsa& isa = *FindGuestIsa("riscv64");
    auto created = BlockTranslator::Create({.arch = "riscv64",
                                            .memory_access = access,
                                            .code_cache_mib = 1,
                                            .trace = {},
                                            .sealed_code_fd = sealed_code},
                                           isa, memory_);
    EXPECT_TRUE(created.ok()) << created.status();
    blocks_ = *std::move(created);
    frame_memory_.resize((sizeof(VcpuFrame) + isa.state_size()) / sizeof(CacheLine) + 1);
    // SAFETY: large and aligned enough for a frame with the guest's state behind it.
    frame_ = new (frame_memory_.data()) VcpuFrame();
    frame_->jump_table = &kEmptyJumpTable.header;
    blocks_->host()->PrepareFrame(*frame_);
  }

  BlockTranslator& blocks() { return *blocks_; }
  void Put(GuestPhysAddr address, uint32_t code) {
    ASSERT_TRUE(memory_.Write(address, std::as_bytes(std::span(&code, 1))));
  }
  BlockTranslator::Result Get(GuestPhysAddr start) {
    return blocks_->Get({.start = start, .mode = 0, .second_page = {}});
  }
  bool IsKnown(GuestPhysAddr start) { return blocks_->store().Find(start, 0) != nullptr; }
  LeaveReason Run(const CodeBlock& block) {
    frame_->pc_page = block.start.PageBase().value;
    return blocks_->host()->Enter(*frame_, block.code);
  }
  // As a vCPU that comes back from the jump at the page's start does.
  bool LinkJump() {
    EXPECT_EQ(Run(*Get(kPage).block), LeaveReason::kLink);
    return blocks_->Link(blocks_->host()->DecodeJumpSite(frame_->leave_site), *Get(kTarget).block);
  }
  void TranslateAll() {
    EXPECT_FALSE(LinkJump());
    Get(kOtherPage);
  }
  UniqueFd Save() {
    UniqueFd file(memfd_create("sealed", MFD_CLOEXEC));
    EXPECT_TRUE(blocks_->SaveCode(SinkTo(file)).ok());
    return file;
  }
  static CodeSink SinkTo(const UniqueFd& file) {
    return [&file](std::span<const std::byte> bytes, uint64_t offset) {
      EXPECT_EQ(pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)),
                static_cast<ssize_t>(bytes.size()));
      return absl::OkStatus();
    };
  }

 private:
  struct alignas(64) CacheLine {
    std::byte bytes[64];
  };
  GuestMemory memory_;
  std::unique_ptr<BlockTranslator> blocks_;
  std::vector<CacheLine> frame_memory_;
  VcpuFrame* frame_ = nullptr;
};

UniqueFd CodeOfOne() {
  TestVm vm;
  vm.TranslateAll();
  return vm.Save();
}

TEST(SealedCodeTest, AnotherVmTranslatesNothing) {
  TestVm copy(CodeOfOne().get());
  for (const GuestPhysAddr start : {kPage, kTarget, kOtherPage}) {
    EXPECT_FALSE(copy.Get(start).is_new);
  }
  EXPECT_EQ(copy.blocks().counters().sealed_blocks, 3u);
  EXPECT_EQ(copy.blocks().counters().guest_instructions, 0u);
  EXPECT_EQ(copy.Run(*copy.Get(kPage).block), LeaveReason::kLookup) << "the jump is not linked";
}

TEST(SealedCodeTest, SideTablesComeAlong) {
  TestVm original;
  original.TranslateAll();
  TestVm copy(original.Save().get());
  const CodeBlock& made = *original.Get(kOtherPage).block;
  const CodeBlock& sealed = *copy.Get(kOtherPage).block;
  ASSERT_GT(made.fault_site_bytes, 0u);
  EXPECT_TRUE(std::ranges::equal(std::span(made.fault_sites, made.fault_site_bytes),
                                 std::span(sealed.fault_sites, sealed.fault_site_bytes)));
  EXPECT_EQ(copy.blocks().store().FindByCode(sealed.code + sealed.code_bytes - 1), &sealed);
}

TEST(SealedCodeTest, AUnitThatIsAnotherNowIsTranslatedAnewAsAWhole) {
  TestVm copy(CodeOfOne().get());
  copy.Put(kTarget, kLoad);
  copy.Put(kTarget + 4, kReturn);
  EXPECT_TRUE(copy.Get(kPage).is_new);
  EXPECT_EQ(copy.Get(kTarget).block->guest_instructions, 2u);
  EXPECT_FALSE(copy.Get(kOtherPage).is_new);
}

TEST(SealedCodeTest, WhatNoJumpLeadsToDoesNotComeAlong) {
  TestVm original;
  original.Get(kPage);
  original.Get(kTarget);
  TestVm copy(original.Save().get());
  copy.Put(kTarget, kLoad);
  EXPECT_FALSE(copy.Get(kPage).is_new);
  EXPECT_FALSE(copy.IsKnown(kTarget));
  EXPECT_TRUE(copy.Get(kTarget).is_new);
}

TEST(SealedCodeTest, NoJumpLeadsToWhatIsNotTrueAnyMore) {
  TestVm original;
  original.TranslateAll();
  original.Put(kTarget, kLoad);  // nobody has looked yet
  original.Put(kTarget + 4, kReturn);
  TestVm copy(original.Save().get());
  EXPECT_FALSE(copy.Get(kPage).is_new);
  EXPECT_TRUE(copy.Get(kTarget).is_new);
  EXPECT_EQ(copy.Run(*copy.Get(kPage).block), LeaveReason::kLink);
}

TEST(SealedCodeTest, BlocksOfAPageGoTogether) {
  TestVm copy(CodeOfOne().get());
  const void* const jump = copy.Get(kPage).block->code;
  const void* const target = copy.Get(kTarget).block->code;
  copy.Put(kTarget, kLoad);
  copy.Put(kTarget + 4, kReturn);
  const BlockStore::Changes changes = copy.blocks().Synchronize();
  EXPECT_EQ(std::set(changes.dropped_sealed.begin(), changes.dropped_sealed.end()),
            (std::set{jump, target}));
  EXPECT_FALSE(copy.IsKnown(kPage));
  EXPECT_TRUE(copy.Get(kPage).is_new) << "it was taken a second time";
}

TEST(SealedCodeTest, AnUnlinkedJumpThatIsTakenOftenMakesItsPagePrivate) {
  TestVm original;
  original.Get(kPage);
  original.Get(kTarget);
  TestVm copy(original.Save().get());
  int jumps = 0;
  while (!copy.LinkJump()) ASSERT_LT(++jumps, 1000);
  EXPECT_GT(jumps, 100);
  EXPECT_EQ(copy.blocks().DropSealed(kPage).size(), 2u);
  EXPECT_TRUE(copy.Get(kPage).is_new);
  EXPECT_FALSE(copy.LinkJump());
  EXPECT_EQ(copy.Run(*copy.Get(kPage).block), LeaveReason::kLookup);
}

// Between the jump and its target lies more than a segment: the one is copied, then the other gone.
TEST(SealedCodeTest, WhatIsDroppedWhileItIsWrittenTakesItsUnitAlong) {
  TestVm original;
  original.Get(kPage);
  const GuestPhysAddr elsewhere = kPage + 16 * kPageSize;
  for (uint64_t offset = 0; offset < 16 * kPageSize; offset += 4) {
    original.Put(elsewhere + offset, kReturn);
    original.Get(elsewhere + offset);
  }
  original.TranslateAll();
  UniqueFd file(memfd_create("sealed", MFD_CLOEXEC));
  const CodeSink sink = [&](std::span<const std::byte> bytes, uint64_t offset) {
    if (offset == SealedHeader::kBytes + CodeCache::kStubBytes) {
      original.Put(kTarget, kLoad);
      original.blocks().Synchronize();
    }
    return TestVm::SinkTo(file)(bytes, offset);
  };
  ASSERT_TRUE(original.blocks().SaveCode(sink).ok());
  TestVm copy(file.get());
  EXPECT_TRUE(copy.Get(kPage).is_new);
  EXPECT_FALSE(copy.Get(kOtherPage).is_new);
}

TEST(SealedCodeTest, CopiesOfCopiesHaveWhatEachHasAdded) {
  UniqueFd file = CodeOfOne();
  for (uint64_t generation = 1; generation < SealedHeader::kMostLayers + 3; ++generation) {
    TestVm copy(file.get());
    const auto added_by = [](uint64_t number) { return kOtherPage + number * 64; };
    for (uint64_t number = 1; number <= generation; ++number) copy.Put(added_by(number), kReturn);
    // The oldest layer is the first to go; whoever misses it has its code in a layer of his own.
    EXPECT_EQ(copy.Get(kOtherPage).is_new, generation == SealedHeader::kMostLayers + 1)
        << generation;
    EXPECT_TRUE(copy.Get(added_by(generation)).is_new);
    EXPECT_EQ(copy.Get(added_by(generation - 1)).is_new, false) << generation;
    file = copy.Save();
  }
}

TEST(SealedCodeTest, OnlyWhoMadeItExecutesIt) {
  const UniqueFd file = CodeOfOne();
  TestVm other(file.get(), MemoryAccess::kCalls);
  EXPECT_TRUE(other.Get(kPage).is_new);
}

TEST(SealedCodeTest, AFileThatWasNotFinishedIsNotUsed) {
  const UniqueFd whole = CodeOfOne();
  const std::string maker(SealedCodeMaker("riscv64", TestVm().blocks().host()->Describe()));
  ASSERT_TRUE(SealedCode::Map(whole.get(), maker).ok());
  const off_t bytes = lseek(whole.get(), 0, SEEK_END);
  for (const off_t length : {off_t{0}, off_t{4095}, off_t{4096}, bytes / 2, bytes - 1}) {
    ASSERT_EQ(ftruncate(whole.get(), length), 0);
    EXPECT_FALSE(SealedCode::Map(whole.get(), maker).ok()) << length;
  }
  const UniqueFd no_header(memfd_create("sealed", MFD_CLOEXEC));
  ASSERT_EQ(ftruncate(no_header.get(), bytes), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(SealedCode::Map(no_header.get(), maker).status()));
}

TEST(SealedCodeTest, AnIndexOfRandomNumbersIsReadToItsEndsOnly) {
  const UniqueFd file = CodeOfOne();
  const std::string maker(SealedCodeMaker("riscv64", TestVm().blocks().host()->Describe()));
  SealedLayer layer = (*SealedCode::Map(file.get(), maker))->layers()[0];
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 2000; ++round) {
    const uint64_t places = layer.sites_start() - layer.pages_start();
    const auto place = static_cast<off_t>(layer.pages_start() + random() % places);
    const auto byte = static_cast<uint8_t>(random());
    uint8_t before = 0;
    ASSERT_EQ(pread(file.get(), &before, 1, place), 1);
    ASSERT_EQ(pwrite(file.get(), &byte, 1, place), 1);
    if (round % 2 == 0) {
      ASSERT_EQ(pwrite(file.get(), &before, 1, place), 1);
    }
    TestVm copy(file.get());
    for (const GuestPhysAddr start : {kPage, kTarget, kOtherPage}) {
      ASSERT_NE(copy.Get(start).block, nullptr);
    }
  }
}

// A processor that stores a0, waits, adds to it and begins anew.
class WholeVm {
 public:
  explicit WholeVm(int sealed_code = -1) : address_space_(memory_) {
    constexpr uint32_t kProgram[] = {0x0000'1597,   // auipc a1, 1
                                     0x80a5'b023,   // sd a0, -2048(a1)
                                     0x1050'0073,   // wfi
                                     0x0015'0513,   // addi a0, a0, 1
                                     0xff1f'f06f};  // j . - 16
    EXPECT_TRUE(memory_.AddRegion(kStart, 1 << 20, MemoryKind::kRam).ok());
    EXPECT_TRUE(memory_.Write(kStart, std::as_bytes(std::span(kProgram))));
    auto created = Translator::Create(
        {.arch = "riscv64", .code_cache_mib = 1, .trace = {}, .sealed_code_fd = sealed_code},
        address_space_, clock_);
    EXPECT_TRUE(created.ok()) << created.status();
    translator_ = *std::move(created);
    vcpu_ = &translator_->AddVcpu(0);
    vcpu_->Reset(GuestVirtAddr(kStart.value));
  }

  Translator& translator() { return *translator_; }
  const Vcpu& vcpu() const { return *vcpu_; }
  uint64_t RunOnce() {
    EXPECT_EQ(vcpu_->Run(), VcpuExit::kWaitForInterrupt);
    uint64_t stored = 0;
    EXPECT_TRUE(memory_.Read(kStart + 0x800, std::as_writable_bytes(std::span(&stored, 1))));
    return stored;
  }
  void AddSixteenFromNowOn() {
    constexpr uint32_t kAddSixteen = 0x0105'0513;
    EXPECT_TRUE(memory_.Write(kStart + 12, std::as_bytes(std::span(&kAddSixteen, 1))));
    translator_->debug()->SynchronizeWrites();
  }

 private:
  static constexpr GuestPhysAddr kStart = 0x8000'0000_gpa;

  GuestMemory memory_;
  AddressSpace address_space_;
  VirtualClock clock_;
  std::unique_ptr<Translator> translator_;
  Vcpu* vcpu_ = nullptr;
};

TEST(SealedCodeTest, AVcpuDoesNotEnterCodeThatWasDropped) {
  WholeVm original;
  for (uint64_t turn = 0; turn < 4; ++turn) EXPECT_EQ(original.RunOnce(), turn);
  UniqueFd file(memfd_create("sealed", MFD_CLOEXEC));
  ASSERT_TRUE(original.translator().SaveCode(TestVm::SinkTo(file)).ok());
  WholeVm copy(file.get());
  for (uint64_t turn = 0; turn < 4; ++turn) EXPECT_EQ(copy.RunOnce(), turn);
  EXPECT_EQ(copy.vcpu().counters().blocks_translated, 0u);
  copy.AddSixteenFromNowOn();
  EXPECT_EQ(copy.RunOnce(), 19u);
  EXPECT_GT(copy.vcpu().counters().blocks_translated, 0u);
}

}  // namespace
}  // namespace emu::translator
