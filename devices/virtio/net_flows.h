// Which queue pair of a network card a frame's flow belongs to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace emu::virtio {

// Frames of a flow come in on the pair that last sent on it (VIRTIO 1.2 s. 5.1.6.5.5): the driver
// has a processor for each. Flows that share an entry follow each other.
class NetFlows {
 public:
  // What is looked at of a frame: Ethernet, the longest header of IP, the ports behind it.
  static constexpr size_t kMaxHeaderBytes = 14 + 60 + 4;

  // Both take a frame's first kMaxHeaderBytes, or all of it.
  void NoteSent(std::span<const std::byte> frame, uint16_t pair) { pairs_[IndexOf(frame)] = pair; }
  uint16_t PairOf(std::span<const std::byte> frame) const { return pairs_[IndexOf(frame)]; }

  void Reset() { pairs_.fill(0); }

 private:
  static constexpr size_t kEntries = 256;

  // The same for both directions; 0 for what is not IP.
  static size_t IndexOf(std::span<const std::byte> frame);

  std::array<uint16_t, kEntries> pairs_ = {};
};

}  // namespace emu::virtio
