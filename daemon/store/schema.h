// The tables of state.db, and how a file of an older daemon becomes one of this.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/store/database.h"

namespace emu::daemon {

inline constexpr int kSchemaVersion = 9;

// Opens `path`, creates or migrates its tables. A file of a newer daemon is refused, untouched.
absl::StatusOr<std::unique_ptr<Database>> OpenStateDatabase(const std::string& path);

}  // namespace emu::daemon
