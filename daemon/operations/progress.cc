#include "daemon/operations/progress.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/wall_clock.h"

namespace emu::daemon {
namespace {

using emud::v1::Operation;
using emud::v1::OperationMetadata;
using emud::v1::VmResult;

// "stop web1", or "stop web1 and 2 more"
std::string StageOf(const Operation& operation) {
  if (operation.done()) return "done";
  std::string first;
  int running = 0;
  for (const VmResult& vm : operation.results()) {
    if (vm.state() == VmResult::RUNNING && running++ == 0) first = vm.vm();
  }
  if (running == 0) return "waiting";
  const std::string verb = absl::AsciiStrToLower(emud::v1::Verb_Name(operation.metadata().verb()));
  return absl::StrCat(verb, " ", first,
                      running > 1 ? absl::StrCat(" and ", running - 1, " more") : "");
}

}  // namespace

bool IsWhole(const Operation& operation) {
  const emud::v1::Verb verb = operation.metadata().verb();
  return verb == emud::v1::PULL_IMAGE || verb == emud::v1::CREATE_SNAPSHOT ||
         verb == emud::v1::FORK_VM;
}

void CountProgress(Operation& operation) {
  OperationMetadata& metadata = *operation.mutable_metadata();
  if (IsWhole(operation)) {
    if (operation.done()) metadata.set_stage(operation.has_error() ? metadata.stage() : "done");
    if (operation.done() && !operation.has_error()) metadata.set_progress_percent(100);
    return;
  }
  uint32_t done = 0;
  for (const VmResult& vm : operation.results()) {
    if (vm.state() != VmResult::PENDING && vm.state() != VmResult::RUNNING) ++done;
  }
  const auto total = static_cast<uint32_t>(operation.results_size());
  metadata.set_vms_done(done);
  metadata.set_vms_total(total);
  metadata.set_progress_percent(total == 0 ? 100 : 100 * done / total);
  metadata.set_stage(StageOf(operation));
}

void Conclude(Operation& operation) {
  bool is_cancelled = false;
  for (VmResult& vm : *operation.mutable_results()) {
    if (vm.state() == VmResult::PENDING) {
      vm.set_state(VmResult::CANCELLED);
      is_cancelled = true;
    }
    if (vm.state() == VmResult::FAILED && !operation.has_error()) {
      *operation.mutable_error() = vm.error();
    }
  }
  if (is_cancelled && !operation.has_error()) {
    operation.mutable_error()->set_code(static_cast<int>(absl::StatusCode::kCancelled));
    operation.mutable_error()->set_message("cancelled before all VMs were begun");
  }
  *operation.mutable_metadata()->mutable_end_time() = WallClockNow();
  operation.set_done(true);
}

emud::v1::OperationError ToOperationError(const absl::Status& status) {
  emud::v1::OperationError error;
  error.set_code(static_cast<int>(status.code()));
  error.set_message(std::string(status.message()));
  error.set_reason(errors::ReasonOf(status));
  return error;
}

}  // namespace emu::daemon
