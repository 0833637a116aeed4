// Frames and control requests of a network card, and frames that come in between.
#include <algorithm>

#include "devices/virtio/net.h"
#include "devices/virtio/recording_port.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/virtio_player.h"

namespace emu::fuzz {
namespace {

using namespace virtio::net;

constexpr virtio::net::MacAddress kMac = {std::byte{2}};
constexpr uint16_t kPairs = 1;  // so that the control queue is where the bench has room for it

std::string Frame() {
  std::string frame(sizeof(FrameHeader) + 60, '\0');
  frame[sizeof(FrameHeader)] = 2;
  frame[sizeof(FrameHeader) + 12] = 8;  // IPv4
  frame[sizeof(FrameHeader) + 14] = 0x45;
  return frame;
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string all = Record(Deed::kReset, 0, "\xff\xff\xff\xff\xff");
  const std::string send = Record(Deed::kRequest, kTransmitQueue, Frame());
  const std::string room = Record(Deed::kRequest, kReceiveQueue, std::string(100, '\0'));
  const std::string come = Record(Deed::kHost, 0, Frame());
  std::string segment = Frame();
  segment[0] = 1;    // a checksum is to be made
  segment[1] = 1;    // TCP over IPv4
  segment[2] = 54;   // headers
  segment[4] = 100;  // of a segment
  segment[6] = 34, segment[8] = 16;
  const auto control = [](const std::string& bytes) {
    return Record(Deed::kRequest, kControlQueue, bytes);
  };
  return {all + send + room + come + send,
          room + come + come + Record(Deed::kHost, 1, "") + send,
          all + Record(Deed::kRequest, kTransmitQueue, segment),
          all + control(std::string("\0\0\1", 3)) + control(std::string("\1\1\2\3\4\5\6\7", 8)),
          all + control(std::string("\1\0\1\0\0\0\2\0\0\0\0\3\0\0\0\0", 16)) +
              control(std::string("\4\0\1\0", 4)),
          send + Record(Deed::kHost, 2, "") + send + Record(Deed::kHost, 3, "") + send,
          room + Record(Deed::kSwitchOff, kReceiveQueue, "") + come};
}

void TryInput(std::string_view input) {
  std::string sent;
  RecordingPort port(sent);
  auto net = std::make_unique<virtio::Net>(port, kMac, kPairs);
  virtio::Net& card = *net;
  // A frame, news of the link, a port that is full, and one that is no longer.
  const auto host = [&](uint8_t choice, std::string_view bytes) {
    switch (choice % 4) {
      case 0: {
        std::vector<std::byte> packet(std::max(bytes.size(), sizeof(FrameHeader) + 14));
        std::ranges::copy(std::as_bytes(std::span(bytes)), packet.begin());
        (void)card.Receive(packet);
        return;
      }
      case 1:
        return card.SetLink(!bytes.empty());
      case 2:
        port.is_full = true;
        return;
      default:
        port.is_full = false;
        card.NotePortHasRoom();
    }
  };
  const auto mend = [&] { host(3, ""); };
  Play({std::move(net), 2 * kPairs + 1u, host, mend}, input, {kTransmitQueue, Frame(), 0, ""});
}

}  // namespace emu::fuzz
