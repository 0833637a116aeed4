#include "devices/virtio/net_filter.h"

#include <algorithm>

#include "devices/virtio/chain_io.h"

namespace emu::virtio {

using namespace net;

namespace {

constexpr std::byte kGroupBit{1};  // IEEE 802 s. 8.2: of the first byte

bool Contains(std::span<const std::byte> table, std::span<const std::byte> address) {
  for (size_t at = 0; at < table.size(); at += kMacBytes) {
    if (std::ranges::equal(table.subspan(at, kMacBytes), address)) return true;
  }
  return false;
}

}  // namespace

void NetFilter::Reset() { *this = NetFilter(own_mac_); }

bool NetFilter::Accepts(std::span<const std::byte> destination) const {
  const auto address = destination.first(kMacBytes);
  if (Has(ReceiveMode::kPromiscuous)) return true;
  if (std::ranges::all_of(address, [](std::byte byte) { return byte == std::byte{0xff}; })) {
    return !Has(ReceiveMode::kNoBroadcast);
  }
  if ((address[0] & kGroupBit) != std::byte{0}) {
    if (Has(ReceiveMode::kNoMulticast)) return false;
    return Has(ReceiveMode::kAllMulticast) || Contains(multicast_, address);
  }
  if (Has(ReceiveMode::kNoUnicast)) return false;
  return Has(ReceiveMode::kAllUnicast) || std::ranges::equal(address, mac_) ||
         Contains(unicast_, address);
}

bool NetFilter::Obey(DmaPort& dma, std::span<const Segment> request, uint64_t features) {
  ControlHeader header;
  if (!ReadSegments(dma, request, 0, std::as_writable_bytes(std::span(&header, 1)))) return false;
  const bool may_filter = (features & kFeatureControlReceive) != 0;
  switch (static_cast<ControlClass>(header.command_class)) {
    case ControlClass::kReceive:
      return may_filter && SetMode(dma, request, header.command, features);
    case ControlClass::kMac:
      if (header.command == kMacTableSet) return may_filter && SetTables(dma, request);
      if (header.command == kMacAddressSet && (features & kFeatureControlMac) != 0) {
        return ReadSegments(dma, request, sizeof(header), mac_);
      }
      return false;
    case ControlClass::kMultiQueue:  // the device's
      break;
  }
  return false;
}

bool NetFilter::SetMode(DmaPort& dma, std::span<const Segment> request, uint8_t mode,
                        uint64_t features) {
  std::byte on{0};
  if (mode >= kReceiveModes ||
      (mode >= kFirstExtraMode && (features & kFeatureControlReceiveExtra) == 0) ||
      !ReadSegments(dma, request, sizeof(ControlHeader), {&on, 1})) {
    return false;
  }
  const auto bit = static_cast<uint8_t>(1 << mode);
  modes_ = static_cast<uint8_t>(on != std::byte{0} ? modes_ | bit : modes_ & ~bit);
  return true;
}

// Two tables, one after the other, each with the number of its entries in front.
bool NetFilter::SetTables(DmaPort& dma, std::span<const Segment> request) {
  Table unicast;
  Table multicast;
  uint64_t at = sizeof(ControlHeader);
  if (!ReadTable(dma, request, at, unicast) || !ReadTable(dma, request, at, multicast)) {
    return false;
  }
  unicast_ = std::move(unicast);
  multicast_ = std::move(multicast);
  return true;
}

bool NetFilter::ReadTable(DmaPort& dma, std::span<const Segment> request, uint64_t& at,
                          Table& table) {
  std::array<std::byte, 4> count_bytes;
  if (!ReadSegments(dma, request, at, count_bytes)) return false;
  const auto count = LoadLittle<uint32_t>(count_bytes);
  if (count > kMaxTableEntries) return false;
  at += sizeof(count_bytes);
  table.resize(count * kMacBytes);
  if (!ReadSegments(dma, request, at, table)) return false;
  at += table.size();
  return true;
}

void NetFilter::VisitState(StateVisitor& visitor) {
  visitor.Field(1, "mac", std::span<std::byte>(mac_));
  visitor.Small(2, "modes", modes_);
  visitor.Field(3, "unicast", unicast_);
  visitor.Field(4, "multicast", multicast_);
}

absl::Status NetFilter::AfterRestore() const {
  for (const Table& table : {unicast_, multicast_}) {
    if (table.size() % kMacBytes != 0 || table.size() > kMaxTableEntries * kMacBytes) {
      return absl::InvalidArgumentError("virtio net: a table of addresses of an impossible size");
    }
  }
  return absl::OkStatus();
}

}  // namespace emu::virtio
