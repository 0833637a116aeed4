// Virtual I/O Device (VIRTIO) 1.2, s. 2.7: split virtqueues.
#pragma once

#include <cstdint>

namespace emu::virtio {

inline constexpr uint16_t kMaxQueueSize = 256;  // of ours; the standard allows 32768

inline constexpr uint64_t kDescriptorBytes = 16;
inline constexpr uint16_t kDescriptorNext = 1, kDescriptorWrite = 2, kDescriptorIndirect = 4;
inline constexpr uint32_t kMaxIndirectEntries = 1024;

// The available ring: flags, idx, ring[size], used_event. The used ring: flags, idx, ring[size] of
// {id, length}, avail_event.
inline constexpr uint64_t kRingIndexOffset = 2;
inline constexpr uint64_t kRingEntriesOffset = 4;
inline constexpr uint64_t kAvailEntryBytes = 2;
inline constexpr uint64_t kUsedEntryBytes = 8;
inline constexpr uint16_t kAvailNoInterrupt = 1;

// s. 6: reserved feature bits.
inline constexpr uint64_t kFeatureIndirect = uint64_t{1} << 28;
inline constexpr uint64_t kFeatureEventIdx = uint64_t{1} << 29;
inline constexpr uint64_t kFeatureVersion1 = uint64_t{1} << 32;

}  // namespace emu::virtio
