#include "devices/pci/msix.h"

#include <algorithm>
#include <array>
#include <bit>

#include "vmm/base/bits.h"
#include "vmm/base/endian.h"

namespace emu::pci {
namespace {

constexpr uint64_t kPendingAlignment = 8;
constexpr uint64_t kSmallestBar = 4096;  // a page of its own, for guests that give functions away

}  // namespace

Msix::Msix(ConfigSpace& config, uint32_t vectors, uint32_t bar, MessageSink sink)
    : config_(config), sink_(std::move(sink)) {
  pending_at_ = vectors * kMsixEntryBytes;
  const uint64_t size = pending_at_ + AlignUp(vectors, 8 * kPendingAlignment) / 8;
  config.AddBar(bar, std::bit_ceil(std::max(size, kSmallestBar)));
  std::array<std::byte, kMsixBytes - 2> body = {};
  StoreLittle(std::span(body), static_cast<uint16_t>(vectors - 1));
  StoreLittle(std::span(body).subspan(kMsixTable - 2), bar);
  StoreLittle(std::span(body).subspan(kMsixPending - 2), static_cast<uint32_t>(pending_at_) | bar);
  at_ = config.AddCapability(kCapabilityMsix, body);
  config.MakeWritable(at_ + kMsixControl, 2, kMsixEnable | kMsixMaskAll);
  pending_.resize(vectors);
  Reset();
}

void Msix::Reset() {
  table_.assign(pending_at_, std::byte{0});
  for (uint32_t vector = 0; vector < vector_count(); ++vector) {
    table_[vector * kMsixEntryBytes + kMsixEntryControl] = std::byte{kMsixEntryMasked};
  }
  std::fill(pending_.begin(), pending_.end(), false);
}

uint32_t Msix::Word(uint32_t vector, uint32_t offset) const {
  return LoadLittle<uint32_t>(std::span(table_).subspan(vector * kMsixEntryBytes + offset));
}

bool Msix::MaySend(uint32_t vector) const {
  return (Control() & (kMsixEnable | kMsixMaskAll)) == kMsixEnable &&
         (Word(vector, kMsixEntryControl) & kMsixEntryMasked) == 0 &&
         config_.CommandHas(kCommandMaster);
}

void Msix::Send(uint32_t vector) {
  if (vector >= vector_count()) return;
  pending_[vector] = true;
  SendPending();
}

void Msix::SendPending() {
  for (uint32_t vector = 0; vector < vector_count(); ++vector) {
    if (!pending_[vector] || !MaySend(vector)) continue;
    pending_[vector] = false;
    sink_(uint64_t{Word(vector, 4)} << 32 | Word(vector, 0), Word(vector, 8));
  }
}

AccessResult Msix::Read(uint64_t offset, uint32_t width_bytes, uint64_t* value) const {
  *value = 0;
  if (width_bytes < 4) return AccessResult::kBadAccess;  // s. 6.8.2: words and doublewords
  for (uint32_t i = 0; i < width_bytes; ++i) {
    const uint64_t at = offset + i;
    uint64_t byte = 0;
    if (at < pending_at_) {
      byte = static_cast<uint8_t>(table_[at]);
    } else {
      for (uint64_t bit = 0; bit < 8; ++bit) {
        const uint64_t vector = 8 * (at - pending_at_) + bit;
        if (vector < vector_count() && pending_[vector]) byte |= uint64_t{1} << bit;
      }
    }
    *value |= byte << (8 * i);
  }
  return AccessResult::kOk;
}

AccessResult Msix::Write(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  if (width_bytes < 4) return AccessResult::kBadAccess;
  if (ExceedsLimit(offset, width_bytes, table_.size())) return AccessResult::kOk;  // read-only
  for (uint32_t i = 0; i < width_bytes; ++i) {
    const uint64_t at = offset + i;
    const auto byte = static_cast<std::byte>(value >> (8 * i));
    // Addresses are of words; of the control only the mask is there.
    const uint64_t field = at % kMsixEntryBytes;
    const std::byte mask{field == 0                   ? uint8_t{0xfc}
                         : field < kMsixEntryControl  ? uint8_t{0xff}
                         : field == kMsixEntryControl ? uint8_t{kMsixEntryMasked}
                                                      : uint8_t{0}};
    table_[at] = byte & mask;
  }
  SendPending();
  return AccessResult::kOk;
}

// Of a snapshot, a table of another size is none.
void Msix::VisitState(StateVisitor& visitor) {
  visitor.Field(2, "msix_table", table_);
  std::vector<std::byte> pending;
  for (const bool bit : pending_) pending.push_back(std::byte{bit});
  visitor.Field(3, "msix_pending", pending);
  if (!visitor.IsReading()) return;
  table_.resize(pending_at_);
  pending.resize(vector_count());
  for (size_t i = 0; i < pending.size(); ++i) pending_[i] = pending[i] != std::byte{0};
}

}  // namespace emu::pci
