#include "devices/virtio/net_flows.h"

#include <algorithm>

namespace emu::virtio {
namespace {

constexpr size_t kTypeOffset = 12, kIpOffset = 14;
constexpr std::byte kIp4[] = {std::byte{0x08}, std::byte{0x00}};
constexpr std::byte kIp6[] = {std::byte{0x86}, std::byte{0xdd}};
constexpr uint8_t kTcp = 6, kUdp = 17;
constexpr size_t kIp6HeaderBytes = 40;
constexpr uint64_t kMixer = 0x9e3779b97f4a7c15;

struct IpLayout {
  size_t protocol;
  size_t addresses;  // the source's, then the destination's
  size_t address_bytes;
  size_t ports;  // 0: there are none in this packet
};

bool IsOfType(std::span<const std::byte> frame, std::span<const std::byte> type) {
  return std::ranges::equal(frame.subspan(kTypeOffset, type.size()), type);
}

// RFC 791 s. 3.1; RFC 8200 s. 3. Fragments have no ports, but for the first.
IpLayout LayoutOf(std::span<const std::byte> frame) {
  if (IsOfType(frame, kIp6)) return {kIpOffset + 6, kIpOffset + 8, 16, kIpOffset + kIp6HeaderBytes};
  const size_t header_bytes = (std::to_integer<size_t>(frame[kIpOffset]) & 15) * 4;
  const bool is_fragment = (std::to_integer<int>(frame[kIpOffset + 6]) & 0x3f) != 0 ||
                           frame[kIpOffset + 7] != std::byte{0};
  return {kIpOffset + 9, kIpOffset + 12, 4, is_fragment ? 0 : kIpOffset + header_bytes};
}

// Not told apart by their order.
uint64_t SumOfBoth(std::span<const std::byte> two) {
  const size_t half = two.size() / 2;
  uint64_t sum = 0;
  for (size_t at = 0; at < half; ++at) {
    const uint64_t both =
        std::to_integer<uint64_t>(two[at]) + std::to_integer<uint64_t>(two[half + at]);
    sum = (sum ^ both) * kMixer;
  }
  return sum;
}

}  // namespace

size_t NetFlows::IndexOf(std::span<const std::byte> frame) {
  constexpr size_t kLeastBytes = kIpOffset + 20;
  if (frame.size() < kLeastBytes || !(IsOfType(frame, kIp4) || IsOfType(frame, kIp6))) return 0;
  const IpLayout layout = LayoutOf(frame);
  if (frame.size() < layout.addresses + 2 * layout.address_bytes) return 0;
  uint64_t hash = SumOfBoth(frame.subspan(layout.addresses, 2 * layout.address_bytes));
  const auto protocol = std::to_integer<uint8_t>(frame[layout.protocol]);
  if ((protocol == kTcp || protocol == kUdp) && layout.ports != 0 &&
      frame.size() >= layout.ports + 4) {
    hash += SumOfBoth(frame.subspan(layout.ports, 4));
  }
  return (hash * kMixer) >> 56;
}

}  // namespace emu::virtio
