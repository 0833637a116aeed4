// Random requests to images of every kind: what we wrote, we read, and so does qemu-img.
#include <gtest/gtest.h>

#include "devices/backend/raw_disk.h"
#include "tests/disks/model_disk.h"
#include "vmm/base/test_seed.h"

namespace emu::disks {
namespace {

using Mode = HostFile::Mode;

struct Kind {
  const char* name;
  const char* options;  // of qemu-img create -o
  uint64_t cluster_bytes;
};

constexpr Kind kKinds[] = {
    {"Default", "cluster_size=64k", 65536},
    {"Version2", "compat=0.10", 65536},
    {"Version2Small", "compat=0.10,cluster_size=512", 512},
    {"Smallest", "cluster_size=512", 512},
    {"SmallestWideCounts", "cluster_size=512,refcount_bits=64", 512},
    {"SmallNarrowCounts", "cluster_size=1k,refcount_bits=1", 1024},
    {"Counts2", "cluster_size=4k,refcount_bits=2", 4096},
    {"Counts4", "cluster_size=4k,refcount_bits=4", 4096},
    {"Counts8", "cluster_size=4k,refcount_bits=8", 4096},
    {"Counts32", "cluster_size=4k,refcount_bits=32", 4096},
    {"Largest", "cluster_size=2M", 2 << 20},
    {"LargestWideCounts", "cluster_size=2M,refcount_bits=64", 2 << 20},
    {"Subclusters", "extended_l2=on", 65536},
    {"SmallSubclusters", "extended_l2=on,cluster_size=16k", 16384},
    {"LargeSubclusters", "extended_l2=on,cluster_size=2M", 2 << 20},
    {"Lazy", "lazy_refcounts=on", 65536},
    {"LazySmall", "lazy_refcounts=on,cluster_size=512", 512},
    {"LazySubclusters", "lazy_refcounts=on,extended_l2=on,cluster_size=16k", 16384},
    {"Zstd", "compression_type=zstd", 65536},
    {"Preallocated", "preallocation=metadata", 65536},
};

enum class Below : uint8_t { kNothing, kShorterRaw, kLongerQcow2 };

class MatrixTest : public testing::TestWithParam<std::tuple<Kind, Below>> {
 protected:
  const Kind& kind() const { return std::get<0>(GetParam()); }
  Below below() const { return std::get<1>(GetParam()); }

  std::unique_ptr<DiskImage> Backing() {
    if (below() == Below::kNothing) return nullptr;
    if (below() == Below::kLongerQcow2) return OpenQcow2(folder_.Path("base"), Mode::kReadOnly);
    return *RawDisk::Open(OpenFd(folder_.Path("base"), Mode::kReadOnly), Mode::kReadOnly);
  }
  std::unique_ptr<qcow2::Image> Open() {
    return OpenQcow2(folder_.Path("disk"), Mode::kReadWrite, Backing());
  }

  // The backing file and the image; what it holds.
  Bytes Create(uint64_t size, uint64_t seed) {
    Bytes contents(size);
    std::string options = kind().options;
    if (below() != Below::kNothing) {
      const bool is_raw = below() == Below::kShorterRaw;
      const Bytes base = RandomBytes(seed, is_raw ? size / 2 + 1536 : size + 65536);
      std::copy_n(base.begin(), std::min(base.size(), contents.size()), contents.begin());
      WriteFile(folder_.Path("base.raw"), base);
      QemuImg(std::string("convert -f raw -O ") + (is_raw ? "raw " : "qcow2 -c ") +
              folder_.Path("base.raw") + " " + folder_.Path("base"));
      options += ",backing_file=" + folder_.Path("base") +
                 (is_raw ? ",backing_fmt=raw" : ",backing_fmt=qcow2");
    }
    QemuImg("create -q -f qcow2 -o " + options + " " + folder_.Path("disk") + " " +
            std::to_string(size));
    return contents;
  }

  Folder folder_;
};

TEST_P(MatrixTest, HoldsWhatWasWritten) {
  const bool is_preallocated = std::string_view(kind().options).starts_with("prealloc");
  if (is_preallocated && below() != Below::kNothing) GTEST_SKIP() << "qemu-img makes none such";
  const uint64_t seed = TestSeed();
  const uint64_t size =
      std::clamp<uint64_t>(kind().cluster_bytes * 300, 3 << 20, 64 << 20) + 3 * 512;
  ModelDisk model(Create(size, seed), seed);
  for (int round = 0; round < 4 && !HasFatalFailure(); ++round) {
    {
      const std::unique_ptr<qcow2::Image> image = Open();
      ASSERT_NE(image, nullptr);
      for (int i = 0; i < 100 && !HasFatalFailure(); ++i) {
        model.Ask(*image, i % 8 == 0 ? 5 * kind().cluster_bytes + 4096 : 16384);
      }
      ASSERT_NO_FATAL_FAILURE(model.ExpectIn(*image));
    }
    ExpectSound(folder_.Path("disk"));
    ExpectHolds(folder_, folder_.Path("disk"), model.contents());
    // Counts of one bit have no room for a snapshot.
    if (round == 1 &&
        std::string_view(kind().options).find("refcount_bits=1") == std::string_view::npos) {
      QemuImg("snapshot -c before " + folder_.Path("disk"));
    }
  }
}

std::string NameOf(const testing::TestParamInfo<MatrixTest::ParamType>& info) {
  constexpr const char* kBelow[] = {"", "OnRaw", "OnQcow2"};
  return std::string(std::get<0>(info.param).name) +
         kBelow[static_cast<int>(std::get<1>(info.param))];
}

INSTANTIATE_TEST_SUITE_P(Kinds, MatrixTest,
                         testing::Combine(testing::ValuesIn(kKinds),
                                          testing::Values(Below::kNothing, Below::kShorterRaw,
                                                          Below::kLongerQcow2)),
                         NameOf);

}  // namespace
}  // namespace emu::disks
