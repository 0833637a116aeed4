// One free function for each RPC of GuestService.
#pragma once

#include "absl/status/statusor.h"
#include "daemon/agent/agents.h"
#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/guest.grpc.pb.h"

namespace emu::daemon {

// `first` is the stream's first message.
absl::Status Exec(CallContext& call, Agents& agents, const emud::v1::ExecRequest& first,
                  grpc::ServerReaderWriter<emud::v1::ExecResponse, emud::v1::ExecRequest>& stream);
absl::StatusOr<emud::v1::ListExecsResponse> ListExecs(CallContext& call, Agents& agents,
                                                      const emud::v1::ListExecsRequest& request);
absl::Status SignalExec(CallContext& call, Agents& agents,
                        const emud::v1::SignalExecRequest& request);
absl::Status DeleteExec(CallContext& call, Agents& agents,
                        const emud::v1::DeleteExecRequest& request);
absl::StatusOr<emud::v1::GuestInfo> GetGuestInfo(CallContext& call, Agents& agents,
                                                 const emud::v1::GetGuestInfoRequest& request);
absl::StatusOr<emud::v1::SyncGuestTimeResponse> SyncGuestTime(
    CallContext& call, Agents& agents, const emud::v1::SyncGuestTimeRequest& request);
absl::Status FreezeGuest(CallContext& call, Agents& agents,
                         const emud::v1::FreezeGuestRequest& request);
absl::Status ThawGuest(CallContext& call, Agents& agents,
                       const emud::v1::ThawGuestRequest& request);

// How the API names an execution: 16 hexadecimal digits. 0 for what is none.
std::string ToExecName(uint64_t id);
uint64_t ParseExecName(const std::string& name);
// As the API has it, at most a year.
std::chrono::milliseconds AgentTimeout(const google::protobuf::Duration& timeout);

}  // namespace emu::daemon
