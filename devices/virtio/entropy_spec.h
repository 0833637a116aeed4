// Virtual I/O Device (VIRTIO) 1.2, s. 5.4: entropy device.
#pragma once

#include <cstdint>

namespace emu::virtio::entropy {

inline constexpr uint32_t kDeviceId = 4;
// A request may be answered in part (s. 5.4.6.1); this much at most, so that it stays short.
inline constexpr uint64_t kMaxRequestBytes = 4096;

}  // namespace emu::virtio::entropy
