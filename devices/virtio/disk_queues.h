// The request queues of a device whose requests wait for a disk.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "devices/core/disk_error.h"
#include "devices/virtio/virtio_device.h"

namespace emu::virtio {

// A request, with the queue that it came out of.
struct DiskQueueRequest {
  uint32_t queue;
  DescriptorChain chain;
};

// Knows how many requests are under way, and keeps those that failed and are to be tried again when
// the machine goes on. With the device lock held.
class DiskQueues {
 public:
  using Request = DiskQueueRequest;

  // Of `count` queues from `first` on. `serve` ends with one Finish or Keep of each request, now or
  // later.
  DiskQueues(uint32_t first, uint32_t count, std::function<void(Request)> serve)
      : first_(first), queues_(count), serve_(std::move(serve)) {}

  uint32_t first() const { return first_; }
  uint32_t count() const { return static_cast<uint32_t>(queues_.size()); }

  // Serves what is in queue `index`, as much as may be under way.
  void Notify(DeviceHost& host, uint32_t index);
  // To be called when answers have come together: the driver is interrupted once for them.
  void LookAtAnswered(DeviceHost& host);
  void NoteAnswered(uint32_t index) { At(index).is_answered = true; }
  void Finish(DeviceHost& host, const Request& request, uint64_t written_bytes);

  // Whether what ended with `error` is to be kept: what can't end well however often it is tried is
  // for the guest to see.
  static bool IsKept(OnDiskError policy, int error);
  void Keep(const Request& request);
  // All that is kept, and kept no longer.
  std::vector<Request> TakeKept(DeviceHost& host);
  // Serves them once more, in their order.
  void ServeAgain(DeviceHost& host, std::vector<Request> requests);
  // As for VirtioDevice::Start.
  void Start(DeviceHost& host) {
    if (!kept_.empty()) ServeAgain(host, TakeKept(host));
  }
  // Forgets all of queue `index`.
  void Stop(uint32_t index);

  void VisitState(StateVisitor& visitor) { visitor.Field(1, "kept", kept_); }
  absl::Status AfterRestore(DeviceHost& host);

 private:
  struct QueueState {
    // Popped and not finished: never more than the queue holds, whatever the driver makes
    // available.
    uint32_t in_flight = 0;
    bool is_in_notify = false;
    bool is_answered = false;  // something of it, since it was last looked at
  };

  QueueState& At(uint32_t index) { return queues_[index - first_]; }

  const uint32_t first_;
  std::vector<QueueState> queues_;
  const std::function<void(Request)> serve_;
  // Queue and head, 16 bits each.
  std::vector<std::byte> kept_;
};

}  // namespace emu::virtio
