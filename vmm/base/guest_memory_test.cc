#include "vmm/base/guest_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <array>
#include <cstring>

namespace emu {
namespace {

constexpr GuestPhysAddr kRam = 0x8000'0000_gpa;
constexpr uint64_t kRamSize = 16 * kPageSize;

class RecordingObserver final : public WriteGateObserver {
 public:
  void BeforeWriteGranted(GuestPhysAddr page) override { pages.push_back(page); }
  std::vector<GuestPhysAddr> pages;
};

class GuestMemoryTest : public testing::Test {
 protected:
  GuestMemoryTest() {
    EXPECT_TRUE(memory_.AddRegion(kRam, kRamSize, MemoryKind::kRam).ok());
    EXPECT_TRUE(memory_.AddRegion(0x1000_gpa, 2 * kPageSize, MemoryKind::kRom).ok());
  }
  GuestMemory memory_;
};

TEST_F(GuestMemoryTest, RefusesOverlapsAndBadAlignment) {
  EXPECT_FALSE(memory_.AddRegion(kRam + kPageSize, kPageSize, MemoryKind::kRam).ok());
  EXPECT_FALSE(memory_.AddRegion(kRam + 2 * kRamSize, 100, MemoryKind::kRam).ok());
  EXPECT_FALSE(memory_.AddRegion(0x123_gpa, kPageSize, MemoryKind::kRam).ok());
  EXPECT_FALSE(
      memory_.AddRegion(GuestPhysAddr(UINT64_MAX - 4095), 2 * kPageSize, MemoryKind::kRam).ok());
}

TEST_F(GuestMemoryTest, CopiesAcrossPagesAndStopsAtTheEdge) {
  std::array<std::byte, 16> out;
  out.fill(std::byte{0x5a});
  std::array<std::byte, 16> in = {};
  EXPECT_TRUE(memory_.Write(kRam + (kPageSize - 8), out));
  EXPECT_TRUE(memory_.Read(kRam + (kPageSize - 8), in));
  EXPECT_EQ(in, out);
  EXPECT_FALSE(memory_.Write(kRam + (kRamSize - 8), out));
  EXPECT_FALSE(memory_.Read(GuestPhysAddr(UINT64_MAX - 4), in));
}

TEST_F(GuestMemoryTest, RomIsReadOnlyButForLoaders) {
  const std::array<std::byte, 1> one = {std::byte{1}};
  EXPECT_EQ(memory_.PageForWrite(0x1000_gpa), nullptr);
  EXPECT_FALSE(memory_.IsWritable(0x1000_gpa));
  EXPECT_FALSE(memory_.Write(0x1000_gpa, one));
  EXPECT_TRUE(memory_.WriteRom(0x1000_gpa, one));
  EXPECT_EQ(*memory_.PageForRead(0x1000_gpa), std::byte{1});
}

TEST_F(GuestMemoryTest, TheGateTellsEveryReasonOnceAndLiftsItThenOnly) {
  RecordingObserver code;
  RecordingObserver log;
  memory_.SetObserver(WithholdReason::kCode, &code);
  memory_.SetObserver(WithholdReason::kDirtyLog, &log);
  memory_.Withhold(kRam + kPageSize, WithholdReason::kCode);
  memory_.Withhold(kRam + kPageSize, WithholdReason::kDirtyLog);
  EXPECT_FALSE(memory_.IsWritable(kRam + kPageSize));
  EXPECT_TRUE(memory_.IsWritable(kRam));

  EXPECT_NE(memory_.PageForWrite(kRam + kPageSize + 12), nullptr);
  EXPECT_NE(memory_.PageForWrite(kRam + kPageSize), nullptr);

  EXPECT_EQ(code.pages, std::vector{kRam + kPageSize});
  EXPECT_EQ(log.pages, std::vector{kRam + kPageSize});
  EXPECT_TRUE(memory_.IsWritable(kRam + kPageSize));
  EXPECT_FALSE(memory_.IsWithheld(kRam + kPageSize, WithholdReason::kCode));
}

// Copy first, then grant: who is told sees the page as it was, and nobody may write to it yet.
class CopyingObserver final : public WriteGateObserver {
 public:
  explicit CopyingObserver(const GuestMemory& memory) : memory_(memory) {}
  void BeforeWriteGranted(GuestPhysAddr page) override {
    ++calls;
    was_writable = memory_.IsWritable(page);
    copied = *memory_.PageForRead(page);
  }
  int calls = 0;
  bool was_writable = false;
  std::byte copied = {};

 private:
  const GuestMemory& memory_;
};

class EveryReasonTest : public GuestMemoryTest,
                        public testing::WithParamInterface<WithholdReason> {};

TEST_P(EveryReasonTest, WithholdsWritingUntilItsObserverWasThere) {
  const std::array<std::byte, 1> before = {std::byte{1}};
  const std::array<std::byte, 1> after = {std::byte{2}};
  ASSERT_TRUE(memory_.Write(kRam, before));
  CopyingObserver observer(memory_);
  memory_.SetObserver(GetParam(), &observer);
  memory_.Withhold(kRam, GetParam());
  EXPECT_TRUE(memory_.IsWithheld(kRam, GetParam()));
  EXPECT_FALSE(memory_.IsWritable(kRam));
  EXPECT_TRUE(memory_.IsWritable(kRam + kPageSize));

  ASSERT_TRUE(memory_.Write(kRam, after));
  EXPECT_EQ(observer.calls, 1);
  EXPECT_FALSE(observer.was_writable);
  EXPECT_EQ(observer.copied, std::byte{1});
  EXPECT_TRUE(memory_.IsWritable(kRam));
  EXPECT_EQ(*memory_.PageForRead(kRam), std::byte{2});
}

TEST_P(EveryReasonTest, IsToldByWritesOfLoadersToo) {
  CopyingObserver observer(memory_);
  memory_.SetObserver(GetParam(), &observer);
  memory_.Withhold(0x1000_gpa, GetParam());
  ASSERT_TRUE(memory_.WriteRom(0x1000_gpa, std::array<std::byte, 1>{}));
  EXPECT_EQ(observer.calls, 1);
}

INSTANTIATE_TEST_SUITE_P(All, EveryReasonTest,
                         testing::Values(WithholdReason::kCode, WithholdReason::kDirtyLog,
                                         WithholdReason::kSnapshot, WithholdReason::kCopyOnWrite));

TEST_F(GuestMemoryTest, DeviceWritesPassTheGateToo) {
  RecordingObserver code;
  memory_.SetObserver(WithholdReason::kCode, &code);
  memory_.Withhold(kRam, WithholdReason::kCode);
  const std::array<std::byte, 4> bytes = {};
  EXPECT_TRUE(memory_.Write(kRam + 100, bytes));
  EXPECT_EQ(code.pages.size(), 1u);
}

TEST_F(GuestMemoryTest, SharedFramesAreCopiedOneByOneAtTheFirstWrite) {
  const int file = memfd_create("snapshot", 0);
  ASSERT_EQ(ftruncate(file, 4 * kPageSize), 0);
  for (int page = 0; page < 4; ++page) {
    const char mark = static_cast<char>('a' + page);
    ASSERT_EQ(pwrite(file, &mark, 1, page * static_cast<off_t>(kPageSize)), 1);
  }
  ASSERT_TRUE(memory_
                  .ShareFrames(kRam + kPageSize, 3 * kPageSize,
                               std::make_shared<const UniqueFd>(dup(file)), kPageSize)
                  .ok());
  using Ownership = GuestMemory::Frame::Ownership;
  EXPECT_EQ(memory_.FrameAt(kRam + 2 * kPageSize)->ownership, Ownership::kShared);
  EXPECT_EQ(memory_.FrameAt(kRam + 2 * kPageSize)->file_offset, 2 * kPageSize);

  std::byte* page = memory_.PageForWrite(kRam + 2 * kPageSize);
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(page[0], std::byte{'c'});
  page[0] = std::byte{'X'};

  EXPECT_EQ(memory_.FrameAt(kRam + kPageSize)->ownership, Ownership::kShared);
  EXPECT_EQ(memory_.FrameAt(kRam + 2 * kPageSize)->ownership, Ownership::kOwned);
  EXPECT_EQ(memory_.FrameAt(kRam + 3 * kPageSize)->ownership, Ownership::kShared);
  EXPECT_EQ(memory_.FrameAt(kRam + 3 * kPageSize)->file_offset, 3 * kPageSize);
  EXPECT_EQ(*memory_.PageForRead(kRam + 3 * kPageSize), std::byte{'d'});
  char kept = 0;
  ASSERT_EQ(pread(file, &kept, 1, 2 * kPageSize), 1);
  EXPECT_EQ(kept, 'c');
  close(file);
}

}  // namespace
}  // namespace emu
