// What can be wrong with a state file, and when one is written.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace emu::snapshot {

// DATA_LOSS: the file is not what was written.
absl::Status Damaged(std::string_view what);
// FAILED_PRECONDITION: it is of another machine than this.
absl::Status OfAnotherMachine(std::string_view what, std::string_view saved,
                              std::string_view wanted);
// FAILED_PRECONDITION: it needs memory of other states, and these are not the ones.
absl::Status WithoutItsSources(std::string_view what);
// FAILED_PRECONDITION: it is of a newer format than this build reads.
absl::Status OfANewerFormat(uint32_t format, std::string_view build);
// ABORTED: a disk is not as it was.
absl::Status DiskChanged(std::string_view id, std::string_view what);
// RESOURCE_EXHAUSTED where the host's disk, or what the process may write, is full; else INTERNAL.
absl::Status CantWrite(int error);
// INTERNAL.
absl::Status CantRead(int error);
// CANCELLED: somebody wants the VM to go on.
absl::Status Cancelled();

}  // namespace emu::snapshot
