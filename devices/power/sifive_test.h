// The register through which the guest powers itself off or resets itself.
#pragma once

#include <functional>

#include "devices/core/device.h"
#include "vmm/base/address_space.h"

namespace emu {

class SifiveTest final : public Device, public MmioHandler {
 public:
  enum class Request : uint8_t { kPowerOff, kReset, kFail };
  // With the device lock held, on the thread of the vCPU that wrote; it must not wait.
  using Sink = std::function<void(Request request, uint32_t code)>;

  explicit SifiveTest(Sink sink) : sink_(std::move(sink)) {}

  void Reset() override {}
  void VisitState(StateVisitor&) override {}  // it has no state
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  Sink sink_;
};

}  // namespace emu
