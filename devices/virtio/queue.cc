#include "devices/virtio/queue.h"

#include <bit>

#include "vmm/base/bits.h"

namespace emu::virtio {

bool Queue::IsSetupValid() const {
  return setup_.size != 0 && setup_.size <= kMaxQueueSize && std::has_single_bit(setup_.size) &&
         IsAligned(setup_.descriptors.value, 16) && IsAligned(setup_.available.value, 2) &&
         IsAligned(setup_.used.value, 4);
}

bool Queue::Enable(uint64_t features) {
  if (!IsSetupValid()) return false;
  features_ = features;
  is_enabled_ = true;
  return true;
}

void Queue::Reset() {
  setup_ = {};
  features_ = 0;
  is_enabled_ = is_broken_ = false;
  next_available_ = next_used_ = signalled_used_ = 0;
}

std::optional<DescriptorChain> Queue::Pop() {
  if (!is_enabled_ || is_broken_) return std::nullopt;
  const auto index = dma_.LoadShared<uint16_t>(setup_.available + kRingIndexOffset);
  if (index && *index == next_available_) return std::nullopt;
  // More requests than the ring can hold: the driver's index is nonsense.
  if (!index || static_cast<uint16_t>(*index - next_available_) > setup_.size) {
    is_broken_ = true;
    return std::nullopt;
  }
  const uint64_t slot = next_available_ % setup_.size;
  const auto head =
      dma_.LoadShared<uint16_t>(setup_.available + kRingEntriesOffset + slot * kAvailEntryBytes);
  auto chain = Reread(head.value_or(UINT16_MAX));
  if (chain) ++next_available_;
  return chain;
}

std::optional<DescriptorChain> Queue::Reread(uint16_t head) {
  DescriptorChain chain;
  chain.head = head;
  if (head < setup_.size && Walk(chain)) return chain;
  is_broken_ = true;
  return std::nullopt;
}

std::optional<Queue::Descriptor> Queue::ReadDescriptor(GuestPhysAddr table, uint32_t index) const {
  std::array<std::byte, kDescriptorBytes> raw;
  if (!dma_.Read(table + index * kDescriptorBytes, raw)) return std::nullopt;
  const std::span<const std::byte> bytes(raw);
  return Descriptor{LoadLittle<uint64_t>(bytes), LoadLittle<uint32_t>(bytes.subspan(8)),
                    LoadLittle<uint16_t>(bytes.subspan(12)),
                    LoadLittle<uint16_t>(bytes.subspan(14))};
}

// s. 2.7.5. A chain is at most as long as its table, so a loop is found by counting.
bool Queue::Walk(DescriptorChain& chain) {
  GuestPhysAddr table = setup_.descriptors;
  uint32_t table_size = setup_.size;
  uint32_t index = chain.head;
  bool is_indirect = false;
  for (uint32_t steps = 0; steps < table_size; ++steps) {
    const auto descriptor = ReadDescriptor(table, index);
    if (!descriptor) return false;
    if ((descriptor->flags & kDescriptorIndirect) != 0) {
      // s. 2.7.5.3.1: negotiated, not nested, not chained, a whole number of entries.
      if ((features_ & kFeatureIndirect) == 0 || is_indirect ||
          (descriptor->flags & kDescriptorNext) != 0 || descriptor->size_bytes == 0 ||
          descriptor->size_bytes % kDescriptorBytes != 0 ||
          descriptor->size_bytes / kDescriptorBytes > kMaxIndirectEntries) {
        return false;
      }
      is_indirect = true;
      table = GuestPhysAddr(descriptor->address);
      table_size = static_cast<uint32_t>(descriptor->size_bytes / kDescriptorBytes);
      index = 0;
      steps = UINT32_MAX;  // 0 for the first entry of the new table
      continue;
    }
    if (!Append(*descriptor, chain)) return false;
    if ((descriptor->flags & kDescriptorNext) == 0) return true;
    index = descriptor->next;
    if (index >= table_size) return false;
  }
  return false;
}

bool Queue::Append(const Descriptor& descriptor, DescriptorChain& chain) const {
  if (ExceedsLimit(descriptor.address, descriptor.size_bytes, UINT64_MAX)) return false;
  const Segment segment{GuestPhysAddr(descriptor.address), descriptor.size_bytes};
  if ((descriptor.flags & kDescriptorWrite) != 0) {
    chain.writable.push_back(segment);
  } else if (chain.writable.empty()) {
    chain.readable.push_back(segment);
  } else {
    return false;  // s. 2.7.4.2: device-writable ones come last
  }
  return true;
}

void Queue::Push(std::span<const Used> used) {
  if (!is_enabled_ || is_broken_) return;
  for (const Used& request : used) {
    const GuestPhysAddr entry =
        setup_.used + kRingEntriesOffset + (next_used_ % setup_.size) * kUsedEntryBytes;
    ++next_used_;
    is_broken_ = is_broken_ || !dma_.StoreShared<uint32_t>(entry, request.head) ||
                 !dma_.StoreShared<uint32_t>(entry + 4, request.written_bytes);
  }
  is_broken_ =
      is_broken_ || !dma_.StoreShared<uint16_t>(setup_.used + kRingIndexOffset, next_used_);
}

bool Queue::AskForNotification() {
  if (!is_enabled_ || is_broken_) return false;
  if (has_event_idx()) {
    const GuestPhysAddr avail_event =
        setup_.used + kRingEntriesOffset + setup_.size * kUsedEntryBytes;
    if (!dma_.StoreShared<uint16_t>(avail_event, next_available_)) is_broken_ = true;
  }
  // The driver writes its index and then reads what we wrote; we the other way round. With a full
  // fence on both sides one of us sees the other.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const auto index = dma_.LoadShared<uint16_t>(setup_.available + kRingIndexOffset);
  return index && *index != next_available_;
}

bool Queue::TakeInterruptWanted() {
  if (!is_enabled_ || is_broken_) return false;
  const uint16_t before = std::exchange(signalled_used_, next_used_);
  if (before == next_used_) return false;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!has_event_idx()) {
    const auto flags = dma_.LoadShared<uint16_t>(setup_.available);
    return flags && (*flags & kAvailNoInterrupt) == 0;
  }
  // s. 2.7.7.2: if used_event is among the entries that we wrote.
  const auto used_event = dma_.LoadShared<uint16_t>(setup_.available + kRingEntriesOffset +
                                                    setup_.size * kAvailEntryBytes);
  return used_event && static_cast<uint16_t>(next_used_ - *used_event - 1) <
                           static_cast<uint16_t>(next_used_ - before);
}

void Queue::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "size", setup_.size);
  visitor.Field(2, "descriptors", setup_.descriptors.value);
  visitor.Field(3, "available", setup_.available.value);
  visitor.Field(4, "used", setup_.used.value);
  visitor.Field(5, "features", features_);
  visitor.Small(6, "is_enabled", is_enabled_);
  visitor.Small(7, "is_broken", is_broken_);
  visitor.Small(8, "next_available", next_available_);
  visitor.Small(9, "next_used", next_used_);
  visitor.Small(10, "signalled_used", signalled_used_);
}

absl::Status Queue::AfterRestore() {
  if (is_enabled_ && !IsSetupValid()) {
    return absl::InvalidArgumentError("virtio queue: enabled with an impossible set-up");
  }
  return absl::OkStatus();
}

}  // namespace emu::virtio
