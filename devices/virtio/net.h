// A network card.
#pragma once

#include <span>
#include <vector>

#include "devices/backend/packet_port.h"
#include "devices/virtio/net_filter.h"
#include "devices/virtio/net_spec.h"
#include "devices/virtio/virtio_device.h"

namespace emu::virtio {

// Keeps no frame: what the host has no room for stays in the driver's queue, what the driver has no
// room for stays with the port. What is under way is lost with a snapshot, as networks lose frames.
class Net final : public VirtioDevice {
 public:
  // `port` outlives the device.
  Net(PacketPort& port, const net::MacAddress& mac);

  // What the port tells; as PacketPort::Handlers.
  [[nodiscard]] bool Receive(std::span<const std::byte> packet);
  void NotePortHasRoom();
  void SetLink(bool is_up);

  uint32_t device_id() const override { return net::kDeviceId; }
  uint64_t features() const override;
  uint32_t queue_count() const override { return 3; }
  std::span<const std::byte> config() const override;
  void ResetDevice() override;
  void Activate() override { CallPortBack(); }
  void Notify(uint32_t index) override;
  void Start() override;
  void Pause() override { is_paused_ = true; }
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;

 private:
  enum class Room : uint8_t { kFound, kNotYet, kNever };

  bool HasChosen(uint64_t feature) { return (host().driver_features() & feature) != 0; }
  // Takes buffers for `size` bytes out of the queue, or none.
  Room TakeBuffers(uint64_t size, std::vector<DescriptorChain>& buffers);
  void Fill(std::span<const DescriptorChain> buffers, std::span<const std::byte> packet);
  void CallPortBack();
  void Transmit();
  bool Send(const DescriptorChain& chain);
  bool IsSendable(const FrameHeader& header, uint64_t frame_bytes);
  uint32_t Control(const DescriptorChain& chain);

  PacketPort& port_;
  const PacketPort::Traits traits_;
  NetFilter filter_;
  net::Config config_ = {};
  bool is_paused_ = false;
  bool port_is_full_ = false;  // it will call
  bool port_waits_ = false;    // with a frame that there was no room for
};

}  // namespace emu::virtio
