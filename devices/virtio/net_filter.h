// Which frames a network card hands to its guest (VIRTIO 1.2 s. 5.1.6.5.1 to 5.1.6.5.3).
#pragma once

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "devices/core/dma_port.h"
#include "devices/virtio/net_spec.h"
#include "devices/virtio/queue.h"
#include "vmm/base/state_visitor.h"

namespace emu::virtio {

// As of a reset it lets everything through, for drivers that never say what they want.
class NetFilter {
 public:
  // A larger table is refused.
  static constexpr size_t kMaxTableEntries = 512;

  explicit NetFilter(const net::MacAddress& mac) : own_mac_(mac), mac_(mac) {}

  void Reset();
  const net::MacAddress& mac() const { return mac_; }

  // `destination`: a frame's first 6 bytes.
  bool Accepts(std::span<const std::byte> destination) const;

  // A request of the control queue, from its first byte on. False: it is refused, and nothing has
  // changed.
  [[nodiscard]] bool Obey(DmaPort& dma, std::span<const Segment> request, uint64_t features);

  void VisitState(StateVisitor& visitor);
  absl::Status AfterRestore() const;

 private:
  using Table = std::vector<std::byte>;

  bool Has(net::ReceiveMode mode) const { return (modes_ >> static_cast<uint8_t>(mode) & 1) != 0; }
  bool SetMode(DmaPort& dma, std::span<const Segment> request, uint8_t mode, uint64_t features);
  // The next of two is looked for at `at`, which moves on.
  static bool ReadTable(DmaPort& dma, std::span<const Segment> request, uint64_t& at, Table& table);
  bool SetTables(DmaPort& dma, std::span<const Segment> request);

  net::MacAddress own_mac_;
  net::MacAddress mac_;
  uint8_t modes_ = 1;  // kPromiscuous
  Table unicast_;
  Table multicast_;
};

}  // namespace emu::virtio
