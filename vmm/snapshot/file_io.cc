#include "vmm/snapshot/file_io.h"

#include <errno.h>
#include <unistd.h>

#include "vmm/snapshot/errors.h"

namespace emu::snapshot {

absl::Status WriteAll(int file, std::span<const std::byte> bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t done = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return CantWrite(done < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<size_t>(done));
    offset += static_cast<uint64_t>(done);
  }
  return absl::OkStatus();
}

absl::Status Sync(int file) { return fsync(file) == 0 ? absl::OkStatus() : CantWrite(errno); }

absl::Status ReadAll(int file, std::span<std::byte> bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t done = pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return CantRead(errno);
    if (done == 0) return Damaged("it is cut short");
    bytes = bytes.subspan(static_cast<size_t>(done));
    offset += static_cast<uint64_t>(done);
  }
  return absl::OkStatus();
}

}  // namespace emu::snapshot
