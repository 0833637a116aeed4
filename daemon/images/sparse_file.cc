#include "daemon/images/sparse_file.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/digest.h"
#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

// What a file system keeps or leaves out at once; a smaller one is of no use, a larger one saves
// less.
constexpr uint64_t kBlock = 4096;
constexpr size_t kBufferBytes = 1 << 20;

bool IsZero(std::string_view bytes) {
  return bytes.empty() ||
         (bytes.front() == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

absl::Status WriteAll(int file, std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t wrote = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return FileError("writing an image", errno);
    bytes.remove_prefix(static_cast<size_t>(wrote));
    offset += static_cast<uint64_t>(wrote);
  }
  return absl::OkStatus();
}

// Calls `on_data(bytes)` and `on_hole(length)` for all of the file, from its begin to its end.
template <typename OnData, typename OnHole>
absl::Status WalkFile(int file, const IsCancelled& is_cancelled, const OnData& on_data,
                      const OnHole& on_hole) {
  std::vector<char> buffer(kBufferBytes);
  const uint64_t length = LengthOf(file);
  for (uint64_t offset = 0; offset < length;) {
    const DataRun run = NextData(file, offset, length);
    if (run.offset > offset) on_hole(run.offset - offset);
    for (offset = run.offset; offset < run.end();) {
      if (is_cancelled()) return absl::CancelledError("the caller has gone");
      const auto part =
          std::span(buffer).first(std::min<uint64_t>(buffer.size(), run.end() - offset));
      RETURN_IF_ERROR(ReadWhole(file, part, offset));
      RETURN_IF_ERROR(on_data(std::string_view(part.data(), part.size())));
      offset += part.size();
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FileError(const std::string& what, int error) {
  const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return is_full ? errors::StorageFull(what) : errors::Host(what, error);
}

absl::Status CheckRoom(const std::string& folder, uint64_t bytes) {
  struct statvfs disk = {};
  if (statvfs(folder.c_str(), &disk) != 0 || bytes <= uint64_t{disk.f_bavail} * disk.f_frsize) {
    return absl::OkStatus();
  }
  return errors::StorageFull(absl::StrCat("there is no room for ", bytes, " bytes"));
}

uint64_t LengthOf(int file) {
  // Of devices, too, for which fstat has no size.
  const off_t bytes = lseek(file, 0, SEEK_END);
  return bytes < 0 ? 0 : static_cast<uint64_t>(bytes);
}

uint64_t DiskBytesOf(int file) {
  struct stat info = {};
  return fstat(file, &info) == 0 ? static_cast<uint64_t>(info.st_blocks) * 512 : 0;
}

DataRun NextData(int file, uint64_t offset, uint64_t length) {
  const off_t found = lseek(file, static_cast<off_t>(offset), SEEK_DATA);
  // ENXIO: nothing but a hole is left. Where there are no holes to be asked for, all is data.
  if (found < 0) return errno == ENXIO ? DataRun{length, 0} : DataRun{offset, length - offset};
  const uint64_t data = std::min(static_cast<uint64_t>(found), length);
  const off_t hole = lseek(file, found, SEEK_HOLE);
  const uint64_t end = hole > found ? std::min(static_cast<uint64_t>(hole), length) : length;
  return {data, end - data};
}

absl::Status ReadWhole(int file, std::span<char> bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t got = pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("reading an image", errno);
    if (got == 0) return errors::Host("reading an image, which became shorter", EIO);
    bytes = bytes.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
  return absl::OkStatus();
}

absl::StatusOr<SparseAppender> SparseAppender::At(int file, uint64_t offset) {
  if (ftruncate(file, static_cast<off_t>(offset)) != 0) {
    return FileError("shortening an upload", errno);
  }
  return SparseAppender(file, offset);
}

absl::Status SparseAppender::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    // To the end of the block, or all blocks that are as the first one.
    const auto block_at = [&](size_t at) {
      return bytes.substr(at, kBlock - (offset_ + at) % kBlock);
    };
    const bool is_zero = IsZero(block_at(0));
    size_t run = block_at(0).size();
    while (run < bytes.size() && IsZero(block_at(run)) == is_zero) run += block_at(run).size();
    if (!is_zero) RETURN_IF_ERROR(WriteAll(file_, bytes.substr(0, run), offset_));
    bytes.remove_prefix(run);
    offset_ += run;
  }
  return absl::OkStatus();
}

absl::Status SparseAppender::Sync() {
  if (ftruncate(file_, static_cast<off_t>(offset_)) != 0 || fdatasync(file_) != 0) {
    return FileError("keeping an image", errno);
  }
  return absl::OkStatus();
}

absl::Status CopySparse(int from, int to, const IsCancelled& is_cancelled) {
  if (ioctl(to, FICLONE, from) != 0) {
    ASSIGN_OR_RETURN(SparseAppender appender, SparseAppender::At(to, 0));
    RETURN_IF_ERROR(WalkFile(
        from, is_cancelled, [&](std::string_view bytes) { return appender.Append(bytes); },
        [&](uint64_t length) { appender.Skip(length); }));
    RETURN_IF_ERROR(appender.Sync());
  }
  return fsync(to) == 0 ? absl::OkStatus() : FileError("copying an image", errno);
}

absl::StatusOr<std::string> DigestOfFile(int file, const IsCancelled& is_cancelled) {
  Sha256Stream digest;
  const std::string zeros(kBufferBytes, '\0');
  RETURN_IF_ERROR(WalkFile(
      file, is_cancelled,
      [&](std::string_view bytes) -> absl::Status {
        digest.Add(bytes);
        return absl::OkStatus();
      },
      [&](uint64_t length) {
        for (; length != 0 && !is_cancelled(); length -= std::min<uint64_t>(length, zeros.size())) {
          digest.Add(std::string_view(zeros).substr(0, length));
        }
      }));
  if (is_cancelled()) return absl::CancelledError("the caller has gone");
  return "sha256:" + digest.Finish();
}

}  // namespace emu::daemon
