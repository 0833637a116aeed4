// Files that are used past the host's page cache.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <random>

#include "devices/backend/host_file.h"
#include "tests/disks/qemu_img.h"
#include "vmm/base/test_seed.h"

namespace emu::disks {
namespace {

constexpr uint64_t kFileBytes = 1 << 20;

class DirectFileTest : public testing::Test {
 protected:
  void Open(uint64_t size) {
    contents_ = RandomBytes(7, size);
    WriteFile(folder_.Path("file"), contents_);
    auto file = HostFile::Open(OpenFd(folder_.Path("file"), HostFile::Mode::kReadWrite),
                               HostFile::Mode::kReadWrite);
    ASSERT_TRUE(file.ok());
    file_ = *std::move(file);
    const absl::Status status = file_->SetCache(CacheMode::kNone);
    if (!status.ok()) GTEST_SKIP() << status;
  }
  bool Read(uint64_t offset, std::span<uint8_t> into,
            HostFile::PastEnd past_end = HostFile::PastEnd::kFails) {
    iovec span = {into.data(), into.size()};
    return file_->Read({&span, 1}, offset, past_end);
  }
  bool Write(uint64_t offset, std::span<uint8_t> from) {
    iovec span = {from.data(), from.size()};
    return file_->Write({&span, 1}, offset);
  }

  Folder folder_;
  Bytes contents_;
  std::unique_ptr<HostFile> file_;
};

TEST_F(DirectFileTest, AnyTransferGoesAnywhere) {
  Open(kFileBytes);
  if (IsSkipped()) return;
  std::mt19937_64 random(TestSeed());
  Bytes buffer(kFileBytes);
  for (int i = 0; i < 300; ++i) {
    const uint64_t unit = random() % 2 == 0 ? 1 : 512;
    const uint64_t size = unit * (1 + random() % (65536 / unit));
    const uint64_t offset = unit * (random() % ((kFileBytes - size) / unit));
    const auto part = std::span(buffer).subspan(random() % 64, size);
    if (random() % 2 == 0) {
      ASSERT_TRUE(Read(offset, part));
      ASSERT_TRUE(
          std::equal(part.begin(), part.end(), contents_.begin() + static_cast<ptrdiff_t>(offset)))
          << size << " at " << offset;
    } else {
      std::ranges::copy(RandomBytes(random(), size), part.begin());
      std::ranges::copy(part, contents_.begin() + static_cast<ptrdiff_t>(offset));
      ASSERT_TRUE(Write(offset, part));
    }
  }
  Bytes all(kFileBytes);
  ASSERT_TRUE(Read(0, all));
  EXPECT_EQ(all, contents_);
}

TEST_F(DirectFileTest, AFileThatEndsWithinAUnitIsReadToItsEnd) {
  Open(kFileBytes + 1000);
  if (IsSkipped()) return;
  Bytes rest(1000);
  ASSERT_TRUE(Read(kFileBytes, rest));
  EXPECT_TRUE(std::equal(rest.begin(), rest.end(), contents_.begin() + kFileBytes));
  Bytes more(4096, 0xee);
  EXPECT_FALSE(Read(kFileBytes, more));
  ASSERT_TRUE(Read(kFileBytes, more, HostFile::PastEnd::kReadsZeroes));
  EXPECT_EQ(more[999], contents_.back());
  EXPECT_EQ(Bytes(more.begin() + 1000, more.end()), Bytes(3096, 0));
}

TEST_F(DirectFileTest, NothingOfItIsInThePageCache) {
  Open(kFileBytes);
  if (IsSkipped()) return;
  EXPECT_TRUE(file_->is_direct());
  EXPECT_NE(fcntl(file_->descriptor(), F_GETFL) & O_DIRECT, 0);
}

}  // namespace
}  // namespace emu::disks
