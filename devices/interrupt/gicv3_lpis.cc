#include "devices/interrupt/gicv3_lpis.h"

#include <algorithm>
#include <span>

#include "absl/status/status.h"
#include "devices/interrupt/gic_bank.h"
#include "devices/interrupt/gicv3_spec.h"

namespace emu::gicv3 {
namespace {

// GICR_PROPBASER and GICR_PENDBASER: cacheability and shareability are kept and mean nothing here,
// nor does the promise that the table is zero.
constexpr uint64_t kPropertyBaseMask = 0x070f'ffff'ffff'ff9f;
constexpr uint64_t kPropertyTable = 0x000f'ffff'ffff'f000;
constexpr uint64_t kPropertyIdBits = 0x1f;  // less one
constexpr uint64_t kPendingBaseMask = 0x070f'ffff'ffff'0f80;
constexpr uint64_t kPendingTable = 0x000f'ffff'ffff'0000;

// s. 5.1.1: one byte for each LPI.
constexpr uint8_t kConfigEnabled = 1;

}  // namespace

void Lpis::Reset() {
  is_enabled_ = false;
  property_base_ = pending_base_ = 0;
  pending_.clear();
}

void Lpis::SetPropertyBase(uint64_t value) {
  if (!is_enabled_) property_base_ = value & kPropertyBaseMask;
}

void Lpis::SetPendingBase(uint64_t value) {
  if (!is_enabled_) pending_base_ = value & kPendingBaseMask;
}

uint32_t Lpis::EndIntid() const {
  const auto bits = static_cast<uint32_t>(property_base_ & kPropertyIdBits) + 1;
  return uint32_t{1} << std::min(bits, kIntidBits);
}

GuestPhysAddr Lpis::PendingTable() const { return GuestPhysAddr(pending_base_ & kPendingTable); }

// s. 5.1.2: a bit for each INTID, those that are no LPIs too.
void Lpis::SetEnabled(bool enabled) {
  if (enabled == is_enabled_) return;
  is_enabled_ = enabled;
  const uint32_t end = EndIntid();
  if (end <= kFirstLpi) return;
  std::vector<std::byte> bits((end - kFirstLpi) / 8);
  const GuestPhysAddr table = PendingTable() + kFirstLpi / 8;
  if (!enabled) {
    for (const uint32_t intid : pending_) {
      bits[(intid - kFirstLpi) / 8] |= std::byte{1} << (intid % 8);
    }
    pending_.clear();
    // A table that is not memory keeps nothing: the guest's loss.
    [[maybe_unused]] const bool is_written = dma_.Write(table, bits);
    return;
  }
  if (!dma_.Read(table, bits)) return;
  for (uint32_t intid = kFirstLpi; intid < end; ++intid) {
    const std::byte byte = bits[(intid - kFirstLpi) / 8];
    if ((byte & std::byte{1} << (intid % 8)) != std::byte{0}) pending_.push_back(intid);
  }
}

void Lpis::SetPending(uint32_t intid, bool pending) {
  if (!is_enabled_ || intid < kFirstLpi || intid >= EndIntid()) return;
  TakePending(intid);
  if (pending) pending_.insert(std::ranges::lower_bound(pending_, intid), intid);
}

bool Lpis::TakePending(uint32_t intid) {
  const auto place = std::ranges::lower_bound(pending_, intid);
  if (place == pending_.end() || *place != intid) return false;
  pending_.erase(place);
  return true;
}

void Lpis::MoveTo(Lpis& other) {
  if (&other == this) return;
  for (const uint32_t intid : pending_) other.SetPending(intid, true);
  pending_.clear();
}

std::optional<gic::Candidate> Lpis::Best() const {
  std::optional<gic::Candidate> best;
  const GuestPhysAddr table(property_base_ & kPropertyTable);
  for (const uint32_t intid : pending_) {
    const auto config = dma_.Load<uint8_t>(table + (intid - kFirstLpi));
    if (!config || (*config & kConfigEnabled) == 0) continue;
    const auto priority = static_cast<uint8_t>(*config & gic::kPriorityMask);
    if (!best || priority < best->priority) best = {intid, 1, priority};
  }
  return best;
}

void Lpis::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "enabled", is_enabled_);
  visitor.Field(2, "property_base", property_base_);
  visitor.Field(3, "pending_base", pending_base_);
  const auto as_bytes = std::as_bytes(std::span(pending_));
  std::vector<std::byte> pending(as_bytes.begin(), as_bytes.end());
  visitor.Field(4, "pending", pending);
  if (!visitor.IsReading()) return;
  pending_.resize(pending.size() / sizeof(uint32_t));
  std::ranges::copy(std::span(pending).first(pending_.size() * sizeof(uint32_t)),
                    std::as_writable_bytes(std::span(pending_)).begin());
}

absl::Status Lpis::AfterRestore() {
  property_base_ &= kPropertyBaseMask;
  pending_base_ &= kPendingBaseMask;
  const auto is_wrong = [end = EndIntid()](uint32_t intid) {
    return intid < kFirstLpi || intid >= end;
  };
  if (std::ranges::any_of(pending_, is_wrong) ||
      std::ranges::adjacent_find(pending_, std::ranges::greater_equal()) != pending_.end()) {
    return absl::InvalidArgumentError("gicv3: the pending LPIs are not ascending LPIs");
  }
  return absl::OkStatus();
}

}  // namespace emu::gicv3
