// Virtual I/O Device (VIRTIO) 1.2, s. 5.3: console device.
#pragma once

#include <cstdint>

namespace emu::virtio::console {

inline constexpr uint32_t kDeviceId = 3;
inline constexpr uint32_t kReceiveQueue = 0, kTransmitQueue = 1;
// The longest output that one request may carry; the rest of it is dropped.
inline constexpr uint64_t kMaxRequestBytes = 1 << 20;

}  // namespace emu::virtio::console
