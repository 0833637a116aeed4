#include "daemon/store/vm_store.h"

#include <utility>

#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

absl::Status VmStore::Put(const emud::v1::Vm& vm) {
  return transaction_
      .Prepare(
          "INSERT INTO vms(uid, name, revision, record, project) VALUES(?1, ?2, ?3, ?4, ?5) "
          "ON CONFLICT(uid) DO UPDATE SET name=?2, revision=?3, record=?4")
      .Bind(vm.uid())
      .Bind(vm.name())
      .Bind(static_cast<int64_t>(vm.revision()))
      .BindBlob(vm.SerializeAsString())
      .Bind(vm.project())
      .Run();
}

absl::Status VmStore::Remove(const std::string& uid) {
  return transaction_.Prepare("DELETE FROM vms WHERE uid=?1").Bind(uid).Run();
}

absl::StatusOr<std::vector<emud::v1::Vm>> VmStore::LoadAll() {
  std::vector<emud::v1::Vm> vms;
  Statement select =
      transaction_.Prepare("SELECT uid, revision, record, project FROM vms ORDER BY name");
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return vms;
    emud::v1::Vm vm;
    if (!vm.ParseFromString(select.Bytes(2))) {
      LogError("vm-record-unreadable", {{"uid", select.Bytes(0)}});
      continue;
    }
    vm.set_revision(static_cast<uint64_t>(select.Number(1)));
    vm.set_project(select.Bytes(3));
    vms.push_back(std::move(vm));
  }
}

}  // namespace emu::daemon
