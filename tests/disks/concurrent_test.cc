// Many requests under way at once: each sector has what was written to it last, qemu-img reads the
// same, and finds nothing wrong.
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>

#include "devices/backend/async_disk.h"
#include "devices/backend/raw_disk.h"
#include "tests/disks/qemu_img.h"
#include "vmm/base/bits.h"
#include "vmm/base/test_seed.h"
#include "vmm/process/host_io.h"

namespace emu::disks {
namespace {

constexpr uint64_t kUnitBytes = 2048;  // what requests are multiples of
constexpr uint64_t kUnits = 2048;
constexpr uint64_t kMostUnits = 48;  // of one request
constexpr size_t kMostUnderWay = 32;
constexpr int kRequests = 3000;
constexpr uint64_t kAlignment = 4096;

struct DiskSetup {
  const char* name;
  const char* options;  // of qemu-img create -o; empty: raw
  bool has_backing;
  AioMode aio;
  CacheMode cache;
};

constexpr DiskSetup kSetups[] = {
    {"RawThreads", "", false, AioMode::kThreads, CacheMode::kWriteback},
    {"RawAuto", "", false, AioMode::kAuto, CacheMode::kWriteback},
    {"RawDirect", "", false, AioMode::kAuto, CacheMode::kNone},
    {"RawDirectThreads", "", false, AioMode::kThreads, CacheMode::kNone},
    {"RawThrough", "", false, AioMode::kAuto, CacheMode::kDirectsync},
    {"Qcow2", "cluster_size=64k", false, AioMode::kAuto, CacheMode::kWriteback},
    {"Qcow2Threads", "cluster_size=64k", false, AioMode::kThreads, CacheMode::kWriteback},
    {"Qcow2Direct", "cluster_size=4k", false, AioMode::kAuto, CacheMode::kNone},
    {"Qcow2DirectSmallest", "cluster_size=512", false, AioMode::kAuto, CacheMode::kNone},
    {"Qcow2Overlay", "cluster_size=4k", true, AioMode::kAuto, CacheMode::kWriteback},
    {"Qcow2OverlayThreads", "cluster_size=512", true, AioMode::kThreads, CacheMode::kWriteback},
    {"Qcow2Subclusters", "extended_l2=on", true, AioMode::kAuto, CacheMode::kWriteback},
    {"Qcow2Lazy", "lazy_refcounts=on,cluster_size=4k", false, AioMode::kAuto, CacheMode::kUnsafe},
};

class ConcurrentTest : public testing::TestWithParam<DiskSetup> {
 protected:
  std::unique_ptr<DiskImage> MakeImage() {
    const DiskSetup& setup = GetParam();
    contents_.assign(kUnits * kUnitBytes, 0);
    if (setup.options[0] == '\0') {
      WriteFile(Path(), contents_);
      return OpenRaw(Path(), HostFile::Mode::kReadWrite);
    }
    std::string options = setup.options;
    std::unique_ptr<DiskImage> backing;
    if (setup.has_backing) {
      contents_ = RandomBytes(1, contents_.size());
      WriteFile(folder_.Path("base"), contents_);
      options += ",backing_fmt=raw,backing_file=" + folder_.Path("base");
      backing = OpenRaw(folder_.Path("base"), HostFile::Mode::kReadOnly);
    }
    QemuImg("create -q -f qcow2 -o " + options + " " + Path() + " " +
            std::to_string(contents_.size()));
    auto image = qcow2::Image::Open(OpenFd(Path(), HostFile::Mode::kReadWrite),
                                    HostFile::Mode::kReadWrite, std::move(backing), setup.cache);
    return image.ok() ? *std::move(image) : nullptr;
  }
  std::string Path() const { return folder_.Path("disk"); }

  std::unique_ptr<DiskImage> OpenRaw(const std::string& path, HostFile::Mode mode) {
    auto image = RawDisk::Open(OpenFd(path, mode), mode, GetParam().cache);
    return image.ok() ? *std::move(image) : nullptr;
  }

  // One request to units that no other has; with the device lock held.
  void Submit(Disk& disk) {
    const uint64_t count = 1 + random_() % kMostUnits;
    const uint64_t first = random_() % (kUnits - count);
    const auto begin = busy_.begin() + static_cast<ptrdiff_t>(first);
    const auto end = begin + static_cast<ptrdiff_t>(count);
    if (std::find(begin, end, true) != end) return;
    const uint64_t offset = first * kUnitBytes, size = count * kUnitBytes;
    const auto part = std::span(contents_).subspan(offset, size);
    const auto buffer = std::make_shared<Bytes>(size + 2 * kAlignment);
    const std::span<uint8_t> data = Part(*buffer, size);
    DiskRequest request = {.offset = offset};
    switch (random_() % 8) {
      case 0:
        request.kind = DiskRequest::Kind::kFlush;
        break;
      case 1:
        request.kind = DiskRequest::Kind::kWriteZeroes;
        request.ranges = {{offset, size, random_() % 2 == 0}};
        std::ranges::fill(part, uint8_t{0});
        break;
      case 2:
      case 3:
      case 4:
        request.kind = DiskRequest::Kind::kWrite;
        request.is_durable = WritesThrough(GetParam().cache);
        std::ranges::copy(RandomBytes(random_(), size), part.begin());
        std::ranges::copy(part, data.begin());
        break;
      default:
        request.kind = DiskRequest::Kind::kRead;
    }
    const bool is_read = request.kind == DiskRequest::Kind::kRead;
    request.spans = Cut(data);
    std::fill(begin, end, true);
    ++under_way_;
    disk.Submit(std::move(request), [=, this, kept = buffer](int error) {
      EXPECT_EQ(error, 0);
      EXPECT_TRUE(!is_read || std::ranges::equal(data, part)) << "at " << offset;
      std::fill(begin, end, false);
      --under_way_;
    });
  }

  // At an address that direct transfers take, or at any other.
  std::span<uint8_t> Part(Bytes& buffer, uint64_t size) {
    const auto address = reinterpret_cast<uintptr_t>(buffer.data());
    const uint64_t aligned = AlignUp(address, kAlignment) - address;
    return std::span(buffer).subspan(random_() % 2 == 0 ? aligned : random_() % kAlignment, size);
  }
  // Two spans, of whole sectors or not.
  std::vector<iovec> Cut(std::span<uint8_t> data) {
    const size_t middle = AlignDown(data.size() / 2, 512) + (random_() % 2 == 0 ? 0 : 17);
    return {{data.data(), middle}, {data.data() + middle, data.size() - middle}};
  }

  Folder folder_;
  Bytes contents_;
  std::mt19937_64 random_{TestSeed()};
  std::vector<bool> busy_ = std::vector<bool>(kUnits);
  size_t under_way_ = 0;
};

TEST_P(ConcurrentTest, EverySectorHasWhatWasWrittenLast) {
  {
    HostIo io;
    std::mutex device_mutex;
    std::condition_variable answered;
    std::unique_ptr<DiskImage> image = MakeImage();
    if (image == nullptr && IsDirect(GetParam().cache)) GTEST_SKIP() << "the host can't";
    ASSERT_NE(image, nullptr);
    AsyncDisk disk(std::move(image), io, device_mutex);
    ASSERT_TRUE(io.Open(GetParam().aio).ok());
    std::unique_lock lock(device_mutex);
    disk.SetAnsweredListener([&] { answered.notify_one(); });
    for (int i = 0; i < kRequests; ++i) {
      answered.wait(lock, [this] { return under_way_ < kMostUnderWay; });
      Submit(disk);
    }
    answered.wait(lock, [this] { return under_way_ == 0; });
  }
  if (GetParam().options[0] == '\0') {
    Bytes there = ReadAll(*OpenRaw(Path(), HostFile::Mode::kReadOnly));
    EXPECT_EQ(there, contents_);
  } else {
    ExpectSound(Path());
    ExpectHolds(folder_, Path(), contents_);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, ConcurrentTest, testing::ValuesIn(kSetups),
                         [](const auto& info) { return info.param.name; });

// Transfers wait until the test lets them run; other work runs when it is drained.
class HeldTransfers final : public WorkQueue {
 public:
  void Post(std::function<void()> work) override { posted_.push_back(std::move(work)); }
  void Start(FileTransfer transfer) override { held_.push_back(std::move(transfer)); }
  void Drain() override {
    for (; !posted_.empty(); posted_.pop_front()) posted_.front()();
  }
  void LetTransfersRun() {
    for (; !held_.empty(); held_.pop_front()) {
      held_.front().Carry();
      held_.front().client->BatchFinished();
    }
  }
  size_t held() const { return held_.size(); }

 private:
  std::deque<std::function<void()>> posted_;
  std::deque<FileTransfer> held_;
};

TEST(TransferEpochsTest, AClusterIsNotUsedAgainWhileATransferOfItIsUnderWay) {
  constexpr uint64_t kClusterBytes = 65536;
  Folder folder;
  QemuImg("create -q -f qcow2 " + folder.Path("disk") + " 1M");
  HeldTransfers work;
  std::mutex device_mutex;
  AsyncDisk disk(OpenQcow2(folder.Path("disk"), HostFile::Mode::kReadWrite), work, device_mutex);
  std::vector<Bytes> data;
  const auto ask = [&](DiskRequest::Kind kind, uint64_t cluster, uint8_t value) {
    Bytes& bytes = data.emplace_back(kClusterBytes, value);
    DiskRequest request = {.kind = kind, .offset = cluster * kClusterBytes};
    request.spans = {{bytes.data(), bytes.size()}};
    request.ranges = {{request.offset, kClusterBytes}};
    {
      std::lock_guard lock(device_mutex);
      disk.Submit(std::move(request), [](int error) { EXPECT_EQ(error, 0); });
    }
    work.Drain();
  };
  data.reserve(16);
  ask(DiskRequest::Kind::kWrite, 0, 'a');
  ask(DiskRequest::Kind::kFlush, 0, 0);
  ask(DiskRequest::Kind::kWrite, 0, 'b');  // to the place that the cluster has
  ASSERT_EQ(work.held(), 1u);
  ask(DiskRequest::Kind::kDiscard, 0, 0);
  ask(DiskRequest::Kind::kFlush, 0, 0);
  ask(DiskRequest::Kind::kWrite, 5, 'c');
  ask(DiskRequest::Kind::kFlush, 0, 0);
  work.LetTransfersRun();
  ask(DiskRequest::Kind::kRead, 5, 0);
  work.LetTransfersRun();
  EXPECT_EQ(data.back(), Bytes(kClusterBytes, 'c'));
  ask(DiskRequest::Kind::kSettle, 0, 0);
  ExpectSound(folder.Path("disk"));
}

}  // namespace
}  // namespace emu::disks
