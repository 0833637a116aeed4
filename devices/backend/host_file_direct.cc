// Transfers past the page cache, of any size and to any address.
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_format.h"
#include "devices/backend/host_file.h"
#include "devices/backend/span_cursor.h"
#include "vmm/base/bits.h"

namespace emu {
namespace {

// What every host and disk that we know of takes.
constexpr uint32_t kSafeUnitBytes = 4096;
constexpr uint64_t kBufferBytes = 1 << 20;

struct FreeBuffer {
  void operator()(std::byte* buffer) const { free(buffer); }
};
using Buffer = std::unique_ptr<std::byte, FreeBuffer>;

Buffer NewBuffer(uint64_t size) {
  return Buffer(
      static_cast<std::byte*>(aligned_alloc(kSafeUnitBytes, AlignUp(size, kSafeUnitBytes))));
}

struct DirectUnits {
  uint32_t file = kSafeUnitBytes;
  uint32_t address = kSafeUnitBytes;
};

// Linux 6.1 and later say it; of a block device it is the size of its sectors.
DirectUnits UnitsOf(int file) {
  struct statx info = {};
  const long asked = syscall(SYS_statx, file, "", AT_EMPTY_PATH, STATX_DIOALIGN, &info);
  if (asked == 0 && (info.stx_mask & STATX_DIOALIGN) != 0 && info.stx_dio_offset_align != 0) {
    return {std::min(info.stx_dio_offset_align, kSafeUnitBytes),
            std::min(std::max(info.stx_dio_mem_align, 1u), kSafeUnitBytes)};
  }
  int sector_bytes = 0;
  if (ioctl(file, BLKSSZGET, &sector_bytes) == 0 && sector_bytes > 0) {
    return {static_cast<uint32_t>(sector_bytes), static_cast<uint32_t>(sector_bytes)};
  }
  return {};
}

// What is there of [offset, offset + size); the rest is zeroes. Negative: errno says why.
ssize_t ReadThere(int file, std::byte* buffer, uint64_t size, uint64_t offset) {
  uint64_t got = 0;
  while (got < size) {
    const ssize_t done = pread(file, buffer + got, size - got, static_cast<off_t>(offset + got));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return done;
    got += static_cast<uint64_t>(done);
    // At the end the host gives a part of a unit.
    if (done == 0 || got % kSafeUnitBytes != 0) break;
  }
  memset(buffer + got, 0, size - got);
  return static_cast<ssize_t>(got);
}

bool WriteAll(int file, const std::byte* buffer, uint64_t size, uint64_t offset) {
  for (uint64_t put = 0; put < size;) {
    const ssize_t done = pwrite(file, buffer + put, size - put, static_cast<off_t>(offset + put));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      if (done == 0) errno = EIO;
      return false;
    }
    put += static_cast<uint64_t>(done);
  }
  return true;
}

}  // namespace

absl::Status HostFile::SetDirect() {
  const int flags = fcntl(file_.get(), F_GETFL);
  if (fcntl(file_.get(), F_SETFL, flags | O_DIRECT) != 0) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "cannot be used past the host's page cache: %s; choose another cache mode, or another "
        "file system for it",
        strerror(errno)));
  }
  const DirectUnits units = UnitsOf(file_.get());
  unit_bytes_ = units.file;
  address_unit_bytes_ = units.address;
  return absl::OkStatus();
}

bool HostFile::IsAligned(std::span<const iovec> spans, uint64_t offset) const {
  if (!is_direct()) return true;
  return emu::IsAligned(offset, unit_bytes_) &&
         std::ranges::all_of(spans, [this](const iovec& span) {
           // SAFETY: only to look at the address.
           return emu::IsAligned(reinterpret_cast<uintptr_t>(span.iov_base), address_unit_bytes_) &&
                  emu::IsAligned(span.iov_len, unit_bytes_);
         });
}

bool HostFile::ReadUnaligned(std::span<const iovec> spans, uint64_t offset, PastEnd past_end) {
  const uint64_t end = offset + TotalBytes(spans);
  const Buffer buffer = NewBuffer(std::min(end - AlignDown(offset, unit_bytes_), kBufferBytes));
  SpanCursor cursor(spans);
  std::vector<iovec> pieces;
  while (offset < end) {
    const uint64_t from = AlignDown(offset, unit_bytes_);
    const uint64_t to = std::min(AlignUp(end, unit_bytes_), from + kBufferBytes);
    const ssize_t there = ReadThere(file_.get(), buffer.get(), to - from, from);
    if (there < 0) return Failed("read");
    const uint64_t piece_end = std::min(end, to);
    if (past_end == PastEnd::kFails && from + static_cast<uint64_t>(there) < piece_end) {
      errno = EIO;
      return Failed("read");
    }
    pieces.clear();
    cursor.Take(piece_end - offset, pieces);
    const std::byte* data = buffer.get() + (offset - from);
    for (const iovec& piece : pieces) {
      memcpy(piece.iov_base, data, piece.iov_len);
      data += piece.iov_len;
    }
    offset = piece_end;
  }
  return true;
}

bool HostFile::WriteUnaligned(std::span<const iovec> spans, uint64_t offset) {
  const uint64_t end = offset + TotalBytes(spans);
  const Buffer buffer = NewBuffer(std::min(end - AlignDown(offset, unit_bytes_), kBufferBytes));
  SpanCursor cursor(spans);
  std::vector<iovec> pieces;
  std::unique_lock units(units_mutex_);
  while (offset < end) {
    const uint64_t from = AlignDown(offset, unit_bytes_);
    const uint64_t to = std::min(AlignUp(end, unit_bytes_), from + kBufferBytes);
    const uint64_t piece_end = std::min(end, to);
    const bool is_whole = from == offset && to == piece_end;
    if (!is_whole && ReadThere(file_.get(), buffer.get(), to - from, from) < 0) {
      return Failed("write");
    }
    pieces.clear();
    cursor.Take(piece_end - offset, pieces);
    std::byte* data = buffer.get() + (offset - from);
    for (const iovec& piece : pieces) {
      memcpy(data, piece.iov_base, piece.iov_len);
      data += piece.iov_len;
    }
    if (!WriteAll(file_.get(), buffer.get(), to - from, from)) return Failed("write");
    offset = piece_end;
  }
  return true;
}

}  // namespace emu
