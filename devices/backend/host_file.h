// The file or block device of the host that an image lies in.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "vmm/base/unique_fd.h"

namespace emu {

// Every function but Open answers false after an error of the host, which it logs. Calls wait for
// the host's page cache or disk. Not thread-safe.
class HostFile {
 public:
  enum class Mode : uint8_t { kReadWrite, kReadOnly };

  // INVALID_ARGUMENT if `file` is neither a file nor a block device or is opened the wrong way.
  static absl::StatusOr<HostFile> Open(UniqueFd file, Mode mode);

  // When it was opened.
  uint64_t size_bytes() const { return size_bytes_; }
  bool is_readonly() const { return mode_ == Mode::kReadOnly; }
  // Bytes behind its end are zeroes once it grows: not so of devices.
  bool can_grow() const { return can_grow_; }
  int descriptor() const { return file_.get(); }

  // Whole transfers; spans are used up. What lies behind the end is an error, or zeroes.
  enum class PastEnd : uint8_t { kFails, kReadsZeroes };
  [[nodiscard]] bool Read(std::span<iovec> spans, uint64_t offset, PastEnd past_end);
  [[nodiscard]] bool Write(std::span<iovec> spans, uint64_t offset);

  // Everything written before is on the disk. Once this has failed it fails for ever: the host may
  // have dropped what it could not write, and would call the next try a success.
  [[nodiscard]] bool Sync();

  // Gives the host the range back: it reads as zeroes where the host can do that. Advice.
  [[nodiscard]] bool PunchHole(uint64_t offset, uint64_t size);
  enum class Blocks : uint8_t { kMayFree, kKeep };
  [[nodiscard]] bool WriteZeroes(uint64_t offset, uint64_t size, Blocks blocks);

 private:
  HostFile(UniqueFd file, Mode mode, uint64_t size_bytes, bool can_grow)
      : file_(std::move(file)), mode_(mode), can_grow_(can_grow), size_bytes_(size_bytes) {}

  template <typename Transfer>
  bool TransferAll(std::span<iovec> spans, uint64_t offset, const char* what, Transfer&& transfer);
  bool WriteZeroBytes(uint64_t offset, uint64_t size);
  bool Failed(const char* what);

  UniqueFd file_;
  Mode mode_;
  bool can_grow_;
  uint64_t size_bytes_;
  bool sync_failed_ = false;
};

// What `spans` have room for together.
uint64_t TotalBytes(std::span<const iovec> spans);

}  // namespace emu
