// The file or block device of the host that an image lies in.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vmm/base/unique_fd.h"
#include "vmm/disk_files/cache_mode.h"

namespace emu {

// Every function but Open answers false after an error of the host, which it logs. Calls wait for
// the host's page cache or disk. Any thread, any number of them at once.
class HostFile {
 public:
  enum class Mode : uint8_t { kReadWrite, kReadOnly };

  // INVALID_ARGUMENT if `file` is neither a file nor a block device or is opened the wrong way.
  static absl::StatusOr<std::unique_ptr<HostFile>> Open(UniqueFd file, Mode mode);
  // From now on as `cache` says; before the second thread comes. INVALID_ARGUMENT if the host
  // can't.
  absl::Status SetCache(CacheMode cache);

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

  // Goes past the host's page cache.
  bool is_direct() const { return unit_bytes_ != 0; }
  // The host takes these spans, at this place, as they are.
  bool IsAligned(std::span<const iovec> spans, uint64_t offset) const;
  // Writes of whole sectors never wait for each other here: of a file that is not direct the host
  // would have them wait, and larger units than sectors have to be read to be written in part.
  bool has_independent_writes() const { return is_direct() && unit_bytes_ <= kSectorBytes; }

  // The errno of the last call that failed on this thread; EIO since ForgetError; kLastingDiskError
  // of a Sync.
  static int last_error();
  static void ForgetError();

 private:
  static constexpr uint32_t kSectorBytes = 512;

  HostFile(UniqueFd file, Mode mode, uint64_t size_bytes, bool can_grow)
      : file_(std::move(file)), mode_(mode), can_grow_(can_grow), size_bytes_(size_bytes) {}

  template <typename Transfer>
  bool TransferAligned(std::span<iovec>& spans, uint64_t& offset, const char* what,
                       Transfer&& transfer);
  bool WriteZeroBytes(uint64_t offset, uint64_t size);
  // host_file_direct.cc: what the host does not take as it is, by way of a buffer.
  absl::Status SetDirect();
  bool ReadUnaligned(std::span<const iovec> spans, uint64_t offset, PastEnd past_end);
  bool WriteUnaligned(std::span<const iovec> spans, uint64_t offset);
  bool Failed(const char* what);

  UniqueFd file_;
  Mode mode_;
  bool can_grow_;
  bool ignores_syncs_ = false;
  uint64_t size_bytes_;
  // Of direct transfers: what offsets, sizes and addresses are multiples of; 0: not direct.
  uint32_t unit_bytes_ = 0;
  uint32_t address_unit_bytes_ = 1;
  // Held alone while a unit is read, changed and written; shared by writes of whole units.
  std::shared_mutex units_mutex_;
  // One after another: a failure belongs to everybody who asks later.
  std::mutex sync_mutex_;
  bool sync_failed_ ABSL_GUARDED_BY(sync_mutex_) = false;
};

// What `spans` have room for together.
uint64_t TotalBytes(std::span<const iovec> spans);

}  // namespace emu
