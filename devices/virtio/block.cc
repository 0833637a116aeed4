#include "devices/virtio/block.h"

#include <algorithm>
#include <utility>

#include "devices/virtio/chain_io.h"
#include "vmm/base/bits.h"

namespace emu::virtio {

using namespace block;

Block::Block(std::unique_ptr<Disk> disk, Options options)
    : disk_(std::move(disk)),
      options_(std::move(options)),
      queues_(0, options_.queue_count, [this](Request request) { Serve(std::move(request)); }) {
  options_.id.resize(kIdBytes);  // zero-padded
  config_.capacity_sectors = disk_->size_bytes() / kSectorBytes;
  config_.seg_max = kMaxDataSegments;
  config_.block_size = kSectorBytes;
  config_.queue_count = static_cast<uint16_t>(queue_count());
  config_.max_discard_sectors = config_.max_write_zeroes_sectors = kMaxDiscardSectors;
  config_.max_discard_segments = config_.max_write_zeroes_segments = kMaxDiscardSegments;
  config_.discard_sector_alignment = 4096 / kSectorBytes;
  config_.write_zeroes_may_unmap = 1;
  disk_->SetAnsweredListener([this] { queues_.LookAtAnswered(host()); });
}

// s. 5.2.5.2: without kFeatureFlush the driver takes the disk for one without a cache.
uint64_t Block::features() const {
  uint64_t features = kFeatureSegMax | kFeatureBlockSize;
  if (!options_.writes_through) features |= kFeatureFlush;
  if (queue_count() > 1) features |= kFeatureMultiQueue;
  return features |
         (disk_->is_readonly() ? kFeatureReadOnly : kFeatureDiscard | kFeatureWriteZeroes);
}

// s. 5.2.6.2: what a driver without kFeatureFlush has written is durable when it is answered.
bool Block::WritesThrough() {
  return options_.writes_through || (host().driver_features() & kFeatureFlush) == 0;
}

std::span<const std::byte> Block::config() const { return std::as_bytes(std::span(&config_, 1)); }

void Block::StopQueue(uint32_t index) {
  disk_->Cancel(index);
  queues_.Stop(index);
}

void Block::FlushDisk(const std::function<void(bool ok)>& done) {
  disk_->Submit({.kind = DiskRequest::Kind::kSettle}, [done](int error) { done(error == 0); });
}

// s. 5.2.6: header, data, and one writable byte of status at the very end.
void Block::Serve(Request request) {
  const DescriptorChain& chain = request.chain;
  const uint64_t writable = TotalBytes(chain.writable);
  RequestHeader header;
  if (writable == 0 || writable > UINT32_MAX ||
      !ReadSegments(host().dma(), chain.readable, 0,
                    std::as_writable_bytes(std::span(&header, 1)))) {
    // No place for an answer, or no question.
    return queues_.Finish(host(), request, 0);
  }
  const auto type = static_cast<RequestType>(header.type);
  switch (type) {
    case RequestType::kIn:
      return Transfer(std::move(request), header.sector, DmaPort::Access::kDeviceWrites);
    case RequestType::kOut:
      return Transfer(std::move(request), header.sector, DmaPort::Access::kDeviceReads);
    case RequestType::kFlush:
      return Ask({.kind = DiskRequest::Kind::kFlush}, std::move(request));
    case RequestType::kGetId:
      return GetId(request);
    case RequestType::kDiscard:
    case RequestType::kWriteZeroes:
      return DiscardOrZero(std::move(request), type);
  }
  Finish(request, RequestStatus::kUnsupported);
}

void Block::Ask(DiskRequest asked, Request request) {
  const DiskRequest::Kind kind = asked.kind;
  asked.queue = request.queue;
  asked.is_durable =
      kind != DiskRequest::Kind::kRead && kind != DiskRequest::Kind::kFlush && WritesThrough();
  disk_->Submit(std::move(asked), [this, kind, request = std::move(request)](int error) {
    Answer(kind, request, error);
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

void Block::Answer(DiskRequest::Kind kind, const Request& request, int error) {
  const OnDiskError policy =
      kind == DiskRequest::Kind::kRead ? options_.on_read_error : options_.on_write_error;
  if (DiskQueues::IsKept(policy, error)) {
    queues_.Keep(request);
    return options_.stop({options_.id.c_str(), error});
  }
  queues_.NoteAnswered(request.queue);
  if (error != 0) return Finish(request, RequestStatus::kIoError);
  Count(kind, request.chain);
  if (kind != DiskRequest::Kind::kRead) return Finish(request, RequestStatus::kOk);
  const uint64_t size = TotalBytes(request.chain.writable) - 1;
  const bool is_there = NoteHostHasWritten(host().dma(), request.chain.writable, 0, size);
  Finish(request, is_there ? RequestStatus::kOk : RequestStatus::kIoError, size);
}

void Block::Finish(const Request& request, RequestStatus status, uint64_t written) {
  const DescriptorChain& chain = request.chain;
  const uint64_t writable = TotalBytes(chain.writable);
  const auto answer = static_cast<std::byte>(status);
  if (status != RequestStatus::kOk) ++counters_.failed;
  uint64_t length = status == RequestStatus::kOk ? written + 1 : writable;
  if (!WriteSegments(host().dma(), chain.writable, writable - 1, {&answer, 1})) length = 0;
  queues_.Finish(host(), request, length);
}

bool Block::IsOnDisk(uint64_t sector, uint64_t sector_count) const {
  return !ExceedsLimit(sector, sector_count, config_.capacity_sectors);
}

void Block::Transfer(Request request, uint64_t sector, DmaPort::Access access) {
  const bool is_read = access == DmaPort::Access::kDeviceWrites;
  const auto& segments = is_read ? request.chain.writable : request.chain.readable;
  const uint64_t skip = is_read ? 0 : sizeof(RequestHeader);
  const uint64_t size = TotalBytes(segments) - (is_read ? 1 : sizeof(RequestHeader));
  DiskRequest asked{.kind = is_read ? DiskRequest::Kind::kRead : DiskRequest::Kind::kWrite,
                    .offset = sector * kSectorBytes};
  if ((!is_read && disk_->is_readonly()) || size % kSectorBytes != 0 || size > kMaxTransferBytes ||
      !IsOnDisk(sector, size / kSectorBytes) ||
      !SpansOf(host().dma(), segments, skip, size, access, asked.spans)) {
    return Finish(request, RequestStatus::kIoError);
  }
  Ask(std::move(asked), std::move(request));
}

void Block::GetId(const Request& request) {
  const DescriptorChain& chain = request.chain;
  const uint64_t room = std::min<uint64_t>(TotalBytes(chain.writable) - 1, kIdBytes);
  const auto bytes = std::as_bytes(std::span(options_.id)).first(room);
  const bool ok = WriteSegments(host().dma(), chain.writable, 0, bytes);
  Finish(request, ok ? RequestStatus::kOk : RequestStatus::kIoError, room);
}

void Block::DiscardOrZero(Request request, RequestType type) {
  const DescriptorChain& chain = request.chain;
  const uint64_t size = TotalBytes(chain.readable) - sizeof(RequestHeader);
  if (disk_->is_readonly() || size == 0 || size % sizeof(DiscardSegment) != 0 ||
      size / sizeof(DiscardSegment) > kMaxDiscardSegments) {
    return Finish(request, RequestStatus::kIoError);
  }
  std::vector<DiscardSegment> ranges(size / sizeof(DiscardSegment));
  if (!ReadSegments(host().dma(), chain.readable, sizeof(RequestHeader),
                    std::as_writable_bytes(std::span(ranges)))) {
    return Finish(request, RequestStatus::kIoError);
  }
  DiskRequest asked{.kind = type == RequestType::kDiscard ? DiskRequest::Kind::kDiscard
                                                          : DiskRequest::Kind::kWriteZeroes};
  for (const DiscardSegment& range : ranges) {
    // s. 5.2.6.2: no flag but unmap, and that one not with discard.
    if (range.flags > (type == RequestType::kDiscard ? 0 : 1)) {
      return Finish(request, RequestStatus::kUnsupported);
    }
    if (range.sector_count > kMaxDiscardSectors || !IsOnDisk(range.sector, range.sector_count)) {
      return Finish(request, RequestStatus::kIoError);
    }
    asked.ranges.push_back({range.sector * kSectorBytes,
                            uint64_t{range.sector_count} * kSectorBytes, range.flags == 1});
  }
  Ask(std::move(asked), std::move(request));
}

}  // namespace emu::virtio
