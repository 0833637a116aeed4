// Images that qemu-img made: compressed, with snapshots, in chains; and some that it refuses.
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/match.h"
#include "devices/backend/open_image.h"
#include "tests/disks/qemu_img.h"
#include "vmm/base/endian.h"
#include "vmm/disk_files/qcow2_spec.h"

namespace emu::disks {
namespace {

using Mode = HostFile::Mode;

// Half of it compresses well.
Bytes Patterned(uint64_t seed, size_t size) {
  Bytes bytes = RandomBytes(seed, size);
  for (size_t i = 0; i < size; ++i) {
    if ((i / 50000) % 2 == 0) bytes[i] = static_cast<uint8_t>(i / 1000);
  }
  return bytes;
}

class ForeignTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.Path(name); }
  void Convert(const Bytes& contents, const std::string& flags, const std::string& name) {
    WriteFile(Path("raw"), contents);
    QemuImg("convert -f raw -O qcow2 " + flags + " " + Path("raw") + " " + Path(name));
  }
  void Poke(const std::string& name, uint64_t at, const std::vector<uint8_t>& bytes) {
    std::fstream file(Path(name), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(at));
    // SAFETY: characters are bytes.
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  template <typename T>
  void PokeBig(const std::string& name, uint64_t at, T value) {
    std::vector<uint8_t> bytes(sizeof(T));
    StoreBig(std::as_writable_bytes(std::span(bytes)), value);
    Poke(name, at, bytes);
  }
  uint64_t PeekBig(const std::string& name, uint64_t at) {
    std::array<uint8_t, 8> bytes = {};
    EXPECT_EQ(
        pread(OpenFd(Path(name), Mode::kReadOnly).get(), bytes.data(), 8, static_cast<off_t>(at)),
        8);
    return LoadBig<uint64_t>(std::as_bytes(std::span(bytes)));
  }
  absl::Status Refusal(const std::string& name, Mode mode = Mode::kReadWrite) {
    return qcow2::Image::Open(OpenFd(Path(name), mode), mode, nullptr).status();
  }
  void ExpectRefused(const std::string& name, absl::StatusCode code, std::string_view why) {
    const absl::Status status = Refusal(name);
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), {why.data(), why.size()})) << status;
  }

  Folder folder_;
};

TEST_F(ForeignTest, CompressedClustersAreReadAndReplaced) {
  for (const char* options : {"-c -o compression_type=zlib", "-c -o compression_type=zstd",
                              "-c -o cluster_size=2M", "-c -o cluster_size=512",
                              "-c -o compression_type=zstd,extended_l2=on", "-c -o compat=0.10"}) {
    SCOPED_TRACE(options);
    Bytes contents = Patterned(1, 5 << 20);
    Convert(contents, options, "disk");
    {
      const auto image = OpenQcow2(Path("disk"), Mode::kReadWrite);
      ASSERT_NE(image, nullptr);
      EXPECT_EQ(ReadAll(*image), contents);
      const Bytes patch = RandomBytes(2, 70000 / 512 * 512);
      for (const uint64_t at : {0, 512 * 199, 3 << 20}) {
        ASSERT_TRUE(WriteAt(*image, at, patch));
        std::ranges::copy(patch, contents.begin() + static_cast<int64_t>(at));
      }
      ASSERT_TRUE(image->WriteZeroes(1 << 20, 300 * 512, DiskImage::ZeroMode::kMayUnmap));
      std::fill_n(contents.begin() + (1 << 20), 300 * 512, 0);
      EXPECT_EQ(ReadAll(*image), contents);
    }
    ExpectSound(Path("disk"));
    ExpectHolds(folder_, Path("disk"), contents);
  }
}

TEST_F(ForeignTest, SnapshotsAreListedAndReadAndSurviveWrites) {
  const Bytes first = Patterned(3, 3 << 20);
  Convert(first, "-o cluster_size=4k", "disk");
  QemuImg("snapshot -c first " + Path("disk"));
  Bytes second = first;
  {
    const auto image = OpenQcow2(Path("disk"), Mode::kReadWrite);
    const Bytes patch = RandomBytes(4, 100 * 512);
    ASSERT_TRUE(WriteAt(*image, 5 * 512, patch));
    std::ranges::copy(patch, second.begin() + 5 * 512);
    ASSERT_TRUE(image->Discard(1 << 20, 1 << 20));
    std::fill_n(second.begin() + (1 << 20), 1 << 20, 0);
  }
  ExpectSound(Path("disk"));
  QemuImg("snapshot -c second " + Path("disk"));
  {
    const auto image = OpenQcow2(Path("disk"), Mode::kReadWrite);
    EXPECT_EQ(ReadAll(*image), second);
    const auto snapshots = image->Snapshots();
    ASSERT_TRUE(snapshots.ok());
    ASSERT_EQ(snapshots->size(), 2u);
    EXPECT_EQ((*snapshots)[0].name, "first");
    EXPECT_EQ((*snapshots)[1].id, "2");
    EXPECT_EQ((*snapshots)[1].size_bytes, second.size());
    ASSERT_TRUE(WriteAt(*image, 0, RandomBytes(5, 1 << 20)));
  }
  ExpectSound(Path("disk"));
  for (const auto& [id, contents] : {std::pair<const char*, const Bytes*>{"1", &first},
                                     std::pair<const char*, const Bytes*>{"2", &second}}) {
    auto image = qcow2::Image::OpenSnapshot(OpenFd(Path("disk"), Mode::kReadOnly), id, nullptr);
    ASSERT_TRUE(image.ok()) << image.status();
    EXPECT_EQ(ReadAll(**image), *contents);
    EXPECT_FALSE(WriteAt(**image, 0, RandomBytes(6, 512)));
  }
  EXPECT_EQ(qcow2::Image::OpenSnapshot(OpenFd(Path("disk"), Mode::kReadOnly), "3", nullptr)
                .status()
                .code(),
            absl::StatusCode::kNotFound);
  QemuImg("snapshot -a first " + Path("disk"));
  ExpectHolds(folder_, Path("disk"), first);
}

TEST_F(ForeignTest, AChainIsReadThroughAllItsLayers) {
  Bytes contents = Patterned(7, 2 << 20);
  WriteFile(Path("raw"), contents);
  std::string below = "raw -F raw";
  for (const char* name : {"a", "b", "c"}) {
    QemuImg("create -q -f qcow2 -b " + Path(below) + " " + Path(name));
    below = std::string(name) + " -F qcow2";
  }
  const auto layers = [this] {
    std::vector<ImageLayer> chain;
    chain.push_back({OpenFd(Path("c"), Mode::kReadWrite), ImageFormat::kQcow2});
    chain.push_back({OpenFd(Path("b"), Mode::kReadOnly), ImageFormat::kQcow2});
    chain.push_back({OpenFd(Path("a"), Mode::kReadOnly), ImageFormat::kQcow2});
    chain.push_back({OpenFd(Path("raw"), Mode::kReadOnly), ImageFormat::kRaw});
    return chain;
  };
  {
    auto image = OpenImage(layers(), Mode::kReadWrite);
    ASSERT_TRUE(image.ok()) << image.status();
    EXPECT_EQ(ReadAll(**image), contents);
    const Bytes patch = RandomBytes(8, 512);
    ASSERT_TRUE(WriteAt(**image, 1 << 20, patch));
    std::ranges::copy(patch, contents.begin() + (1 << 20));
  }
  ExpectSound(Path("c"));
  ExpectHolds(folder_, Path("c"), contents);

  auto short_chain = layers();
  short_chain.pop_back();
  EXPECT_FALSE(OpenImage(std::move(short_chain), Mode::kReadWrite).ok());
  auto upside_down = layers();
  std::ranges::reverse(upside_down);
  EXPECT_FALSE(OpenImage(std::move(upside_down), Mode::kReadOnly).ok());
}

TEST_F(ForeignTest, WhatIsNotDoneIsRefusedWithTheReason) {
  QemuImg("create -q -f qcow2 -o data_file=" + Path("data") + " " + Path("external") + " 1M");
  ExpectRefused("external", absl::StatusCode::kUnimplemented, "external data file");
  for (const uint32_t method : {1, 2}) {
    QemuImg("create -q -f qcow2 " + Path("encrypted") + " 1M");
    PokeBig("encrypted", qcow2::kCryptMethodAt, method);
    ExpectRefused("encrypted", absl::StatusCode::kUnimplemented, "encryption");
  }
  QemuImg("create -q -f qcow2 " + Path("newer") + " 1M");
  PokeBig<uint64_t>("newer", qcow2::kIncompatibleAt, 1 << 20);
  ExpectRefused("newer", absl::StatusCode::kUnimplemented, "0x100000");
  PokeBig<uint32_t>("newer", qcow2::kVersionAt, 4);
  ExpectRefused("newer", absl::StatusCode::kUnimplemented, "version 4");
  WriteFile(Path("foreign"), RandomBytes(9, 1 << 20));
  ExpectRefused("foreign", absl::StatusCode::kInvalidArgument, "no QCOW2 image");
  WriteFile(Path("empty"), {});
  ExpectRefused("empty", absl::StatusCode::kInvalidArgument, "no QCOW2 image");
  WriteFile(Path("cut"), {'Q', 'F', 'I', 0xfb, 0, 0, 0, 3});
  ExpectRefused("cut", absl::StatusCode::kInvalidArgument, "no QCOW2 image");
}

TEST_F(ForeignTest, LyingHeadersAreRefused) {
  struct Lie {
    uint64_t at;
    uint64_t value;
    int bytes;
    const char* why;
  };
  for (const Lie& lie : {
           Lie{qcow2::kSizeAt, UINT64_MAX, 8, "a disk of"},
           Lie{qcow2::kSizeAt, uint64_t{1} << 50, 8, "L1 table"},
           Lie{qcow2::kClusterBitsAt, 8, 4, "clusters of"},
           Lie{qcow2::kClusterBitsAt, 22, 4, "clusters of"},
           Lie{qcow2::kClusterBitsAt, UINT32_MAX, 4, "clusters of"},
           Lie{qcow2::kL1EntriesAt, UINT32_MAX, 4, "L1 table"},
           Lie{qcow2::kL1EntriesAt, 0, 4, "L1 table"},
           Lie{qcow2::kL1OffsetAt, 512, 8, "L1 table"},
           Lie{qcow2::kL1OffsetAt, uint64_t{1} << 40, 8, "L1 table"},
           Lie{qcow2::kL1OffsetAt, 0x10000, 8, "overlap"},
           Lie{qcow2::kRefcountTableOffsetAt, ~uint64_t{0xffff}, 8, "refcount table"},
           Lie{qcow2::kRefcountTableClustersAt, 0, 4, "refcount table"},
           Lie{qcow2::kRefcountTableClustersAt, 1 << 20, 4, "refcount table"},
           Lie{qcow2::kSnapshotCountAt, UINT32_MAX, 4, "snapshots"},
           Lie{qcow2::kSnapshotCountAt, 9, 4, "snapshot table"},
           Lie{qcow2::kRefcountOrderAt, 7, 4, "refcounts of"},
           Lie{qcow2::kHeaderLengthAt, 96, 4, "header of"},
           Lie{qcow2::kHeaderLengthAt, 1 << 20, 4, "header of"},
           Lie{qcow2::kCompressionTypeAt, uint64_t{1} << 56, 8, "compression"},
           Lie{qcow2::kBackingNameOffsetAt, uint64_t{1} << 40, 8, "NAME"},
       }) {
    SCOPED_TRACE(lie.at);
    QemuImg("create -q -f qcow2 " + Path("disk") + " 1M");
    if (std::string_view(lie.why) == "NAME")
      PokeBig<uint32_t>("disk", qcow2::kBackingNameSizeAt, 5);
    if (lie.bytes == 8) {
      PokeBig<uint64_t>("disk", lie.at, lie.value);
    } else {
      PokeBig<uint32_t>("disk", lie.at, static_cast<uint32_t>(lie.value));
    }
    const char* const why = std::string_view(lie.why) == "NAME" ? "backing file" : lie.why;
    ExpectRefused("disk", absl::StatusCode::kInvalidArgument, why);
  }
}

TEST_F(ForeignTest, TablesThatCannotBeMakeTheImageCorrupt) {
  struct Lie {
    const char* what;
    bool is_in_l1;
    uint64_t entry;
  };
  for (const Lie& lie : {
           Lie{"an L2 table behind the end", true, uint64_t{1} << 63 | uint64_t{1} << 40},
           Lie{"an L2 table that is not aligned", true, uint64_t{1} << 63 | 0x200},
           Lie{"the header as an L2 table", true, uint64_t{1} << 63 | 0x10000},
           Lie{"a cluster behind the end", false, uint64_t{1} << 63 | uint64_t{1} << 40},
           Lie{"a cluster that is not aligned", false, uint64_t{1} << 63 | 0x50200},
           Lie{"the refcount table as data", false, uint64_t{1} << 63 | 0x10000},
           Lie{"the L1 table as data", false, uint64_t{1} << 63 | 0x30000},
           Lie{"an L2 table as data", false, uint64_t{1} << 63 | 0x40000},
           Lie{"a compressed cluster of nothing", false, uint64_t{1} << 62 | 0x50000},
       }) {
    SCOPED_TRACE(lie.what);
    Convert(RandomBytes(10, 1 << 20), "", "disk");
    const uint64_t l1 = PeekBig("disk", qcow2::kL1OffsetAt);
    const uint64_t l2 = PeekBig("disk", l1) & qcow2::kOffsetMask;
    ASSERT_EQ(l1, 0x30000u);
    ASSERT_EQ(l2, 0x40000u);
    PokeBig<uint64_t>("disk", lie.is_in_l1 ? l1 : l2, lie.entry);
    {
      const auto image = OpenQcow2(Path("disk"), Mode::kReadWrite);
      ASSERT_NE(image, nullptr);
      const Bytes sector(512, 1);
      EXPECT_FALSE(WriteAt(*image, 0, sector));
      EXPECT_FALSE(WriteAt(*image, 1 << 19, sector));
    }
    EXPECT_NE(PeekBig("disk", qcow2::kIncompatibleAt) & qcow2::kIncompatibleCorrupt, 0u);
    ExpectRefused("disk", absl::StatusCode::kInvalidArgument, "corrupt");
    EXPECT_TRUE(Refusal("disk", Mode::kReadOnly).ok());
  }
}

TEST_F(ForeignTest, ACountOfZeroForWhatIsInUseIsFound) {
  for (const bool is_freed : {false, true}) {
    Convert(RandomBytes(11, 1 << 20), "", "disk");
    const uint64_t block = PeekBig("disk", PeekBig("disk", qcow2::kRefcountTableOffsetAt));
    Poke("disk", block, std::vector<uint8_t>(256));
    // The L2 table is to be copied before it changes, so that a cluster is looked for.
    if (!is_freed) Poke("disk", PeekBig("disk", qcow2::kL1OffsetAt), {0});
    {
      const auto image = OpenQcow2(Path("disk"), Mode::kReadWrite);
      ASSERT_NE(image, nullptr);
      const bool is_changed = image->WriteZeroes(0, 1 << 16, DiskImage::ZeroMode::kMayUnmap);
      EXPECT_EQ(is_changed, is_freed);
      if (is_freed) {
        EXPECT_FALSE(image->Flush());
      }
    }
    EXPECT_NE(PeekBig("disk", qcow2::kIncompatibleAt) & qcow2::kIncompatibleCorrupt, 0u);
  }
}

TEST_F(ForeignTest, AFileThatIsCutShortFailsWhatIsMissing) {
  Convert(RandomBytes(12, 1 << 20), "", "disk");
  ASSERT_EQ(truncate(Path("disk").c_str(), 0x80000), 0);
  const auto image = OpenQcow2(Path("disk"), Mode::kReadOnly);
  ASSERT_NE(image, nullptr);
  Bytes sector(512);
  EXPECT_TRUE(ReadAt(*image, 0, sector));
  EXPECT_FALSE(ReadAt(*image, (1 << 20) - 512, sector));
}

}  // namespace
}  // namespace emu::disks
