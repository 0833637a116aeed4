// A split virtqueue, seen from the device.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "devices/core/dma_port.h"
#include "devices/virtio/queue_spec.h"
#include "vmm/base/state_visitor.h"

namespace emu::virtio {

struct Segment {
  GuestPhysAddr address;
  uint32_t size_bytes;
};

// One request. Each segment's end is below 2^64; whether it is memory shows at the access.
struct DescriptorChain {
  uint16_t head = 0;
  std::vector<Segment> readable;
  std::vector<Segment> writable;
};

// What is in guest memory is the guest's: everything read from there is checked, and a queue that
// makes no sense is broken until reset. Runs under the device lock.
class Queue {
 public:
  explicit Queue(DmaPort& dma) : dma_(dma) {}

  // Set by the driver through the transport.
  struct Setup {
    uint16_t size = kMaxQueueSize;
    GuestPhysAddr descriptors;
    GuestPhysAddr available;
    GuestPhysAddr used;
  };
  Setup& setup() { return setup_; }
  const Setup& setup() const { return setup_; }
  // False for a size or an alignment that the standard forbids; the queue then stays off.
  bool Enable(uint64_t features);
  void Reset();
  bool is_enabled() const { return is_enabled_; }
  bool is_broken() const { return is_broken_; }

  // The next request, if there is one.
  std::optional<DescriptorChain> Pop();
  // The request that begins at `head`, once more: of what was popped and not pushed.
  std::optional<DescriptorChain> Reread(uint16_t head);
  // Takes back the last Pop, which can't be served now.
  void Unpop() { --next_available_; }
  // Hands a request back with `written_bytes` of its writable part filled.
  struct Used {
    uint16_t head;
    uint32_t written_bytes;
  };
  void Push(uint16_t head, uint32_t written_bytes) {
    const Used used = {head, written_bytes};
    Push({&used, 1});
  }
  // Several at once: the driver sees all of them or none.
  void Push(std::span<const Used> used);
  // After the last Pop: asks the driver to notify of new requests. True if one has come meanwhile,
  // and Pop must be called again.
  bool AskForNotification();
  // After Push: whether the driver wants an interrupt for what was pushed since the last call.
  bool TakeInterruptWanted();

  void VisitState(StateVisitor& visitor);
  absl::Status AfterRestore();

 private:
  struct Descriptor {
    uint64_t address;
    uint32_t size_bytes;
    uint16_t flags;
    uint16_t next;
  };

  bool IsSetupValid() const;
  std::optional<Descriptor> ReadDescriptor(GuestPhysAddr table, uint32_t index) const;
  bool Walk(DescriptorChain& chain);
  bool Append(const Descriptor& descriptor, DescriptorChain& chain) const;
  bool has_event_idx() const { return (features_ & kFeatureEventIdx) != 0; }

  DmaPort& dma_;
  Setup setup_;
  uint64_t features_ = 0;
  bool is_enabled_ = false;
  bool is_broken_ = false;
  uint16_t next_available_ = 0;
  uint16_t next_used_ = 0;
  uint16_t signalled_used_ = 0;  // next_used_ when an interrupt was last thought about
};

}  // namespace emu::virtio
