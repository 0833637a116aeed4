#include "devices/backend/host_file.h"

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
#include "devices/backend/disk.h"
#include "vmm/base/log.h"

namespace emu {
namespace {

constexpr size_t kZeroChunkBytes = 64 * 1024;
LogRateLimiter disk_log;
thread_local int thread_error = EIO;

}  // namespace

absl::StatusOr<std::unique_ptr<HostFile>> HostFile::Open(UniqueFd file, Mode mode) {
  struct stat info;
  if (fstat(file.get(), &info) != 0) {
    return absl::InvalidArgumentError(
        absl::StrFormat("cannot be used: %s; give a file that exists", strerror(errno)));
  }
  const int flags = fcntl(file.get(), F_GETFL);
  if (mode == Mode::kReadWrite && (flags & O_ACCMODE) != O_RDWR) {
    return absl::InvalidArgumentError(
        "is not opened for writing; allow writing or make the disk readonly");
  }
  uint64_t size = static_cast<uint64_t>(info.st_size);
  if (S_ISBLK(info.st_mode)) {
    if (ioctl(file.get(), BLKGETSIZE64, &size) != 0) {
      return absl::InvalidArgumentError(
          absl::StrFormat("its size cannot be read: %s", strerror(errno)));
    }
  } else if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError("is neither a file nor a block device; give an image");
  }
  return std::unique_ptr<HostFile>(
      new HostFile(std::move(file), mode, size, S_ISREG(info.st_mode)));
}

absl::Status HostFile::SetCache(CacheMode cache) {
  ignores_syncs_ = IgnoresFlushes(cache);
  return IsDirect(cache) ? SetDirect() : absl::OkStatus();
}

// Leaves in `spans` what the host does not take as it is: all of it, or what a transfer that the
// host cut short has not reached.
template <typename Transfer>
bool HostFile::TransferAligned(std::span<iovec>& spans, uint64_t& offset, const char* what,
                               Transfer&& transfer) {
  while (!spans.empty() && IsAligned(spans, offset)) {
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

bool HostFile::Read(std::span<iovec> spans, uint64_t offset, PastEnd past_end) {
  const auto read = [past_end](int file, iovec* first, int count, off_t at) {
    const ssize_t done = preadv(file, first, count, at);
    if (done != 0 || past_end == PastEnd::kFails) return done;
    const std::span<iovec> rest(first, static_cast<size_t>(count));
    for (const iovec& span : rest) memset(span.iov_base, 0, span.iov_len);
    return static_cast<ssize_t>(TotalBytes(rest));
  };
  return TransferAligned(spans, offset, "read", read) &&
         (spans.empty() || ReadUnaligned(spans, offset, past_end));
}

bool HostFile::Write(std::span<iovec> spans, uint64_t offset) {
  {
    std::shared_lock whole_units(units_mutex_, std::defer_lock);
    if (is_direct()) whole_units.lock();
    if (!TransferAligned(spans, offset, "write", pwritev)) return false;
  }
  return spans.empty() || WriteUnaligned(spans, offset);
}

bool HostFile::Sync() {
  if (is_readonly() || ignores_syncs_) return true;
  std::lock_guard lock(sync_mutex_);
  if (!sync_failed_ && fdatasync(file_.get()) == 0) return true;
  if (!sync_failed_) Failed("flush");
  sync_failed_ = true;
  thread_error = kLastingDiskError;
  return false;
}

bool HostFile::PunchHole(uint64_t offset, uint64_t size) {
  if (size == 0 || fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                             static_cast<off_t>(offset), static_cast<off_t>(size)) == 0) {
    return true;
  }
  // A host that can't leaves the data where it is.
  return errno == EOPNOTSUPP || errno == ENOSYS || Failed("discard");
}

bool HostFile::WriteZeroes(uint64_t offset, uint64_t size, Blocks blocks) {
  const int how = blocks == Blocks::kMayFree ? FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
                                             : FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
  if (size == 0 ||
      fallocate(file_.get(), how, static_cast<off_t>(offset), static_cast<off_t>(size)) == 0) {
    return true;
  }
  if (errno != EOPNOTSUPP && errno != ENOSYS) return Failed("write-zeroes");
  return WriteZeroBytes(offset, size);
}

bool HostFile::WriteZeroBytes(uint64_t offset, uint64_t size) {
  alignas(4096) static std::array<std::byte, kZeroChunkBytes> zeros = {};
  while (size > 0) {
    iovec span = {zeros.data(), std::min<uint64_t>(size, zeros.size())};
    const uint64_t length = span.iov_len;
    if (!Write({&span, 1}, offset)) return false;
    offset += length;
    size -= length;
  }
  return true;
}

bool HostFile::Failed(const char* what) {
  thread_error = errno;
  if (disk_log.Allow()) LogError("disk-io-failed", {{"request", what}, {"errno", thread_error}});
  return false;
}

int HostFile::last_error() { return thread_error; }

void HostFile::ForgetError() { thread_error = EIO; }

uint64_t TotalBytes(std::span<const iovec> spans) {
  uint64_t total = 0;
  for (const iovec& span : spans) total += span.iov_len;
  return total;
}

}  // namespace emu
