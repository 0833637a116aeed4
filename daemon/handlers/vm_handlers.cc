#include "daemon/handlers/vm_handlers.h"

#include <algorithm>

#include "daemon/errors.h"
#include "google/protobuf/util/time_util.h"

namespace emu::daemon {

absl::StatusOr<emud::v1::ListVmsResponse> ListVms(CallContext& call) {
  emud::v1::ListVmsResponse response;
  for (emud::v1::Vm& vm : call.vms.List()) *response.add_vms() = std::move(vm);
  return response;
}

absl::StatusOr<emud::v1::Vm> WaitVm(CallContext& call, const emud::v1::WaitVmRequest& request) {
  if (request.states().empty()) {
    return errors::InvalidField("states", "there is nothing to wait for", "give a state");
  }
  // Far enough to be no limit, near enough not to overflow.
  auto deadline = std::chrono::steady_clock::now() + std::chrono::hours(24 * 365);
  if (request.has_timeout()) {
    const int64_t timeout_ms =
        google::protobuf::util::TimeUtil::DurationToMilliseconds(request.timeout());
    deadline = std::min(deadline, std::chrono::steady_clock::now() +
                                      std::chrono::milliseconds(std::max<int64_t>(0, timeout_ms)));
  }
  const auto is_one_of = [&request](const emud::v1::Vm& vm) {
    return std::find(request.states().begin(), request.states().end(), vm.state()) !=
           request.states().end();
  };
  return call.vms.Wait(request.name(), is_one_of, deadline, call.is_cancelled);
}

}  // namespace emu::daemon
