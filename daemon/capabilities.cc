#include "daemon/capabilities.h"

#include <cap-ng.h>
#include <unistd.h>

#include <cstddef>
#include <iterator>

namespace emu::daemon {
namespace {

constexpr unsigned kNeeded[] = {
    CAP_SYS_ADMIN,     // namespaces and mounts of VM processes
    CAP_SETUID,        // each of them becomes a user of its own,
    CAP_SETGID,        // and a group,
    CAP_SETPCAP,       // without capabilities;
    CAP_KILL,          // and is ended all the same
    CAP_DAC_OVERRIDE,  // kernels and disks belong to anybody
    CAP_CHOWN,         // the socket belongs to a group
};

}  // namespace

absl::Status KeepNeededCapabilities() {
  if (geteuid() != 0) return absl::OkStatus();
  if (capng_get_caps_process() != 0) {
    return absl::InternalError("the daemon's capabilities can't be read");
  }
  // A container may have fewer to begin with.
  bool had[std::size(kNeeded)];
  for (size_t i = 0; i < std::size(kNeeded); ++i) {
    had[i] = capng_have_capability(CAPNG_PERMITTED, kNeeded[i]) == 1;
  }
  capng_clear(CAPNG_SELECT_BOTH);
  constexpr auto kSets =
      static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET);
  for (size_t i = 0; i < std::size(kNeeded); ++i) {
    if (had[i]) capng_update(CAPNG_ADD, kSets, kNeeded[i]);
  }
  if (capng_apply(CAPNG_SELECT_BOTH) != 0) {
    return absl::InternalError("the daemon's capabilities can't be given up");
  }
  return absl::OkStatus();
}

}  // namespace emu::daemon
