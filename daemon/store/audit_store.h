// The table audit_head: the newest line of the audit log, so that one that was cut off is missed.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "proto/audit/audit_chain.h"

namespace emu::daemon {

// As long as its transaction.
class AuditStore {
 public:
  explicit AuditStore(Transaction& transaction) : transaction_(transaction) {}

  absl::Status PutHead(const AuditChain& chain);
  // Of a log that begins, if there is none.
  absl::StatusOr<AuditChain> LoadHead();

 private:
  Transaction& transaction_;
};

}  // namespace emu::daemon
