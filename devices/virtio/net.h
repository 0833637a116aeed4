// A network card.
#pragma once

#include <span>
#include <vector>

#include "devices/backend/packet_port.h"
#include "devices/virtio/net_filter.h"
#include "devices/virtio/net_flows.h"
#include "devices/virtio/net_spec.h"
#include "devices/virtio/virtio_device.h"

namespace emu::virtio {

// Keeps no frame: what the host has no room for stays in the driver's queue, what the driver has no
// room for stays with the port. What is under way is lost with a snapshot, as networks lose frames.
class Net final : public VirtioDevice {
 public:
  // `port` outlives the device. 1 to net::kMaxQueuePairs pairs of queues, best one for a processor.
  Net(PacketPort& port, const net::MacAddress& mac, uint16_t queue_pairs = 1);

  // What the port tells; as PacketPort::Handlers.
  [[nodiscard]] bool Receive(std::span<const std::byte> packet);
  void NotePortHasRoom();
  void SetLink(bool is_up);

  uint32_t device_id() const override { return net::kDeviceId; }
  uint64_t features() const override;
  uint32_t queue_count() const override { return 2u * config_.max_queue_pairs + 1; }
  std::span<const std::byte> config() const override;
  void ResetDevice() override;
  void Activate() override { CallPortBack(); }
  void Notify(uint32_t index) override;
  void Start() override;
  void Pause() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;

 private:
  enum class Room : uint8_t { kFound, kNotYet, kNever };

  bool HasChosen(uint64_t feature) { return (host().driver_features() & feature) != 0; }
  // Where the negotiation has put it.
  uint32_t ControlQueue();
  // Of the pair that the frame's flow belongs to.
  uint32_t ReceiveQueueFor(std::span<const std::byte> frame);
  // Takes buffers for `size` bytes out of the queue, or none.
  Room TakeBuffers(Queue& queue, uint64_t size, std::vector<DescriptorChain>& buffers);
  void Fill(Queue& queue, std::span<const DescriptorChain> buffers,
            std::span<const std::byte> packet);
  void CallPortBack();
  void TransmitAll();
  void Transmit(uint32_t index);
  bool Send(const DescriptorChain& chain, uint16_t pair);
  void NoteFlow(const DescriptorChain& chain, uint64_t frame_bytes, uint16_t pair);
  bool IsSendable(const FrameHeader& header, uint64_t frame_bytes);
  uint32_t Control(const DescriptorChain& chain);
  bool Obey(std::span<const Segment> request);

  PacketPort& port_;
  const PacketPort::Traits traits_;
  NetFilter filter_;
  NetFlows flows_;           // none is known after a pause: the next frame that is sent tells
  uint16_t pairs_used_ = 1;  // that the driver wants frames on
  net::Config config_ = {};
  bool is_paused_ = false;
  bool port_is_full_ = false;  // it will call
  bool port_waits_ = false;    // with a frame that there was no room for
};

}  // namespace emu::virtio
