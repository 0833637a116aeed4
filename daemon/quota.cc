#include "daemon/quota.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/store/access_store.h"
#include "daemon/store/image_store.h"
#include "daemon/store/snapshot_store.h"
#include "daemon/store/vm_store.h"
#include "daemon/store/volume_store.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

struct Dimension {
  const char* name;
  uint64_t (*of)(const emud::v1::Quota& quota);
};

constexpr Dimension kDimensions[] = {
    {"vms", [](const emud::v1::Quota& quota) { return uint64_t{quota.vms()}; }},
    {"cpus", [](const emud::v1::Quota& quota) { return uint64_t{quota.cpus()}; }},
    {"memory_mib", [](const emud::v1::Quota& quota) { return quota.memory_mib(); }},
    {"disk_mib", [](const emud::v1::Quota& quota) { return quota.disk_mib(); }},
};

}  // namespace

emud::v1::Quota UsageOf(const emud::v1::Vm& vm) {
  emud::v1::Quota usage;
  usage.set_vms(1);
  usage.set_cpus(vm.spec().machine().cpus());
  usage.set_memory_mib(vm.spec().machine().memory_mib());
  usage.set_disk_mib(vm.disk_mib());
  return usage;
}

void AddTo(emud::v1::Quota& sum, const emud::v1::Quota& more) {
  sum.set_vms(sum.vms() + more.vms());
  sum.set_cpus(sum.cpus() + more.cpus());
  sum.set_memory_mib(sum.memory_mib() + more.memory_mib());
  sum.set_disk_mib(sum.disk_mib() + more.disk_mib());
}

absl::Status CheckQuota(const emud::v1::Project& project, const emud::v1::Quota& now,
                        const emud::v1::Quota& wanted) {
  std::vector<std::string> met;
  for (const Dimension& dimension : kDimensions) {
    const uint64_t limit = dimension.of(project.quota());
    const uint64_t sum = dimension.of(wanted);
    if (limit == 0 || sum <= limit || sum <= dimension.of(now)) continue;
    met.push_back(absl::StrCat(dimension.name, ": ", sum, " of ", limit));
  }
  return met.empty() ? absl::OkStatus() : errors::QuotaExceeded(project.name(), met);
}

absl::StatusOr<uint64_t> StoredDiskMib(Transaction& transaction, const std::string& project) {
  ASSIGN_OR_RETURN(const uint64_t images_mib, ImageStore(transaction).DiskMibOf(project));
  ASSIGN_OR_RETURN(const uint64_t volumes_mib, VolumeStore(transaction).DiskMibOf(project));
  ASSIGN_OR_RETURN(const uint64_t snapshots_mib, SnapshotStore(transaction).DiskMibOf(project));
  return images_mib + volumes_mib + snapshots_mib;
}

absl::Status ReserveDisk(Transaction& transaction, const std::string& project,
                         std::optional<uint64_t> mib) {
  ASSIGN_OR_RETURN(const emud::v1::Project limits, AccessStore(transaction).FindProject(project));
  if (limits.quota().disk_mib() == 0) return absl::OkStatus();
  if (!mib.has_value()) {
    return errors::InvalidField("size_bytes",
                                absl::StrCat("project ", project, " has a limit for its disks"),
                                "announce the size");
  }
  emud::v1::Quota now;
  ASSIGN_OR_RETURN(const std::vector<emud::v1::Vm> vms, VmStore(transaction).LoadAll());
  for (const emud::v1::Vm& vm : vms) {
    if (vm.project() == project) AddTo(now, UsageOf(vm));
  }
  ASSIGN_OR_RETURN(const uint64_t stored_mib, StoredDiskMib(transaction, project));
  now.set_disk_mib(now.disk_mib() + stored_mib);
  emud::v1::Quota wanted = now;
  wanted.set_disk_mib(now.disk_mib() + *mib);
  return CheckQuota(limits, now, wanted);
}

}  // namespace emu::daemon
