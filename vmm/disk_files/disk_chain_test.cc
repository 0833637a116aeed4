#include "vmm/disk_files/disk_chain.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "absl/strings/match.h"
#include "vmm/base/endian.h"
#include "vmm/disk_files/qcow2_spec.h"

namespace emu::disk_files {
namespace {

class DiskChainTest : public testing::Test {
 protected:
  DiskChainTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "emu-chain-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    std::filesystem::create_directories(folder_ / "images/below");
  }
  ~DiskChainTest() override { std::filesystem::remove_all(folder_); }

  // An image with the least that a header has to tell.
  void MakeImage(const std::string& name, std::string_view backing, std::string_view format) {
    std::vector<std::byte> image(4 << 16);
    const auto at = [&image](uint64_t offset) { return std::span(image).subspan(offset); };
    StoreBig<uint32_t>(at(0), qcow2::kMagic);
    StoreBig<uint32_t>(at(qcow2::kVersionAt), 3);
    StoreBig<uint32_t>(at(qcow2::kClusterBitsAt), 16);
    StoreBig<uint64_t>(at(qcow2::kSizeAt), 1 << 20);
    StoreBig<uint32_t>(at(qcow2::kL1EntriesAt), 1);
    StoreBig<uint64_t>(at(qcow2::kL1OffsetAt), 3 << 16);
    StoreBig<uint64_t>(at(qcow2::kRefcountTableOffsetAt), 1 << 16);
    StoreBig<uint32_t>(at(qcow2::kRefcountTableClustersAt), 1);
    StoreBig<uint32_t>(at(qcow2::kRefcountOrderAt), 4);
    StoreBig<uint32_t>(at(qcow2::kHeaderLengthAt), qcow2::kHeaderBytesV3);
    StoreBig<uint32_t>(at(qcow2::kHeaderBytesV3), qcow2::kExtensionBackingFormat);
    StoreBig<uint32_t>(at(qcow2::kHeaderBytesV3 + 4), static_cast<uint32_t>(format.size()));
    memcpy(&image[qcow2::kHeaderBytesV3 + 8], format.data(), format.size());
    if (!backing.empty()) {
      StoreBig<uint64_t>(at(qcow2::kBackingNameOffsetAt), 1024);
      StoreBig<uint32_t>(at(qcow2::kBackingNameSizeAt), static_cast<uint32_t>(backing.size()));
      memcpy(&image[1024], backing.data(), backing.size());
    }
    std::ofstream file(Path(name), std::ios::binary);
    // SAFETY: characters are bytes.
    file.write(reinterpret_cast<const char*>(image.data()),
               static_cast<std::streamsize>(image.size()));
  }
  void MakeRaw(const std::string& name) { std::ofstream(Path(name)) << std::string(4096, 'r'); }

  std::string Path(const std::string& name) const { return (folder_ / "images" / name).string(); }
  absl::StatusOr<std::vector<ImageLayer>> Open(const std::string& name,
                                               ImageFormat format = ImageFormat::kQcow2) {
    return OpenChain({UniqueFd(open(Path(name).c_str(), O_RDWR | O_CLOEXEC)), format}, Path(name));
  }
  void ExpectRefused(const std::string& name, std::string_view why) {
    const absl::Status status = Open(name).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), {why.data(), why.size()})) << status;
  }

  std::filesystem::path folder_;
};

TEST_F(DiskChainTest, NamesStartFromTheFolderOfTheImageThatHasThem) {
  MakeImage("top", "below/middle", "qcow2");
  MakeImage("below/middle", "../base", "qcow2");
  MakeImage("base", Path("below/raw"), "raw");
  MakeRaw("below/raw");
  const auto layers = Open("top");
  ASSERT_TRUE(layers.ok()) << layers.status();
  ASSERT_EQ(layers->size(), 4u);
  EXPECT_EQ(layers->at(2).format, ImageFormat::kQcow2);
  EXPECT_EQ(layers->at(3).format, ImageFormat::kRaw);
  // The chain is read by this test now, and nobody else writes to it.
  const UniqueFd writer(open(Path("base").c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  EXPECT_NE(fcntl(writer.get(), F_OFD_SETLK, &lock), 0);
  EXPECT_TRUE(Open("top").ok());
}

TEST_F(DiskChainTest, NoNameLeavesTheFolder) {
  MakeImage("top", "../outside", "raw");
  std::ofstream(folder_ / "outside") << "secret";
  ExpectRefused("top", "not in the image's folder");
  MakeImage("top", "below/../../outside", "raw");
  ExpectRefused("top", "not in the image's folder");
  MakeImage("top", (folder_ / "outside").string(), "raw");
  ExpectRefused("top", "not in the image's folder");
  MakeImage("top", Path("../images/../outside"), "raw");
  ExpectRefused("top", "not in the image's folder");
  MakeImage("top", "/etc/passwd", "raw");
  ExpectRefused("top", "not in the image's folder");
  std::filesystem::create_symlink(folder_ / "outside", Path("link"));
  MakeImage("top", "link", "raw");
  ExpectRefused("top", "not in the image's folder");
  MakeImage("top", "/proc/self/fd/0", "raw");
  ExpectRefused("top", "not in the image's folder");
}

TEST_F(DiskChainTest, LoopsAndLongChainsAreRefused) {
  MakeImage("self", "self", "qcow2");
  ExpectRefused("self", "above itself");
  MakeImage("one", "two", "qcow2");
  MakeImage("two", "one", "qcow2");
  ExpectRefused("one", "above itself");
  for (size_t i = 0; i <= kMostBackingFiles; ++i) {
    MakeImage(std::to_string(i), std::to_string(i + 1), "qcow2");
  }
  MakeImage(std::to_string(kMostBackingFiles + 1), "", "");
  ExpectRefused("0", "more than 16");
  EXPECT_TRUE(Open("1").ok());
}

TEST_F(DiskChainTest, FormatsAreStated) {
  MakeRaw("raw");
  MakeImage("top", "raw", "");
  ExpectRefused("top", "no stated format");
  MakeImage("top", "raw", "vmdk");
  ExpectRefused("top", "neither raw nor qcow2");
  MakeImage("top", "raw", "qcow2");
  ExpectRefused("top", "no QCOW2 image");
  MakeImage("top", "missing", "raw");
  ExpectRefused("top", "No such file");
  MakeImage("top", "below", "raw");
  ExpectRefused("top", "cannot be used");
  MakeImage("top", "nbd://host/export", "raw");
  ExpectRefused("top", "No such file");
  // What a raw image holds is the guest's.
  MakeImage("guest", "/etc/passwd", "raw");
  EXPECT_EQ(Open("guest", ImageFormat::kRaw)->size(), 1u);
}

TEST_F(DiskChainTest, WhatIsWrittenToIsNoBackingFile) {
  MakeImage("top", "base", "raw");
  MakeRaw("base");
  const UniqueFd writer(open(Path("base").c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  ASSERT_EQ(fcntl(writer.get(), F_OFD_SETLK, &lock), 0);
  EXPECT_EQ(Open("top").status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace emu::disk_files
