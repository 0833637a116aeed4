// The table flags: what is so of the whole daemon, or not.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"

namespace emu::daemon {

absl::StatusOr<bool> IsFlagSet(Transaction& transaction, const std::string& name);
absl::Status SetFlag(Transaction& transaction, const std::string& name, bool is_set);

}  // namespace emu::daemon
