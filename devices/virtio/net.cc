#include "devices/virtio/net.h"

#include <algorithm>
#include <cstring>

#include "devices/virtio/chain_io.h"
#include "vmm/base/bits.h"

namespace emu::virtio {

using namespace net;

namespace {

constexpr size_t kHeaderBytes = sizeof(FrameHeader);
// More pieces than the host takes at once; a driver of pages needs 17.
constexpr size_t kMaxSpans = 1000;

}  // namespace

Net::Net(PacketPort& port, const MacAddress& mac)
    : port_(port), traits_(port.traits()), filter_(mac) {
  config_.mac = mac;
  config_.status = kStatusLinkUp;
  config_.max_queue_pairs = 1;
  config_.mtu = traits_.mtu;
}

uint64_t Net::features() const {
  uint64_t features = kFeatureMtu | kFeatureMac | kFeatureMergeableBuffers | kFeatureStatus |
                      kFeatureControlQueue | kFeatureControlReceive | kFeatureControlReceiveExtra |
                      kFeatureControlMac;
  if (traits_.takes_partial_checksums) features |= kFeatureChecksum;
  if (traits_.takes_tcp_segments) features |= kFeatureHostTso4 | kFeatureHostTso6;
  if (traits_.gives_valid_checksums) features |= kFeatureGuestChecksum;
  return features;
}

std::span<const std::byte> Net::config() const { return std::as_bytes(std::span(&config_, 1)); }

void Net::ResetDevice() {
  filter_.Reset();
  config_.mac = filter_.mac();
  CallPortBack();
}

void Net::SetLink(bool is_up) {
  const uint16_t status = is_up ? kStatusLinkUp : 0;
  if (std::exchange(config_.status, status) != status) host().NoteConfigChange();
}

void Net::Notify(uint32_t index) {
  switch (index) {
    case kReceiveQueue:
      return CallPortBack();
    case kTransmitQueue:
      return Transmit();
    default:
      ServeAll(index, [this](const DescriptorChain& chain) { return Control(chain); });
  }
}

void Net::Start() {
  is_paused_ = false;
  if (host().IsLive()) Transmit();
  CallPortBack();
}

void Net::CallPortBack() {
  if (is_paused_ || !std::exchange(port_waits_, false)) return;
  port_.ResumeReceiving();
}

// A card that nobody drives loses what comes.
bool Net::Receive(std::span<const std::byte> packet) {
  if (is_paused_) {
    port_waits_ = true;
    return false;
  }
  if (!host().IsLive() || packet.size() < kHeaderBytes + kEthernetHeaderBytes ||
      packet.size() > kHeaderBytes + kMaxFrameBytes ||
      !filter_.Accepts(packet.subspan(kHeaderBytes))) {
    return true;
  }
  std::vector<DescriptorChain> buffers;
  const Room room = TakeBuffers(packet.size(), buffers);
  if (room == Room::kFound) Fill(buffers, packet);
  if (room == Room::kNotYet) port_waits_ = true;
  host().Flush(kReceiveQueue);
  return room != Room::kNotYet;
}

Net::Room Net::TakeBuffers(uint64_t size, std::vector<DescriptorChain>& buffers) {
  Queue& queue = host().queue(kReceiveQueue);
  const size_t most = HasChosen(kFeatureMergeableBuffers) ? queue.setup().size : 1;
  uint64_t room_bytes = 0;
  Room room = Room::kNever;
  while (buffers.size() < most) {
    auto chain = queue.Pop();
    if (!chain) {
      if (queue.AskForNotification()) continue;
      room = Room::kNotYet;
      break;
    }
    const uint64_t added_bytes = TotalBytes(chain->writable);
    room_bytes += added_bytes;
    buffers.push_back(*std::move(chain));
    // s. 5.1.6.3.1: the header is in one piece.
    if (buffers.size() == 1 && added_bytes < kHeaderBytes) break;
    if (room_bytes >= size) return Room::kFound;
  }
  for (size_t taken = buffers.size(); taken > 0; --taken) queue.Unpop();
  return room;
}

void Net::Fill(std::span<const DescriptorChain> buffers, std::span<const std::byte> packet) {
  FrameHeader header = {.buffer_count = static_cast<uint16_t>(buffers.size())};
  uint8_t flags;
  std::memcpy(&flags, packet.data(), sizeof(flags));
  if (HasChosen(kFeatureGuestChecksum)) header.flags = flags & kChecksumIsValid;
  packet = packet.subspan(kHeaderBytes);

  std::vector<Queue::Used> used;
  uint64_t header_room = kHeaderBytes;  // in the first buffer
  for (const DescriptorChain& buffer : buffers) {
    const uint64_t room = TotalBytes(buffer.writable) - header_room;
    const auto part = packet.first(std::min<uint64_t>(room, packet.size()));
    packet = packet.subspan(part.size());
    const bool is_there =
        (header_room == 0 ||
         WriteSegments(host().dma(), buffer.writable, 0, std::as_bytes(std::span(&header, 1)))) &&
        WriteSegments(host().dma(), buffer.writable, header_room, part);
    used.push_back({buffer.head, is_there ? static_cast<uint32_t>(header_room + part.size()) : 0});
    header_room = 0;
  }
  host().queue(kReceiveQueue).Push(used);
}

void Net::NotePortHasRoom() {
  port_is_full_ = false;
  if (!is_paused_ && host().IsLive()) Transmit();
}

void Net::Transmit() {
  if (port_is_full_) return;
  Queue& queue = host().queue(kTransmitQueue);
  do {
    while (const auto chain = queue.Pop()) {
      if (!Send(*chain)) {
        queue.Unpop();
        port_is_full_ = true;
        return host().Flush(kTransmitQueue);
      }
      queue.Push(chain->head, 0);
    }
  } while (queue.AskForNotification());
  host().Flush(kTransmitQueue);
}

// False: later. What makes no sense is dropped.
bool Net::Send(const DescriptorChain& chain) {
  FrameHeader header;
  const uint64_t size = TotalBytes(chain.readable);
  if (size < kHeaderBytes + kEthernetHeaderBytes || size > kHeaderBytes + kMaxFrameBytes ||
      !ReadSegments(host().dma(), chain.readable, 0,
                    std::as_writable_bytes(std::span(&header, 1)))) {
    return true;
  }
  const uint64_t frame_bytes = size - kHeaderBytes;
  header.flags &= kNeedsChecksum;  // s. 5.1.6.2.2: the rest is to be ignored
  header.buffer_count = 0;
  std::vector<iovec> spans;
  if (!IsSendable(header, frame_bytes) ||
      !SpansOf(host().dma(), chain.readable, kHeaderBytes, frame_bytes,
               DmaPort::Access::kDeviceReads, spans) ||
      spans.size() > kMaxSpans) {
    return true;
  }
  return port_.Send(header, spans);
}

bool Net::IsSendable(const FrameHeader& header, uint64_t frame_bytes) {
  const bool needs_checksum = header.flags != 0;
  if (needs_checksum &&
      (!HasChosen(kFeatureChecksum) ||
       ExceedsLimit(header.checksum_start, header.checksum_offset + 2, frame_bytes))) {
    return false;
  }
  switch (header.segmentation & ~kSegmentsWithEcn) {
    case kNotSegmented:
      return header.segmentation == kNotSegmented;
    case kTcp4Segments:
      return needs_checksum && header.segment_bytes != 0 && HasChosen(kFeatureHostTso4);
    case kTcp6Segments:
      return needs_checksum && header.segment_bytes != 0 && HasChosen(kFeatureHostTso6);
    default:
      return false;
  }
}

uint32_t Net::Control(const DescriptorChain& chain) {
  const bool is_done = HasChosen(kFeatureControlQueue) &&
                       filter_.Obey(host().dma(), chain.readable, host().driver_features());
  config_.mac = filter_.mac();
  const std::byte answer = is_done ? kControlOk : kControlError;
  return WriteSegments(host().dma(), chain.writable, 0, {&answer, 1}) ? 1 : 0;
}

void Net::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "status", config_.status);
  visitor.BeginGroup(2, "filter");
  filter_.VisitState(visitor);
  visitor.EndGroup();
}

// The machine stands still until Start.
absl::Status Net::AfterRestore() {
  is_paused_ = true;
  config_.status &= kStatusLinkUp;
  config_.mac = filter_.mac();
  return filter_.AfterRestore();
}

}  // namespace emu::virtio
