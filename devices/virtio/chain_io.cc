#include "devices/virtio/chain_io.h"

#include <algorithm>

namespace emu::virtio {
namespace {

// Calls visit(address, done, length) for each piece of [offset, offset + size).
template <typename Visit>
bool ForEachPiece(std::span<const Segment> segments, uint64_t offset, uint64_t size,
                  Visit&& visit) {
  uint64_t done = 0;
  for (const Segment& segment : segments) {
    if (done == size) return true;
    if (offset >= segment.size_bytes) {
      offset -= segment.size_bytes;
      continue;
    }
    const uint64_t length = std::min(size - done, segment.size_bytes - offset);
    if (!visit(segment.address + offset, done, length)) return false;
    done += length;
    offset = 0;
  }
  return done == size;
}

}  // namespace

uint64_t TotalBytes(std::span<const Segment> segments) {
  uint64_t total = 0;  // at most 2^16 segments below 2^32: no overflow
  for (const Segment& segment : segments) total += segment.size_bytes;
  return total;
}

bool ReadSegments(DmaPort& dma, std::span<const Segment> segments, uint64_t offset,
                  std::span<std::byte> bytes) {
  return ForEachPiece(segments, offset, bytes.size(),
                      [&](GuestPhysAddr address, uint64_t done, uint64_t length) {
                        return dma.Read(address, bytes.subspan(done, length));
                      });
}

bool WriteSegments(DmaPort& dma, std::span<const Segment> segments, uint64_t offset,
                   std::span<const std::byte> bytes) {
  return ForEachPiece(segments, offset, bytes.size(),
                      [&](GuestPhysAddr address, uint64_t done, uint64_t length) {
                        return dma.Write(address, bytes.subspan(done, length));
                      });
}

bool SpansOf(DmaPort& dma, std::span<const Segment> segments, uint64_t offset, uint64_t size,
             DmaPort::Access access, std::vector<iovec>& spans) {
  return ForEachPiece(segments, offset, size,
                      [&](GuestPhysAddr address, uint64_t, uint64_t length) {
                        return dma.AppendSpans(address, length, access, spans);
                      });
}

bool NoteHostHasWritten(DmaPort& dma, std::span<const Segment> segments, uint64_t offset,
                        uint64_t size) {
  std::vector<iovec> passed;
  return SpansOf(dma, segments, offset, size, DmaPort::Access::kDeviceWrites, passed);
}

}  // namespace emu::virtio
