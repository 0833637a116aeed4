// A writer that is killed at any point leaves a sound image, with all that it had flushed.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <random>

#include "tests/disks/qemu_img.h"
#include "vmm/base/test_seed.h"

namespace emu::disks {
namespace {

using Mode = HostFile::Mode;

constexpr uint64_t kDiskBytes = 4 << 20;
constexpr uint64_t kRequestsPerFlush = 7;

// What the writer tells, in memory that outlives it.
struct Progress {
  std::atomic<uint64_t> begun;    // requests
  std::atomic<uint64_t> flushed;  // of them, those before the last flush
};

struct Request {
  bool is_discard;
  uint64_t offset, size;
  uint8_t value;  // of every byte written; zero where discarded
};

Request RequestOf(uint64_t seed, uint64_t number) {
  std::mt19937_64 random(seed + number * 7919);
  Request request;
  request.is_discard = random() % 5 == 0;
  request.size = 512 * (1 + random() % (random() % 8 == 0 ? 1024 : 32));
  request.offset = 512 * (random() % ((kDiskBytes - request.size) / 512 + 1));
  request.value = request.is_discard ? 0 : static_cast<uint8_t>(1 + number % 255);
  return request;
}

[[noreturn]] void WriteUntilKilled(const std::string& path, uint64_t seed, Progress& progress) {
  const std::unique_ptr<qcow2::Image> image = OpenQcow2(path, Mode::kReadWrite);
  for (uint64_t number = 0; image != nullptr; ++number) {
    const Request request = RequestOf(seed, number);
    progress.begun = number + 1;
    const Bytes bytes(request.size, request.value);
    const bool ok = request.is_discard ? image->WriteZeroes(request.offset, request.size,
                                                            DiskImage::ZeroMode::kMayUnmap)
                                       : WriteAt(*image, request.offset, bytes);
    if (!ok) break;
    if (number % kRequestsPerFlush != 0) continue;
    if (!image->Flush()) break;
    progress.flushed = number + 1;
  }
  _exit(1);  // it failed by itself
}

class KillTest : public testing::TestWithParam<const char*> {
 protected:
  static int Kills() {
    const char* const is_long = getenv("EMU_TEST_LONG");
    return is_long != nullptr && std::string_view(is_long) == "1" ? 100 : 5;
  }

  // Of bytes that differ from what was flushed, every one was written by what came after.
  static void ExpectExplained(const Bytes& got, const Bytes& flushed, uint64_t seed,
                              const Progress& progress) {
    std::vector<Request> after;
    for (uint64_t i = progress.flushed; i < progress.begun; ++i)
      after.push_back(RequestOf(seed, i));
    for (uint64_t at = 0; at < got.size(); ++at) {
      const bool is_explained =
          got[at] == flushed[at] || std::ranges::any_of(after, [&](const Request& request) {
            return at >= request.offset && at - request.offset < request.size &&
                   got[at] == request.value;
          });
      ASSERT_TRUE(is_explained) << "byte " << at << " is " << int{got[at]} << ", was "
                                << int{flushed[at]};
    }
  }
};

TEST_P(KillTest, NothingFlushedIsLost) {
  const uint64_t seed = TestSeed();
  std::mt19937_64 random(seed);
  const Folder folder;
  const std::string path = folder.Path("disk");
  const std::string options = GetParam();
  QemuImg("create -q -f qcow2 -o " + options + " " + path + " " + std::to_string(kDiskBytes));
  auto* const progress = static_cast<Progress*>(
      mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  Bytes contents(kDiskBytes);
  for (int kill_count = 0; kill_count < Kills() && !HasFatalFailure(); ++kill_count) {
    const uint64_t round_seed = random();
    progress->begun = progress->flushed = 0;
    const pid_t writer = fork();
    if (writer == 0) WriteUntilKilled(path, round_seed, *progress);
    const uint64_t wanted = 1 + random() % 120;
    while (progress->begun < wanted && waitpid(writer, nullptr, WNOHANG) == 0) usleep(50);
    usleep(random() % 2000);
    kill(writer, SIGKILL);
    int status = 0;
    if (waitpid(writer, &status, 0) == writer) {
      ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed";
    }

    const bool is_lazy = options.find("lazy") != std::string::npos;
    // Counts of a dirty image mean nothing until it has been opened.
    if (!is_lazy) ExpectNotCorrupt(path);
    for (uint64_t i = 0; i < progress->flushed; ++i) {
      const Request request = RequestOf(round_seed, i);
      std::fill_n(contents.begin() + static_cast<int64_t>(request.offset), request.size,
                  request.value);
    }
    {
      const std::unique_ptr<qcow2::Image> image = OpenQcow2(path, Mode::kReadWrite);
      ASSERT_NE(image, nullptr);
      const Bytes got = ReadAll(*image);
      ExpectExplained(got, contents, round_seed, *progress);
      contents = got;
    }
    if (is_lazy) {
      ExpectSound(path);
    } else {
      ExpectNotCorrupt(path);
    }
  }
  munmap(progress, sizeof(Progress));
}

// What a kill leaves that comes after a flush: the file as it is while the image is open.
TEST(LazyCountsTest, ADiscardAloneIsCountedAnew) {
  const Folder folder;
  const std::string path = folder.Path("disk"), left = folder.Path("left");
  QemuImg("create -q -f qcow2 -o lazy_refcounts=on " + path + " 4M");
  ASSERT_TRUE(WriteAt(*OpenQcow2(path, Mode::kReadWrite), 0, Bytes(1 << 20, 1)));
  const std::unique_ptr<qcow2::Image> image = OpenQcow2(path, Mode::kReadWrite);
  ASSERT_TRUE(image->WriteZeroes(0, 1 << 20, DiskImage::ZeroMode::kMayUnmap));
  ASSERT_TRUE(image->Flush());
  std::filesystem::copy_file(path, left);
  ASSERT_NE(OpenQcow2(left, Mode::kReadWrite), nullptr);
  ExpectSound(left);
}

INSTANTIATE_TEST_SUITE_P(Kinds, KillTest,
                         testing::Values("cluster_size=64k", "cluster_size=512,refcount_bits=64",
                                         "cluster_size=4k,lazy_refcounts=on",
                                         "cluster_size=16k,extended_l2=on", "compat=0.10"),
                         [](const auto& info) { return "Kind" + std::to_string(info.index); });

}  // namespace
}  // namespace emu::disks
