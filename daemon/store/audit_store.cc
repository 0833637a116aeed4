#include "daemon/store/audit_store.h"

#include "vmm/base/status_macros.h"

namespace emu::daemon {

absl::Status AuditStore::PutHead(const AuditChain& chain) {
  return transaction_.Prepare("INSERT OR REPLACE INTO audit_head VALUES(0, ?1, ?2)")
      .Bind(static_cast<int64_t>(chain.number()))
      .Bind(chain.hash())
      .Run();
}

absl::StatusOr<AuditChain> AuditStore::LoadHead() {
  Statement select = transaction_.Prepare("SELECT number, hash FROM audit_head");
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return AuditChain();
  return AuditChain(static_cast<uint64_t>(select.Number(0)), select.Bytes(1));
}

}  // namespace emu::daemon
