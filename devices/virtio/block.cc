#include "devices/virtio/block.h"

#include <algorithm>

#include "devices/virtio/chain_io.h"
#include "vmm/base/bits.h"

namespace emu::virtio {

using namespace block;

Block::Block(RawDisk disk, std::string id) : disk_(std::move(disk)), id_(std::move(id)) {
  id_.resize(kIdBytes);  // zero-padded
  config_.capacity_sectors = disk_.size_bytes() / kSectorBytes;
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
  return disk_.is_readonly() ? common | kFeatureReadOnly
                             : common | kFeatureDiscard | kFeatureWriteZeroes;
}

std::span<const std::byte> Block::config() const { return std::as_bytes(std::span(&config_, 1)); }

void Block::Notify(uint32_t index) {
  ServeAll(index, [this](const DescriptorChain& chain) { return Serve(chain); });
}

// s. 5.2.6: header, data, and one writable byte of status at the very end.
uint32_t Block::Serve(const DescriptorChain& chain) {
  const uint64_t writable = TotalBytes(chain.writable);
  RequestHeader header;
  if (writable == 0 || writable > UINT32_MAX ||
      !ReadSegments(host().dma(), chain.readable, 0,
                    std::as_writable_bytes(std::span(&header, 1)))) {
    return 0;  // no place for an answer, or no question
  }
  RequestStatus status = RequestStatus::kUnsupported;
  uint64_t written = 0;
  switch (static_cast<RequestType>(header.type)) {
    case RequestType::kIn:
      status = Transfer(chain, header.sector, DmaPort::Access::kDeviceWrites);
      written = writable - 1;
      break;
    case RequestType::kOut:
      status = Transfer(chain, header.sector, DmaPort::Access::kDeviceReads);
      break;
    case RequestType::kFlush:
      status = disk_.Flush() ? RequestStatus::kOk : RequestStatus::kIoError;
      break;
    case RequestType::kGetId:
      status = GetId(chain);
      written = std::min<uint64_t>(writable - 1, kIdBytes);
      break;
    case RequestType::kDiscard:
    case RequestType::kWriteZeroes:
      status = DiscardOrZero(chain, static_cast<RequestType>(header.type));
      break;
  }
  const auto answer = static_cast<std::byte>(status);
  if (!WriteSegments(host().dma(), chain.writable, writable - 1, {&answer, 1})) return 0;
  return static_cast<uint32_t>(status == RequestStatus::kOk ? written + 1 : writable);
}

bool Block::IsOnDisk(uint64_t sector, uint64_t sector_count) const {
  return !ExceedsLimit(sector, sector_count, config_.capacity_sectors);
}

RequestStatus Block::Transfer(const DescriptorChain& chain, uint64_t sector,
                              DmaPort::Access access) {
  const bool is_read = access == DmaPort::Access::kDeviceWrites;
  const auto& segments = is_read ? chain.writable : chain.readable;
  const uint64_t skip = is_read ? 0 : sizeof(RequestHeader);
  const uint64_t size = TotalBytes(segments) - (is_read ? 1 : sizeof(RequestHeader));
  if ((!is_read && disk_.is_readonly()) || size % kSectorBytes != 0 || size > kMaxTransferBytes ||
      !IsOnDisk(sector, size / kSectorBytes)) {
    return RequestStatus::kIoError;
  }
  std::vector<iovec> spans;
  if (!SpansOf(host().dma(), segments, skip, size, access, spans)) return RequestStatus::kIoError;
  const uint64_t offset = sector * kSectorBytes;
  const bool done = is_read ? disk_.Read(spans, offset) : disk_.Write(spans, offset);
  return done ? RequestStatus::kOk : RequestStatus::kIoError;
}

RequestStatus Block::GetId(const DescriptorChain& chain) {
  const uint64_t room = std::min<uint64_t>(TotalBytes(chain.writable) - 1, kIdBytes);
  const auto bytes = std::as_bytes(std::span(id_)).first(room);
  return WriteSegments(host().dma(), chain.writable, 0, bytes) ? RequestStatus::kOk
                                                               : RequestStatus::kIoError;
}

RequestStatus Block::DiscardOrZero(const DescriptorChain& chain, RequestType type) {
  const uint64_t size = TotalBytes(chain.readable) - sizeof(RequestHeader);
  if (disk_.is_readonly() || size == 0 || size % sizeof(DiscardSegment) != 0 ||
      size / sizeof(DiscardSegment) > kMaxDiscardSegments) {
    return RequestStatus::kIoError;
  }
  std::vector<DiscardSegment> ranges(size / sizeof(DiscardSegment));
  if (!ReadSegments(host().dma(), chain.readable, sizeof(RequestHeader),
                    std::as_writable_bytes(std::span(ranges)))) {
    return RequestStatus::kIoError;
  }
  for (const DiscardSegment& range : ranges) {
    // s. 5.2.6.2: no flag but unmap, and that one not with discard.
    if (range.flags > (type == RequestType::kDiscard ? 0 : 1)) return RequestStatus::kUnsupported;
    if (range.sector_count > kMaxDiscardSectors || !IsOnDisk(range.sector, range.sector_count)) {
      return RequestStatus::kIoError;
    }
    const uint64_t offset = range.sector * kSectorBytes;
    const uint64_t bytes = range.sector_count * kSectorBytes;
    const auto mode =
        range.flags == 1 ? RawDisk::ZeroMode::kMayUnmap : RawDisk::ZeroMode::kKeepAllocated;
    const bool done = type == RequestType::kDiscard ? disk_.Discard(offset, bytes)
                                                    : disk_.WriteZeroes(offset, bytes, mode);
    if (!done) return RequestStatus::kIoError;
  }
  return RequestStatus::kOk;
}

}  // namespace emu::virtio
