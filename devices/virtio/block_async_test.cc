// A block device whose disk answers later.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <deque>

#include "devices/backend/async_disk.h"
#include "devices/backend/raw_disk.h"
#include "devices/virtio/block.h"
#include "devices/virtio/block_spec.h"
#include "devices/virtio/virtio_test_bench.h"

namespace emu::virtio {
namespace {

using namespace block;

constexpr uint16_t kWrite = kDescriptorWrite, kNext = kDescriptorNext;
constexpr uint64_t kDiskBytes = 64 * kSectorBytes;

// Work waits here until the test lets it run.
class HeldWork final : public WorkQueue {
 public:
  void Post(std::function<void()> work) override { held_.push_back(std::move(work)); }
  void Drain() override {
    while (RunOne()) {
    }
  }
  bool RunOne() {
    if (held_.empty()) return false;
    const auto work = std::move(held_.front());
    held_.pop_front();
    work();
    return true;
  }
  void Start(FileTransfer transfer) override {
    ++transfers_;
    WorkQueue::Start(std::move(transfer));
  }
  size_t size() const { return held_.size(); }
  size_t transfers() const { return transfers_; }

 private:
  std::deque<std::function<void()>> held_;
  size_t transfers_ = 0;
};

class BlockAsyncTest : public testing::Test {
 protected:
  static constexpr uint32_t kQueues = 2;

  BlockAsyncTest() : file_(memfd_create("disk", 0)), bench_(MakeDevice()) {
    bench_.Initialize(kQueues, kFeatureFlush | kFeatureMultiQueue);
  }

  std::unique_ptr<Block> MakeDevice() {
    EXPECT_EQ(ftruncate(file_.get(), kDiskBytes), 0);
    auto image = RawDisk::Open(UniqueFd(dup(file_.get())), RawDisk::Mode::kReadWrite);
    return std::make_unique<Block>(
        std::make_unique<AsyncDisk>(*std::move(image), work_, device_mutex_),
        Block::Options{.id = "id", .queue_count = kQueues});
  }

  // Request number `slot` (0 or 1, each with three descriptors): one sector.
  void Submit(uint16_t slot, RequestType type, uint64_t sector, uint32_t queue = 0) {
    const GuestPhysAddr buffers = Buffers(slot);
    bench_.Poke(buffers, RequestHeader{static_cast<uint32_t>(type), 0, sector});
    bench_.Poke<uint8_t>(buffers + 0x100, kPending);
    const auto first = static_cast<uint16_t>(3 * slot);
    const uint16_t direction = type == RequestType::kIn ? kWrite : 0;
    const bool has_data = type != RequestType::kFlush;
    bench_.Describe(queue, first, buffers, sizeof(RequestHeader), kNext,
                    first + (has_data ? 1 : 2));
    bench_.Describe(queue, first + 1, buffers + 0x1000, kSectorBytes, kNext | direction, first + 2);
    bench_.Describe(queue, first + 2, buffers + 0x100, 1, kWrite);
    std::lock_guard lock(device_mutex_);
    bench_.Submit(queue, first);
  }
  int Status(uint16_t slot) { return bench_.Peek<uint8_t>(Buffers(slot) + 0x100); }
  static GuestPhysAddr Buffers(uint16_t slot) { return VirtioTestBench::kBuffers + 0x4000u * slot; }
  char OnDisk(uint64_t sector) {
    char first = 0;
    EXPECT_EQ(pread(file_.get(), &first, 1, static_cast<off_t>(sector * kSectorBytes)), 1);
    return first;
  }

  // A durable write is performed whole, and is no transfer that a flush would have to follow.
  bool IsDurableWhenWritten() {
    const size_t transfers = work_.transfers();
    Submit(0, RequestType::kOut, 5);
    work_.Drain();
    EXPECT_EQ(Status(0), 0);
    return work_.transfers() == transfers;
  }

  static constexpr uint8_t kPending = 0xee;
  UniqueFd file_;
  std::mutex device_mutex_;
  HeldWork work_;
  VirtioTestBench bench_;
};

TEST_F(BlockAsyncTest, ARequestComesBackWhenTheDiskHasAnswered) {
  bench_.Poke(Buffers(0) + 0x1000, 'w');
  Submit(0, RequestType::kOut, 5);
  EXPECT_EQ(Status(0), kPending);
  EXPECT_EQ(bench_.UsedIndex(0), 0);
  EXPECT_FALSE(bench_.irq());

  ASSERT_TRUE(work_.RunOne());
  EXPECT_EQ(Status(0), 0);
  EXPECT_EQ(bench_.UsedIndex(0), 1);
  EXPECT_TRUE(bench_.irq());
  EXPECT_EQ(OnDisk(5), 'w');
}

TEST_F(BlockAsyncTest, AFlushComesBackAfterTheWritesBeforeIt) {
  bench_.Poke(Buffers(0) + 0x1000, 'w');
  Submit(0, RequestType::kOut, 5);
  Submit(1, RequestType::kFlush, 0);
  work_.RunOne();
  EXPECT_EQ(OnDisk(5), 'w');
  EXPECT_EQ(Status(1), kPending);
  work_.RunOne();
  EXPECT_EQ(Status(1), 0);
}

TEST_F(BlockAsyncTest, AResetForgetsWhatIsUnderWay) {
  ASSERT_EQ(pwrite(file_.get(), "d", 1, 0), 1);
  bench_.Poke(Buffers(0) + 0x1000, 'm');
  Submit(0, RequestType::kIn, 0);
  {
    std::lock_guard lock(device_mutex_);
    bench_.Initialize(kQueues, kFeatureFlush);
  }
  bench_.Poke<uint16_t>(VirtioTestBench::Used(0) + 2, 0);
  work_.Drain();
  EXPECT_EQ(bench_.Peek<char>(Buffers(0) + 0x1000), 'm');
  EXPECT_EQ(Status(0), kPending);
  EXPECT_EQ(bench_.UsedIndex(0), 0);

  // The next request is served as if nothing had been.
  bench_.Poke<uint16_t>(VirtioTestBench::Available(0) + 2, 0);
  Submit(0, RequestType::kIn, 0);
  work_.Drain();
  EXPECT_EQ(bench_.Peek<char>(Buffers(0) + 0x1000), 'd');
}

TEST_F(BlockAsyncTest, AQueueThatIsSwitchedOffGetsNothingBack) {
  Submit(0, RequestType::kIn, 0);
  {
    std::lock_guard lock(device_mutex_);
    bench_.Set(0x30, 0);
    bench_.Set(0x44, 0);
  }
  work_.Drain();
  EXPECT_EQ(Status(0), kPending);
}

TEST_F(BlockAsyncTest, AnotherQueueGoesOnWhenOneIsSwitchedOff) {
  ASSERT_EQ(pwrite(file_.get(), "d", 1, 0), 1);
  Submit(0, RequestType::kIn, 0, 0);
  Submit(1, RequestType::kIn, 0, 1);
  {
    std::lock_guard lock(device_mutex_);
    bench_.Set(0x30, 0);
    bench_.Set(0x44, 0);
  }
  work_.Drain();
  EXPECT_EQ(Status(0), kPending);
  EXPECT_EQ(Status(1), 0);
  EXPECT_EQ(bench_.UsedIndex(1), 1);
  EXPECT_EQ(bench_.Peek<char>(Buffers(1) + 0x1000), 'd');
}

TEST_F(BlockAsyncTest, ADriverThatKnowsNoFlushesGetsDurableWrites) {
  EXPECT_FALSE(IsDurableWhenWritten());
  bench_.Initialize(kQueues);
  bench_.Poke<uint16_t>(VirtioTestBench::Available(0) + 2, 0);
  EXPECT_TRUE(IsDurableWhenWritten());
}

TEST_F(BlockAsyncTest, NoMoreIsUnderWayThanTheQueueHolds) {
  // A driver that makes available again what has not come back.
  for (int i = 0; i < 2 * VirtioTestBench::kSize; ++i) Submit(0, RequestType::kOut, 5);
  EXPECT_EQ(work_.size(), VirtioTestBench::kSize);
  work_.Drain();
  EXPECT_EQ(bench_.UsedIndex(0), 2 * VirtioTestBench::kSize);
}

class GateObserver final : public WriteGateObserver {
 public:
  void BeforeWriteGranted(GuestPhysAddr page) override { pages.push_back(page); }
  std::vector<GuestPhysAddr> pages;
};

TEST_F(BlockAsyncTest, ADiskReadPassesTheWriteGateWhenItHasChangedThePage) {
  GateObserver code;
  bench_.memory().SetObserver(WithholdReason::kCode, &code);
  Submit(0, RequestType::kIn, 0);
  // A processor makes code of the page while the host reads into it.
  bench_.memory().Withhold(Buffers(0) + 0x1000, WithholdReason::kCode);
  work_.Drain();
  EXPECT_EQ(code.pages, std::vector{Buffers(0) + 0x1000});
  bench_.memory().SetObserver(WithholdReason::kCode, nullptr);
}

TEST_F(BlockAsyncTest, AnErrorOfTheHostIsThatRequestsError) {
  ASSERT_EQ(ftruncate(file_.get(), 512), 0);
  Submit(0, RequestType::kIn, 8);
  Submit(1, RequestType::kIn, 0);
  work_.Drain();
  EXPECT_EQ(Status(0), 1);
  EXPECT_EQ(Status(1), 0);
}

}  // namespace
}  // namespace emu::virtio
