#include "daemon/store/snapshot_store.h"

#include "daemon/store/record_rows.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

absl::Status SnapshotStore::Put(const emud::v1::Snapshot& snapshot, uint64_t disk_mib) {
  return transaction_
      .Prepare(
          "INSERT INTO snapshots(uid, name, project, disk_mib, record) "
          "VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(uid) DO UPDATE SET disk_mib=?4, record=?5")
      .Bind(snapshot.uid())
      .Bind(snapshot.name())
      .Bind(snapshot.project())
      .Bind(static_cast<int64_t>(disk_mib))
      .BindBlob(snapshot.SerializeAsString())
      .Run();
}

absl::Status SnapshotStore::Remove(const std::string& uid) {
  return transaction_.Prepare("DELETE FROM snapshots WHERE uid=?1").Bind(uid).Run();
}

absl::StatusOr<std::vector<emud::v1::Snapshot>> SnapshotStore::LoadAll() {
  return LoadRecords<emud::v1::Snapshot>(transaction_.Prepare("SELECT uid, record FROM snapshots"),
                                         "snapshot-record-unreadable");
}

absl::StatusOr<bool> SnapshotStore::Has(const std::string& uid) {
  return transaction_.Prepare("SELECT 1 FROM snapshots WHERE uid=?1").Bind(uid).Step();
}

absl::StatusOr<uint64_t> SnapshotStore::DiskMibOf(const std::string& project) {
  Statement sum =
      transaction_.Prepare("SELECT coalesce(sum(disk_mib), 0) FROM snapshots WHERE project=?1");
  RETURN_IF_ERROR(sum.Bind(project).Step().status());
  return static_cast<uint64_t>(sum.Number(0));
}

}  // namespace emu::daemon
