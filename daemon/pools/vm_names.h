// What VMs of pools are called until somebody calls them something else.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/uid.h"

namespace emu::daemon {

inline constexpr size_t kLongestVmName = 63;

// One that nobody else has: the pool's, and eight digits of a random number.
inline std::string NameOfWaiting(const std::string& pool) {
  const std::string uid = NewUid();
  return absl::StrCat(pool, "-", uid.substr(uid.size() - 8));
}

}  // namespace emu::daemon
