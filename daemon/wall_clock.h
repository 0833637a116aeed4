// The time of day for what the API shows.
#pragma once

#include <chrono>

#include "google/protobuf/util/time_util.h"

namespace emu::daemon {

inline google::protobuf::Timestamp ToTimestamp(std::chrono::system_clock::time_point time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

// protobuf's own GetCurrentTime counts whole seconds.
inline google::protobuf::Timestamp WallClockNow() {
  return ToTimestamp(std::chrono::system_clock::now());
}

}  // namespace emu::daemon
