// What every device is.
#pragma once

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "devices/core/disk_counters.h"
#include "vmm/base/state_visitor.h"

namespace emu {

// A pure chip: it has no thread, socket or clock of its own, only what its board hands it. Every
// function is called with the device lock held, on any thread.
class Device {
 public:
  virtual ~Device() = default;

  // As after power-on. Interrupt lines go low.
  virtual void Reset() = 0;

  // The VM starts or goes on; the VM stands still. Nothing calls the device in between.
  virtual void Start() {}
  virtual void Pause() {}

  // All of the device's state, for writing and for reading; only while paused, but for a look at it
  // that nothing is restored from.
  virtual void VisitState(StateVisitor& visitor) = 0;

  // After VisitState has read: checks what came in (it may come from anyone), drives wires and arms
  // timers again. INVALID_ARGUMENT for state that no guest could have made; the device is then good
  // for Reset or destruction only.
  virtual absl::Status AfterRestore() { return absl::OkStatus(); }

  // Of disks.
  virtual std::optional<DiskCounters> disk_counters() const { return std::nullopt; }
  // While paused: `done`, with the device lock held, when the host's disk has all that was written.
  virtual void FlushDisk(const std::function<void(bool ok)>& done) { done(true); }
};

}  // namespace emu
