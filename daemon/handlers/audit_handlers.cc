#include "daemon/handlers/audit_handlers.h"

namespace emu::daemon {
namespace {

constexpr uint32_t kDefaultLimit = 100;

}  // namespace

absl::Status ListAuditEntries(CallContext& call, const emud::v1::ListAuditEntriesRequest& request,
                              grpc::ServerWriter<emud::v1::AuditEntry>& stream) {
  const uint32_t limit = request.limit() == 0 ? kDefaultLimit : request.limit();
  for (const emud::v1::AuditEntry& entry : call.audit.Newest(limit)) {
    if (!stream.Write(entry)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<emud::v1::VerifyAuditLogResponse> VerifyAuditLog(
    CallContext& call, const emud::v1::VerifyAuditLogRequest&) {
  return call.audit.Verify();
}

}  // namespace emu::daemon
