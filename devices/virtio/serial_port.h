// One port that has a name and is no console: programs on both sides open and close it.
#pragma once

#include <deque>
#include <string>

#include "devices/backend/byte_port.h"
#include "devices/virtio/console_spec.h"
#include "devices/virtio/virtio_device.h"

namespace emu::virtio {

// Keeps no bytes: what the host has no room for stays in the driver's queue, what the driver has no
// room for stays with the port. A connection does not outlive a snapshot: the guest hears
// that it has ended.
class SerialPort final : public VirtioDevice {
 public:
  // `port` outlives the device. A guest finds `name` in /sys/class/virtio-ports/*/name.
  SerialPort(BytePort& port, std::string name);

  // What the port tells; as BytePort::Handlers.
  [[nodiscard]] size_t Receive(std::span<const std::byte> bytes);
  void NotePortHasRoom();
  void SetConnection(bool is_open);

  uint32_t device_id() const override { return console::kDeviceId; }
  uint64_t features() const override { return console::kFeatureMultiport; }
  uint32_t queue_count() const override { return 4; }
  std::span<const std::byte> config() const override;
  void ResetDevice() override;
  void Activate() override { SendControl(); }
  void Notify(uint32_t index) override;
  void Start() override;
  void Pause() override { is_paused_ = true; }
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;

 private:
  // More than one that obeys can make wait.
  static constexpr size_t kMostPending = 16;

  bool IsInUse();
  void CallPortBack();
  void Transmit();
  bool Send(const DescriptorChain& chain);
  void Tell(console::ControlEvent event, uint16_t value);
  void TellConnection();
  void SendControl();
  uint32_t TakeControl(const DescriptorChain& chain);
  void SetGuestOpen(bool is_open);

  BytePort& port_;
  const std::string name_;
  const console::Config config_ = {.max_ports = 1};
  bool is_known_ = false;       // the driver has taken the port up
  bool is_guest_open_ = false;  // a program of the guest has
  bool is_open_ = false;        // somebody on the host has
  uint64_t sent_bytes_ = 0;     // of the first request in the transmit queue, to who is there now
  std::deque<console::ControlMessage> pending_;  // for the driver
  bool is_paused_ = false;
  bool port_is_full_ = false;  // it will call
  bool port_waits_ = false;    // with bytes that there was no room for
};

}  // namespace emu::virtio
