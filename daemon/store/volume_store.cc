#include "daemon/store/volume_store.h"

#include <utility>

#include "daemon/store/record_rows.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

absl::Status VolumeStore::Put(const emud::v1::Volume& volume) {
  return transaction_
      .Prepare(
          "INSERT INTO volumes(uid, name, project, disk_mib, record) VALUES(?1, ?2, ?3, ?4, ?5)")
      .Bind(volume.uid())
      .Bind(volume.name())
      .Bind(volume.project())
      .Bind(static_cast<int64_t>(volume.size_mib()))
      .BindBlob(volume.SerializeAsString())
      .Run();
}

absl::Status VolumeStore::Remove(const std::string& uid) {
  return transaction_.Prepare("DELETE FROM volumes WHERE uid=?1").Bind(uid).Run();
}

absl::StatusOr<std::vector<emud::v1::Volume>> VolumeStore::LoadAll() {
  return LoadRecords<emud::v1::Volume>(transaction_.Prepare("SELECT uid, record FROM volumes"),
                                       "volume-record-unreadable");
}

absl::StatusOr<bool> VolumeStore::Has(const std::string& name) {
  return transaction_.Prepare("SELECT 1 FROM volumes WHERE name=?1").Bind(name).Step();
}

absl::StatusOr<uint64_t> VolumeStore::DiskMibOf(const std::string& project) {
  Statement sum =
      transaction_.Prepare("SELECT coalesce(sum(disk_mib), 0) FROM volumes WHERE project=?1");
  RETURN_IF_ERROR(sum.Bind(project).Step().status());
  return static_cast<uint64_t>(sum.Number(0));
}

}  // namespace emu::daemon
