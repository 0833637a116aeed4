#include "vmm/disk_files/overlay.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "vmm/base/unique_fd.h"
#include "vmm/disk_files/disk_chain.h"
#include "vmm/disk_files/qcow2_header.h"

namespace emu::disk_files {
namespace {

constexpr uint64_t kMib = 1 << 20;

class OverlayTest : public testing::Test {
 protected:
  OverlayTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "emu-overlay-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    std::ofstream(folder_ / "base") << std::string(4096, 'b');
    std::string path = folder_ / "top-XXXXXX";
    file_.Reset(mkstemp(path.data()));
    path_ = path;
  }
  ~OverlayTest() override { std::filesystem::remove_all(folder_); }

  absl::Status Write(uint64_t size_bytes, const std::string& name = "base",
                     ImageFormat format = ImageFormat::kRaw) {
    return WriteOverlay(file_.get(), {size_bytes, name, format});
  }

  std::filesystem::path folder_;
  std::string path_;
  UniqueFd file_;
};

TEST_F(OverlayTest, SaysWhatLiesBelowAndInWhichFormat) {
  for (const ImageFormat format : {ImageFormat::kQcow2, ImageFormat::kRaw}) {
    ASSERT_TRUE(Write(3 * kMib, "base", format).ok());
    const auto header = qcow2::ReadHeader(file_.get());
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(header->version, 3U);
    EXPECT_EQ(header->size_bytes, 3 * kMib);
    EXPECT_EQ(header->backing_name, "base");
    EXPECT_EQ(header->backing_format, ImageFormatName(format));
    EXPECT_EQ(header->incompatible | header->compatible | header->autoclear, 0u);
  }
  const auto layers = OpenChain({UniqueFd(dup(file_.get())), ImageFormat::kQcow2}, path_);
  ASSERT_TRUE(layers.ok()) << layers.status();
  EXPECT_EQ(layers->size(), 2u);
}

TEST_F(OverlayTest, OverNothingItStandsAlone) {
  ASSERT_TRUE(Write(3 * kMib, "").ok());
  const auto header = qcow2::ReadHeader(file_.get());
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->backing_name, "");
  const auto layers = OpenChain({UniqueFd(dup(file_.get())), ImageFormat::kQcow2}, path_);
  ASSERT_TRUE(layers.ok()) << layers.status();
  EXPECT_EQ(layers->size(), 1u);
}

// qemu-img is not everywhere; where it is, it is asked.
TEST_F(OverlayTest, QemuImgFindsNothingWrong) {
  if (system("qemu-img --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no qemu-img";
  for (const uint64_t size : {uint64_t{512}, kMib, 512 * kMib, 512 * kMib + 512, kMib << 20}) {
    for (const char* below : {"base", ""}) {
      ASSERT_TRUE(Write(size, below).ok());
      for (const char* verb : {"check", "info"}) {
        EXPECT_EQ(system(absl::StrCat("qemu-img ", verb, " ", path_, " > /dev/null").c_str()), 0)
            << verb << " " << size << " over '" << below << "'";
      }
      EXPECT_EQ(ftruncate(file_.get(), 0), 0);
    }
  }
}

TEST_F(OverlayTest, TakesHardlyAnySpaceHoweverLargeTheDisk) {
  ASSERT_TRUE(Write(kMostOverlayBytes).ok());
  EXPECT_TRUE(qcow2::ReadHeader(file_.get()).ok());
  struct stat info = {};
  ASSERT_EQ(fstat(file_.get(), &info), 0);
  EXPECT_LE(info.st_blocks * 512, 4 << 16);
}

TEST_F(OverlayTest, SizesThatNoDiskHasAreRefused) {
  for (const uint64_t size :
       {uint64_t{0}, uint64_t{511}, kMostOverlayBytes + 512, ~uint64_t{511}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Write(size))) << size;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(Write(kMib, std::string(1024, 'n'))));
}

}  // namespace
}  // namespace emu::disk_files
