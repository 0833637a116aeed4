#include "devices/backend/disk_image.h"

#include <algorithm>

namespace emu {

int DiskImage::Perform(DiskRequest& request) {
  HostFile::ForgetError();
  const bool ok = Do(request) && (!request.is_durable || Flush());
  return ok ? 0 : HostFile::last_error();
}

bool DiskImage::Do(DiskRequest& request) {
  switch (request.kind) {
    case DiskRequest::Kind::kRead:
      return Read(request.spans, request.offset);
    case DiskRequest::Kind::kWrite:
      return Write(request.spans, request.offset);
    case DiskRequest::Kind::kFlush:
      return Flush();
    case DiskRequest::Kind::kSettle:
      return Settle();
    case DiskRequest::Kind::kDiscard:
      return std::ranges::all_of(request.ranges, [this](const auto& range) {
        return Discard(range.offset, range.size_bytes);
      });
    case DiskRequest::Kind::kWriteZeroes:
      return std::ranges::all_of(request.ranges, [this](const auto& range) {
        return WriteZeroes(range.offset, range.size_bytes,
                           range.may_unmap ? ZeroMode::kMayUnmap : ZeroMode::kKeepAllocated);
      });
  }
  return false;
}

}  // namespace emu
