// What a flash chip remembers: sectors, in a file if there is one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "devices/backend/work_queue.h"
#include "vmm/base/state_visitor.h"
#include "vmm/base/unique_fd.h"

namespace emu {

// The file is read when it is opened. What lies behind its end is erased (all ones); a write there
// makes the file longer. Writes are seen at once and reach the file on the work queue, so that no
// processor waits for the host. With the device lock held.
class FlashStore {
 public:
  // `file` may be invalid: then contents live as long as this. `work` outlives this; nullptr: the
  // file is written on the asking thread. `sector_bytes` divides `size_bytes`.
  // INVALID_ARGUMENT if the file is no regular file, larger than the flash, or cannot be read.
  static absl::StatusOr<FlashStore> Open(UniqueFd file, WorkQueue* work, uint64_t size_bytes,
                                         uint64_t sector_bytes);

  uint64_t size_bytes() const { return size_bytes_; }
  uint64_t sector_bytes() const { return sector_bytes_; }

  // `offset` + size is within the flash and within one sector.
  void Read(uint64_t offset, std::span<std::byte> into) const;
  // Clears the bits that are clear in `from`.
  void Program(uint64_t offset, std::span<const std::byte> from);
  // Sets all bits of the sector that holds `offset`.
  void Erase(uint64_t offset);

  // All that is not as in an empty file.
  void VisitState(StateVisitor& visitor);
  // Writes it to the file. INVALID_ARGUMENT for sectors that are none.
  absl::Status AfterRestore();

 private:
  using Sector = std::vector<std::byte>;

  FlashStore(std::shared_ptr<UniqueFd> file, WorkQueue* work, uint64_t file_bytes,
             uint64_t size_bytes, uint64_t sector_bytes)
      : file_(std::move(file)),
        work_(work),
        loaded_bytes_(file_bytes),
        file_bytes_(file_bytes),
        size_bytes_(size_bytes),
        sector_bytes_(sector_bytes) {}

  absl::Status Load();
  // What a sector holds that is not in sectors_.
  std::byte Filler(uint64_t number) const;
  Sector& SectorAt(uint64_t offset);
  void Save(uint64_t offset, std::span<const std::byte> bytes);

  std::shared_ptr<UniqueFd> file_;  // shared with writes that wait
  WorkQueue* work_;
  uint64_t loaded_bytes_;  // of the file when it was opened
  uint64_t file_bytes_;    // once all writes are done
  uint64_t size_bytes_;
  uint64_t sector_bytes_;
  std::map<uint64_t, Sector> sectors_;  // by number; others are zero, or erased behind the file
  std::vector<std::byte> restored_;     // between VisitState and AfterRestore
};

}  // namespace emu
