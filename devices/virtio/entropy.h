// Random numbers from the host.
#pragma once

#include <functional>

#include "devices/virtio/entropy_spec.h"
#include "devices/virtio/virtio_device.h"

namespace emu::virtio {

class Entropy final : public VirtioDevice {
 public:
  // Fills the bytes with random numbers, or answers false.
  using Source = std::function<bool(std::span<std::byte>)>;
  explicit Entropy(Source source) : source_(std::move(source)) {}

  uint32_t device_id() const override { return entropy::kDeviceId; }
  uint64_t features() const override { return 0; }
  uint32_t queue_count() const override { return 1; }
  void Notify(uint32_t index) override;

 private:
  Source source_;
};

// The host kernel's generator.
bool FillFromHost(std::span<std::byte> bytes);

}  // namespace emu::virtio
