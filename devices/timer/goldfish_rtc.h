// The wall clock, with an alarm.
#pragma once

#include <functional>
#include <memory>

#include "devices/core/device.h"
#include "devices/core/device_clock.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu {

// Nanoseconds since 1970, running with the virtual clock; set by the host's wall clock whenever the
// VM starts or goes on, plus what the guest has set it forward or back.
class GoldfishRtc final : public Device, public MmioHandler {
 public:
  using WallClock = std::function<uint64_t()>;  // nanoseconds since 1970

  GoldfishRtc(DeviceClock& clock, WallClock wall_clock, InterruptLine irq);

  void Reset() override;
  void Start() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  uint64_t Now() const { return clock_.NowNs() + wall_offset_ns_ + guest_offset_ns_; }
  void SyncWithWallClock() { wall_offset_ns_ = wall_clock_() - clock_.NowNs(); }
  void SetAlarm(uint64_t when);
  void UpdateAlarm();
  void UpdateInterrupt() { irq_.Set(irq_enabled_ && irq_pending_); }

  DeviceClock& clock_;
  WallClock wall_clock_;
  InterruptLine irq_;
  uint64_t wall_offset_ns_ = 0;  // all three modulo 2^64
  uint64_t guest_offset_ns_ = 0;
  uint64_t alarm_ns_ = 0;
  uint32_t time_high_ = 0;  // latched, or written
  uint32_t alarm_high_ = 0;
  bool alarm_running_ = false;
  bool irq_enabled_ = false;
  bool irq_pending_ = false;
  std::unique_ptr<ClockTimer> timer_;
};

}  // namespace emu
