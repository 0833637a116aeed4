#include "daemon/errors.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/error_details.h"
#include "google/rpc/status.pb.h"

namespace emu::daemon::errors {
namespace {

// A field as the VM process calls it, and as the API does.
struct VmField {
  const char* vm;
  const char* spec;
};

constexpr VmField kVmFields[] = {
    {"arch", "spec.machine.arch"},
    {"cpus", "spec.machine.cpus"},
    {"memory_bytes", "spec.machine.memory_mib"},
    {"kernel", "spec.boot.kernel"},
    {"initrd", "spec.boot.initrd"},
    {"firmware", "spec.boot.firmware"},
    {"flash", "spec.boot.flash"},
    {"disks", "spec.disks"},
};

}  // namespace

absl::Status InvalidField(const std::string& field, const std::string& problem,
                          const std::string& remedy) {
  absl::Status status = Make(absl::StatusCode::kInvalidArgument, Reason::INVALID_FIELD,
                             absl::StrCat(field, ": ", problem, "; ", remedy), {{"field", field}});
  AttachViolation(field, absl::StrCat(problem, "; ", remedy), status);
  return status;
}

absl::Status NameInUse(const std::string& name) {
  return Make(absl::StatusCode::kAlreadyExists, Reason::NAME_IN_USE,
              absl::StrCat("name: ", name, " is in use; choose another or delete that VM"),
              {{"vm", name}});
}

absl::Status VmNotFound(const std::string& name) {
  return NoSuch(Reason::VM_NOT_FOUND, "VM", name, "list");
}

absl::Status WrongState(const std::string& name, const std::string& verb, const std::string& state,
                        const std::string& remedy) {
  absl::Status status =
      Make(absl::StatusCode::kFailedPrecondition, Reason::WRONG_STATE,
           absl::StrCat("can't ", verb, " ", name, ": it is ", state, "; ", remedy),
           {{"vm", name}, {"state", state}});
  AttachPreconditions("STATE", {name}, absl::StrCat("it is ", state), status);
  return status;
}

absl::Status HostDraining(const std::string& name) {
  return Make(absl::StatusCode::kFailedPrecondition, Reason::HOST_DRAINING,
              absl::StrCat("can't start ", name,
                           ": its host is drained, to be shut down; emuctl host undrain ends that"),
              {{"vm", name}});
}

absl::Status VmProtected(const std::string& name) {
  absl::Status status =
      Make(absl::StatusCode::kFailedPrecondition, Reason::VM_PROTECTED,
           absl::StrCat("can't delete ", name,
                        ": it is protected; set its spec.lifecycle.protected to false first"),
           {{"vm", name}});
  AttachPreconditions("PROTECTED", {name}, "spec.lifecycle.protected is set", status);
  return status;
}

absl::Status EtagMismatch(const std::string& name) {
  return Make(
      absl::StatusCode::kAborted, Reason::ETAG_MISMATCH,
      absl::StrCat("etag: ", name, " has changed since; get it again and look what differs"),
      {{"vm", name}});
}

absl::Status RequestIdReused(const std::string& id) {
  return Make(
      absl::StatusCode::kInvalidArgument, Reason::REQUEST_ID_REUSED,
      absl::StrCat("request_id: ", id, " belongs to a request with another body; draw a new one"),
      {{"request_id", id}});
}

absl::Status InvalidFilter(const std::string& field, size_t position, const std::string& problem) {
  const std::string description = absl::StrCat("at character ", position, ": ", problem);
  absl::Status status = Make(absl::StatusCode::kInvalidArgument, Reason::INVALID_FILTER,
                             absl::StrCat(field, ": ", description),
                             {{"field", field}, {"position", absl::StrCat(position)}});
  AttachViolation(field, description, status);
  return status;
}

absl::Status InvalidPageToken() {
  absl::Status status =
      Make(absl::StatusCode::kInvalidArgument, Reason::INVALID_PAGE_TOKEN,
           "page_token: it belongs to no list, or to one with another filter or order; begin with "
           "the first page",
           {{"field", "page_token"}});
  AttachViolation("page_token", "it belongs to no list, or to one of another filter or order",
                  status);
  return status;
}

absl::Status RevisionCompacted(uint64_t revision, uint64_t oldest) {
  return Make(absl::StatusCode::kOutOfRange, Reason::REVISION_COMPACTED,
              absl::StrCat("resume_revision: not all that followed ", revision,
                           " is known; begin anew without it"),
              {{"revision", absl::StrCat(revision)}, {"oldest", absl::StrCat(oldest)}});
}

absl::Status SandboxRefused(const std::string& name, const std::string& why) {
  absl::Status status = Make(absl::StatusCode::kFailedPrecondition, Reason::SANDBOX_REFUSED,
                             absl::StrCat(name, " did not start: sandbox:", why), {{"vm", name}});
  AttachPreconditions("SANDBOX", {name}, "the host refuses a step of the sandbox", status);
  return status;
}

absl::Status StartFailed(const std::string& name, const absl::Status& why) {
  const std::string message(why.message());
  if (absl::IsFailedPrecondition(why) && absl::StartsWith(message, "sandbox:")) {
    return SandboxRefused(name, message.substr(strlen("sandbox:")));
  }
  const auto* field = std::find_if(
      std::begin(kVmFields), std::end(kVmFields),
      [&](const VmField& known) { return absl::StartsWith(message, absl::StrCat(known.vm, ":")); });
  if (field == std::end(kVmFields)) {
    absl::Status status =
        Make(why.ok() ? absl::StatusCode::kInternal : why.code(), Reason::START_FAILED,
             absl::StrCat(name, " did not start: ", message), {{"vm", name}});
    if (absl::IsResourceExhausted(why)) AttachRetry(kRetryHost, status);
    return status;
  }
  const std::string problem(
      absl::StripLeadingAsciiWhitespace(message.substr(strlen(field->vm) + 1)));
  absl::Status status = Make(why.code(), Reason::START_FAILED,
                             absl::StrCat(name, " did not start: ", field->spec, ": ", problem),
                             {{"vm", name}, {"field", field->spec}});
  AttachViolation(field->spec, problem, status);
  return status;
}

absl::Status RestoreFailed(const std::string& name, const absl::Status& why) {
  // So a VM process says that a disk is not what it was.
  if (absl::IsAborted(why)) {
    absl::Status status =
        Make(absl::StatusCode::kFailedPrecondition, Reason::DISK_CHANGED,
             absl::StrCat(name, " stays suspended: ", why.message(),
                          "; bring the disk back, or start it with --force to go on all the same"),
             {{"vm", name}});
    AttachPreconditions("DISK", {name}, std::string(why.message()), status);
    return status;
  }
  return Make(why.code(), Reason::RESTORE_FAILED,
              absl::StrCat(name, " stays suspended: ", why.message(),
                           "; stop it with --force to discard what was saved"),
              {{"vm", name}});
}

absl::Status SuspendFailed(const std::string& name, const absl::Status& why) {
  absl::Status status =
      Make(why.code(), Reason::SUSPEND_FAILED,
           absl::StrCat(name, " was not suspended: ", why.message()), {{"vm", name}});
  if (absl::IsResourceExhausted(why)) AttachRetry(kRetryHost, status);
  return status;
}

absl::Status DiskInUse(const std::string& field, const std::string& path) {
  return Make(absl::StatusCode::kFailedPrecondition, Reason::DISK_IN_USE,
              absl::StrCat(field, ": ", path,
                           " is in use by another process; stop that VM, or make both readonly"),
              {{"field", field}});
}

absl::Status BackingFileInUse(const std::string& field, const std::string& problem) {
  return Make(absl::StatusCode::kFailedPrecondition, Reason::DISK_IN_USE,
              absl::StrCat(field, ": ", problem), {{"field", field}});
}

absl::Status VmNotResponding(const std::string& name, const std::string& verb) {
  return Make(absl::StatusCode::kDeadlineExceeded, Reason::VM_NOT_RESPONDING,
              absl::StrCat(name, " does not answer to ", verb, "; stop --force ends it"),
              {{"vm", name}});
}

absl::Status WaitTimedOut(const std::string& name, const std::string& state) {
  return Make(absl::StatusCode::kDeadlineExceeded, Reason::WAIT_TIMED_OUT,
              absl::StrCat(name, " is still ", state), {{"vm", name}, {"state", state}});
}

absl::Status OutputTimedOut(const std::string& name, const std::string& regex) {
  return Make(absl::StatusCode::kDeadlineExceeded, Reason::WAIT_TIMED_OUT,
              absl::StrCat("the console of ", name, " has not said ", regex), {{"vm", name}});
}

absl::Status OperationNotFound(const std::string& id) {
  return NoSuch(Reason::OPERATION_NOT_FOUND, "operation", id, "list");
}

absl::Status OperationRuns(const std::string& id) {
  absl::Status status =
      Make(absl::StatusCode::kFailedPrecondition, Reason::OPERATION_RUNS,
           absl::StrCat("operation ", id, " is not done; cancel it or wait"), {{"operation", id}});
  AttachPreconditions("STATE", {id}, "it is not done", status);
  return status;
}

absl::Status TooManyOperations(size_t limit) {
  absl::Status status = Make(
      absl::StatusCode::kResourceExhausted, Reason::TOO_MANY_OPERATIONS,
      absl::StrCat(limit, " operations go on, which is as many as there may be; wait for one"), {});
  AttachRetry(kRetryOperation, status);
  return status;
}

absl::Status KeyboardHeld(const std::string& name, const std::string& holder) {
  return Make(absl::StatusCode::kFailedPrecondition, Reason::KEYBOARD_HELD,
              absl::StrCat("keyboard: ", holder, " types into ", name,
                           "; take the keyboard (--take), or attach to read only"),
              {{"vm", name}, {"holder", holder}});
}

absl::Status TraceRuns(const std::string& name) {
  return Make(absl::StatusCode::kFailedPrecondition, Reason::TRACE_RUNS,
              absl::StrCat("another trace of ", name, " runs; end it first"), {{"vm", name}});
}

absl::Status NoMemory(const std::string& name, uint64_t address) {
  const std::string text = absl::StrCat("0x", absl::Hex(address));
  return Make(absl::StatusCode::kOutOfRange, Reason::NO_MEMORY,
              absl::StrCat("address: no memory of ", name, " is at ", text,
                           "; a virtual address may be mapped elsewhere or later"),
              {{"vm", name}, {"address", text}});
}

absl::Status Unauthenticated(const std::string& problem) {
  return Make(absl::StatusCode::kUnauthenticated, Reason::UNAUTHENTICATED,
              absl::StrCat(problem,
                           "; give a token (emuctl context add --token-file) or a client "
                           "certificate of the daemon's client CA"),
              {});
}

absl::Status PermissionDenied(const std::string& role, const std::string& project) {
  return Make(absl::StatusCode::kPermissionDenied, Reason::PERMISSION_DENIED,
              absl::StrCat("this takes the role ", role, " in project ", project,
                           "; an administrator there may give it (emuctl role bind)"),
              {{"role", role}, {"project", project}});
}

absl::Status ProjectNotFound(const std::string& name) {
  return NoSuch(Reason::PROJECT_NOT_FOUND, "project", name, "list");
}

absl::Status ProjectInUse(const std::string& name) {
  absl::Status status =
      Make(absl::StatusCode::kFailedPrecondition, Reason::PROJECT_IN_USE,
           absl::StrCat("can't delete project ", name,
                        ": there are VMs, images, volumes, snapshots or pools in it; delete them "
                        "first"),
           {{"project", name}});
  AttachPreconditions("VMS", {name}, "there are VMs, images, volumes, snapshots or pools in it",
                      status);
  return status;
}

absl::Status TokenNotFound(const std::string& name) {
  return NoSuch(Reason::TOKEN_NOT_FOUND, "token", name, "list");
}

absl::Status RoleNotFound(const std::string& principal, const std::string& project) {
  return Make(absl::StatusCode::kNotFound, Reason::ROLE_NOT_FOUND,
              absl::StrCat(principal, " is given no role in project ", project,
                           "; list shows what is given"),
              {{"principal", principal}, {"project", project}});
}

absl::Status AlreadyExists(const std::string& kind, const std::string& name) {
  return Make(absl::StatusCode::kAlreadyExists, Reason::ALREADY_EXISTS,
              absl::StrCat("there is a ", kind, " ", name, " already; choose another name"),
              {{"name", name}});
}

absl::Status QuotaExceeded(const std::string& project, const std::vector<std::string>& met) {
  absl::Status status =
      Make(absl::StatusCode::kResourceExhausted, Reason::QUOTA_EXCEEDED,
           absl::StrCat("project ", project, " may not have so much (", absl::StrJoin(met, ", "),
                        "); delete what is not needed, or have its quota raised"),
           {{"project", project}});
  google::rpc::QuotaFailure failure;
  for (const std::string& limit : met) {
    auto* violation = failure.add_violations();
    violation->set_subject(absl::StrCat("projects/", project));
    violation->set_description(limit);
  }
  Attach(failure, status);
  return status;
}

absl::Status NoAgent(const std::string& name, const std::string& problem) {
  return Make(absl::StatusCode::kFailedPrecondition, Reason::NO_AGENT,
              absl::StrCat(name, ": ", problem,
                           "; have it run emu-agent, or wait for it (--wait) while it boots"),
              {{"vm", name}});
}

absl::Status AgentLost(const std::string& name) {
  return Make(absl::StatusCode::kUnavailable, Reason::AGENT_LOST,
              absl::StrCat(name,
                           ": the agent in the guest is gone, or the VM stands still; look at "
                           "the VM's state and attach again"),
              {{"vm", name}});
}

absl::Status ExecNotStarted(const std::string& name, const std::string& command, int error_number) {
  const std::string problem =
      error_number == ESRCH ? "there is no such user" : std::string(std::strerror(error_number));
  const char* const number = strerrorname_np(error_number);
  return Make(absl::StatusCode::kFailedPrecondition, Reason::EXEC_NOT_STARTED,
              absl::StrCat(command, ": ", problem, " in ", name,
                           "; look at the program's path, the user and the directory"),
              {{"vm", name}, {"command", command}, {"errno", number == nullptr ? "" : number}});
}

absl::Status ExecNotFound(const std::string& id) {
  return Make(
      absl::StatusCode::kNotFound, Reason::EXEC_NOT_FOUND,
      absl::StrCat("exec ", id, ": there is none, or it was forgotten; list those there are"),
      {{"exec", id}});
}

absl::Status GuestRefuses(const std::string& name, const std::string& verb, int error_number) {
  const char* const number = strerrorname_np(error_number);
  return Make(absl::StatusCode::kFailedPrecondition, Reason::GUEST_REFUSES,
              absl::StrCat(name, " can't ", verb, ": ", std::strerror(error_number),
                           "; look at its kernel's log"),
              {{"vm", name}, {"errno", number == nullptr ? "" : number}});
}

absl::Status LocalOnly(const std::string& name, const std::string& verb) {
  return Make(absl::StatusCode::kFailedPrecondition, Reason::LOCAL_ONLY,
              absl::StrCat("can't ", verb, " ", name,
                           " from elsewhere; call on the daemon's host, over its unix socket"),
              {{"vm", name}});
}

absl::Status Storage(const std::string& what) {
  return Make(absl::StatusCode::kInternal, Reason::STORAGE,
              absl::StrCat("the daemon's state can't be kept: ", what), {});
}

absl::Status StorageFull(const std::string& what) {
  absl::Status status =
      Make(absl::StatusCode::kResourceExhausted, Reason::STORAGE_FULL,
           absl::StrCat("nothing was done: the disk with the daemon's state is full: ", what), {});
  AttachRetry(kRetryStorage, status);
  return status;
}

absl::Status Host(const std::string& what, int error_number) {
  const absl::Status cause = absl::ErrnoToStatus(error_number, what);
  // A file that the daemon misses is no resource that the client asked for.
  const bool is_shortage =
      absl::IsResourceExhausted(cause) || error_number == EAGAIN || error_number == ENOMEM;
  absl::Status status =
      Make(is_shortage ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kInternal,
           Reason::HOST, absl::StrCat(cause.message(), "; see the daemon's host"), {});
  if (is_shortage) AttachRetry(kRetryHost, status);
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(
      absl::StrCat(kDetailTypePrefix, google::rpc::ErrorInfo::descriptor()->full_name()));
  google::rpc::ErrorInfo info;
  if (payload.has_value()) info.ParseFromString(std::string(*payload));
  return info.reason();
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status full;
  full.set_code(static_cast<int>(status.code()));
  full.set_message(std::string(status.message()));
  status.ForEachPayload([&full](absl::string_view type_url, const absl::Cord& payload) {
    google::protobuf::Any* detail = full.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), full.message(),
                      full.SerializeAsString());
}

}  // namespace emu::daemon::errors
