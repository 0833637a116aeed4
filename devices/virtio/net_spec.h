// Virtual I/O Device (VIRTIO) 1.2, s. 5.1: network device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace emu::virtio::net {

inline constexpr uint32_t kDeviceId = 1;
// S. 5.1.2: pairs of a receive and a transmit queue, then the control queue.
inline constexpr uint32_t kReceiveQueue = 0, kTransmitQueue = 1, kControlQueue = 2;
inline constexpr uint16_t kMaxQueuePairs = 8;

inline constexpr uint64_t kFeatureChecksum = 1 << 0, kFeatureGuestChecksum = 1 << 1,
                          kFeatureMtu = 1 << 3, kFeatureMac = 1 << 5, kFeatureHostTso4 = 1 << 11,
                          kFeatureHostTso6 = 1 << 12, kFeatureMergeableBuffers = 1 << 15,
                          kFeatureStatus = 1 << 16, kFeatureControlQueue = 1 << 17,
                          kFeatureControlReceive = 1 << 18, kFeatureControlReceiveExtra = 1 << 20,
                          kFeatureMultiQueue = 1 << 22, kFeatureControlMac = 1 << 23;

inline constexpr size_t kMacBytes = 6;
using MacAddress = std::array<std::byte, kMacBytes>;

inline constexpr uint16_t kStatusLinkUp = 1;

struct Config {
  MacAddress mac;
  uint16_t status;
  uint16_t max_queue_pairs;
  uint16_t mtu;
};
static_assert(sizeof(Config) == 12);

// S. 5.1.6.5: what the control queue carries: class and command, its data; then one writable byte.
struct ControlHeader {
  uint8_t command_class;
  uint8_t command;
};
enum class ControlClass : uint8_t { kReceive = 0, kMac = 1, kMultiQueue = 4 };
inline constexpr uint8_t kMacTableSet = 0, kMacAddressSet = 1, kQueuePairsSet = 0;
inline constexpr std::byte kControlOk{0}, kControlError{1};

// Bits of a mask: the commands of kReceive are their numbers.
enum class ReceiveMode : uint8_t {
  kPromiscuous = 0,
  kAllMulticast = 1,
  kAllUnicast = 2,
  kNoMulticast = 3,
  kNoUnicast = 4,
  kNoBroadcast = 5,
};
inline constexpr uint8_t kReceiveModes = 6;
inline constexpr uint8_t kFirstExtraMode = 2;

}  // namespace emu::virtio::net
