// systemd, or whatever else speaks its protocols: sd_notify(3), sd_listen_fds(3) and
// sd_watchdog_enabled(3). Without one every function does nothing.
#pragma once

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// The listening unix stream socket that was passed (LISTEN_FDS), or none.
// INVALID_ARGUMENT if there are several, or if it is something else.
absl::StatusOr<UniqueFd> TakePassedListener();

// Tells the service manager how the daemon is. Every function is for every thread.
class ServiceManager {
 public:
  ServiceManager();

  void TellReady();
  // Between these two the configuration is read again.
  void TellReloading();
  void TellReloaded();
  void TellStopping();
  void TellAlive();

  // TellAlive has to be called more often than this, or the daemon is restarted; zero if nobody
  // watches.
  std::chrono::microseconds watchdog() const { return watchdog_; }

 private:
  std::chrono::microseconds watchdog_ = {};
};

}  // namespace emu::daemon
