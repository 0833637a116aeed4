#include "devices/backend/raw_disk.h"

#include <utility>

#include "vmm/base/status_macros.h"

namespace emu {

absl::StatusOr<std::unique_ptr<DiskImage>> RawDisk::Open(UniqueFd file, Mode mode) {
  ASSIGN_OR_RETURN(HostFile opened, HostFile::Open(std::move(file), mode));
  return std::unique_ptr<DiskImage>(new RawDisk(std::move(opened)));
}

bool RawDisk::Read(std::span<iovec> spans, uint64_t offset) {
  return file_.Read(spans, offset, HostFile::PastEnd::kFails);
}

bool RawDisk::WriteZeroes(uint64_t offset, uint64_t size, ZeroMode mode) {
  return file_.WriteZeroes(
      offset, size,
      mode == ZeroMode::kMayUnmap ? HostFile::Blocks::kMayFree : HostFile::Blocks::kKeep);
}

}  // namespace emu
