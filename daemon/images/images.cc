#include "daemon/images/images.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/errors.h"
#include "daemon/host_paths.h"
#include "daemon/images/image_checks.h"
#include "daemon/images/image_probe.h"
#include "daemon/labels.h"
#include "daemon/quota.h"
#include "daemon/store/image_store.h"
#include "daemon/store/snapshot_store.h"
#include "daemon/store/vm_store.h"
#include "daemon/store/volume_store.h"
#include "daemon/uid.h"
#include "daemon/vm_images.h"
#include "daemon/wall_clock.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Image;
using emud::v1::ImportImageRequest;

void SetRevision(Image& image, uint64_t revision) {
  image.set_revision(revision);
  // A revision comes again where the newest image was deleted; a uid does not.
  image.set_etag(absl::StrCat("\"", absl::Hex(revision), "-", image.uid(), "\""));
}

// What the DISK is, and what all parts are together.
void Summarize(Image& image) {
  std::stable_partition(image.mutable_parts()->begin(), image.mutable_parts()->end(),
                        [](const Image::Part& part) { return part.role() == Image::DISK; });
  const Image::Part& disk = image.parts(0);
  image.set_digest(disk.digest());
  image.set_format(disk.format());
  image.set_virtual_size_bytes(disk.virtual_size_bytes());
  for (const Image::Part& part : image.parts()) {
    image.set_size_bytes(image.size_bytes() + part.size_bytes());
    image.set_disk_bytes(image.disk_bytes() + part.disk_bytes());
  }
}

// `why` speaks of the file, and ends with a remedy.
absl::Status SourceRefused(const std::string& field, const absl::Status& why) {
  if (!errors::ReasonOf(why).empty()) return why;
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(why.message(), absl::MaxSplits(absl::ByString("; "), 1));
  return errors::InvalidField(field, absl::StrCat("it ", parts.first), parts.second);
}

void LogImage(const char* event, const Image& image, const RequestOrigin& origin) {
  LogInfo(event, {{"image", image.name()},
                  {"uid", image.uid()},
                  {"digest", image.digest()},
                  {"bytes", image.size_bytes()},
                  {"principal", origin.principal},
                  {"request", origin.request_id}});
}

bool HasImage(const emud::v1::Vm& vm, const std::string& uid) {
  return vm.spec().boot().pinned().uid() == uid ||
         std::ranges::any_of(vm.spec().disks(), [&uid](const emud::v1::Disk& disk) {
           return disk.pinned().uid() == uid;
         });
}

}  // namespace

std::string Images::Source::path() const {
  if (hold) return hold->digest().empty() ? hold->path() : "";
  return draft->path();
}

const Image::Part* FindPart(const google::protobuf::RepeatedPtrField<Image::Part>& parts,
                            Image::Role role) {
  const auto it = std::ranges::find(parts, role, &Image::Part::role);
  return it == parts.end() ? nullptr : &*it;
}

Images::Images(std::string state_dir, Database& database)
    : database_(database), blobs_(state_dir), uploads_(std::move(state_dir), database, blobs_) {}

absl::Status Images::Load() {
  RETURN_IF_ERROR(blobs_.Open());
  RETURN_IF_ERROR(uploads_.Load());
  Transaction transaction(database_, Durability::kDaemon);
  ASSIGN_OR_RETURN(std::vector<Image> images, ImageStore(transaction).LoadImages());
  RETURN_IF_ERROR(transaction.Commit());
  for (Image& image : images) Publish(std::make_shared<const Image>(std::move(image)));
  return absl::OkStatus();
}

absl::StatusOr<ImagePtr> Images::Find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) return errors::ImageNotFound(name);
  return it->second;
}

ImagePtr Images::FindByUid(const std::string& uid) const {
  std::lock_guard lock(mutex_);
  const auto it =
      std::ranges::find(by_name_, uid, [](const auto& entry) { return entry.second->uid(); });
  return it == by_name_.end() ? nullptr : it->second;
}

std::vector<ImagePtr> Images::List() const {
  std::lock_guard lock(mutex_);
  std::vector<ImagePtr> all;
  for (const auto& [name, image] : by_name_) all.push_back(image);
  return all;
}

uint64_t Images::DiskMibOf(const std::string& project) const {
  uint64_t mib = 0;
  for (const ImagePtr& image : List()) {
    if (image->project() == project) mib += daemon::DiskMibOf(*image);
  }
  return mib;
}

void Images::Publish(const ImagePtr& image) {
  std::lock_guard lock(mutex_);
  by_name_[image->name()] = image;
}

uint64_t Images::NextRevision() const {
  uint64_t newest = 0;
  for (const ImagePtr& image : List()) newest = std::max(newest, image->revision());
  return newest + 1;
}

absl::StatusOr<Images::Source> Images::OpenSource(const ImportImageRequest& request, int index,
                                                  const IsCancelled& is_cancelled) {
  const ImportImageRequest::Source& wanted = request.sources(index);
  const std::string field = absl::StrCat("sources[", index, "]");
  Source source;
  if (!wanted.upload_id().empty()) {
    ASSIGN_OR_RETURN(Uploads::Hold hold, uploads_.Take(wanted.upload_id(), field + ".upload_id"));
    source.hold.emplace(std::move(hold));
    if (fsync(source.fd()) != 0) return FileError("keeping an upload", errno);
    return source;
  }
  ASSIGN_OR_RETURN(source.file, OpenHostFile(field + ".path", wanted.path(), FileUse::kRead));
  if (request.validate_only()) return source;
  // What is hashed is the copy: others may write to the file meanwhile.
  ASSIGN_OR_RETURN(BlobStore::Draft draft, blobs_.NewDraft());
  source.draft.emplace(std::move(draft));
  RETURN_IF_ERROR(CopySparse(source.file.get(), source.draft->file(), is_cancelled));
  return source;
}

absl::Status Images::Look(const ImportImageRequest& request, int index, Source& source,
                          const IsCancelled& is_cancelled) {
  const ImportImageRequest::Source& wanted = request.sources(index);
  const std::string field = absl::StrCat("sources[", index, "]");
  Image::Part& part = source.part;
  part.set_role(RoleOf(wanted));
  part.set_size_bytes(LengthOf(source.fd()));
  part.set_disk_bytes(DiskBytesOf(source.fd()));
  if (part.size_bytes() == 0) {
    return errors::InvalidField(field, "it is empty", "give another file");
  }
  if (part.role() == Image::DISK) {
    const absl::StatusOr<DiskFacts> facts = ProbeDisk(source.fd(), request.format());
    if (!facts.ok()) return SourceRefused(field, facts.status());
    part.set_format(facts->format);
    part.set_virtual_size_bytes(facts->virtual_size_bytes);
  }
  if (source.hold && !source.hold->digest().empty()) {
    part.set_digest(source.hold->digest());
  } else {
    ASSIGN_OR_RETURN(*part.mutable_digest(), DigestOfFile(source.fd(), is_cancelled));
  }
  if (!wanted.sha256().empty() && part.digest() != "sha256:" + wanted.sha256()) {
    return errors::DigestMismatch(field, part.digest());
  }
  return absl::OkStatus();
}

absl::StatusOr<ImagePtr> Images::Import(const ImportImageRequest& request,
                                        const RequestOrigin& origin,
                                        const IsCancelled& is_cancelled) {
  // Before all the work; looked at again when it is stored.
  if (Find(request.name()).ok()) return errors::AlreadyExists("image", request.name());
  std::vector<Source> sources;
  for (int i = 0; i < request.sources_size(); ++i) {
    ASSIGN_OR_RETURN(Source source, OpenSource(request, i, is_cancelled));
    sources.push_back(std::move(source));
  }
  ASSIGN_OR_RETURN(Prepared prepared, Prepare(request, std::move(sources), is_cancelled));
  if (request.validate_only()) return std::make_shared<const Image>(std::move(prepared.image));
  prepared.image.set_uid(NewUid());
  const std::string uid = prepared.image.uid();
  std::vector<Prepared> all;
  all.push_back(std::move(prepared));
  const auto note = [&](Transaction& transaction) {
    return RequestStore(transaction).Begin(origin, uid, std::chrono::system_clock::now());
  };
  RETURN_IF_ERROR(Keep(std::move(all), origin, note));
  ImagePtr kept = FindByUid(uid);
  if (kept == nullptr) return errors::ImageNotFound(request.name());  // it has gone again
  return kept;
}

absl::StatusOr<Images::Prepared> Images::Prepare(const ImportImageRequest& request,
                                                 std::vector<BlobStore::Draft> drafts,
                                                 const IsCancelled& is_cancelled) {
  std::vector<Source> sources;
  for (BlobStore::Draft& draft : drafts) sources.emplace_back().draft.emplace(std::move(draft));
  return Prepare(request, std::move(sources), is_cancelled);
}

absl::StatusOr<Images::Prepared> Images::Prepare(const ImportImageRequest& request,
                                                 std::vector<Source> sources,
                                                 const IsCancelled& is_cancelled) {
  Image image;
  image.set_name(request.name());
  image.set_project(request.project());
  image.set_arch(request.arch());
  image.set_cmdline(request.cmdline());
  image.set_memory_mib(request.memory_mib());
  *image.mutable_labels() = request.labels();
  for (int i = 0; i < request.sources_size(); ++i) {
    Source& source = sources[static_cast<size_t>(i)];
    RETURN_IF_ERROR(Look(request, i, source, is_cancelled));
    *image.add_parts() = source.part;
  }
  Summarize(image);
  return Prepared{request, std::move(image), std::move(sources)};
}

absl::Status Images::Keep(std::vector<Prepared> prepared, const RequestOrigin& origin,
                          const WriteBeside& beside) {
  std::lock_guard change(change_mutex_);
  for (Prepared& one : prepared) {
    if (Find(one.image.name()).ok()) return errors::AlreadyExists("image", one.image.name());
    *one.image.mutable_create_time() = WallClockNow();
    SetRevision(one.image, NextRevision() + static_cast<uint64_t>(&one - prepared.data()));
    for (size_t i = 0; i < one.sources.size(); ++i) {
      const std::string& upload = one.request.sources(static_cast<int>(i)).upload_id();
      const Source& source = one.sources[i];
      if (!upload.empty()) RETURN_IF_ERROR(uploads_.Seal(upload, source.part.digest()));
      if (source.path().empty()) continue;
      RETURN_IF_ERROR(blobs_.Place(source.path(), source.part.digest()));
    }
  }
  std::vector<std::string> taken;
  Transaction transaction(database_, Durability::kPowerFailure);
  ImageStore store(transaction);
  RETURN_IF_ERROR(beside(transaction));
  for (const Prepared& one : prepared) {
    for (const ImportImageRequest::Source& source : one.request.sources()) {
      if (source.upload_id().empty()) continue;
      taken.push_back(source.upload_id());
      RETURN_IF_ERROR(store.RemoveUpload(source.upload_id()));
    }
    RETURN_IF_ERROR(ReserveDisk(transaction, one.image.project(), daemon::DiskMibOf(one.image)));
    RETURN_IF_ERROR(store.PutImage(one.image));
  }
  RETURN_IF_ERROR(transaction.Commit());
  for (const std::string& upload : taken) uploads_.Forget(upload);
  for (Prepared& one : prepared) {
    const auto kept = std::make_shared<const Image>(std::move(one.image));
    LogImage("image-imported", *kept, origin);
    Publish(kept);
  }
  return absl::OkStatus();
}

absl::StatusOr<ImagePtr> Images::FindUnchanged(const std::string& name,
                                               const std::string& etag) const {
  ASSIGN_OR_RETURN(ImagePtr image, Find(name));
  if (!etag.empty() && etag != image->etag()) return errors::EtagMismatch(name);
  return image;
}

absl::StatusOr<ImagePtr> Images::Update(const emud::v1::UpdateImageRequest& request,
                                        const RequestOrigin& origin) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(const ImagePtr before,
                   FindUnchanged(request.image().name(), request.image().etag()));
  Image image = *before;
  std::vector<std::string> paths(request.update_mask().paths().begin(),
                                 request.update_mask().paths().end());
  if (paths.empty() || paths == std::vector<std::string>{"*"}) paths = {"labels"};
  for (const absl::string_view path : paths) {
    if (path != "labels" && !absl::StartsWith(path, "labels.")) {
      return errors::InvalidField("update_mask", absl::StrCat(path, " can't be updated"),
                                  "give labels or labels.KEY");
    }
    ApplyNotes(path.substr(std::string_view("labels").size()), request.image().labels(),
               *image.mutable_labels());
  }
  RETURN_IF_ERROR(CheckLabels(image.labels()));
  SetRevision(image, NextRevision());
  Transaction transaction(database_, Durability::kPowerFailure);
  RETURN_IF_ERROR(ImageStore(transaction).PutImage(image));
  RETURN_IF_ERROR(
      RequestStore(transaction).Begin(origin, image.uid(), std::chrono::system_clock::now()));
  RETURN_IF_ERROR(transaction.Commit());
  const auto changed = std::make_shared<const Image>(std::move(image));
  Publish(changed);
  return changed;
}

absl::Status Images::Delete(const emud::v1::DeleteImageRequest& request,
                            const RequestOrigin& origin) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(const ImagePtr image, FindUnchanged(request.name(), request.etag()));
  // In the transaction: no VM, volume or snapshot of it comes in between.
  Transaction transaction(database_, Durability::kPowerFailure);
  ASSIGN_OR_RETURN(const std::vector<emud::v1::Vm> vms, VmStore(transaction).LoadAll());
  std::vector<std::string> users;
  for (const emud::v1::Vm& vm : vms) {
    if (HasImage(vm, image->uid())) users.push_back(vm.name());
  }
  ASSIGN_OR_RETURN(const std::vector<emud::v1::Volume> all_volumes,
                   VolumeStore(transaction).LoadAll());
  std::vector<std::string> volumes;
  for (const emud::v1::Volume& volume : all_volumes) {
    if (volume.pinned().uid() == image->uid()) volumes.push_back(volume.name());
  }
  ASSIGN_OR_RETURN(const std::vector<emud::v1::Snapshot> all_snapshots,
                   SnapshotStore(transaction).LoadAll());
  std::vector<std::string> snapshots;
  for (const emud::v1::Snapshot& snapshot : all_snapshots) {
    const std::vector<std::string> uids = ImagesOf(snapshot.spec());
    if (std::ranges::find(uids, image->uid()) != uids.end()) snapshots.push_back(snapshot.name());
  }
  if (!users.empty() || !volumes.empty() || !snapshots.empty()) {
    return errors::ImageInUse(image->name(), users, volumes, snapshots);
  }
  RETURN_IF_ERROR(ImageStore(transaction).RemoveImage(image->uid()));
  RETURN_IF_ERROR(
      RequestStore(transaction).Begin(origin, image->uid(), std::chrono::system_clock::now()));
  RETURN_IF_ERROR(transaction.Commit());
  LogImage("image-deleted", *image, origin);
  std::lock_guard lock(mutex_);
  by_name_.erase(image->name());
  return absl::OkStatus();
}

absl::StatusOr<emud::v1::CollectImagesResponse> Images::Collect(Collecting collecting) {
  // Nothing is placed meanwhile.
  std::lock_guard change(change_mutex_);
  const bool frees = collecting == Collecting::kFree;
  emud::v1::CollectImagesResponse freed;
  for (const emud::v1::Upload& upload : uploads_.Expired(std::chrono::system_clock::now())) {
    freed.set_uploads(freed.uploads() + 1);
    freed.set_freed_bytes(freed.freed_bytes() + uploads_.DiskBytesOf(upload.id()));
    if (frees) RETURN_IF_ERROR(uploads_.Delete(upload.id()));
  }
  const std::vector<std::string> sealed = uploads_.SealedDigests();
  std::set<std::string> wanted(sealed.begin(), sealed.end());
  for (const ImagePtr& image : List()) {
    for (const Image::Part& part : image->parts()) wanted.insert(part.digest());
  }
  ASSIGN_OR_RETURN(const std::vector<BlobStore::Blob> blobs, blobs_.List());
  for (const BlobStore::Blob& blob : blobs) {
    if (wanted.contains(blob.digest)) continue;
    freed.set_blobs(freed.blobs() + 1);
    freed.set_freed_bytes(freed.freed_bytes() + blob.disk_bytes);
    if (frees) RETURN_IF_ERROR(blobs_.Remove(blob.digest));
  }
  if (frees) {
    LogInfo(
        "images-collected",
        {{"blobs", freed.blobs()}, {"uploads", freed.uploads()}, {"bytes", freed.freed_bytes()}});
  }
  return freed;
}

}  // namespace emu::daemon
