// A raw disk image in a file or block device of the host.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "devices/backend/disk.h"
#include "vmm/base/log.h"
#include "vmm/base/unique_fd.h"

namespace emu {

// Every function but Open answers false after an I/O error of the host, which it logs. Calls wait
// for the host's page cache or disk. Not thread-safe.
class RawDisk {
 public:
  enum class Mode : uint8_t { kReadWrite, kReadOnly };

  // INVALID_ARGUMENT if `file` is neither a file nor a block device or is opened the wrong way.
  static absl::StatusOr<RawDisk> Open(UniqueFd file, Mode mode);

  uint64_t size_bytes() const { return size_bytes_; }
  bool is_readonly() const { return mode_ == Mode::kReadOnly; }

  // Whatever `request` asks for; its spans are used up.
  [[nodiscard]] bool Perform(DiskRequest& request);

  // Whole transfers. The caller keeps offset and length within size_bytes().
  [[nodiscard]] bool Read(std::span<iovec> spans, uint64_t offset);
  [[nodiscard]] bool Write(std::span<iovec> spans, uint64_t offset);

  // Everything written before is on the disk. Once this has failed it fails for ever: the host may
  // have dropped what it could not write, and would call the next try a success.
  [[nodiscard]] bool Flush();

  // The range's contents do not matter any more; they read as zeroes where the host can do that.
  [[nodiscard]] bool Discard(uint64_t offset, uint64_t size);
  enum class ZeroMode : uint8_t { kMayUnmap, kKeepAllocated };
  [[nodiscard]] bool WriteZeroes(uint64_t offset, uint64_t size, ZeroMode mode);

 private:
  RawDisk(UniqueFd file, Mode mode, uint64_t size_bytes)
      : file_(std::move(file)), mode_(mode), size_bytes_(size_bytes) {}

  template <typename Transfer>
  bool TransferAll(std::span<iovec> spans, uint64_t offset, const char* what, Transfer&& transfer);
  bool WriteZeroBytes(uint64_t offset, uint64_t size);
  bool Failed(const char* what);

  UniqueFd file_;
  Mode mode_;
  uint64_t size_bytes_;
  bool flush_failed_ = false;
};

}  // namespace emu
