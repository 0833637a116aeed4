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

Net::Net(PacketPort& port, const MacAddress& mac, uint16_t queue_pairs)
    : port_(port), traits_(port.traits()), filter_(mac) {
  config_.mac = mac;
  config_.status = kStatusLinkUp;
  config_.max_queue_pairs = queue_pairs;
  config_.mtu = traits_.mtu;
}

uint64_t Net::features() const {
  uint64_t features = kFeatureMtu | kFeatureMac | kFeatureMergeableBuffers | kFeatureStatus |
                      kFeatureControlQueue | kFeatureControlReceive | kFeatureControlReceiveExtra |
                      kFeatureControlMac;
  if (config_.max_queue_pairs > 1) features |= kFeatureMultiQueue;
  if (traits_.takes_partial_checksums) features |= kFeatureChecksum;
  if (traits_.takes_tcp_segments) features |= kFeatureHostTso4 | kFeatureHostTso6;
  if (traits_.gives_valid_checksums) features |= kFeatureGuestChecksum;
  return features;
}

std::span<const std::byte> Net::config() const { return std::as_bytes(std::span(&config_, 1)); }

void Net::ResetDevice() {
  filter_.Reset();
  config_.mac = filter_.mac();
  flows_.Reset();
  pairs_used_ = 1;
  CallPortBack();
}

void Net::SetLink(bool is_up) {
  const uint16_t status = is_up ? kStatusLinkUp : 0;
  if (std::exchange(config_.status, status) != status) host().NoteConfigChange();
}

void Net::Notify(uint32_t index) {
  if (index == ControlQueue()) {
    return ServeAll(index, [this](const DescriptorChain& chain) { return Control(chain); });
  }
  if (index % 2 == kReceiveQueue) return CallPortBack();
  Transmit(index);
}

uint32_t Net::ControlQueue() {
  return HasChosen(kFeatureMultiQueue) ? 2u * config_.max_queue_pairs : kControlQueue;
}

void Net::Start() {
  is_paused_ = false;
  if (host().IsLive()) TransmitAll();
  CallPortBack();
}

void Net::Pause() {
  is_paused_ = true;
  flows_.Reset();
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
  const uint32_t index = ReceiveQueueFor(packet.subspan(kHeaderBytes));
  Queue& queue = host().queue(index);
  std::vector<DescriptorChain> buffers;
  const Room room = TakeBuffers(queue, packet.size(), buffers);
  if (room == Room::kFound) Fill(queue, buffers, packet);
  if (room == Room::kNotYet) port_waits_ = true;
  host().Flush(index);
  return room != Room::kNotYet;
}

uint32_t Net::ReceiveQueueFor(std::span<const std::byte> frame) {
  if (pairs_used_ == 1) return kReceiveQueue;
  const uint16_t pair =
      flows_.PairOf(frame.first(std::min(frame.size(), NetFlows::kMaxHeaderBytes)));
  const uint32_t index = 2u * pair + kReceiveQueue;
  return pair < pairs_used_ && host().queue(index).is_enabled() ? index : kReceiveQueue;
}

Net::Room Net::TakeBuffers(Queue& queue, uint64_t size, std::vector<DescriptorChain>& buffers) {
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

void Net::Fill(Queue& queue, std::span<const DescriptorChain> buffers,
               std::span<const std::byte> packet) {
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
  queue.Push(used);
}

void Net::NotePortHasRoom() {
  port_is_full_ = false;
  if (!is_paused_ && host().IsLive()) TransmitAll();
}

void Net::TransmitAll() {
  const uint32_t pairs = HasChosen(kFeatureMultiQueue) ? config_.max_queue_pairs : 1;
  for (uint32_t pair = 0; pair < pairs; ++pair) Transmit(2 * pair + kTransmitQueue);
}

void Net::Transmit(uint32_t index) {
  if (port_is_full_) return;
  Queue& queue = host().queue(index);
  do {
    while (const auto chain = queue.Pop()) {
      if (!Send(*chain, static_cast<uint16_t>(index / 2))) {
        queue.Unpop();
        port_is_full_ = true;
        return host().Flush(index);
      }
      queue.Push(chain->head, 0);
    }
  } while (queue.AskForNotification());
  host().Flush(index);
}

// False: later. What makes no sense is dropped.
bool Net::Send(const DescriptorChain& chain, uint16_t pair) {
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
  if (pairs_used_ > 1) NoteFlow(chain, frame_bytes, pair);
  return port_.Send(header, spans);
}

void Net::NoteFlow(const DescriptorChain& chain, uint64_t frame_bytes, uint16_t pair) {
  std::array<std::byte, NetFlows::kMaxHeaderBytes> bytes;
  const auto start = std::span(bytes).first(std::min<uint64_t>(bytes.size(), frame_bytes));
  if (ReadSegments(host().dma(), chain.readable, kHeaderBytes, start)) {
    flows_.NoteSent(start, pair);
  }
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
  const bool is_done = HasChosen(kFeatureControlQueue) && Obey(chain.readable);
  config_.mac = filter_.mac();
  const std::byte answer = is_done ? kControlOk : kControlError;
  return WriteSegments(host().dma(), chain.writable, 0, {&answer, 1}) ? 1 : 0;
}

bool Net::Obey(std::span<const Segment> request) {
  struct {
    ControlHeader header;
    uint16_t pairs;
  } command;
  static_assert(sizeof(command) == 4);
  DmaPort& dma = host().dma();
  if (!ReadSegments(dma, request, 0, std::as_writable_bytes(std::span(&command.header, 1)))) {
    return false;
  }
  if (static_cast<ControlClass>(command.header.command_class) != ControlClass::kMultiQueue) {
    return filter_.Obey(dma, request, host().driver_features());
  }
  if (!HasChosen(kFeatureMultiQueue) || command.header.command != kQueuePairsSet ||
      !ReadSegments(dma, request, 0, std::as_writable_bytes(std::span(&command, 1))) ||
      command.pairs == 0 || command.pairs > config_.max_queue_pairs) {
    return false;
  }
  pairs_used_ = command.pairs;
  return true;
}

void Net::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "status", config_.status);
  if (config_.max_queue_pairs > 1) visitor.Small(3, "pairs_used", pairs_used_);
  visitor.BeginGroup(2, "filter");
  filter_.VisitState(visitor);
  visitor.EndGroup();
}

// The machine stands still until Start.
absl::Status Net::AfterRestore() {
  is_paused_ = true;
  if (pairs_used_ == 0 || pairs_used_ > config_.max_queue_pairs) {
    return absl::InvalidArgumentError("virtio net: an impossible number of queue pairs");
  }
  config_.status &= kStatusLinkUp;
  config_.mac = filter_.mac();
  return filter_.AfterRestore();
}

}  // namespace emu::virtio
