// The bytes of a request's segments as one sequence: drivers may cut it up as they like
// (VIRTIO 1.2 s. 2.7.4).
#pragma once

#include "devices/virtio/queue.h"

namespace emu::virtio {

uint64_t TotalBytes(std::span<const Segment> segments);

// Reads or writes `bytes` at `offset` of the sequence. False if the sequence is too short or not
// memory.
[[nodiscard]] bool ReadSegments(DmaPort& dma, std::span<const Segment> segments, uint64_t offset,
                                std::span<std::byte> bytes);
[[nodiscard]] bool WriteSegments(DmaPort& dma, std::span<const Segment> segments, uint64_t offset,
                                 std::span<const std::byte> bytes);

// Host spans of [offset, offset + size) of the sequence.
[[nodiscard]] bool SpansOf(DmaPort& dma, std::span<const Segment> segments, uint64_t offset,
                           uint64_t size, DmaPort::Access access, std::vector<iovec>& spans);

// To be called when the host has written to [offset, offset + size) by spans of an earlier call: in
// the meantime a processor may have made code of what was there, and its page been withheld again,
// so the write gate has to see the pages now that they have changed. False if they are gone.
[[nodiscard]] bool NoteHostHasWritten(DmaPort& dma, std::span<const Segment> segments,
                                      uint64_t offset, uint64_t size);

}  // namespace emu::virtio
