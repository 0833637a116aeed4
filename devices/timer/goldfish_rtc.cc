#include "devices/timer/goldfish_rtc.h"

#include "devices/core/register_bank.h"
#include "devices/timer/goldfish_rtc_spec.h"

namespace emu {
namespace {

using namespace goldfish_rtc;

constexpr RegisterBank<Reg> kBank(kRegisters);

}  // namespace

GoldfishRtc::GoldfishRtc(DeviceClock& clock, WallClock wall_clock, InterruptLine irq)
    : clock_(clock), wall_clock_(std::move(wall_clock)), irq_(std::move(irq)) {
  timer_ = clock_.NewTimer([this] { UpdateAlarm(); });
}

// A wall clock has a battery: the time that the guest has set stays.
void GoldfishRtc::Reset() {
  SyncWithWallClock();
  alarm_ns_ = 0;
  time_high_ = alarm_high_ = 0;
  alarm_running_ = irq_enabled_ = irq_pending_ = false;
  timer_->Disarm();
  UpdateInterrupt();
}

void GoldfishRtc::Start() {
  SyncWithWallClock();
  UpdateAlarm();
}

AccessResult GoldfishRtc::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  return kBank.Read(offset, width_bytes, value, [this](Reg reg, uint32_t) -> uint64_t {
    switch (reg) {
      case Reg::kTimeLow: {
        const uint64_t now = Now();
        time_high_ = static_cast<uint32_t>(now >> 32);
        return now;
      }
      case Reg::kTimeHigh:
        return time_high_;
      case Reg::kAlarmLow:
        return alarm_ns_;
      case Reg::kAlarmHigh:
        return alarm_ns_ >> 32;
      case Reg::kIrqEnabled:
        return irq_enabled_;
      case Reg::kAlarmStatus:
        return alarm_running_;
      case Reg::kClearAlarm:
      case Reg::kClearInterrupt:
        return 0;
    }
    return 0;
  });
}

AccessResult GoldfishRtc::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  return kBank.Write(
      offset, width_bytes, value, [](Reg, uint32_t) { return uint64_t{0}; },
      [this](Reg reg, uint32_t, uint64_t whole) {
        switch (reg) {
          case Reg::kTimeLow:
            guest_offset_ns_ += (uint64_t{time_high_} << 32 | whole) - Now();
            return UpdateAlarm();
          case Reg::kTimeHigh:
            time_high_ = static_cast<uint32_t>(whole);
            return;
          case Reg::kAlarmLow:
            return SetAlarm(uint64_t{alarm_high_} << 32 | whole);
          case Reg::kAlarmHigh:
            alarm_high_ = static_cast<uint32_t>(whole);
            return;
          case Reg::kIrqEnabled:
            irq_enabled_ = (whole & 1) != 0;
            return UpdateInterrupt();
          case Reg::kClearAlarm:
            alarm_running_ = false;
            return UpdateAlarm();
          case Reg::kClearInterrupt:
            irq_pending_ = false;
            return UpdateInterrupt();
          case Reg::kAlarmStatus:
            return;
        }
      });
}

void GoldfishRtc::SetAlarm(uint64_t when) {
  alarm_ns_ = when;
  alarm_running_ = true;
  UpdateAlarm();
}

void GoldfishRtc::UpdateAlarm() {
  if (!alarm_running_) return timer_->Disarm();
  const uint64_t now = Now();
  if (alarm_ns_ > now) {
    const uint64_t wait = alarm_ns_ - now;
    const uint64_t base = clock_.NowNs();
    return timer_->Arm(wait > UINT64_MAX - base ? UINT64_MAX : base + wait);
  }
  alarm_running_ = false;
  irq_pending_ = true;
  timer_->Disarm();
  UpdateInterrupt();
}

void GoldfishRtc::VisitState(StateVisitor& visitor) {
  visitor.Field(1, "guest_offset_ns", guest_offset_ns_);
  visitor.Field(2, "alarm_ns", alarm_ns_);
  visitor.Small(3, "time_high", time_high_);
  visitor.Small(4, "alarm_high", alarm_high_);
  visitor.Small(5, "alarm_running", alarm_running_);
  visitor.Small(6, "irq_enabled", irq_enabled_);
  visitor.Small(7, "irq_pending", irq_pending_);
}

// Alarms are armed in Start, when the wall clock is known.
absl::Status GoldfishRtc::AfterRestore() {
  UpdateInterrupt();
  irq_.Redrive();
  return absl::OkStatus();
}

}  // namespace emu
