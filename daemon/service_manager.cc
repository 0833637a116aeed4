#include "daemon/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "absl/strings/str_cat.h"

namespace emu::daemon {

absl::StatusOr<UniqueFd> TakePassedListener() {
  // Unsets the variables and makes the descriptors close-on-exec: they are for this process alone.
  const int count = sd_listen_fds(/*unset_environment=*/1);
  if (count < 0) {
    return absl::ErrnoToStatus(-count, "the sockets that the service manager passed");
  }
  if (count == 0) return UniqueFd();
  if (count > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        count, " sockets were passed; give emud one (emud.socket: one ListenStream=)"));
  }
  UniqueFd listener(SD_LISTEN_FDS_START);
  if (sd_is_socket_unix(listener.get(), SOCK_STREAM, /*listening=*/1, nullptr, 0) <= 0) {
    return absl::InvalidArgumentError(
        "what was passed is no listening unix socket; let emud.socket have ListenStream=/PATH");
  }
  const int flags = fcntl(listener.get(), F_GETFL);
  if (fcntl(listener.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return absl::ErrnoToStatus(errno, "the socket that the service manager passed");
  }
  return listener;
}

ServiceManager::ServiceManager() {
  uint64_t period_us = 0;
  if (sd_watchdog_enabled(/*unset_environment=*/1, &period_us) > 0) {
    watchdog_ = std::chrono::microseconds(period_us);
  }
}

void ServiceManager::TellReady() { sd_notify(0, "READY=1\nSTATUS=serving"); }

void ServiceManager::TellReloading() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  sd_notify(0, absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", now_us).c_str());
}

void ServiceManager::TellReloaded() { sd_notify(0, "READY=1"); }
void ServiceManager::TellStopping() { sd_notify(0, "STOPPING=1\nSTATUS=stopping; VMs run on"); }
void ServiceManager::TellAlive() { sd_notify(0, "WATCHDOG=1"); }

}  // namespace emu::daemon
