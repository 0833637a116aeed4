#include "daemon/store/pool_store.h"

#include "daemon/store/record_rows.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

absl::Status PoolStore::Put(const emud::v1::Pool& pool) {
  return transaction_
      .Prepare(
          "INSERT INTO pools(uid, name, project, snapshot_uid, record) VALUES(?1, ?2, ?3, ?4, ?5) "
          "ON CONFLICT(uid) DO UPDATE SET record=?5")
      .Bind(pool.uid())
      .Bind(pool.name())
      .Bind(pool.project())
      .Bind(pool.snapshot_uid())
      .BindBlob(pool.SerializeAsString())
      .Run();
}

absl::Status PoolStore::Remove(const std::string& uid) {
  return transaction_.Prepare("DELETE FROM pools WHERE uid=?1").Bind(uid).Run();
}

absl::StatusOr<std::vector<emud::v1::Pool>> PoolStore::LoadAll() {
  return LoadRecords<emud::v1::Pool>(transaction_.Prepare("SELECT uid, record FROM pools"),
                                     "pool-record-unreadable");
}

absl::StatusOr<std::optional<emud::v1::Pool>> PoolStore::Find(const std::string& uid) {
  Statement select = transaction_.Prepare("SELECT record FROM pools WHERE uid=?1");
  ASSIGN_OR_RETURN(const bool has_row, select.Bind(uid).Step());
  emud::v1::Pool pool;
  if (!has_row || !pool.ParseFromString(select.Bytes(0))) return std::nullopt;
  return pool;
}

absl::StatusOr<std::vector<std::string>> PoolStore::UsersOf(const std::string& snapshot_uid) {
  Statement select =
      transaction_.Prepare("SELECT name FROM pools WHERE snapshot_uid=?1 ORDER BY name");
  select.Bind(snapshot_uid);
  std::vector<std::string> names;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return names;
    names.push_back(select.Bytes(0));
  }
}

}  // namespace emu::daemon
