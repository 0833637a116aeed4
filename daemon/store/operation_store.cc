#include "daemon/store/operation_store.h"

#include <utility>

#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

absl::Status OperationStore::Put(const emud::v1::Operation& operation) {
  return transaction_.Prepare("INSERT OR REPLACE INTO operations VALUES(?1, ?2)")
      .Bind(operation.id())
      .BindBlob(operation.SerializeAsString())
      .Run();
}

absl::Status OperationStore::Remove(const std::string& id) {
  return transaction_.Prepare("DELETE FROM operations WHERE id=?1").Bind(id).Run();
}

absl::StatusOr<std::vector<emud::v1::Operation>> OperationStore::LoadAll() {
  std::vector<emud::v1::Operation> operations;
  Statement select = transaction_.Prepare("SELECT id, record FROM operations ORDER BY id");
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return operations;
    emud::v1::Operation operation;
    if (operation.ParseFromString(select.Bytes(1))) {
      operations.push_back(std::move(operation));
    } else {
      LogError("operation-record-unreadable", {{"operation", select.Bytes(0)}});
    }
  }
}

}  // namespace emu::daemon
