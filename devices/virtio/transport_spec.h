// Virtual I/O Device (VIRTIO) 1.2: what all transports share. S. 2.1: status; s. 2.4 and 4: causes
// of interrupts.
#pragma once

#include <cstdint>

namespace emu::virtio {

inline constexpr uint32_t kStatusDriverOk = 4, kStatusFeaturesOk = 8, kStatusNeedsReset = 64,
                          kStatusWritable = 0x8f;
inline constexpr uint32_t kInterruptUsedRing = 1, kInterruptConfig = 2;

}  // namespace emu::virtio
