#include "devices/backend/raw_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"

namespace emu {
namespace {

constexpr size_t kZeroChunkBytes = 64 * 1024;
LogRateLimiter disk_log;

}  // namespace

absl::StatusOr<RawDisk> RawDisk::Open(UniqueFd file, Mode mode) {
  struct stat info;
  if (fstat(file.get(), &info) != 0) {
    return absl::InvalidArgumentError(
        absl::StrFormat("disk: cannot be used: %s; give a file that exists", strerror(errno)));
  }
  const int flags = fcntl(file.get(), F_GETFL);
  if (mode == Mode::kReadWrite && (flags & O_ACCMODE) != O_RDWR) {
    return absl::InvalidArgumentError(
        "disk: is not opened for writing; allow writing or make the disk readonly");
  }
  uint64_t size = static_cast<uint64_t>(info.st_size);
  if (S_ISBLK(info.st_mode)) {
    if (ioctl(file.get(), BLKGETSIZE64, &size) != 0) {
      return absl::InvalidArgumentError(
          absl::StrFormat("disk: its size cannot be read: %s", strerror(errno)));
    }
  } else if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        "disk: is neither a file nor a block device; give a raw image");
  }
  return RawDisk(std::move(file), mode, size);
}

template <typename Transfer>
bool RawDisk::TransferAll(std::span<iovec> spans, uint64_t offset, const char* what,
                          Transfer&& transfer) {
  while (!spans.empty()) {
    const auto count = static_cast<int>(std::min<size_t>(spans.size(), IOV_MAX));
    const ssize_t done = transfer(file_.get(), spans.data(), count, static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      if (done == 0) errno = EIO;  // the file became shorter under us
      return Failed(what);
    }
    offset += static_cast<uint64_t>(done);
    auto left = static_cast<size_t>(done);
    while (!spans.empty() && left >= spans.front().iov_len) {
      left -= spans.front().iov_len;
      spans = spans.subspan(1);
    }
    if (left > 0) {
      spans.front().iov_base = static_cast<std::byte*>(spans.front().iov_base) + left;
      spans.front().iov_len -= left;
    }
  }
  return true;
}

bool RawDisk::Perform(DiskRequest& request) {
  switch (request.kind) {
    case DiskRequest::Kind::kRead:
      return Read(request.spans, request.offset);
    case DiskRequest::Kind::kWrite:
      return Write(request.spans, request.offset);
    case DiskRequest::Kind::kFlush:
      return Flush();
    case DiskRequest::Kind::kDiscard:
      return std::ranges::all_of(request.ranges, [this](const auto& range) {
        return Discard(range.offset, range.size_bytes);
      });
    case DiskRequest::Kind::kWriteZeroes:
      return std::ranges::all_of(request.ranges, [this](const auto& range) {
        return WriteZeroes(range.offset, range.size_bytes,
                           range.may_unmap ? ZeroMode::kMayUnmap : ZeroMode::kKeepAllocated);
      });
  }
  return false;
}

bool RawDisk::Read(std::span<iovec> spans, uint64_t offset) {
  return TransferAll(spans, offset, "read", preadv);
}

bool RawDisk::Write(std::span<iovec> spans, uint64_t offset) {
  return TransferAll(spans, offset, "write", pwritev);
}

bool RawDisk::Flush() {
  if (flush_failed_) return false;
  if (is_readonly() || fdatasync(file_.get()) == 0) return true;
  flush_failed_ = true;
  return Failed("flush");
}

bool RawDisk::Discard(uint64_t offset, uint64_t size) {
  if (size == 0 || fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                             static_cast<off_t>(offset), static_cast<off_t>(size)) == 0) {
    return true;
  }
  // Discarding is advice: a host that can't leaves the data where it is.
  return errno == EOPNOTSUPP || errno == ENOSYS || Failed("discard");
}

bool RawDisk::WriteZeroes(uint64_t offset, uint64_t size, ZeroMode mode) {
  const int how = mode == ZeroMode::kMayUnmap ? FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
                                              : FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
  if (size == 0 ||
      fallocate(file_.get(), how, static_cast<off_t>(offset), static_cast<off_t>(size)) == 0) {
    return true;
  }
  if (errno != EOPNOTSUPP && errno != ENOSYS) return Failed("write-zeroes");
  return WriteZeroBytes(offset, size);
}

bool RawDisk::WriteZeroBytes(uint64_t offset, uint64_t size) {
  static std::array<std::byte, kZeroChunkBytes> zeros = {};
  while (size > 0) {
    iovec span = {zeros.data(), std::min<uint64_t>(size, zeros.size())};
    const uint64_t length = span.iov_len;
    if (!Write({&span, 1}, offset)) return false;
    offset += length;
    size -= length;
  }
  return true;
}

bool RawDisk::Failed(const char* what) {
  const int error = errno;
  if (disk_log.Allow()) LogError("disk-io-failed", {{"request", what}, {"errno", error}});
  return false;
}

}  // namespace emu
