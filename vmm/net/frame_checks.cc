#include "vmm/net/frame_checks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace emu::net {
namespace {

constexpr size_t kEtherTypeOffset = 12;
constexpr uint16_t kEtherTypeIp4 = 0x0800, kEtherTypeArp = 0x0806, kEtherTypeIp6 = 0x86dd;

// RFC 791 s. 3.1, RFC 8200 s. 3.
constexpr size_t kIp4HeaderBytes = 20, kIp4DestinationOffset = 16;
constexpr size_t kIp6HeaderBytes = 40, kIp6NextHeaderOffset = 6, kIp6DestinationOffset = 24;
constexpr uint8_t kProtocolUdp = 17, kProtocolIcmp6 = 58;
constexpr size_t kUdpDestinationOffset = 2;
constexpr uint16_t kDhcp6ServerPort = 547;

using Frame = std::span<const std::byte>;

uint8_t ByteAt(Frame frame, size_t at) { return static_cast<uint8_t>(frame[at]); }
uint16_t BigAt(Frame frame, size_t at) {
  return static_cast<uint16_t>(ByteAt(frame, at) << 8 | ByteAt(frame, at + 1));
}

struct Network {
  std::array<uint8_t, 16> address;
  uint32_t bits;
};

bool IsIn(Frame address, const Network& network) {
  for (uint32_t bit = 0; bit < network.bits; bit += 8) {
    const auto mask = static_cast<uint8_t>(0xff << (8 - std::min(8u, network.bits - bit)));
    if (((ByteAt(address, bit / 8) ^ network.address[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

// RFC 6890: this network, loopback, link-local, groups and what is reserved.
constexpr Network kForbidden4[] = {{{0}, 8}, {{127}, 8}, {{169, 254}, 16}, {{224}, 4}, {{240}, 4}};
constexpr std::array<uint8_t, 4> kBroadcast4 = {255, 255, 255, 255};  // how a lease is asked for

// All that begins with 96 zero bits: unspecified, loopback, IPv4-compatible; IPv4-mapped; the
// metadata of Amazon's cloud.
constexpr Network kForbidden6[] = {
    {{}, 96},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96},
    {{0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128}};
// Of the link itself: neighbours, routers and leases are looked for there.
constexpr Network kLink6[] = {{{0xfe, 0x80}, 10}, {{0xff}, 8}};

bool MayLeaveTo4(Frame packet) {
  if (packet.size() < kIp4HeaderBytes) return false;
  const Frame address = packet.subspan(kIp4DestinationOffset, 4);
  if (std::ranges::equal(address, std::as_bytes(std::span(kBroadcast4)))) return true;
  return std::ranges::none_of(kForbidden4,
                              [&](const Network& network) { return IsIn(address, network); });
}

bool MayLeaveTo6(Frame packet) {
  if (packet.size() < kIp6HeaderBytes) return false;
  const Frame address = packet.subspan(kIp6DestinationOffset, 16);
  const auto contains = [&](const Network& network) { return IsIn(address, network); };
  if (std::ranges::any_of(kForbidden6, contains)) return false;
  if (std::ranges::none_of(kLink6, contains)) return true;
  const uint8_t protocol = ByteAt(packet, kIp6NextHeaderOffset);
  return protocol == kProtocolIcmp6 ||
         (protocol == kProtocolUdp &&
          packet.size() >= kIp6HeaderBytes + kUdpDestinationOffset + 2 &&
          BigAt(packet, kIp6HeaderBytes + kUdpDestinationOffset) == kDhcp6ServerPort);
}

// RFC 1071: the sum does not depend on the order of bytes. An odd last byte is followed by a zero.
uint16_t Checksum(Frame bytes) {
  uint64_t sum = 0;
  for (; bytes.size() >= 4; bytes = bytes.subspan(4)) {
    uint32_t word;
    std::memcpy(&word, bytes.data(), sizeof(word));
    sum += word;
  }
  uint32_t last = 0;
  if (!bytes.empty()) std::memcpy(&last, bytes.data(), bytes.size());
  sum += last;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace

bool CompleteChecksum(const FrameHeader& header, std::span<std::byte> frame) {
  if ((header.flags & kNeedsChecksum) == 0) return true;
  const size_t at = size_t{header.checksum_start} + header.checksum_offset;
  if (at + sizeof(uint16_t) > frame.size()) return false;
  uint16_t checksum = Checksum(frame.subspan(header.checksum_start));
  if (checksum == 0) checksum = 0xffff;  // RFC 768: 0 means that there is none; of others the same
  std::memcpy(&frame[at], &checksum, sizeof(checksum));
  return true;
}

bool MayLeave(std::span<const std::byte> frame) {
  if (frame.size() < kEthernetHeaderBytes) return false;
  const Frame packet = frame.subspan(kEthernetHeaderBytes);
  switch (BigAt(frame, kEtherTypeOffset)) {
    case kEtherTypeArp:
      return true;
    case kEtherTypeIp4:
      return MayLeaveTo4(packet);
    case kEtherTypeIp6:
      return MayLeaveTo6(packet);
    default:
      return false;
  }
}

}  // namespace emu::net
