#include "daemon/handlers/call_recorder.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "daemon/access/method_table.h"
#include "daemon/errors.h"
#include "daemon/wall_clock.h"

namespace emu::daemon {

void CallRecorder::End(const absl::Status& outcome) const {
  Append(absl::StatusCodeToString(outcome.code()), errors::ReasonOf(outcome));
}

void CallRecorder::Append(const std::string& outcome, const std::string& reason) const {
  const MethodAccess* const row = FindMethodAccess(*request_.GetDescriptor());
  if (row == nullptr || row->audited.empty()) return;
  const auto latency = std::chrono::steady_clock::now() - began_;
  emud::v1::AuditEntry entry;
  *entry.mutable_time() = WallClockNow();
  entry.set_principal(call_.caller.principal);
  entry.set_method(std::string(row->method));
  const std::vector<std::string> fields = absl::StrSplit(std::string(row->audited), '|');
  for (const std::string& field : fields) {
    if (entry.resource().empty()) entry.set_resource(TextAt(request_, field));
  }
  entry.set_request_id(TextAt(request_, "request_id"));
  entry.set_outcome(outcome);
  entry.set_reason(reason);
  entry.set_latency_us(static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(latency).count()));
  call_.audit.Append(entry);
}

}  // namespace emu::daemon
