// The console of a VM under a daemon: output goes to a ring in shared memory, input comes from the
// control socket.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "devices/backend/char_stream.h"
#include "proto/vm/v1/console_ring_layout.h"
#include "vmm/base/unique_fd.h"

namespace emu {

// Write is for any thread; Deliver and SetReceiver are the I/O loop's.
class ConsoleRing : public CharStream {
 public:
  // Maps the ring in `file`, which may hold an earlier run's bytes: the stream goes on after them.
  // INVALID_ARGUMENT if it is no ring.
  static absl::StatusOr<std::unique_ptr<ConsoleRing>> Map(UniqueFd file);
  ~ConsoleRing() override;

  void Write(std::span<const std::byte> bytes) override;
  void SetReceiver(Receiver receiver) override { receiver_ = std::move(receiver); }

  // Hands input to the guest.
  void Deliver(std::span<const std::byte> bytes);
  // `listener` is called by Write, with the device lock held: it must only leave a note. Set before
  // the machine runs.
  void SetAdvanceListener(std::function<void()> listener) { listener_ = std::move(listener); }
  uint64_t head() const { return ring_->head.load(std::memory_order_acquire); }

 private:
  explicit ConsoleRing(ConsoleRingLayout* ring) : ring_(ring) {}

  ConsoleRingLayout* const ring_;
  std::mutex write_mutex_;  // two devices may share a console
  Receiver receiver_;
  std::function<void()> listener_;
};

}  // namespace emu
