// How far an operation is, and what has become of it.
#pragma once

#include "absl/status/status.h"
#include "emud/v1/operation.pb.h"

namespace emu::daemon {

// One long job, and no VMs: it says itself how far it is.
bool IsWhole(const emud::v1::Operation& operation);
// Brings counts and stage of the metadata in line with the results.
void CountProgress(emud::v1::Operation& operation);
// Nobody works on it any more: what was not begun is cancelled, and it is done.
void Conclude(emud::v1::Operation& operation);
emud::v1::OperationError ToOperationError(const absl::Status& status);

}  // namespace emu::daemon
