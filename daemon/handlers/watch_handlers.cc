#include "daemon/handlers/watch_handlers.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::WatchVmsResponse;

// What is taken at once; a client that reads slowly gets newer versions with the next.
constexpr size_t kBatch = 64;
// How soon a client that has gone is noticed where nothing happens.
constexpr std::chrono::milliseconds kPatience(500);

bool Write(grpc::ServerWriter<WatchVmsResponse>& stream, WatchVmsResponse::Type type,
           const VmPtr& vm, uint64_t revision) {
  WatchVmsResponse response;
  response.set_type(type);
  response.set_revision(revision);
  if (type == WatchVmsResponse::CHANGED) *response.mutable_vm() = *vm;
  if (type == WatchVmsResponse::DELETED) {
    response.mutable_vm()->set_name(vm->name());
    response.mutable_vm()->set_uid(vm->uid());
    response.mutable_vm()->set_project(vm->project());
  }
  return stream.Write(response);
}

// Writes what changed after `revision`, and moves that on. False when the client has gone.
absl::StatusOr<bool> WriteChanges(CallContext& call, uint64_t& revision,
                                  grpc::ServerWriter<WatchVmsResponse>& stream) {
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<VmDelta> deltas,
                     call.vms.records().ChangesAfter(revision, kBatch));
    for (const VmDelta& delta : deltas) {
      revision = delta.revision;
      if (!call.caller.Sees(delta.vm->project())) continue;
      const auto type = delta.kind == VmDelta::Kind::kChanged ? WatchVmsResponse::CHANGED
                                                              : WatchVmsResponse::DELETED;
      if (!Write(stream, type, delta.vm, delta.revision)) return false;
    }
    if (deltas.empty()) return true;
  }
}

}  // namespace

absl::Status WatchVms(CallContext& call, const emud::v1::WatchVmsRequest& request,
                      grpc::ServerWriter<WatchVmsResponse>& stream) {
  uint64_t revision = request.resume_revision();
  if (revision == 0) {
    VmRecords::Snapshot snapshot = call.vms.records().List();
    // By revision, so that a client may resume from any of them.
    std::sort(snapshot.vms.begin(), snapshot.vms.end(), [](const VmPtr& left, const VmPtr& right) {
      return left->revision() < right->revision();
    });
    for (const VmPtr& vm : snapshot.vms) {
      if (!call.caller.Sees(vm->project())) continue;
      if (!Write(stream, WatchVmsResponse::CHANGED, vm, vm->revision())) return absl::OkStatus();
    }
    revision = snapshot.revision;
  } else {
    ASSIGN_OR_RETURN(const bool is_there, WriteChanges(call, revision, stream));
    if (!is_there) return absl::OkStatus();
  }
  if (!Write(stream, WatchVmsResponse::SYNCED, nullptr, revision)) return absl::OkStatus();
  while (!call.is_cancelled()) {
    call.vms.records().WaitForRevisionAbove(revision, kPatience);
    ASSIGN_OR_RETURN(const bool is_there, WriteChanges(call, revision, stream));
    if (!is_there) break;
  }
  return absl::OkStatus();
}

absl::Status WatchEvents(CallContext& call, const emud::v1::WatchEventsRequest& request,
                         grpc::ServerWriter<emud::v1::WatchEventsResponse>& stream) {
  uint64_t revision = request.resume_revision();
  const uint64_t newest_before = call.vms.records().newest_revision();
  bool is_synced = false;
  while (!call.is_cancelled()) {
    ASSIGN_OR_RETURN(const std::vector<emud::v1::Event> events,
                     call.vms.records().EventsAfter(revision, kBatch));
    for (const emud::v1::Event& event : events) {
      revision = event.revision();
      // Those of before projects were there have none.
      if (!call.caller.Sees(event.project().empty() ? kDefaultProject : event.project())) continue;
      emud::v1::WatchEventsResponse response;
      *response.mutable_event() = event;
      if (!stream.Write(response)) return absl::OkStatus();
    }
    if (!is_synced && (events.empty() || revision >= newest_before)) {
      is_synced = true;
      emud::v1::WatchEventsResponse response;
      response.mutable_synced()->set_revision(revision);
      if (!stream.Write(response)) return absl::OkStatus();
    }
    if (!events.empty()) continue;
    // What the disk did not take yet is not to be read yet either.
    if (call.vms.records().newest_revision() > revision) std::this_thread::sleep_for(kPatience);
    call.vms.records().WaitForRevisionAbove(revision, kPatience);
  }
  return absl::OkStatus();
}

}  // namespace emu::daemon
