#include "devices/backend/qcow2/image.h"

#include <string.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "vmm/base/bits.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/errors.h"

namespace emu::qcow2 {

Image::Image(std::unique_ptr<HostFile> file, Header header, std::unique_ptr<DiskImage> backing)
    : file_(std::move(file), std::move(header)),
      format_(file_.header()),
      compressed_(file_),
      backing_(std::move(backing)) {}

absl::StatusOr<std::unique_ptr<Image>> Image::Prepare(UniqueFd file, Mode mode,
                                                      std::unique_ptr<DiskImage> backing,
                                                      CacheMode cache) {
  ASSIGN_OR_RETURN(std::unique_ptr<HostFile> opened, HostFile::Open(std::move(file), mode));
  ASSIGN_OR_RETURN(Header header, ReadHeader(opened->descriptor()));
  RETURN_IF_ERROR(opened->SetCache(cache));
  if (mode == Mode::kReadWrite && header.is_corrupt()) {
    return disk_files::DamagedImage("it is marked as corrupt and can only be read");
  }
  if (header.backing_name.empty() != (backing == nullptr)) {
    return disk_files::DamagedImage(backing == nullptr
                                        ? "its backing file was not given"
                                        : "it has no backing file, and one was given");
  }
  return std::unique_ptr<Image>(
      new Image(std::move(opened), std::move(header), std::move(backing)));
}

absl::Status Image::Load(uint64_t l1_offset, uint64_t size_bytes) {
  size_bytes_ = size_bytes;
  ASSIGN_OR_RETURN(metadata_, Metadata::Open(file_,
                                             {.offset = l1_offset,
                                              .entries = file_.header().l1_entries_for(size_bytes)},
                                             epochs_));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Image>> Image::Open(UniqueFd file, Mode mode,
                                                   std::unique_ptr<DiskImage> backing,
                                                   CacheMode cache) {
  ASSIGN_OR_RETURN(std::unique_ptr<Image> image,
                   Prepare(std::move(file), mode, std::move(backing), cache));
  RETURN_IF_ERROR(image->Load(image->header().l1_offset, image->header().size_bytes));
  return image;
}

absl::StatusOr<std::unique_ptr<Image>> Image::OpenSnapshot(UniqueFd file, absl::string_view id,
                                                           std::unique_ptr<DiskImage> backing) {
  ASSIGN_OR_RETURN(
      std::unique_ptr<Image> image,
      Prepare(std::move(file), Mode::kReadOnly, std::move(backing), CacheMode::kWriteback));
  ASSIGN_OR_RETURN(const std::vector<Snapshot> snapshots, image->Snapshots());
  const auto found = std::ranges::find(snapshots, id, &Snapshot::id);
  if (found == snapshots.end()) return disk_files::NoSuchSnapshot(id);
  RETURN_IF_ERROR(image->Load(found->l1_offset, found->size_bytes));
  return image;
}

Image::~Image() {
  if (metadata_ != nullptr && !metadata_->Settle()) LogError("disk-image-not-settled");
}

uint64_t Image::L2Index(uint64_t guest_offset) const {
  return guest_offset / file_.cluster_bytes() % file_.header().l2_entries();
}

uint64_t Image::WithinTable(uint64_t offset, uint64_t bytes) const {
  const uint64_t mapped = file_.header().bytes_per_l2();
  return std::min(bytes, mapped - offset % mapped);
}

std::optional<L2Entry> Image::EntryOf(const Table& table, uint64_t guest_offset, Effort effort) {
  const std::optional<L2Entry> entry = format_.Get(table, L2Index(guest_offset));
  const bool is_good =
      entry.has_value() && (entry->host_offset == 0 || entry->is_compressed() ||
                            file_.Holds(entry->host_offset, file_.cluster_bytes()));
  if (is_good) return entry;
  if (effort != Effort::kNothing) file_.Corrupt("an L2 entry that can't be", table.offset());
  return std::nullopt;
}

bool Image::Read(std::span<iovec> spans, uint64_t offset) {
  SpanCursor cursor(spans);
  std::vector<iovec> taken;
  for (uint64_t left = TotalBytes(spans); left > 0;) {
    const std::optional<Extent> extent = FindExtent(offset, left);
    if (!extent.has_value()) return false;
    taken.clear();
    cursor.Take(extent->bytes, taken);
    if (!ReadExtent(*extent, offset, taken)) return false;
    offset += extent->bytes;
    left -= extent->bytes;
  }
  return true;
}

// As much from `offset` on as is of one kind; at most `most`.
std::optional<Image::Extent> Image::FindExtent(uint64_t offset, uint64_t most, Effort effort) {
  const std::optional<Table*> table = metadata_->FindTable(offset, effort);
  if (!table.has_value()) return std::nullopt;
  most = WithinTable(offset, most);
  if (*table == nullptr) {
    Extent hole;
    hole.bytes = most;
    return hole;
  }
  std::optional<Extent> extent = ExtentAt(**table, offset, effort);
  while (extent.has_value() && extent->bytes < most) {
    const std::optional<Extent> next = ExtentAt(**table, offset + extent->bytes, effort);
    if (!next.has_value()) return std::nullopt;
    if (!Joins(*extent, *next)) break;
    extent->bytes += next->bytes;
  }
  if (extent.has_value()) extent->bytes = std::min(extent->bytes, most);
  return extent;
}

// Within one cluster.
std::optional<Image::Extent> Image::ExtentAt(const Table& table, uint64_t offset, Effort effort) {
  const std::optional<L2Entry> entry = EntryOf(table, offset, effort);
  if (!entry.has_value()) return std::nullopt;
  const uint64_t in_cluster = InCluster(offset);
  Extent extent;
  extent.bytes = file_.cluster_bytes() - in_cluster;
  if (entry->is_compressed()) {
    extent.kind = Extent::Kind::kCompressed;
    extent.place = format_.Place(*entry);
    return extent;
  }
  const auto first = static_cast<uint32_t>(in_cluster / format_.subcluster_bytes());
  uint32_t alike = ~(entry->allocated | entry->zero);
  if ((entry->allocated >> first & 1) != 0) {
    extent.kind = Extent::Kind::kData;
    extent.host_offset = entry->host_offset + in_cluster;
    alike = entry->allocated;
  } else if ((entry->zero >> first & 1) != 0) {
    extent.kind = Extent::Kind::kZero;
    alike = entry->zero;
  }
  const uint32_t count = std::min(static_cast<uint32_t>(std::countr_one(alike >> first)),
                                  format_.subclusters() - first);
  extent.bytes = (first + count) * format_.subcluster_bytes() - in_cluster;
  return extent;
}

bool Image::Joins(const Extent& first, const Extent& second) {
  if (first.kind != second.kind || first.kind == Extent::Kind::kCompressed) return false;
  return first.kind != Extent::Kind::kData || first.host_offset + first.bytes == second.host_offset;
}

bool Image::ReadExtent(const Extent& extent, uint64_t offset, std::span<iovec> spans) {
  switch (extent.kind) {
    case Extent::Kind::kData:
      return file_.Read(spans, extent.host_offset);
    case Extent::Kind::kZero:
      for (const iovec& span : spans) memset(span.iov_base, 0, span.iov_len);
      return true;
    case Extent::Kind::kBacking:
      return ReadBacking(offset, spans);
    case Extent::Kind::kCompressed: {
      const auto cluster = compressed_.Read(extent.place);
      if (!cluster.has_value()) return false;
      std::span<const std::byte> rest = cluster->subspan(InCluster(offset));
      for (const iovec& span : spans) {
        memcpy(span.iov_base, rest.data(), span.iov_len);
        rest = rest.subspan(span.iov_len);
      }
      return true;
    }
  }
  return false;
}

// What the backing file has of them, and the rest, which reads as zeroes.
void Image::SplitAtBackingEnd(uint64_t offset, std::span<const iovec> spans,
                              std::vector<iovec>& there, std::vector<iovec>& beyond) const {
  const uint64_t bytes = TotalBytes(spans);
  const uint64_t has = BackingHas(offset) ? std::min(bytes, backing_->size_bytes() - offset) : 0;
  SpanCursor cursor(spans);
  cursor.Take(has, there);
  cursor.Take(bytes - has, beyond);
}

bool Image::ReadBacking(uint64_t offset, std::span<iovec> spans) {
  std::vector<iovec> there;
  std::vector<iovec> beyond;
  SplitAtBackingEnd(offset, spans, there, beyond);
  for (const iovec& span : beyond) memset(span.iov_base, 0, span.iov_len);
  return there.empty() || backing_->Read(there, offset);
}

}  // namespace emu::qcow2
