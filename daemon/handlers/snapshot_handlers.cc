#include "daemon/handlers/snapshot_handlers.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/handlers/begin_once.h"
#include "daemon/handlers/list_page.h"
#include "daemon/handlers/mutation.h"
#include "daemon/state_sources.h"
#include "daemon/vm_files.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Operation;
using emud::v1::OperationMetadata;
using emud::v1::Snapshot;

constexpr std::chrono::milliseconds kReportPeriod(200);
constexpr uint32_t kMostForks = 100;
constexpr char kLastSnapshot[] = "auto";

// Tells how much of a VM's memory is saved, as long as it lives.
class SaveReporter {
 public:
  SaveReporter(VmTable& vms, const std::string& vm_uid, const Operations::Job& job)
      : thread_([this, &vms, vm_uid, &job] {
          std::unique_lock lock(mutex_);
          while (!over_.wait_for(lock, kReportPeriod, [this] { return is_over_; })) {
            const emud::v1::SaveProgress saving = vms.SavingOf(vm_uid);
            if (saving.total_bytes() == 0) continue;
            job.report("save",
                       static_cast<uint32_t>(100 * saving.done_bytes() / saving.total_bytes()));
          }
        }) {}
  ~SaveReporter() {
    {
      std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    over_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;
};

absl::Status TakeAndFinish(VmTable& vms, Snapshots& snapshots, Snapshot taken,
                           const Operations::Job& job) {
  const std::string uid = taken.uid();
  absl::Status done;
  {
    const SaveReporter reporter(vms, taken.vm_uid(), job);
    done = vms.TakeSnapshot(taken);
  }
  if (done.ok()) done = snapshots.Finish(std::move(taken));
  if (!done.ok()) snapshots.Drop(uid);
  return done;
}

std::string ForkName(const OperationMetadata& wanted, uint32_t number) {
  return absl::StrCat(wanted.name_prefix(), "-", number);
}

// The snapshot that the forks are made of, which is the operation's own.
absl::StatusOr<SnapshotPtr> SnapshotToFork(VmTable& vms, Snapshots& snapshots,
                                           const Operation& operation, const Operations::Job& job) {
  const std::string name = "fork-" + operation.id();
  const absl::StatusOr<SnapshotPtr> there = snapshots.Find(name);
  if (there.ok()) return there;
  ASSIGN_OR_RETURN(Snapshot plan, vms.PlanSnapshot(operation.metadata().target()));
  plan.set_name(name);
  ASSIGN_OR_RETURN(const SnapshotPtr begun, snapshots.Begin(std::move(plan)));
  RETURN_IF_ERROR(TakeAndFinish(vms, snapshots, *begun, job));
  return snapshots.Find(name);
}

absl::Status MakeFork(VmTable& vms, const Snapshot& source, const OperationMetadata& wanted,
                      const std::string& name) {
  const RequestOrigin origin = {wanted.principal(), "", "", ""};
  emud::v1::CreateVmRequest request;
  request.set_name(name);
  request.set_project(wanted.project());
  *request.mutable_labels() = wanted.labels();
  const absl::StatusOr<VmPtr> there = vms.records().FindByName(name);
  const bool is_made = there.ok() && (*there)->snapshot_uid() == source.uid();
  if (!is_made) RETURN_IF_ERROR(vms.Create(request, origin, &source).status());
  return vms.Start(name, VmTable::ChangedDisks::kRefuse, origin).status();
}

bool CanBeParent(const Snapshot& snapshot) {
  return snapshot.has_memory() && !snapshot.state_uids().empty() &&
         static_cast<size_t>(snapshot.state_uids_size()) <= kMostStateSources;
}

// Until it is taken, `plan` has the states that it may need.
absl::Status PlanParent(Snapshots& snapshots, const std::string& wanted, Snapshot& plan) {
  if (wanted.empty() || !plan.has_memory()) return absl::OkStatus();
  SnapshotPtr parent;
  if (wanted == kLastSnapshot) {
    parent = snapshots.FindByUid(plan.parent_uid());
    const bool is_one = parent != nullptr && parent->state() == Snapshot::READY &&
                        parent->project() == plan.project() && CanBeParent(*parent);
    if (!is_one) return absl::OkStatus();
  } else {
    ASSIGN_OR_RETURN(parent, snapshots.FindReady(wanted, plan.project()));
    if (!CanBeParent(*parent)) {
      return errors::InvalidField("parent", wanted + " has no memory, or in too many files",
                                  "give another one, or none");
    }
  }
  plan.set_memory_parent_uid(parent->uid());
  *plan.mutable_state_uids() = parent->state_uids();
  return absl::OkStatus();
}

}  // namespace

absl::Status TakeSnapshot(VmTable& vms, Snapshots& snapshots, const Operation& operation,
                          const Operations::Job& job) {
  const SnapshotPtr wanted = snapshots.FindByUid(operation.metadata().uid());
  if (wanted == nullptr) {
    return errors::SnapshotFailed(
        operation.metadata().target(),
        absl::AbortedError("the daemon was restarted before it was taken; try again"));
  }
  if (wanted->state() == Snapshot::READY) return absl::OkStatus();
  return TakeAndFinish(vms, snapshots, *wanted, job);
}

absl::Status Fork(VmTable& vms, Snapshots& snapshots, const Operation& operation,
                  const Operations::Job& job) {
  const OperationMetadata& wanted = operation.metadata();
  ASSIGN_OR_RETURN(const SnapshotPtr source, SnapshotToFork(vms, snapshots, operation, job));
  absl::Status done;
  for (uint32_t i = 1; i <= wanted.count() && done.ok(); ++i) {
    if (job.is_cancelled()) {
      done = absl::CancelledError("cancelled before all VMs were made");
      break;
    }
    const std::string name = ForkName(wanted, i);
    job.report("make " + name, 100 * (i - 1) / wanted.count());
    done = MakeFork(vms, *source, wanted, name);
  }
  snapshots.Drop(source->uid());
  return done;
}

absl::StatusOr<Operation> CreateSnapshot(CallContext& call,
                                         const emud::v1::CreateSnapshotRequest& request) {
  return BeginOnce(call, request, [&](const RequestOrigin& origin) -> absl::StatusOr<OperationPtr> {
    ASSIGN_OR_RETURN(Snapshot plan, call.vms.PlanSnapshot(request.vm()));
    RETURN_IF_ERROR(PlanParent(call.snapshots, request.parent(), plan));
    plan.set_name(request.name());
    *plan.mutable_labels() = request.labels();
    *plan.mutable_annotations() = request.annotations();
    ASSIGN_OR_RETURN(const SnapshotPtr snapshot, call.snapshots.Begin(std::move(plan)));
    OperationMetadata wanted;
    wanted.set_verb(emud::v1::CREATE_SNAPSHOT);
    wanted.set_target(snapshot->name());
    wanted.set_project(snapshot->project());
    wanted.set_uid(snapshot->uid());
    absl::StatusOr<OperationPtr> begun = call.operations.Begin(wanted, {}, origin);
    if (!begun.ok()) call.snapshots.Drop(snapshot->uid());
    return begun;
  });
}

absl::StatusOr<Snapshot> GetSnapshot(CallContext& call,
                                     const emud::v1::GetSnapshotRequest& request) {
  ASSIGN_OR_RETURN(const SnapshotPtr snapshot, call.snapshots.Find(request.name()));
  return *snapshot;
}

absl::StatusOr<emud::v1::ListSnapshotsResponse> ListSnapshots(
    CallContext& call, const emud::v1::ListSnapshotsRequest& request) {
  ASSIGN_OR_RETURN(
      ListPage<Snapshot> page,
      PageOf(call.snapshots.List(), request, call.vms.page_tokens(),
             [&call](const Snapshot& snapshot) { return call.caller.Sees(snapshot.project()); }));
  emud::v1::ListSnapshotsResponse response;
  for (const SnapshotPtr& snapshot : page.items) *response.add_snapshots() = *snapshot;
  response.set_next_page_token(std::move(page.next_page_token));
  return response;
}

absl::StatusOr<Snapshot> UpdateSnapshot(CallContext& call,
                                        const emud::v1::UpdateSnapshotRequest& request) {
  return ChangeSnapshotOnce(call, request, [&](const RequestOrigin& origin) {
    return call.snapshots.Update(request, origin);
  });
}

absl::Status DeleteSnapshot(CallContext& call, const emud::v1::DeleteSnapshotRequest& request) {
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto execute = [&]() -> absl::StatusOr<RequestIds::Answer> {
    RETURN_IF_ERROR(call.snapshots.Delete(request, origin));
    return RequestIds::Answer{};
  };
  // It is gone as soon as it is noted that it shall be.
  const auto recall = [](const std::string&) -> absl::StatusOr<RequestIds::Answer> {
    return RequestIds::Answer{};
  };
  return call.vms.request_ids().Once(origin, execute, recall).status();
}

absl::StatusOr<emud::v1::Vm> RestoreSnapshot(CallContext& call,
                                             const emud::v1::RestoreSnapshotRequest& request) {
  return ChangeOnce(call, request, [&](const RequestOrigin& origin) -> absl::StatusOr<VmPtr> {
    ASSIGN_OR_RETURN(const VmPtr vm, call.vms.records().FindByName(request.vm()));
    ASSIGN_OR_RETURN(const SnapshotPtr snapshot,
                     call.snapshots.FindReady(request.name(), vm->project()));
    return call.vms.GoBack(request.vm(), *snapshot, origin);
  });
}

absl::StatusOr<Operation> ForkVm(CallContext& call, const emud::v1::ForkVmRequest& request) {
  return BeginOnce(call, request, [&](const RequestOrigin& origin) -> absl::StatusOr<OperationPtr> {
    if (request.count() > kMostForks) {
      return errors::InvalidField("count", absl::StrCat(request.count(), " are too many"),
                                  absl::StrCat("give at most ", kMostForks));
    }
    ASSIGN_OR_RETURN(const Snapshot plan, call.vms.PlanSnapshot(request.vm()));
    ASSIGN_OR_RETURN(const VmPtr vm, call.vms.records().FindByName(request.vm()));
    OperationMetadata wanted;
    wanted.set_verb(emud::v1::FORK_VM);
    wanted.set_target(vm->name());
    wanted.set_project(vm->project());
    wanted.set_count(request.count() == 0 ? 1 : request.count());
    wanted.set_name_prefix(request.name_prefix().empty() ? vm->name() : request.name_prefix());
    *wanted.mutable_labels() = request.labels().empty() ? vm->labels() : request.labels();
    for (uint32_t i = 1; i <= wanted.count(); ++i) {
      const std::string name = ForkName(wanted, i);
      RETURN_IF_ERROR(CheckName(name, "name_prefix"));
      if (call.vms.records().FindByName(name).ok()) return errors::NameInUse(name);
    }
    return call.operations.Begin(wanted, {}, origin);
  });
}

}  // namespace emu::daemon
