#include "devices/virtio/queue.h"

#include <gtest/gtest.h>

#include "devices/virtio/entropy.h"
#include "devices/virtio/virtio_test_bench.h"

namespace emu::virtio {
namespace {

constexpr uint16_t kWrite = kDescriptorWrite, kNext = kDescriptorNext,
                   kIndirect = kDescriptorIndirect;

// The simplest device: fills what it is given.
class QueueTest : public testing::Test {
 protected:
  QueueTest()
      : bench_(std::make_unique<Entropy>([](std::span<std::byte> bytes) {
          std::ranges::fill(bytes, std::byte{'r'});
          return true;
        })) {
    bench_.Initialize(1, kFeatureIndirect);
  }
  VirtioTestBench bench_;
  const GuestPhysAddr buffer_ = VirtioTestBench::kBuffers;
};

TEST_F(QueueTest, ServesAChainAndInterrupts) {
  bench_.Describe(0, 2, buffer_, 3, kWrite | kNext, 5);
  bench_.Describe(0, 5, buffer_ + 100, 4, kWrite);
  bench_.Submit(0, 2);
  EXPECT_EQ(bench_.UsedIndex(0), 1);
  EXPECT_EQ(bench_.UsedLength(0, 0), 7u);
  EXPECT_EQ(bench_.Text(buffer_ + 100, 4), "rrrr");
  EXPECT_TRUE(bench_.irq());
  bench_.Set(0x64, kInterruptUsedRing);
  EXPECT_FALSE(bench_.irq());
}

TEST_F(QueueTest, ServesAnIndirectTable) {
  bench_.WriteDescriptor(buffer_, buffer_ + 0x100, 2, kWrite | kNext, 1);
  bench_.WriteDescriptor(buffer_ + 16, buffer_ + 0x200, 2, kWrite, 0);
  bench_.Describe(0, 0, buffer_, 32, kIndirect);
  bench_.Submit(0, 0);
  EXPECT_EQ(bench_.UsedLength(0, 0), 4u);
  EXPECT_FALSE(bench_.needs_reset());
}

TEST_F(QueueTest, TheDriverCanSuppressInterrupts) {
  bench_.Poke<uint16_t>(VirtioTestBench::Available(0), kAvailNoInterrupt);
  bench_.Describe(0, 0, buffer_, 1, kWrite);
  bench_.Submit(0, 0);
  EXPECT_EQ(bench_.UsedIndex(0), 1);
  EXPECT_FALSE(bench_.irq());
}

TEST_F(QueueTest, WithEventIndexOnlyTheEntryAskedForInterrupts) {
  bench_.Initialize(1, kFeatureEventIdx);
  bench_.Poke<uint16_t>(VirtioTestBench::Used(0) + 2, 0);
  const GuestPhysAddr used_event = VirtioTestBench::Available(0) + 4 + 2 * VirtioTestBench::kSize;
  bench_.Poke<uint16_t>(used_event, 1);
  bench_.Describe(0, 0, buffer_, 1, kWrite);
  bench_.Submit(0, 0);
  EXPECT_FALSE(bench_.irq());
  bench_.Submit(0, 0);
  EXPECT_TRUE(bench_.irq());
  const GuestPhysAddr avail_event = VirtioTestBench::Used(0) + 4 + 8 * VirtioTestBench::kSize;
  EXPECT_EQ(bench_.Peek<uint16_t>(avail_event), 2);
}

TEST_F(QueueTest, IndicesWrapAtSixteenBits) {
  bench_.Describe(0, 0, buffer_, 1, kWrite);
  for (int i = 0; i < 70'000; ++i) bench_.Submit(0, 0);
  EXPECT_EQ(bench_.UsedIndex(0), static_cast<uint16_t>(70'000));
}

TEST_F(QueueTest, ADescriptorLoopBreaksTheDevice) {
  bench_.Describe(0, 0, buffer_, 1, kWrite | kNext, 1);
  bench_.Describe(0, 1, buffer_, 1, kWrite | kNext, 0);
  bench_.Submit(0, 0);
  EXPECT_TRUE(bench_.needs_reset());
  EXPECT_EQ(bench_.UsedIndex(0), 0);
}

TEST_F(QueueTest, AHeadOutsideTheTableBreaksTheDevice) {
  bench_.Submit(0, VirtioTestBench::kSize);
  EXPECT_TRUE(bench_.needs_reset());
}

TEST_F(QueueTest, ANextOutsideTheTableBreaksTheDevice) {
  bench_.Describe(0, 0, buffer_, 1, kWrite | kNext, 0xffff);
  bench_.Submit(0, 0);
  EXPECT_TRUE(bench_.needs_reset());
}

TEST_F(QueueTest, AnIndexFurtherAheadThanTheRingBreaksTheDevice) {
  bench_.Poke<uint16_t>(VirtioTestBench::Available(0) + 2, 0x8000);
  bench_.Set(0x50, 0);
  EXPECT_TRUE(bench_.needs_reset());
}

TEST_F(QueueTest, AnAddressThatWrapsBreaksTheDevice) {
  bench_.Describe(0, 0, GuestPhysAddr(UINT64_MAX - 10), 100, kWrite);
  bench_.Submit(0, 0);
  EXPECT_TRUE(bench_.needs_reset());
}

TEST_F(QueueTest, ReadableAfterWritableBreaksTheDevice) {
  bench_.Describe(0, 0, buffer_, 1, kWrite | kNext, 1);
  bench_.Describe(0, 1, buffer_, 1, 0);
  bench_.Submit(0, 0);
  EXPECT_TRUE(bench_.needs_reset());
}

TEST_F(QueueTest, BadIndirectTablesBreakTheDevice) {
  const struct {
    GuestPhysAddr address;
    uint32_t size;
    uint16_t flags;
  } cases[] = {
      {buffer_, 0, kIndirect},
      {buffer_, 17, kIndirect},
      {buffer_, 16 * (kMaxIndirectEntries + 1), kIndirect},
      {buffer_, 16, kIndirect | kNext},
      {0x1000_gpa, 16, kIndirect},
      {GuestPhysAddr(UINT64_MAX - 7), 32, kIndirect},
  };
  for (const auto& bad : cases) {
    bench_.Initialize(1, kFeatureIndirect);
    bench_.Poke<uint16_t>(VirtioTestBench::Available(0) + 2, 0);
    bench_.Describe(0, 0, bad.address, bad.size, bad.flags, 1);
    bench_.Describe(0, 1, buffer_, 1, kWrite);
    bench_.Submit(0, 0);
    EXPECT_TRUE(bench_.needs_reset()) << bad.size << " " << bad.flags;
  }
  // Nested.
  bench_.Initialize(1, kFeatureIndirect);
  bench_.Poke<uint16_t>(VirtioTestBench::Available(0) + 2, 0);
  bench_.WriteDescriptor(buffer_, buffer_, 16, kIndirect, 0);
  bench_.Describe(0, 0, buffer_, 16, kIndirect);
  bench_.Submit(0, 0);
  EXPECT_TRUE(bench_.needs_reset());
}

TEST_F(QueueTest, BuffersOutsideMemoryAreNotWritten) {
  bench_.Describe(0, 0, 0x1000'1000_gpa, 64, kWrite);  // a device's own registers, say
  bench_.Submit(0, 0);
  EXPECT_EQ(bench_.UsedIndex(0), 1);
  EXPECT_EQ(bench_.UsedLength(0, 0), 0u);
}

TEST_F(QueueTest, RingsOutsideMemoryBreakTheDevice) {
  bench_.Set(0x30, 0);
  bench_.Set(0x44, 0);
  bench_.Set(0x38, 8);
  bench_.Set(0x80, 0);
  bench_.Set(0x90, 0x2000);
  bench_.Set(0xa0, UINT64_MAX & ~0xfULL);
  bench_.Set(0x44, 1);
  bench_.Set(0x50, 0);
  EXPECT_TRUE(bench_.needs_reset());
}

TEST_F(QueueTest, SizesAndAlignmentsThatTheStandardForbidsStayOff) {
  const struct {
    uint64_t size, descriptors, available, used;
  } cases[] = {{0, 0, 0, 0}, {3, 0, 0, 0}, {512, 0, 0, 0}, {0x10008, 0, 0, 0},
               {8, 8, 0, 0}, {8, 0, 1, 0}, {8, 0, 0, 2}};
  for (const auto& bad : cases) {
    bench_.Set(0x30, 0);
    bench_.Set(0x44, 0);
    bench_.Set(0x38, bad.size);
    bench_.Set(0x80, bad.descriptors);
    bench_.Set(0x90, bad.available);
    bench_.Set(0xa0, bad.used);
    bench_.Set(0x44, 1);
    EXPECT_EQ(bench_.Get(0x44), 0u);
  }
}

TEST_F(QueueTest, FeaturesThatWereNotOfferedAreRefused) {
  bench_.Set(0x70, 0);
  bench_.Set(0x24, 0);
  bench_.Set(0x20, 1);
  bench_.Set(0x24, 1);
  bench_.Set(0x20, 1);
  bench_.Set(0x70, 3 | kStatusFeaturesOk);
  EXPECT_EQ(bench_.status(), 3u);
  bench_.Set(0x70, 3 | kStatusFeaturesOk | kStatusDriverOk);
  EXPECT_EQ(bench_.status() & kStatusDriverOk, 0u);
}

TEST_F(QueueTest, DmaOverTranslatedCodePassesTheWriteGate) {
  struct Observer final : WriteGateObserver {
    void BeforeWriteGranted(GuestPhysAddr page) override { pages.push_back(page); }
    std::vector<GuestPhysAddr> pages;
  } observer;
  bench_.memory().SetObserver(WithholdReason::kCode, &observer);
  bench_.memory().Withhold(buffer_, WithholdReason::kCode);
  bench_.Describe(0, 0, buffer_ + 8, 8, kWrite);
  bench_.Submit(0, 0);
  EXPECT_EQ(observer.pages, std::vector{buffer_});
}

}  // namespace
}  // namespace emu::virtio
