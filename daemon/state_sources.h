// Other states' files that a saved state needs, beside its own: <state>~1, <state>~2 and so on, in
// the order in which it names them. Links, as of all files that snapshots have together. A kill in
// the middle of what is done to them leaves the first ones, so that they can be counted.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// The most that one has: each is a descriptor of each VM of it.
inline constexpr size_t kMostStateSources = 16;

// By their number, from 1 on.
std::string StateSourcePath(const std::string& state_path, size_t number);
size_t CountStateSources(const std::string& state_path);
absl::StatusOr<std::vector<UniqueFd>> OpenStateSources(const std::string& state_path);

// Of one state as those of another one, which has none.
absl::Status LinkStateSources(const std::string& from_state, const std::string& to_state);
absl::Status MoveStateSources(const std::string& from_state, const std::string& to_state);
absl::Status RemoveStateSources(const std::string& state_path);

}  // namespace emu::daemon
