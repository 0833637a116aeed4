#include "devices/backend/raw_disk.h"

#include <utility>

#include "vmm/base/status_macros.h"

namespace emu {

absl::StatusOr<std::unique_ptr<DiskImage>> RawDisk::Open(UniqueFd file, Mode mode,
                                                         CacheMode cache) {
  ASSIGN_OR_RETURN(std::unique_ptr<HostFile> opened, HostFile::Open(std::move(file), mode));
  RETURN_IF_ERROR(opened->SetCache(cache));
  return std::unique_ptr<DiskImage>(new RawDisk(std::move(opened)));
}

DiskImage::Planned RawDisk::Plan(const DiskRequest& request, Effort effort,
                                 std::vector<FileTransfer>& transfers) {
  if (request.kind == DiskRequest::Kind::kRead) {
    (void)PlanRead(request.spans, request.offset, effort, transfers);
    return {Way::kTransfers};
  }
  if (request.kind != DiskRequest::Kind::kWrite || request.is_durable) return {Way::kBeside};
  transfers.push_back({.kind = FileTransfer::Kind::kWrite,
                       .file = file_.get(),
                       .offset = request.offset,
                       .spans = request.spans});
  return {Way::kTransfers};
}

bool RawDisk::PlanRead(std::span<const iovec> spans, uint64_t offset, Effort /*effort*/,
                       std::vector<FileTransfer>& transfers) {
  transfers.push_back({.file = file_.get(),
                       .offset = offset,
                       .spans = std::vector<iovec>(spans.begin(), spans.end())});
  return true;
}

bool RawDisk::Read(std::span<iovec> spans, uint64_t offset) {
  return file_->Read(spans, offset, HostFile::PastEnd::kFails);
}

bool RawDisk::WriteZeroes(uint64_t offset, uint64_t size, ZeroMode mode) {
  return file_->WriteZeroes(
      offset, size,
      mode == ZeroMode::kMayUnmap ? HostFile::Blocks::kMayFree : HostFile::Blocks::kKeep);
}

}  // namespace emu
