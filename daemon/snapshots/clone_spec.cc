#include "daemon/snapshots/clone_spec.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Nic;
using emud::v1::VmSpec;

absl::Status CheckUnsaid(const std::string& field, bool is_said) {
  if (!is_said) return absl::OkStatus();
  return errors::InvalidField("spec." + field, "it is the snapshot's", "leave it out");
}

Nic* FindNic(VmSpec& spec, const std::string& id) {
  const auto it = std::ranges::find(*spec.mutable_nics(), id, &Nic::id);
  return it == spec.mutable_nics()->end() ? nullptr : &*it;
}

// What the guest does not see of it.
void TakeNetwork(const Nic& from, Nic& to) {
  *to.mutable_forwards() = from.forwards();
  to.clear_boot_server();
  if (from.has_boot_server()) *to.mutable_boot_server() = from.boot_server();
}

}  // namespace

absl::StatusOr<VmSpec> CloneSpec(const VmSpec& snapshots, const VmSpec& wanted) {
  RETURN_IF_ERROR(CheckUnsaid("machine", wanted.machine().ByteSizeLong() != 0));
  RETURN_IF_ERROR(CheckUnsaid("boot", wanted.boot().ByteSizeLong() != 0));
  RETURN_IF_ERROR(CheckUnsaid("disks", !wanted.disks().empty()));
  RETURN_IF_ERROR(CheckUnsaid("consoles", !wanted.consoles().empty()));
  RETURN_IF_ERROR(CheckUnsaid("cloud_init", wanted.has_cloud_init()));
  VmSpec spec = snapshots;
  if (wanted.lifecycle().ByteSizeLong() != 0) *spec.mutable_lifecycle() = wanted.lifecycle();
  if (wanted.has_limits()) *spec.mutable_limits() = wanted.limits();
  for (Nic& nic : *spec.mutable_nics()) {
    nic.clear_mac();
    for (emud::v1::Forward& forward : *nic.mutable_forwards()) forward.clear_host_port();
  }
  for (int i = 0; i < wanted.nics_size(); ++i) {
    const std::string id =
        wanted.nics(i).id().empty() ? absl::StrCat("nic", i) : wanted.nics(i).id();
    Nic* const nic = FindNic(spec, id);
    if (nic == nullptr) {
      return errors::InvalidField(absl::StrCat("spec.nics[", i, "]"),
                                  "the snapshot has no card " + id, "leave it out");
    }
    TakeNetwork(wanted.nics(i), *nic);
    nic->set_mac(wanted.nics(i).mac());
  }
  return spec;
}

VmSpec SpecGoneBack(const VmSpec& snapshots, const VmSpec& before) {
  VmSpec spec = snapshots;
  *spec.mutable_lifecycle() = before.lifecycle();
  *spec.mutable_limits() = before.limits();
  for (const Nic& old : before.nics()) {
    Nic* const nic = FindNic(spec, old.id());
    if (nic == nullptr) continue;
    TakeNetwork(old, *nic);
    nic->set_mac(old.mac());
  }
  return spec;
}

}  // namespace emu::daemon
