// One free function for each RPC of VmService that is more than a call of VmTable.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "daemon/vm_table.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// What a handler may know of its call.
struct CallContext {
  VmTable& vms;
  std::string principal;  // "unix:1000"
  std::function<bool()> is_cancelled;
  std::function<void()> cancel;
};

absl::StatusOr<emud::v1::ListVmsResponse> ListVms(CallContext& call);
absl::StatusOr<emud::v1::Vm> WaitVm(CallContext& call, const emud::v1::WaitVmRequest& request);

}  // namespace emu::daemon
