// How the last process of a VM ended, from its process record.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "daemon/vm_directory.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

struct Ending {
  emud::v1::Vm::State state;  // that the VM has afterwards
  std::string reason;
  emud::v1::LastExit exit;  // without the console's tail
};

// Reads the record of a process that has ended.
Ending ReadEnding(const VmDirectory& directory, bool killed_by_us, bool was_starting);
// Why the VM process could not start, in its own words.
absl::Status ReadStartFailure(const VmDirectory& directory);

}  // namespace emu::daemon
