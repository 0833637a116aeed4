#include "vmm/process/host_io.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <string>

#include "vmm/process/restricted_ring.h"

namespace emu {
namespace {

constexpr uint64_t kFileBytes = 1 << 20;

std::unique_ptr<HostFile> NewFile() {
  UniqueFd file(memfd_create("file", 0));
  EXPECT_EQ(ftruncate(file.get(), kFileBytes), 0);
  return *HostFile::Open(std::move(file), HostFile::Mode::kReadWrite);
}

// Counts what it hears.
class Client final : public TransferClient {
 public:
  bool Begin(void*) override { return is_wanted; }
  void Finished(void*, int error) override {
    ++finished;
    if (error != 0) last_error = error;
  }
  void BatchFinished() override { ++batches; }

  std::atomic<bool> is_wanted = true;
  std::atomic<int> finished = 0, batches = 0, last_error = 0;
};

class HostIoTest : public testing::TestWithParam<AioMode> {
 protected:
  HostIoTest() {
    io_.Announce(*file_);
    EXPECT_TRUE(io_.Open(GetParam()).ok());
  }
  FileTransfer Transfer(FileTransfer::Kind kind, std::string& text, uint64_t offset) {
    return {.kind = kind,
            .file = file_.get(),
            .offset = offset,
            .spans = {{text.data(), text.size()}},
            .client = &client_};
  }

  std::unique_ptr<HostFile> file_ = NewFile();
  Client client_;
  HostIo io_;
};

TEST_P(HostIoTest, TransfersReadAndWrite) {
  std::string written = "written", read(written.size(), '\0');
  io_.Start(Transfer(FileTransfer::Kind::kWrite, written, 4000));
  io_.Drain();
  io_.Start(Transfer(FileTransfer::Kind::kRead, read, 4000));
  io_.Drain();
  EXPECT_EQ(read, "written");
  EXPECT_EQ(client_.finished, 2);
  EXPECT_EQ(client_.last_error, 0);
}

TEST_P(HostIoTest, MoreTransfersThanTheRingHolds) {
  std::vector<std::string> texts(1000, std::string(512, '\0'));
  for (size_t i = 0; i < texts.size(); ++i) {
    io_.Start(Transfer(FileTransfer::Kind::kRead, texts[i], i * 512));
  }
  io_.Drain();
  EXPECT_EQ(client_.finished, 1000);
  EXPECT_LE(client_.batches, 1000);
}

TEST_P(HostIoTest, WhatIsNotThereIsAnError) {
  std::string text(512, '\0');
  io_.Start(Transfer(FileTransfer::Kind::kRead, text, kFileBytes - 100));
  io_.Drain();
  EXPECT_EQ(client_.finished, 1);
  EXPECT_EQ(client_.last_error, EIO);
}

TEST_P(HostIoTest, WhatNobodyWantsIsNotDone) {
  client_.is_wanted = false;
  std::string text = "unwanted";
  io_.Start(Transfer(FileTransfer::Kind::kWrite, text, 0));
  io_.Drain();
  EXPECT_EQ(client_.last_error, ECANCELED);
  char first = 'x';
  ASSERT_EQ(pread(file_->descriptor(), &first, 1, 0), 1);
  EXPECT_EQ(first, '\0');
}

TEST_P(HostIoTest, DrainWaitsForWorkOfEveryKindAndWhatItPosts) {
  std::atomic<int> done = 0;
  io_.Post([&] {
    io_.PostUnordered([&] {
      io_.Post([&] { ++done; });
      ++done;
    });
    ++done;
  });
  io_.Drain();
  EXPECT_EQ(done, 3);
}

TEST_P(HostIoTest, WorkReachesEveryThreadOnce) {
  std::multiset<ThreadRole> roles;
  std::set<pid_t> threads;
  io_.RunOnEachThread([&](ThreadRole role) {
    roles.insert(role);
    threads.insert(gettid());
  });
  EXPECT_EQ(threads.size(), roles.size());
  EXPECT_GE(roles.count(ThreadRole::kDisk), 2u);
  EXPECT_EQ(roles.count(ThreadRole::kRing), io_.aio() == "io_uring" ? 1u : 0u);
  EXPECT_FALSE(threads.contains(gettid()));
}

INSTANTIATE_TEST_SUITE_P(Every, HostIoTest, testing::Values(AioMode::kAuto, AioMode::kThreads));

TEST(HostIoDefaultsTest, ThreadsAreAskedFor) {
  const std::unique_ptr<HostFile> file = NewFile();
  HostIo io;
  io.Announce(*file);
  ASSERT_TRUE(io.Open(AioMode::kThreads).ok());
  EXPECT_EQ(io.aio(), "threads");
}

TEST(HostIoDefaultsTest, WhereTheHostMakesNoRingThreadsCarryAll) {
  const std::unique_ptr<HostFile> file = NewFile();
  HostIo io, strict;
  for (HostIo* const one : {&io, &strict}) one->Announce(*file);
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  // The file has the least number that was free: there is none below.
  const rlimit none = {static_cast<rlim_t>(file->descriptor()) + 1, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const absl::Status opened = io.Open(AioMode::kAuto), refused = strict.Open(AioMode::kIoUring);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(opened.ok()) << opened;
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_EQ(io.aio(), "threads");
  Client client;
  std::string text(512, 'x');
  io.Start({.kind = FileTransfer::Kind::kRead,
            .file = file.get(),
            .spans = {{text.data(), text.size()}},
            .client = &client});
  io.Drain();
  EXPECT_EQ(client.last_error, 0);
  EXPECT_EQ(text, std::string(512, '\0'));
}

class RestrictedRingTest : public testing::Test {
 protected:
  RestrictedRingTest() {
    const int files[] = {file_->descriptor()};
    auto ring = RestrictedRing::Create(8, files);
    if (ring.ok()) ring_ = *std::move(ring);
  }
  void SetUp() override {
    if (ring_ == nullptr) GTEST_SKIP() << "the host allows no io_uring";
  }
  // The result of one entry that `prepare` fills.
  template <typename Prepare>
  int ResultOf(Prepare&& prepare) {
    io_uring_sqe* const entry = io_uring_get_sqe(ring_->get());
    prepare(entry);
    io_uring_cqe* completion = nullptr;
    if (io_uring_submit_and_wait(ring_->get(), 1) < 0) return 1;
    if (io_uring_wait_cqe(ring_->get(), &completion) != 0) return 2;
    const int result = completion->res;
    io_uring_cqe_seen(ring_->get(), completion);
    return result;
  }

  std::unique_ptr<HostFile> file_ = NewFile();
  std::unique_ptr<RestrictedRing> ring_;
  char byte_ = 0;
};

TEST_F(RestrictedRingTest, ReadsItsFiles) {
  EXPECT_EQ(ResultOf([this](io_uring_sqe* entry) {
              io_uring_prep_read(entry, 0, &byte_, 1, 0);
              entry->flags |= IOSQE_FIXED_FILE;
            }),
            1);
}

TEST_F(RestrictedRingTest, ReachesNoOtherFile) {
  const int other = file_->descriptor();
  EXPECT_EQ(ResultOf([&](io_uring_sqe* entry) { io_uring_prep_read(entry, other, &byte_, 1, 0); }),
            -EACCES);
  EXPECT_EQ(ResultOf([this](io_uring_sqe* entry) {
              io_uring_prep_read(entry, 1, &byte_, 1, 0);
              entry->flags |= IOSQE_FIXED_FILE;
            }),
            -EBADF);
}

TEST_F(RestrictedRingTest, DoesNothingElse) {
  EXPECT_EQ(ResultOf([](io_uring_sqe* entry) {
              io_uring_prep_openat(entry, AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
            }),
            -EACCES);
  EXPECT_EQ(ResultOf([](io_uring_sqe* entry) { io_uring_prep_nop(entry); }), -EACCES);
  EXPECT_EQ(ResultOf([](io_uring_sqe* entry) {
              io_uring_prep_fallocate(entry, 0, 0, 0, 1);
              entry->flags |= IOSQE_FIXED_FILE;
            }),
            -EACCES);
}

TEST_F(RestrictedRingTest, StaysAsItIs) {
  const int files[] = {0};
  EXPECT_LT(io_uring_register_files_update(ring_->get(), 0, files, 1), 0);
  EXPECT_LT(io_uring_register_restrictions(ring_->get(), nullptr, 0), 0);
}

}  // namespace
}  // namespace emu
