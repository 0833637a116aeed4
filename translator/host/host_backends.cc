// The only list of hosts.
#include "translator/host/host_backend.h"

#if defined(__x86_64__)
#include "translator/host/x86_64/backend.h"
#include "translator/host/x86_64/cpu_features.h"
#endif

namespace emu::translator {

absl::StatusOr<std::unique_ptr<HostBackend>> CreateHostBackend(std::span<const Helper> helpers,
                                                               MemoryAccess access) {
#if defined(__x86_64__)
  if (absl::Status status = x86_64::RequireX86_64V3(); !status.ok()) return status;
  return x86_64::CreateBackend(helpers, access);
#else
  (void)helpers;
  (void)access;
  return absl::FailedPreconditionError("there is no back end for this host's processor yet");
#endif
}

}  // namespace emu::translator
