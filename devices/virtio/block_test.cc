#include "devices/virtio/block.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "devices/backend/inline_disk.h"
#include "devices/backend/raw_disk.h"
#include "devices/virtio/virtio_test_bench.h"

namespace emu::virtio {
namespace {

using namespace block;

constexpr uint16_t kWrite = kDescriptorWrite, kNext = kDescriptorNext;
constexpr uint64_t kDiskBytes = 64 * kSectorBytes;

class BlockTest : public testing::Test {
 protected:
  explicit BlockTest(RawDisk::Mode mode = RawDisk::Mode::kReadWrite)
      : file_(memfd_create("disk", 0)), bench_(MakeDevice(mode)) {
    bench_.Initialize(1);
  }
  std::unique_ptr<Block> MakeDevice(RawDisk::Mode mode) {
    EXPECT_EQ(ftruncate(file_.get(), kDiskBytes), 0);
    return std::make_unique<Block>(
        std::make_unique<InlineDisk>(*RawDisk::Open(UniqueFd(dup(file_.get())), mode)),
        Block::Options{.id = "serial-1"});
  }

  // One request: header, one data segment, status. Returns the status.
  int Ask(RequestType type, uint64_t sector, uint32_t size) {
    const RequestHeader header = {static_cast<uint32_t>(type), 0, sector};
    const bool device_writes = type == RequestType::kIn || type == RequestType::kGetId;
    bench_.Poke(header_, header);
    bench_.Poke<uint8_t>(status_, 0xee);
    bench_.Describe(0, 0, header_, sizeof(header), kNext, size > 0 ? 1 : 2);
    bench_.Describe(0, 1, data_, size, kNext | (device_writes ? kWrite : 0), 2);
    bench_.Describe(0, 2, status_, 1, kWrite);
    bench_.Submit(0, 0);
    return bench_.Peek<uint8_t>(status_);
  }
  std::string OnDisk(uint64_t sector, size_t size) {
    std::string text(size, '\0');
    EXPECT_EQ(pread(file_.get(), text.data(), size, static_cast<off_t>(sector * kSectorBytes)),
              static_cast<ssize_t>(size));
    return text;
  }

  static constexpr int kOk = 0, kIoError = 1, kUnsupported = 2;
  const GuestPhysAddr header_ = VirtioTestBench::kBuffers;
  const GuestPhysAddr status_ = VirtioTestBench::kBuffers + 0x100;
  const GuestPhysAddr data_ = VirtioTestBench::kBuffers + 0x1000;
  UniqueFd file_;
  VirtioTestBench bench_;
};

class ReadOnlyBlockTest : public BlockTest {
 protected:
  ReadOnlyBlockTest() : BlockTest(RawDisk::Mode::kReadOnly) {}
};

TEST_F(BlockTest, WritesAndReadsBackAcrossPages) {
  const std::string text(kSectorBytes * 20, 'w');
  ASSERT_TRUE(bench_.memory().Write(data_, AsBytes(text)));
  EXPECT_EQ(Ask(RequestType::kOut, 3, static_cast<uint32_t>(text.size())), kOk);
  EXPECT_EQ(OnDisk(3, text.size()), text);
  EXPECT_EQ(OnDisk(2, 1), std::string(1, '\0'));
  bench_.Poke<uint8_t>(data_, 0);
  EXPECT_EQ(Ask(RequestType::kIn, 3, static_cast<uint32_t>(text.size())), kOk);
  EXPECT_EQ(bench_.Text(data_, text.size()), text);
  EXPECT_EQ(bench_.UsedLength(0, 1), text.size() + 1);
  EXPECT_EQ(Ask(RequestType::kFlush, 0, 0), kOk);
}

TEST_F(BlockTest, CountsRequestsAndBytesByKind) {
  EXPECT_EQ(Ask(RequestType::kOut, 3, 1024), kOk);
  EXPECT_EQ(Ask(RequestType::kIn, 0, 512), kOk);
  EXPECT_EQ(Ask(RequestType::kIn, 4, 2048), kOk);
  EXPECT_EQ(Ask(RequestType::kFlush, 0, 0), kOk);
  EXPECT_EQ(Ask(RequestType::kGetId, 0, 20), kOk);  // asks nothing of the disk
  bench_.Poke(data_, DiscardSegment{8, 8, 0});
  EXPECT_EQ(Ask(RequestType::kDiscard, 0, sizeof(DiscardSegment)), kOk);
  EXPECT_EQ(Ask(RequestType::kWriteZeroes, 0, sizeof(DiscardSegment)), kOk);
  EXPECT_EQ(Ask(RequestType::kIn, 64, 512), kIoError);
  EXPECT_EQ(Ask(static_cast<RequestType>(99), 0, 512), kUnsupported);
  const DiskCounters counters = *bench_.transport().disk_counters();
  EXPECT_EQ(counters.reads, 2u);
  EXPECT_EQ(counters.read_bytes, 2560u);
  EXPECT_EQ(counters.writes, 1u);
  EXPECT_EQ(counters.written_bytes, 1024u);
  EXPECT_EQ(counters.flushes, 1u);
  EXPECT_EQ(counters.discards, 1u);
  EXPECT_EQ(counters.write_zeroes, 1u);
  EXPECT_EQ(counters.failed, 2u);
}

TEST_F(BlockTest, SaysHowManyQueuesItHas) {
  EXPECT_EQ(bench_.transport().device()->features() & kFeatureMultiQueue, 0u);
  auto disk = std::make_unique<InlineDisk>(
      *RawDisk::Open(UniqueFd(dup(file_.get())), RawDisk::Mode::kReadWrite));
  Block block(std::move(disk), {.id = "four", .queue_count = 4});
  EXPECT_NE(block.features() & kFeatureMultiQueue, 0u);
  EXPECT_EQ(block.queue_count(), 4u);
  Config config;
  ASSERT_GE(block.config().size(), sizeof(config));
  memcpy(&config, block.config().data(), sizeof(config));
  EXPECT_EQ(config.queue_count, 4);
}

TEST_F(BlockTest, OneThatWritesThroughHasNoCacheToFlush) {
  EXPECT_NE(bench_.transport().device()->features() & kFeatureFlush, 0u);
  auto disk = std::make_unique<InlineDisk>(
      *RawDisk::Open(UniqueFd(dup(file_.get())), RawDisk::Mode::kReadWrite));
  Block block(std::move(disk), {.id = "through", .writes_through = true});
  EXPECT_EQ(block.features() & kFeatureFlush, 0u);
}

TEST_F(BlockTest, AnErrorOfTheHostCountsAsFailedAlone) {
  ASSERT_EQ(ftruncate(file_.get(), 512), 0);
  EXPECT_EQ(Ask(RequestType::kIn, 8, 512), kIoError);
  EXPECT_EQ(bench_.transport().disk_counters()->failed, 1u);
  EXPECT_EQ(bench_.transport().disk_counters()->reads, 0u);
}

TEST_F(BlockTest, RefusesWhatIsNotOnTheDisk) {
  EXPECT_EQ(Ask(RequestType::kIn, 64, 512), kIoError);
  EXPECT_EQ(Ask(RequestType::kIn, 63, 1024), kIoError);
  EXPECT_EQ(Ask(RequestType::kOut, UINT64_MAX, 512), kIoError);
  EXPECT_EQ(Ask(RequestType::kOut, UINT64_MAX / 512 + 1, 512), kIoError);
  EXPECT_EQ(Ask(RequestType::kIn, 0, 100), kIoError);
  EXPECT_EQ(Ask(static_cast<RequestType>(99), 0, 512), kUnsupported);
}

TEST_F(BlockTest, DataOutsideMemoryIsAnErrorOfThatRequest) {
  const RequestHeader header = {0, 0, 0};
  bench_.Poke(header_, header);
  bench_.Describe(0, 0, header_, sizeof(header), kNext, 1);
  bench_.Describe(0, 1, 0x1000'0000_gpa, 512, kNext | kWrite, 2);
  bench_.Describe(0, 2, status_, 1, kWrite);
  bench_.Submit(0, 0);
  EXPECT_EQ(bench_.Peek<uint8_t>(status_), kIoError);
}

TEST_F(BlockTest, RequestsWithoutHeaderOrStatusComeBackEmpty) {
  bench_.Describe(0, 0, header_, 8, 0);
  bench_.Submit(0, 0);
  bench_.Describe(0, 0, status_, 1, kWrite);
  bench_.Submit(0, 0);
  EXPECT_EQ(bench_.UsedIndex(0), 2);
  EXPECT_FALSE(bench_.needs_reset());
}

TEST_F(BlockTest, TheHeaderMayBeCutIntoPieces) {
  const RequestHeader header = {static_cast<uint32_t>(RequestType::kFlush), 0, 0};
  bench_.Poke(header_, header);
  bench_.Describe(0, 0, header_, 3, kNext, 1);
  bench_.Describe(0, 1, header_ + 3, 13, kNext, 2);
  bench_.Describe(0, 2, status_, 1, kWrite);
  bench_.Poke<uint8_t>(status_, 0xee);
  bench_.Submit(0, 0);
  EXPECT_EQ(bench_.Peek<uint8_t>(status_), kOk);
}

TEST_F(BlockTest, GivesItsSerialNumber) {
  EXPECT_EQ(Ask(RequestType::kGetId, 0, 20), kOk);
  EXPECT_EQ(bench_.Text(data_, 9), std::string("serial-1\0", 9));
}

TEST_F(BlockTest, DiscardAndWriteZeroesFreeOrZero) {
  std::string text(kSectorBytes * 32, 'w');
  ASSERT_TRUE(bench_.memory().Write(data_, AsBytes(text)));
  ASSERT_EQ(Ask(RequestType::kOut, 0, static_cast<uint32_t>(text.size())), kOk);
  bench_.Poke(data_, DiscardSegment{8, 8, 0});
  EXPECT_EQ(Ask(RequestType::kDiscard, 0, sizeof(DiscardSegment)), kOk);
  EXPECT_EQ(OnDisk(8, 1), std::string(1, '\0'));
  EXPECT_EQ(OnDisk(16, 1), "w");
  bench_.Poke(data_, DiscardSegment{16, 1, 0});
  EXPECT_EQ(Ask(RequestType::kWriteZeroes, 0, sizeof(DiscardSegment)), kOk);
  EXPECT_EQ(OnDisk(16, 1), std::string(1, '\0'));
  EXPECT_EQ(OnDisk(17, 1), "w");
}

TEST_F(BlockTest, BadDiscardsAreRefused) {
  bench_.Poke(data_, DiscardSegment{60, 8, 0});
  EXPECT_EQ(Ask(RequestType::kDiscard, 0, 16), kIoError);
  bench_.Poke(data_, DiscardSegment{UINT64_MAX, 2, 0});
  EXPECT_EQ(Ask(RequestType::kWriteZeroes, 0, 16), kIoError);
  bench_.Poke(data_, DiscardSegment{0, 8, 1});
  EXPECT_EQ(Ask(RequestType::kDiscard, 0, 16), kUnsupported);
  EXPECT_EQ(Ask(RequestType::kDiscard, 0, 15), kIoError);
  EXPECT_EQ(Ask(RequestType::kDiscard, 0, 0), kIoError);
}

TEST_F(BlockTest, AFileThatShrankGivesIoErrors) {
  ASSERT_EQ(ftruncate(file_.get(), 512), 0);
  EXPECT_EQ(Ask(RequestType::kIn, 8, 512), kIoError);
}

TEST_F(ReadOnlyBlockTest, SaysSoAndRefusesWrites) {
  bench_.Set(0x14, 0);
  EXPECT_NE(bench_.Get(0x10) & kFeatureReadOnly, 0u);
  EXPECT_EQ(Ask(RequestType::kOut, 0, 512), kIoError);
  bench_.Poke(data_, DiscardSegment{0, 8, 0});
  EXPECT_EQ(Ask(RequestType::kDiscard, 0, 16), kIoError);
  EXPECT_EQ(Ask(RequestType::kIn, 0, 512), kOk);
}

TEST(RawDiskTest, RefusesWhatIsNoDisk) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const UniqueFd other_end(pipe_ends[1]);
  EXPECT_FALSE(RawDisk::Open(UniqueFd(pipe_ends[0]), RawDisk::Mode::kReadOnly).ok());
  EXPECT_FALSE(RawDisk::Open(UniqueFd(), RawDisk::Mode::kReadOnly).ok());
  EXPECT_FALSE(
      RawDisk::Open(UniqueFd(open("/proc/self/exe", O_RDONLY)), RawDisk::Mode::kReadWrite).ok());
}

}  // namespace
}  // namespace emu::virtio
