#include "devices/timer/pl031.h"

#include "devices/core/register_bank.h"

namespace emu {
namespace {

using namespace pl031;

constexpr RegisterBank<Reg> kBank(kRegisters);
constexpr uint64_t kSecondNs = 1'000'000'000;

}  // namespace

Pl031::Pl031(DeviceClock& clock, WallClock wall_clock, InterruptLine irq)
    : clock_(clock), wall_clock_(std::move(wall_clock)), irq_(std::move(irq)) {
  timer_ = clock_.NewTimer([this] { UpdateAlarm(); });
}

// A wall clock has a battery: the time that the guest has set stays.
void Pl031::Reset() {
  SyncWithWallClock();
  match_ = load_ = 0;
  alarm_running_ = irq_enabled_ = irq_pending_ = false;
  timer_->Disarm();
  UpdateInterrupt();
}

void Pl031::Start() {
  SyncWithWallClock();
  UpdateAlarm();
}

uint32_t Pl031::Seconds() const {
  return static_cast<uint32_t>(WallNs() / kSecondNs) + guest_offset_;
}

AccessResult Pl031::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  return kBank.Read(offset, width_bytes, value, [this](Reg reg, uint32_t index) -> uint64_t {
    return ReadRegister(reg, index);
  });
}

AccessResult Pl031::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  return kBank.Write(
      offset, width_bytes, value, [](Reg, uint32_t) { return uint64_t{0}; },
      [this](Reg reg, uint32_t, uint64_t whole) {
        WriteRegister(reg, static_cast<uint32_t>(whole));
      });
}

uint32_t Pl031::ReadRegister(Reg reg, uint32_t index) const {
  switch (reg) {
    case Reg::kData:
      return Seconds();
    case Reg::kMatch:
      return match_;
    case Reg::kLoad:
      return load_;
    case Reg::kControl:
      return 1;
    case Reg::kMask:
      return irq_enabled_;
    case Reg::kRaw:
      return irq_pending_;
    case Reg::kMasked:
      return irq_pending_ && irq_enabled_;
    case Reg::kClear:
      return 0;
    case Reg::kIdentification:
      return kIdentification[index];
  }
  return 0;
}

void Pl031::WriteRegister(Reg reg, uint32_t value) {
  switch (reg) {
    case Reg::kMatch:
      match_ = value;
      alarm_running_ = true;
      return UpdateAlarm();
    case Reg::kLoad:
      load_ = value;
      guest_offset_ += value - Seconds();
      return UpdateAlarm();
    case Reg::kMask:
      irq_enabled_ = (value & 1) != 0;
      return UpdateInterrupt();
    case Reg::kClear:
      if ((value & 1) != 0) irq_pending_ = false;
      return UpdateInterrupt();
    case Reg::kData:  // read-only, as are the next
    case Reg::kControl:
    case Reg::kRaw:
    case Reg::kMasked:
    case Reg::kIdentification:
      return;
  }
}

void Pl031::UpdateAlarm() {
  if (!alarm_running_) return timer_->Disarm();
  const auto wait = static_cast<int32_t>(match_ - Seconds());
  if (wait > 0) {  // to the beginning of that second
    const uint64_t wait_ns = static_cast<uint64_t>(wait) * kSecondNs - WallNs() % kSecondNs;
    return timer_->Arm(clock_.NowNs() + wait_ns);
  }
  alarm_running_ = false;
  irq_pending_ = true;
  timer_->Disarm();
  UpdateInterrupt();
}

void Pl031::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "guest_offset", guest_offset_);
  visitor.Small(2, "match", match_);
  visitor.Small(3, "load", load_);
  visitor.Small(4, "alarm_running", alarm_running_);
  visitor.Small(5, "irq_enabled", irq_enabled_);
  visitor.Small(6, "irq_pending", irq_pending_);
}

// Alarms are armed in Start, when the wall clock is known.
absl::Status Pl031::AfterRestore() {
  UpdateInterrupt();
  irq_.Redrive();
  return absl::OkStatus();
}

}  // namespace emu
