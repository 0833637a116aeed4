#include "devices/interrupt/aclint.h"

#include "devices/core/register_bank.h"
#include "devices/interrupt/aclint_spec.h"

namespace emu {
namespace {

using namespace aclint;

constexpr RegisterBank<Reg> kBank(kRegisters);

}  // namespace

Aclint::Aclint(DeviceClock& clock, std::vector<HartLines> harts) : clock_(clock) {
  harts_.resize(harts.size());
  for (size_t i = 0; i < harts.size(); ++i) {
    harts_[i].lines = std::move(harts[i]);
    harts_[i].timer = clock_.NewTimer([this, i] { UpdateTimer(harts_[i]); });
  }
}

// s. 2.1: MTIMECMP is not defined at reset; the highest value keeps timers quiet as on QEMU.
void Aclint::Reset() {
  for (Hart& hart : harts_) {
    hart.lines.software.Set(false);
    hart.mtimecmp = UINT64_MAX;
    UpdateTimer(hart);
  }
}

AccessResult Aclint::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  return kBank.Read(offset, width_bytes, value, [this](Reg reg, uint32_t hart) {
    return ReadRegister(static_cast<uint32_t>(reg), hart);
  });
}

AccessResult Aclint::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  return kBank.Write(
      offset, width_bytes, value,
      [this](Reg reg, uint32_t hart) { return ReadRegister(static_cast<uint32_t>(reg), hart); },
      [this](Reg reg, uint32_t index, uint64_t whole) {
        if (index >= harts_.size()) return;
        switch (reg) {
          case Reg::kMsip:
            // Driven again though it is pending: a hart that does not take it may be waiting for
            // the next.
            if (harts_[index].lines.software.level() && (whole & 1) != 0) {
              return harts_[index].lines.software.Redrive();
            }
            harts_[index].lines.software.Set((whole & 1) != 0);
            return;
          case Reg::kMtimecmp:
            harts_[index].mtimecmp = whole;
            UpdateTimer(harts_[index]);
            return;
          case Reg::kMtime:
            return;
        }
      });
}

uint64_t Aclint::ReadRegister(uint32_t reg, uint32_t hart) const {
  if (static_cast<Reg>(reg) == Reg::kMtime) return clock_.NowNs() / kTickNs;
  if (hart >= harts_.size()) return 0;
  return static_cast<Reg>(reg) == Reg::kMsip ? harts_[hart].lines.software.level()
                                             : harts_[hart].mtimecmp;
}

void Aclint::UpdateTimer(Hart& hart) {
  const bool expired = clock_.NowNs() / kTickNs >= hart.mtimecmp;
  hart.lines.timer.Set(expired);
  if (expired || hart.mtimecmp > UINT64_MAX / kTickNs) {
    hart.timer->Disarm();
  } else {
    hart.timer->Arm(hart.mtimecmp * kTickNs);
  }
}

void Aclint::VisitState(StateVisitor& visitor) {
  for (uint32_t i = 0; i < harts_.size(); ++i) {
    visitor.BeginGroup(i + 1, "hart");
    bool software = harts_[i].lines.software.level();
    visitor.Small(1, "msip", software);
    visitor.Field(2, "mtimecmp", harts_[i].mtimecmp);
    visitor.EndGroup();
    if (visitor.IsReading()) harts_[i].lines.software.Set(software);
  }
}

absl::Status Aclint::AfterRestore() {
  for (Hart& hart : harts_) {
    UpdateTimer(hart);
    hart.lines.software.Redrive();
    hart.lines.timer.Redrive();
  }
  return absl::OkStatus();
}

}  // namespace emu
