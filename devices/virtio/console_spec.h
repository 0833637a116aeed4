// Virtual I/O Device (VIRTIO) 1.2, s. 5.3: console device.
#pragma once

#include <cstdint>

namespace emu::virtio::console {

inline constexpr uint32_t kDeviceId = 3;
inline constexpr uint32_t kReceiveQueue = 0, kTransmitQueue = 1;
// The longest output that one request may carry; the rest of it is dropped.
inline constexpr uint64_t kMaxRequestBytes = 1 << 20;

// s. 5.3.3, 5.3.2: with it queues 0 and 1 are those of port 0, and there are two more.
inline constexpr uint64_t kFeatureMultiport = 1 << 1;
inline constexpr uint32_t kControlReceiveQueue = 2, kControlTransmitQueue = 3;

// s. 5.3.4.
struct Config {
  uint16_t columns = 0;
  uint16_t rows = 0;
  uint32_t max_ports = 0;
  uint32_t emergency_write = 0;
};
static_assert(sizeof(Config) == 12);

// s. 5.3.6.2; what a name is, follows its message.
enum class ControlEvent : uint16_t {
  kDeviceReady = 0,
  kPortAdd = 1,
  kPortRemove = 2,
  kPortReady = 3,
  kConsolePort = 4,
  kResize = 5,
  kPortOpen = 6,
  kPortName = 7,
};
struct ControlMessage {
  uint32_t port = 0;
  ControlEvent event = ControlEvent::kDeviceReady;
  uint16_t value = 0;
};
static_assert(sizeof(ControlMessage) == 8);

}  // namespace emu::virtio::console
