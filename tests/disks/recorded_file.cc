#include "tests/disks/recorded_file.h"

#include <gtest/gtest.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

namespace emu::disks {
namespace {

constexpr size_t kFewChanges = 4;
constexpr int kRandomChoices = 6;
constexpr uint64_t kSectorBytes = 512;

RecordedFile* recording = nullptr;
ino_t recorded_inode = 0;

bool IsRecorded(int fd) {
  struct stat info;
  return recording != nullptr && fstat(fd, &info) == 0 && info.st_ino == recorded_inode;
}

void Note(int fd, uint64_t offset, const iovec* spans, int count, ssize_t done) {
  if (done <= 0 || !IsRecorded(fd)) return;
  RecordedFile::Change change{.offset = offset};
  for (int i = 0; i < count; ++i) {
    const auto* const bytes = static_cast<const uint8_t*>(spans[i].iov_base);
    change.bytes.insert(change.bytes.end(), bytes, bytes + spans[i].iov_len);
  }
  change.bytes.resize(static_cast<size_t>(done));
  recording->Add(std::move(change));
}

template <typename IsWritten>
void Apply(const RecordedFile::Change& change, Bytes& file, IsWritten&& is_written) {
  const uint64_t end = change.offset + change.bytes.size();
  for (uint64_t at = change.offset; at < end;) {
    const uint64_t next = std::min(end, at - at % kSectorBytes + kSectorBytes);
    if (is_written()) {
      if (file.size() < next) file.resize(next);
      std::copy(change.bytes.begin() + static_cast<ptrdiff_t>(at - change.offset),
                change.bytes.begin() + static_cast<ptrdiff_t>(next - change.offset),
                file.begin() + static_cast<ptrdiff_t>(at));
    }
    at = next;
  }
}

}  // namespace

RecordedFile::RecordedFile(int fd) {
  struct stat info;
  EXPECT_EQ(fstat(fd, &info), 0);
  before_.resize(static_cast<size_t>(info.st_size));
  EXPECT_EQ(pread(fd, before_.data(), before_.size(), 0), info.st_size);
  recorded_inode = info.st_ino;
  recording = this;
}

RecordedFile::~RecordedFile() { recording = nullptr; }

std::vector<Bytes> RecordedFile::AfterPowerCut(size_t count, std::mt19937_64& random) const {
  const std::span<const Change> done = std::span(changes_).first(count);
  const auto last_sync =
      std::find_if(done.rbegin(), done.rend(), [](const Change& change) { return change.is_sync; });
  const auto synced = static_cast<size_t>(done.rend() - last_sync);
  Bytes sure = before_;
  for (const Change& change : done.first(synced)) Apply(change, sure, [] { return true; });
  const std::span<const Change> unsure = done.subspan(synced);

  std::vector<Bytes> files;
  const auto choose = [&](auto&& is_written) {
    Bytes& file = files.emplace_back(sure);
    for (size_t i = 0; i < unsure.size(); ++i) {
      Apply(unsure[i], file, [&] { return is_written(i); });
    }
  };
  if (unsure.size() <= kFewChanges) {
    for (uint64_t mask = 0; mask < uint64_t{1} << unsure.size(); ++mask) {
      choose([mask](size_t i) { return (mask >> i & 1) != 0; });
    }
  } else {
    for (int i = 0; i < kRandomChoices; ++i) {
      const uint64_t whole = random();
      choose([whole](size_t change) { return (whole >> change % 64 & 1) != 0; });
    }
  }
  if (!unsure.empty()) choose([&](size_t) { return random() % 2 == 0; });  // torn
  return files;
}

extern "C" {

ssize_t __real_pwritev(int fd, const iovec* spans, int count, off_t offset);
ssize_t __wrap_pwritev(int fd, const iovec* spans, int count, off_t offset) {
  const ssize_t done = __real_pwritev(fd, spans, count, offset);
  Note(fd, static_cast<uint64_t>(offset), spans, count, done);
  return done;
}

ssize_t __real_pwrite(int fd, const void* bytes, size_t size, off_t offset);
ssize_t __wrap_pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  const ssize_t done = __real_pwrite(fd, bytes, size, offset);
  const iovec span = {const_cast<void*>(bytes), size};
  Note(fd, static_cast<uint64_t>(offset), &span, 1, done);
  return done;
}

int __real_fallocate(int fd, int mode, off_t offset, off_t size);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t size) {
  const int result = __real_fallocate(fd, mode, offset, size);
  // Whatever is freed or zeroed reads as zeroes; nothing else is asked for.
  if (result == 0 && IsRecorded(fd)) {
    recording->Add(
        {.offset = static_cast<uint64_t>(offset), .bytes = Bytes(static_cast<size_t>(size))});
  }
  return result;
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd) {
  const int result = __real_fdatasync(fd);
  if (result == 0 && IsRecorded(fd)) recording->Add({.is_sync = true});
  return result;
}

}  // extern "C"

}  // namespace emu::disks
