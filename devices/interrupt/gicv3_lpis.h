// The message interrupts (LPIs) of one redistributor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "devices/core/dma_port.h"
#include "devices/interrupt/gic_bank.h"
#include "vmm/base/state_visitor.h"

namespace emu::gicv3 {

// Their configuration is read from the guest's table whenever it matters, so that invalidating it
// is no work. Which are pending is kept here and in the guest's table only while LPIs are off.
class Lpis {
 public:
  explicit Lpis(DmaPort& dma) : dma_(dma) {}

  void Reset();
  bool is_enabled() const { return is_enabled_; }
  uint64_t property_base() const { return property_base_; }
  uint64_t pending_base() const { return pending_base_; }
  // Ignored while LPIs are on, where the architecture does not say what it does.
  void SetPropertyBase(uint64_t value);
  void SetPendingBase(uint64_t value);
  // On: takes up what is pending in the guest's table. Off: writes it back.
  void SetEnabled(bool enabled);

  // What is no LPI of this table, or comes while LPIs are off, is dropped.
  void SetPending(uint32_t intid, bool pending);
  // It is not pending any more; whether it was.
  bool TakePending(uint32_t intid);
  // Moves all pending ones to `other`.
  void MoveTo(Lpis& other);

  // The most urgent one that is enabled.
  std::optional<gic::Candidate> Best() const;

  void VisitState(StateVisitor& visitor);
  absl::Status AfterRestore();

 private:
  uint32_t EndIntid() const;
  GuestPhysAddr PendingTable() const;

  DmaPort& dma_;
  bool is_enabled_ = false;
  uint64_t property_base_ = 0;
  uint64_t pending_base_ = 0;
  std::vector<uint32_t> pending_;  // ascending
};

}  // namespace emu::gicv3
