#include "devices/virtio/block.h"

#include <algorithm>

#include "devices/virtio/chain_io.h"
#include "vmm/base/bits.h"

namespace emu::virtio {

using namespace block;

Block::Block(std::unique_ptr<Disk> disk, std::string id)
    : disk_(std::move(disk)), id_(std::move(id)) {
  id_.resize(kIdBytes);  // zero-padded
  config_.capacity_sectors = disk_->size_bytes() / kSectorBytes;
  config_.seg_max = kMaxDataSegments;
  config_.block_size = kSectorBytes;
  config_.queue_count = 1;
  config_.max_discard_sectors = config_.max_write_zeroes_sectors = kMaxDiscardSectors;
  config_.max_discard_segments = config_.max_write_zeroes_segments = kMaxDiscardSegments;
  config_.discard_sector_alignment = 4096 / kSectorBytes;
  config_.write_zeroes_may_unmap = 1;
}

uint64_t Block::features() const {
  const uint64_t common = kFeatureSegMax | kFeatureBlockSize | kFeatureFlush;
  return disk_->is_readonly() ? common | kFeatureReadOnly
                              : common | kFeatureDiscard | kFeatureWriteZeroes;
}

std::span<const std::byte> Block::config() const { return std::as_bytes(std::span(&config_, 1)); }

void Block::Notify(uint32_t index) {
  Queue& queue = host().queue(index);
  in_notify_ = true;
  do {
    while (in_flight_ < queue.setup().size) {
      auto chain = queue.Pop();
      if (!chain) break;
      ++in_flight_;
      Serve(*std::move(chain));
    }
    // With a full house the next answer looks for more.
  } while (in_flight_ < queue.setup().size && queue.AskForNotification());
  in_notify_ = false;
  host().Flush(index);
}

void Block::StopQueue(uint32_t /*index*/) {
  disk_->Cancel();
  in_flight_ = 0;
}

void Block::FlushDisk(const std::function<void(bool ok)>& done) {
  disk_->Submit({.kind = DiskRequest::Kind::kSettle}, done);
}

// s. 5.2.6: header, data, and one writable byte of status at the very end.
void Block::Serve(DescriptorChain chain) {
  const uint64_t writable = TotalBytes(chain.writable);
  RequestHeader header;
  if (writable == 0 || writable > UINT32_MAX ||
      !ReadSegments(host().dma(), chain.readable, 0,
                    std::as_writable_bytes(std::span(&header, 1)))) {
    // No place for an answer, or no question.
    --in_flight_;
    return host().queue(0).Push(chain.head, 0);
  }
  const auto type = static_cast<RequestType>(header.type);
  switch (type) {
    case RequestType::kIn:
      return Transfer(std::move(chain), header.sector, DmaPort::Access::kDeviceWrites);
    case RequestType::kOut:
      return Transfer(std::move(chain), header.sector, DmaPort::Access::kDeviceReads);
    case RequestType::kFlush:
      return Ask({.kind = DiskRequest::Kind::kFlush}, std::move(chain));
    case RequestType::kGetId:
      return GetId(chain);
    case RequestType::kDiscard:
    case RequestType::kWriteZeroes:
      return DiscardOrZero(std::move(chain), type);
  }
  Finish(chain, RequestStatus::kUnsupported);
}

void Block::Ask(DiskRequest request, DescriptorChain chain) {
  const DiskRequest::Kind kind = request.kind;
  disk_->Submit(std::move(request), [this, kind, chain = std::move(chain)](bool ok) {
    Answer(kind, chain, ok);
    if (!in_notify_) Notify(0);
  });
}

void Block::Count(DiskRequest::Kind kind, const DescriptorChain& chain) {
  switch (kind) {
    case DiskRequest::Kind::kRead:
      ++counters_.reads;
      counters_.read_bytes += TotalBytes(chain.writable) - 1;  // the status
      return;
    case DiskRequest::Kind::kWrite:
      ++counters_.writes;
      counters_.written_bytes += TotalBytes(chain.readable) - sizeof(RequestHeader);
      return;
    case DiskRequest::Kind::kFlush:
    case DiskRequest::Kind::kSettle:
      ++counters_.flushes;
      return;
    case DiskRequest::Kind::kDiscard:
      ++counters_.discards;
      return;
    case DiskRequest::Kind::kWriteZeroes:
      ++counters_.write_zeroes;
      return;
  }
}

void Block::Answer(DiskRequest::Kind kind, const DescriptorChain& chain, bool ok) {
  if (!ok) return Finish(chain, RequestStatus::kIoError);
  Count(kind, chain);
  if (kind != DiskRequest::Kind::kRead) return Finish(chain, RequestStatus::kOk);
  // While the host read, a processor may have made code of what was there before, and the page been
  // withheld again: the write gate has to see the pages now that they have changed.
  const uint64_t size = TotalBytes(chain.writable) - 1;
  std::vector<iovec> passed;
  const bool is_there =
      SpansOf(host().dma(), chain.writable, 0, size, DmaPort::Access::kDeviceWrites, passed);
  Finish(chain, is_there ? RequestStatus::kOk : RequestStatus::kIoError, size);
}

void Block::Finish(const DescriptorChain& chain, RequestStatus status, uint64_t written) {
  const uint64_t writable = TotalBytes(chain.writable);
  const auto answer = static_cast<std::byte>(status);
  if (status != RequestStatus::kOk) ++counters_.failed;
  uint64_t length = status == RequestStatus::kOk ? written + 1 : writable;
  if (!WriteSegments(host().dma(), chain.writable, writable - 1, {&answer, 1})) length = 0;
  --in_flight_;
  host().queue(0).Push(chain.head, static_cast<uint32_t>(length));
}

bool Block::IsOnDisk(uint64_t sector, uint64_t sector_count) const {
  return !ExceedsLimit(sector, sector_count, config_.capacity_sectors);
}

void Block::Transfer(DescriptorChain chain, uint64_t sector, DmaPort::Access access) {
  const bool is_read = access == DmaPort::Access::kDeviceWrites;
  const auto& segments = is_read ? chain.writable : chain.readable;
  const uint64_t skip = is_read ? 0 : sizeof(RequestHeader);
  const uint64_t size = TotalBytes(segments) - (is_read ? 1 : sizeof(RequestHeader));
  DiskRequest request{.kind = is_read ? DiskRequest::Kind::kRead : DiskRequest::Kind::kWrite,
                      .offset = sector * kSectorBytes};
  if ((!is_read && disk_->is_readonly()) || size % kSectorBytes != 0 || size > kMaxTransferBytes ||
      !IsOnDisk(sector, size / kSectorBytes) ||
      !SpansOf(host().dma(), segments, skip, size, access, request.spans)) {
    return Finish(chain, RequestStatus::kIoError);
  }
  Ask(std::move(request), std::move(chain));
}

void Block::GetId(const DescriptorChain& chain) {
  const uint64_t room = std::min<uint64_t>(TotalBytes(chain.writable) - 1, kIdBytes);
  const auto bytes = std::as_bytes(std::span(id_)).first(room);
  const bool ok = WriteSegments(host().dma(), chain.writable, 0, bytes);
  Finish(chain, ok ? RequestStatus::kOk : RequestStatus::kIoError, room);
}

void Block::DiscardOrZero(DescriptorChain chain, RequestType type) {
  const uint64_t size = TotalBytes(chain.readable) - sizeof(RequestHeader);
  if (disk_->is_readonly() || size == 0 || size % sizeof(DiscardSegment) != 0 ||
      size / sizeof(DiscardSegment) > kMaxDiscardSegments) {
    return Finish(chain, RequestStatus::kIoError);
  }
  std::vector<DiscardSegment> ranges(size / sizeof(DiscardSegment));
  if (!ReadSegments(host().dma(), chain.readable, sizeof(RequestHeader),
                    std::as_writable_bytes(std::span(ranges)))) {
    return Finish(chain, RequestStatus::kIoError);
  }
  DiskRequest request{.kind = type == RequestType::kDiscard ? DiskRequest::Kind::kDiscard
                                                            : DiskRequest::Kind::kWriteZeroes};
  for (const DiscardSegment& range : ranges) {
    // s. 5.2.6.2: no flag but unmap, and that one not with discard.
    if (range.flags > (type == RequestType::kDiscard ? 0 : 1)) {
      return Finish(chain, RequestStatus::kUnsupported);
    }
    if (range.sector_count > kMaxDiscardSectors || !IsOnDisk(range.sector, range.sector_count)) {
      return Finish(chain, RequestStatus::kIoError);
    }
    request.ranges.push_back({range.sector * kSectorBytes,
                              uint64_t{range.sector_count} * kSectorBytes, range.flags == 1});
  }
  Ask(std::move(request), std::move(chain));
}

}  // namespace emu::virtio
