// The wall clock of Arm boards, with an alarm.
#pragma once

#include <functional>
#include <memory>

#include "devices/core/device.h"
#include "devices/core/device_clock.h"
#include "devices/timer/pl031_spec.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu {

// Seconds since 1970 in 32 bits, kept as `GoldfishRtc` keeps its time. Unlike hardware, an alarm
// that is set to a time up to 68 years ago goes off at once, so that one that fell into a pause is
// not lost.
class Pl031 final : public Device, public MmioHandler {
 public:
  using WallClock = std::function<uint64_t()>;  // nanoseconds since 1970

  Pl031(DeviceClock& clock, WallClock wall_clock, InterruptLine irq);

  void Reset() override;
  void Start() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  uint64_t WallNs() const { return clock_.NowNs() + wall_offset_ns_; }
  uint32_t Seconds() const;
  uint32_t ReadRegister(pl031::Reg reg, uint32_t index) const;
  void WriteRegister(pl031::Reg reg, uint32_t value);
  void SyncWithWallClock() { wall_offset_ns_ = wall_clock_() - clock_.NowNs(); }
  void UpdateAlarm();
  void UpdateInterrupt() { irq_.Set(irq_enabled_ && irq_pending_); }

  DeviceClock& clock_;
  WallClock wall_clock_;
  InterruptLine irq_;
  uint64_t wall_offset_ns_ = 0;  // modulo 2^64
  uint32_t guest_offset_ = 0;    // seconds that the guest has set it forward, modulo 2^32
  uint32_t match_ = 0;
  uint32_t load_ = 0;  // what the guest has set it to last
  bool alarm_running_ = false;
  bool irq_enabled_ = false;
  bool irq_pending_ = false;
  std::unique_ptr<ClockTimer> timer_;
};

}  // namespace emu
