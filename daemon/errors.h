// Every error that the API answers with, one function each. The status carries
// google.rpc.ErrorInfo{reason, domain "emud.dev"}, whose reason is one of
// proto/emud/v1/error_reason.proto; BadRequest, where a field is to blame; and RetryInfo, where
// trying again later may help.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace emu::daemon::errors {

absl::Status InvalidField(const std::string& field, const std::string& problem,
                          const std::string& remedy);
absl::Status NameInUse(const std::string& name);
absl::Status VmNotFound(const std::string& name);
absl::Status WrongState(const std::string& name, const std::string& verb, const std::string& state,
                        const std::string& remedy);
absl::Status VmProtected(const std::string& name);
absl::Status EtagMismatch(const std::string& name);
absl::Status RequestIdReused(const std::string& id);
// `position` counts characters from 1.
absl::Status InvalidFilter(const std::string& field, size_t position, const std::string& problem);
absl::Status InvalidPageToken();
absl::Status RevisionCompacted(uint64_t revision, uint64_t oldest);
// `why` is the VM process's: "field: problem; remedy" becomes the spec's field.
absl::Status StartFailed(const std::string& name, const absl::Status& why);
absl::Status SandboxRefused(const std::string& name, const std::string& why);
// What a process said of a state that it was to go on from, or of one that it was to save.
absl::Status RestoreFailed(const std::string& name, const absl::Status& why);
absl::Status SuspendFailed(const std::string& name, const absl::Status& why);
absl::Status DiskInUse(const std::string& field, const std::string& path);
// The same, of a file below the disk's; `problem` says which and what to do.
absl::Status BackingFileInUse(const std::string& field, const std::string& problem);
absl::Status VmNotResponding(const std::string& name, const std::string& verb);
absl::Status WaitTimedOut(const std::string& name, const std::string& state);
absl::Status OutputTimedOut(const std::string& name, const std::string& regex);
absl::Status OperationNotFound(const std::string& id);
absl::Status OperationRuns(const std::string& id);
absl::Status TooManyOperations(size_t limit);
absl::Status KeyboardHeld(const std::string& name, const std::string& holder);
absl::Status TraceRuns(const std::string& name);
absl::Status NoMemory(const std::string& name, uint64_t address);
absl::Status Unauthenticated(const std::string& problem);
// `role` is what it takes in `project`.
absl::Status PermissionDenied(const std::string& role, const std::string& project);
absl::Status ProjectNotFound(const std::string& name);
absl::Status ProjectInUse(const std::string& name);
absl::Status TokenNotFound(const std::string& name);
absl::Status RoleNotFound(const std::string& principal, const std::string& project);
// `kind` is "project" or "token".
absl::Status AlreadyExists(const std::string& kind, const std::string& name);
// Each of `met` is a limit: "cpus: 9 of 8".
absl::Status QuotaExceeded(const std::string& project, const std::vector<std::string>& met);
absl::Status ImageNotFound(const std::string& name);
// `vms` have disks of it or boot with it.
absl::Status ImageInUse(const std::string& name, const std::vector<std::string>& vms,
                        const std::vector<std::string>& volumes,
                        const std::vector<std::string>& snapshots);
absl::Status VolumeNotFound(const std::string& name);
absl::Status VolumeInUse(const std::string& name, const std::vector<std::string>& vms);
absl::Status SnapshotNotFound(const std::string& name);
absl::Status SnapshotNotReady(const std::string& name);
absl::Status SnapshotInUse(const std::string& name, const std::vector<std::string>& pools);
absl::Status HostDraining(const std::string& name);
absl::Status PoolNotFound(const std::string& name);
// `why`: what forbids one more VM.
absl::Status PoolExhausted(const std::string& name, const std::string& why);
// What a process, or the host, said of one that was to be taken.
absl::Status SnapshotFailed(const std::string& name, const absl::Status& why);
// Of a file that was to be imported: `why` is DATA_LOSS, INVALID_ARGUMENT or FAILED_PRECONDITION.
absl::Status SnapshotFileRefused(const std::string& member, const absl::Status& why);
// An image that such a file needs and has not.
absl::Status ImageNotInFile(const std::string& name, const std::string& digest);
absl::Status DigestMismatch(const std::string& field, const std::string& digest);
absl::Status UploadNotFound(const std::string& id);
absl::Status UploadTakenOver(const std::string& id);
absl::Status RecipeNotFound(const std::string& name, const std::vector<std::string>& known);
absl::Status NoImageBuilder();
absl::Status ImageBuildFailed(const std::string& name, const std::string& why);
absl::Status NoAgent(const std::string& name, const std::string& problem);
absl::Status AgentLost(const std::string& name);
// `error_number` is the guest's.
absl::Status ExecNotStarted(const std::string& name, const std::string& command, int error_number);
absl::Status ExecNotFound(const std::string& id);
absl::Status GuestRefuses(const std::string& name, const std::string& verb, int error_number);
absl::Status LocalOnly(const std::string& name, const std::string& verb);
absl::Status Storage(const std::string& what);
absl::Status StorageFull(const std::string& what);
absl::Status Host(const std::string& what, int error_number);

// The ErrorReason that `status` carries; empty if it has none.
std::string ReasonOf(const absl::Status& status);

// With google.rpc.Status in the trailing metadata.
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace emu::daemon::errors
