// Of errors.h, what is answered about images, volumes, snapshots and pools.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/error_details.h"
#include "daemon/errors.h"

namespace emu::daemon::errors {

absl::Status ImageNotFound(const std::string& name) {
  return NoSuch(Reason::IMAGE_NOT_FOUND, "image", name, "image list");
}

absl::Status ImageInUse(const std::string& name, const std::vector<std::string>& vms,
                        const std::vector<std::string>& volumes,
                        const std::vector<std::string>& snapshots) {
  std::vector<std::string> users = vms;
  for (const std::string& volume : volumes) users.push_back("volume " + volume);
  for (const std::string& snapshot : snapshots) users.push_back("snapshot " + snapshot);
  absl::Status status = Make(
      absl::StatusCode::kFailedPrecondition, Reason::IMAGE_IN_USE,
      absl::StrCat("can't delete image ", name, ": ", absl::StrJoin(users, ", "), " ",
                   users.size() == 1 ? "has it; delete that first" : "have it; delete those first"),
      {{"image", name}});
  google::rpc::PreconditionFailure failure;
  AddViolations("VM", vms, "it has a disk of the image, or boots with it", failure);
  AddViolations("VOLUME", volumes, "it began as the image", failure);
  AddViolations("SNAPSHOT", snapshots, "it is of a VM that had the image", failure);
  Attach(failure, status);
  return status;
}

absl::Status VolumeNotFound(const std::string& name) {
  return NoSuch(Reason::VOLUME_NOT_FOUND, "volume", name, "volume list");
}

absl::Status VolumeInUse(const std::string& name, const std::vector<std::string>& vms) {
  absl::Status status =
      Make(absl::StatusCode::kFailedPrecondition, Reason::VOLUME_IN_USE,
           absl::StrCat("can't delete volume ", name, ": ", absl::StrJoin(vms, ", "), " ",
                        vms.size() == 1 ? "has it; delete that VM, or take the disk from it"
                                        : "have it; delete those VMs, or take the disk from them"),
           {{"volume", name}});
  AttachPreconditions("VM", vms, "it has the volume as a disk", status);
  return status;
}

absl::Status SnapshotNotFound(const std::string& name) {
  return NoSuch(Reason::SNAPSHOT_NOT_FOUND, "snapshot", name, "snapshot list");
}

absl::Status SnapshotNotReady(const std::string& name) {
  return Make(absl::StatusCode::kFailedPrecondition, Reason::SNAPSHOT_NOT_READY,
              absl::StrCat("snapshot ", name, " is still being taken; wait for its operation"),
              {{"snapshot", name}});
}

absl::Status SnapshotInUse(const std::string& name, const std::vector<std::string>& pools) {
  absl::Status status =
      Make(absl::StatusCode::kFailedPrecondition, Reason::SNAPSHOT_IN_USE,
           absl::StrCat("can't delete snapshot ", name, ": VMs of it are made for ",
                        absl::StrJoin(pools, ", "), "; delete ",
                        pools.size() == 1 ? "that pool" : "those pools"),
           {{"snapshot", name}});
  AttachPreconditions("POOL", pools, "its VMs are made of the snapshot", status);
  return status;
}

absl::Status PoolNotFound(const std::string& name) {
  return NoSuch(Reason::POOL_NOT_FOUND, "pool", name, "pool list");
}

absl::Status PoolExhausted(const std::string& name, const std::string& why) {
  absl::Status status =
      Make(absl::StatusCode::kResourceExhausted, Reason::POOL_EXHAUSTED,
           absl::StrCat("no VM waits in pool ", name, ", and there can't be another one: ", why,
                        "; delete VMs that are not needed, or try again later"),
           {{"pool", name}});
  AttachRetry(kRetryHost, status);
  return status;
}

absl::Status SnapshotFailed(const std::string& name, const absl::Status& why) {
  absl::Status status =
      Make(why.code(), Reason::SNAPSHOT_FAILED,
           absl::StrCat("there is no snapshot of ", name, ": ", why.message()), {{"vm", name}});
  if (absl::IsResourceExhausted(why)) AttachRetry(kRetryHost, status);
  return status;
}

absl::Status SnapshotFileRefused(const std::string& member, const absl::Status& why) {
  return Make(why.code(), Reason::SNAPSHOT_FILE_REFUSED,
              absl::StrCat("the file is refused: ", member, member.empty() ? "" : ": ",
                           why.message(), "; give one of snapshot export"),
              {{"member", member}});
}

absl::Status ImageNotInFile(const std::string& name, const std::string& digest) {
  return Make(
      absl::StatusCode::kNotFound, Reason::IMAGE_NOT_FOUND,
      absl::StrCat("image ", name, " (", digest, ") is not here nor in the file; import it"),
      {{"image", name}, {"digest", digest}});
}

absl::Status DigestMismatch(const std::string& field, const std::string& digest) {
  return Make(absl::StatusCode::kFailedPrecondition, Reason::DIGEST_MISMATCH,
              absl::StrCat(field, ": the bytes have ", digest,
                           ", not the sum that is expected; get them anew"),
              {{"field", field}, {"digest", digest}});
}

absl::Status RecipeNotFound(const std::string& name, const std::vector<std::string>& known) {
  return Make(absl::StatusCode::kNotFound, Reason::RECIPE_NOT_FOUND,
              absl::StrCat("there is no recipe ", name, "; give one of ",
                           absl::StrJoin(known, ", "), ", or import a file"),
              {{"image", name}});
}

absl::Status NoImageBuilder() {
  return Make(absl::StatusCode::kFailedPrecondition, Reason::NO_IMAGE_BUILDER,
              "this daemon can't build images; install what the package emud recommends, or set "
              "imageBuilder in its configuration",
              {});
}

absl::Status ImageBuildFailed(const std::string& name, const std::string& why) {
  return Make(absl::StatusCode::kInternal, Reason::IMAGE_BUILD_FAILED,
              absl::StrCat(name, " can't be built: ", why), {{"image", name}});
}

absl::Status UploadNotFound(const std::string& id) {
  return Make(absl::StatusCode::kNotFound, Reason::UPLOAD_NOT_FOUND,
              absl::StrCat("there is no upload ", id, ", or not any more; begin another"),
              {{"upload", id}});
}

absl::Status UploadTakenOver(const std::string& id) {
  return Make(absl::StatusCode::kAborted, Reason::UPLOAD_TAKEN_OVER,
              absl::StrCat("upload ", id,
                           " goes on elsewhere, in a later call or an import; look at it again"),
              {{"upload", id}});
}

}  // namespace emu::daemon::errors
