// One free function for each RPC of AuditService.
#pragma once

#include <grpcpp/support/sync_stream.h>

#include "absl/status/statusor.h"
#include "daemon/audit/audit_log.h"
#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/audit.pb.h"

namespace emu::daemon {

absl::Status ListAuditEntries(CallContext& call, const emud::v1::ListAuditEntriesRequest& request,
                              grpc::ServerWriter<emud::v1::AuditEntry>& stream);
absl::StatusOr<emud::v1::VerifyAuditLogResponse> VerifyAuditLog(
    CallContext& call, const emud::v1::VerifyAuditLogRequest& request);

}  // namespace emu::daemon
