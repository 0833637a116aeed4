// Wherever the power fails, an image is sound, and holds all that had been flushed.
#include <gtest/gtest.h>

#include <cstdlib>

#include "devices/backend/raw_disk.h"
#include "tests/disks/recorded_file.h"
#include "vmm/base/test_seed.h"

namespace emu::disks {
namespace {

using Mode = HostFile::Mode;

constexpr uint64_t kDiskBytes = 1 << 20;
constexpr int kRequests = 60;
constexpr int kRequestsPerFlush = 6;

struct Kind {
  const char* name;
  const char* options;  // of qemu-img create -o; empty: raw
};

constexpr Kind kKinds[] = {
    {"Raw", ""},
    {"Qcow2", "cluster_size=64k"},
    {"Small", "cluster_size=4k"},
    {"Smallest", "cluster_size=512"},
    {"Version2", "compat=0.10,cluster_size=4k"},
    {"Lazy", "lazy_refcounts=on,cluster_size=4k"},
    {"Subclusters", "extended_l2=on,cluster_size=16k"},
};

struct Request {
  bool is_discard = false;
  uint64_t offset = 0, size = 0;
  uint8_t value = 0;  // of every byte; zero where discarded
  size_t begun = 0;   // changes of the file before it
};

class PowerCutTest : public testing::TestWithParam<Kind> {
 protected:
  bool is_raw() const { return GetParam().options[0] == '\0'; }
  static size_t Cuts() {
    const char* const is_long = getenv("EMU_TEST_LONG");
    return is_long != nullptr && std::string_view(is_long) == "1" ? 400 : 10;
  }

  std::unique_ptr<DiskImage> Open(const std::string& path) {
    if (!is_raw()) return OpenQcow2(path, Mode::kReadWrite);
    return *RawDisk::Open(OpenFd(path, Mode::kReadWrite), Mode::kReadWrite);
  }

  void Write(RecordedFile& file) {
    const std::unique_ptr<DiskImage> image = Open(folder_.Path("disk"));
    flushes_ = {{0, 0}};
    for (int number = 0; number < kRequests; ++number) {
      Request request = {.is_discard = random_() % 4 == 0, .begun = file.size()};
      request.size = 512 * (1 + random_() % (random_() % 4 == 0 ? 256 : 16));
      request.offset = 512 * (random_() % ((kDiskBytes - request.size) / 512 + 1));
      request.value = request.is_discard ? 0 : static_cast<uint8_t>(1 + number);
      requests_.push_back(request);
      const Bytes bytes(request.size, request.value);
      ASSERT_TRUE(request.is_discard ? image->WriteZeroes(request.offset, request.size,
                                                          DiskImage::ZeroMode::kMayUnmap)
                                     : WriteAt(*image, request.offset, bytes));
      if (number % kRequestsPerFlush != 0) continue;
      ASSERT_TRUE(image->Flush());
      flushes_.push_back({file.size(), requests_.size()});
    }
  }

  // Sound, with all that was flushed before the file's change number `cut`; what is otherwise was
  // written later.
  void ExpectRight(const Bytes& file, size_t cut) {
    const std::string path = folder_.Path("left");
    WriteFile(path, file);
    // Counts of a dirty image mean nothing until it has been opened.
    const bool is_lazy = std::string_view(GetParam().options).starts_with("lazy");
    if (!is_raw() && !is_lazy) ExpectNotCorrupt(path);
    const Bytes got = ReadAll(*Open(path));
    if (!is_raw()) ExpectNotCorrupt(path);
    size_t flushed = 0;
    for (const Flush& flush : flushes_) {
      if (flush.changes <= cut) flushed = flush.requests;
    }
    Bytes sure(kDiskBytes);
    for (const Request& request : std::span(requests_).first(flushed)) {
      std::fill_n(sure.begin() + static_cast<ptrdiff_t>(request.offset), request.size,
                  request.value);
    }
    for (uint64_t at = 0; at < kDiskBytes; at += 512) {
      const auto later = std::span(requests_).subspan(flushed);
      const bool is_explained =
          got[at] == sure[at] || std::ranges::any_of(later, [&](const Request& request) {
            return request.begun <= cut && at >= request.offset &&
                   at - request.offset < request.size && got[at] == request.value;
          });
      ASSERT_TRUE(is_explained) << "byte " << at << " is " << int{got[at]} << " after a cut at "
                                << cut << ", " << flushed << " requests flushed";
    }
  }

  struct Flush {
    size_t changes;   // of the file, up to its answer
    size_t requests;  // that it covers
  };
  Folder folder_;
  std::mt19937_64 random_{TestSeed()};
  std::vector<Request> requests_;
  std::vector<Flush> flushes_;
};

TEST_P(PowerCutTest, LeavesASoundImageWithAllThatWasFlushed) {
  const std::string path = folder_.Path("disk");
  if (is_raw()) {
    WriteFile(path, Bytes(kDiskBytes));
  } else {
    QemuImg(std::string("create -q -f qcow2 -o ") + GetParam().options + " " + path + " " +
            std::to_string(kDiskBytes));
  }
  RecordedFile file(OpenFd(path, Mode::kReadOnly).get());
  Write(file);
  ASSERT_GT(file.size(), size_t{kRequests});
  for (size_t i = 0; i < Cuts() && !HasFatalFailure(); ++i) {
    const size_t cut = random_() % (file.size() + 1);
    for (const Bytes& left : file.AfterPowerCut(cut, random_)) {
      ExpectRight(left, cut);
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, PowerCutTest, testing::ValuesIn(kKinds),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace emu::disks
