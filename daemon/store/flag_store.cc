#include "daemon/store/flag_store.h"

namespace emu::daemon {

absl::StatusOr<bool> IsFlagSet(Transaction& transaction, const std::string& name) {
  return transaction.Prepare("SELECT 1 FROM flags WHERE name=?1").Bind(name).Step();
}

absl::Status SetFlag(Transaction& transaction, const std::string& name, bool is_set) {
  return transaction
      .Prepare(is_set ? "INSERT OR IGNORE INTO flags(name) VALUES(?1)"
                      : "DELETE FROM flags WHERE name=?1")
      .Bind(name)
      .Run();
}

}  // namespace emu::daemon
