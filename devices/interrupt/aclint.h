// Software interrupts and machine timers of all harts.
#pragma once

#include <memory>
#include <vector>

#include "devices/core/device.h"
#include "devices/core/device_clock.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu {

// MTIME is the virtual clock in ticks of 100 ns and cannot be written: every time source of the
// machine reads that one clock, and no guest that we know of sets it.
class Aclint final : public Device, public MmioHandler {
 public:
  struct HartLines {
    InterruptLine software;
    InterruptLine timer;
  };

  Aclint(DeviceClock& clock, std::vector<HartLines> harts);

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  struct Hart {
    HartLines lines;
    uint64_t mtimecmp = UINT64_MAX;
    std::unique_ptr<ClockTimer> timer;
  };

  uint64_t ReadRegister(uint32_t reg, uint32_t hart) const;
  void UpdateTimer(Hart& hart);

  DeviceClock& clock_;
  std::vector<Hart> harts_;
};

}  // namespace emu
