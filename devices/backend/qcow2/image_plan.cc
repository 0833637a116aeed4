// Requests that change no table, as transfers of the image's files: any number of them at once.
#include <string.h>

#include <algorithm>

#include "devices/backend/qcow2/image.h"

namespace emu::qcow2 {

void Image::ForEachFile(const std::function<void(HostFile&)>& visit) {
  visit(file_.host());
  if (backing_ != nullptr) backing_->ForEachFile(visit);
}

int Image::Perform(DiskRequest& request) {
  std::lock_guard lock(mutex_);
  return DiskImage::Perform(request);
}

DiskImage::Planned Image::Plan(const DiskRequest& request, Effort effort,
                               std::vector<FileTransfer>& transfers) {
  const bool is_read = request.kind == DiskRequest::Kind::kRead;
  if (!is_read && (request.kind != DiskRequest::Kind::kWrite || request.is_durable)) {
    return {Way::kAlone};
  }
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) {
    if (effort == Effort::kNothing) return {Way::kAlone};
    lock.lock();
  }
  const bool is_planned = is_read ? PlanRead(request.spans, request.offset, effort, transfers)
                                  : PlanWrite(request, effort, transfers);
  if (is_planned) return {Way::kTransfers, epochs_.Begin()};
  transfers.clear();
  return {Way::kAlone};
}

bool Image::PlanRead(std::span<const iovec> spans, uint64_t offset, Effort effort,
                     std::vector<FileTransfer>& transfers) {
  SpanCursor cursor(spans);
  for (uint64_t left = TotalBytes(spans); left > 0;) {
    const std::optional<Extent> extent = FindExtent(offset, left, effort);
    if (!extent.has_value() || extent->kind == Extent::Kind::kCompressed) return false;
    std::vector<iovec> taken;
    cursor.Take(extent->bytes, taken);
    if (extent->kind == Extent::Kind::kData) {
      transfers.push_back({.file = &file_.host(),
                           .offset = extent->host_offset,
                           .spans = std::move(taken),
                           .past_end = HostFile::PastEnd::kReadsZeroes});
    } else if (extent->kind == Extent::Kind::kZero) {
      for (const iovec& span : taken) memset(span.iov_base, 0, span.iov_len);
    } else if (!PlanBacking(offset, taken, effort, transfers)) {
      return false;
    }
    offset += extent->bytes;
    left -= extent->bytes;
  }
  return true;
}

bool Image::PlanBacking(uint64_t offset, std::span<const iovec> spans, Effort effort,
                        std::vector<FileTransfer>& transfers) {
  std::vector<iovec> there;
  std::vector<iovec> beyond;
  SplitAtBackingEnd(offset, spans, there, beyond);
  for (const iovec& span : beyond) memset(span.iov_base, 0, span.iov_len);
  return there.empty() || backing_->PlanRead(there, offset, effort, transfers);
}

// Only to places that clusters have already, with no entry to be changed.
bool Image::PlanWrite(const DiskRequest& request, Effort effort,
                      std::vector<FileTransfer>& transfers) {
  if (!file_.is_writable() || file_.header().autoclear != 0) return false;
  SpanCursor data(request.spans);
  uint64_t offset = request.offset;
  for (uint64_t left = TotalBytes(request.spans); left > 0;) {
    const uint64_t bytes = WithinTable(offset, left);
    const std::optional<ClusterWrites> writes = PlanClusters(offset, bytes, effort);
    if (!writes.has_value()) return false;
    for (const ClusterWrite& write : *writes) {
      if (write.after != write.before) return false;
      const uint64_t place = write.after.host_offset + write.begin;
      const bool joins = !transfers.empty() &&
                         transfers.back().offset + TotalBytes(transfers.back().spans) == place;
      if (!joins) {
        transfers.push_back(
            {.kind = FileTransfer::Kind::kWrite, .file = &file_.host(), .offset = place});
      }
      data.Take(write.end - write.begin, transfers.back().spans);
      file_.NoteWrite(place, write.end - write.begin);
    }
    offset += bytes;
    left -= bytes;
  }
  return true;
}

}  // namespace emu::qcow2
