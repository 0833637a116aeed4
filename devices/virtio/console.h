// One console port, without size or multiport.
#pragma once

#include <deque>

#include "devices/backend/char_stream.h"
#include "devices/virtio/console_spec.h"
#include "devices/virtio/virtio_device.h"

namespace emu::virtio {

class Console final : public VirtioDevice {
 public:
  // What waits for the guest to give buffers; input beyond it is dropped.
  static constexpr size_t kMaxBacklogBytes = 1 << 20;

  explicit Console(CharStream& stream) : stream_(stream) {}

  // Host to guest, with the device lock held.
  void Receive(std::span<const std::byte> bytes);

  uint32_t device_id() const override { return console::kDeviceId; }
  uint64_t features() const override { return 0; }
  uint32_t queue_count() const override { return 2; }
  std::span<const std::byte> config() const override { return kNoConfig; }
  void Activate() override { FillBuffers(); }
  void Notify(uint32_t index) override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;

 private:
  // cols, rows, max_nr_ports, emerg_wr: none of them is offered.
  static constexpr std::array<std::byte, 12> kNoConfig = {};

  uint32_t Transmit(const DescriptorChain& chain);
  void FillBuffers();

  CharStream& stream_;
  std::deque<std::byte> backlog_;  // the host's, not the device's: survives a reset
};

}  // namespace emu::virtio
