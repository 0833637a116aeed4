// How VMs get into pools, and out of them.
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/pools/membership.h"
#include "daemon/pools/pools.h"
#include "daemon/pools/vm_names.h"
#include "daemon/vm_files.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::AcquireVmRequest;
using emud::v1::Pool;
using emud::v1::Vm;
using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void AddLabels(const AcquireVmRequest& request,
               google::protobuf::Map<std::string, std::string>& to) {
  for (const auto& [key, value] : request.labels()) to[key] = value;
}

}  // namespace

emud::v1::CreateVmRequest Pools::RequestFor(const Pool& pool) {
  emud::v1::CreateVmRequest request;
  request.set_name(NameOfWaiting(pool.name()));
  request.set_project(pool.project());
  *request.mutable_spec() = pool.spec();
  *request.mutable_labels() = pool.vm_labels();
  return request;
}

absl::StatusOr<VmPtr> Pools::Make(const Pool& pool, const emud::v1::CreateVmRequest& request,
                                  VmTable::PoolPlace place, const RequestOrigin& origin) const {
  ASSIGN_OR_RETURN(const SnapshotPtr snapshot,
                   snapshots_.FindReady(pool.snapshot(), pool.project()));
  return vms_.Create(request, origin, snapshot.get(), &place);
}

absl::Status Pools::MakeWaiting(const Pool& pool) {
  ASSIGN_OR_RETURN(const VmPtr made, Make(pool, RequestFor(pool), {pool, false}, {}));
  return vms_.StartWaiting(made->name()).status();
}

absl::StatusOr<VmPtr> Pools::Acquire(const AcquireVmRequest& request, const RequestOrigin& origin) {
  const Clock::time_point begin = Clock::now();
  if (!request.name().empty()) RETURN_IF_ERROR(CheckName(request.name()));
  ASSIGN_OR_RETURN(const PoolPtr pool, Find(request.pool()));
  ASSIGN_OR_RETURN(VmPtr vm, TakeOne(*pool, request, origin));
  const bool has_waited = vm != nullptr;
  if (!has_waited) {
    ASSIGN_OR_RETURN(vm, ForkOne(*pool, request, origin));
  }
  std::lock_guard lock(mutex_);
  if (!by_name_.contains(pool->name())) return vm;  // it has gone meanwhile
  Acquisitions& acquisitions = acquisitions_[pool->name()];
  (has_waited ? acquisitions.waiting : acquisitions.forked).Add(SecondsSince(begin));
  return vm;
}

// Null if none waits.
absl::StatusOr<VmPtr> Pools::TakeOne(const Pool& pool, const AcquireVmRequest& request,
                                     const RequestOrigin& origin) {
  const auto edit = [&request](Vm& vm) {
    if (!request.name().empty()) vm.set_name(request.name());
    if (request.has_ttl()) *vm.mutable_spec()->mutable_lifecycle()->mutable_ttl() = request.ttl();
    AddLabels(request, *vm.mutable_labels());
  };
  for (const VmPtr& vm : vms_.records().List().vms) {
    if (vm->pool_uid() != pool.uid() || !IsWaiting(*vm)) continue;
    ASSIGN_OR_RETURN(VmPtr acquired, vms_.Acquire(vm->uid(), edit, origin));
    if (acquired != nullptr) return acquired;
  }
  return VmPtr();
}

absl::StatusOr<VmPtr> Pools::ForkOne(const Pool& pool, const AcquireVmRequest& request,
                                     const RequestOrigin& origin) {
  emud::v1::CreateVmRequest create = RequestFor(pool);
  if (!request.name().empty()) create.set_name(request.name());
  AddLabels(request, *create.mutable_labels());
  if (request.has_ttl()) *create.mutable_spec()->mutable_lifecycle()->mutable_ttl() = request.ttl();
  const absl::StatusOr<VmPtr> made = Make(pool, create, {pool, true}, origin);
  if (errors::ReasonOf(made.status()) == "QUOTA_EXCEEDED") {
    return errors::PoolExhausted(pool.name(), std::string(made.status().message()));
  }
  RETURN_IF_ERROR(made.status());
  absl::StatusOr<VmPtr> started =
      vms_.Start((*made)->name(), VmTable::ChangedDisks::kRefuse, origin);
  if (started.ok()) return started;
  // One wish: who hears of an error has no VM.
  emud::v1::DeleteVmRequest removal;
  removal.set_name((*made)->name());
  removal.set_force(true);
  if (const absl::Status removed = vms_.Delete(removal, {}); !removed.ok()) {
    LogWarning("acquired-vm-not-removed", {{"vm", (*made)->name()}, {"error", removed.message()}});
  }
  return started;
}

}  // namespace emu::daemon
