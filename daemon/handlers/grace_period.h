// How long a guest that is asked to power off may take, as requests say it.
#pragma once

#include <chrono>

#include "absl/status/statusor.h"
#include "daemon/errors.h"
#include "google/protobuf/util/time_util.h"

namespace emu::daemon {

// Zero where nothing is said. INVALID_ARGUMENT for what is negative or more than ten minutes, for
// so long nobody else would move the VM.
template <typename Request>
absl::StatusOr<std::chrono::milliseconds> GracePeriodOf(const Request& request) {
  constexpr std::chrono::milliseconds kMost = std::chrono::minutes(10);
  const std::chrono::milliseconds grace(
      google::protobuf::util::TimeUtil::DurationToMilliseconds(request.grace_period()));
  if (grace >= std::chrono::milliseconds(0) && grace <= kMost) return grace;
  return errors::InvalidField("grace_period", "nobody would wait so long", "give up to 10 minutes");
}

}  // namespace emu::daemon
