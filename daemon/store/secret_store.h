// The table secrets: random keys that this state directory keeps to itself.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/store/database.h"

namespace emu::daemon {

inline constexpr size_t kSecretBytes = 32;

// The secret of that name; drawn when it is first asked for. Commit then.
absl::StatusOr<std::string> FindOrDrawSecret(Transaction& transaction, const std::string& name);

}  // namespace emu::daemon
