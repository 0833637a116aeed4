#include "vmm/snapshot/errors.h"

#include <errno.h>

#include <cstring>

#include "absl/strings/str_format.h"

namespace emu::snapshot {

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(absl::StrFormat("the saved state is damaged: %s", what));
}

absl::Status OfAnotherMachine(std::string_view what, std::string_view saved,
                              std::string_view wanted) {
  return absl::FailedPreconditionError(
      absl::StrFormat("the saved state is of a machine with another %s: %s, and this one has %s",
                      what, saved, wanted));
}

absl::Status WithoutItsSources(std::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrFormat("the saved state is without the states that it was written against: %s; "
                      "give their files, too",
                      what));
}

absl::Status OfANewerFormat(uint32_t format, std::string_view build) {
  return absl::FailedPreconditionError(absl::StrFormat(
      "the saved state is of format %d, which a newer build (%s) has written; use that", format,
      build));
}

absl::Status DiskChanged(std::string_view id, std::string_view what) {
  return absl::AbortedError(
      absl::StrFormat("disk %s has changed since the state was saved: %s", id, what));
}

absl::Status CantWrite(int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(
        absl::StrFormat("the state can't be saved: %s; make room", std::strerror(error)));
  }
  return absl::InternalError(absl::StrFormat("the state can't be saved: %s", std::strerror(error)));
}

absl::Status CantRead(int error) {
  return absl::InternalError(
      absl::StrFormat("the saved state can't be read: %s", std::strerror(error)));
}

absl::Status Cancelled() { return absl::CancelledError("the VM is to go on"); }

}  // namespace emu::snapshot
