// Snapshots that leave this daemon, and that come from another one.
//
//   upload -> a row, CREATING, with its part of the quota -> members unpacked, each with its sum
//   -> images looked at, the spec made one of this host's, disks and state checked
//   -> one transaction: READY, its images are there, the upload is gone
#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/disk_overlays.h"
#include "daemon/errors.h"
#include "daemon/handlers/image_handlers.h"
#include "daemon/handlers/snapshot_handlers.h"
#include "daemon/images/image_checks.h"
#include "daemon/snapshots/snapshot_archive.h"
#include "daemon/snapshots/state_check.h"
#include "daemon/state_sources.h"
#include "daemon/uid.h"
#include "daemon/vm_files.h"
#include "daemon/vm_images.h"

namespace emu::daemon {
namespace {

using emud::v1::Disk;
using emud::v1::Image;
using emud::v1::ImportImageRequest;
using emud::v1::Snapshot;
using emud::v1::VmSpec;

constexpr uint64_t kMib = 1 << 20;
// Beside the memory: what machines, processors and checksums take.
constexpr uint64_t kMostBesideMemory = 256 * kMib;
// Of the firmware's variables, and of a seed.
constexpr uint64_t kMostSmallBytes = 64 * kMib;
// Tables of an overlay are small beside what they map, but not for a small disk.
constexpr uint64_t kMostBesideDisk = 64 * kMib;
// Of any other file: its sum is of its holes, too, and who claims much of them is not to have a
// processor for days.
constexpr uint64_t kMostFileBytes = uint64_t{1} << 40;
constexpr size_t kNameDigits = 12;

// To the VMs of either.
bool AreSame(const Image& left, const Image& right) {
  return left.arch() == right.arch() && left.cmdline() == right.cmdline() &&
         left.parts_size() == right.parts_size() &&
         std::ranges::all_of(left.parts(), [&right](const Image::Part& part) {
           const Image::Part* const other = FindPart(right.parts(), part.role());
           return other != nullptr && other->digest() == part.digest() &&
                  other->format() == part.format();
         });
}

// One import, from its upload to its snapshot.
class Import {
 public:
  Import(CallContext& call, const emud::v1::ImportSnapshotRequest& request,
         const SnapshotImport& archive)
      : call_(call), request_(request), archive_(archive) {}

  absl::StatusOr<SnapshotPtr> Run(const RequestOrigin& origin) {
    RETURN_IF_ERROR(FindImages());
    RETURN_IF_ERROR(CheckFiles(call_, archive_.manifest().snapshot().spec()));
    ASSIGN_OR_RETURN(const SnapshotPtr begun, Begin());
    absl::StatusOr<SnapshotPtr> made = Make(*begun, origin);
    if (!made.ok() || request_.validate_only()) call_.snapshots.Drop(begun->uid());
    return made;
  }

 private:
  // Which of the images are here, and which are to come out of the file.
  absl::Status FindImages() {
    std::vector<std::string> needed = ImagesOf(archive_.manifest().snapshot().spec());
    for (const Image& wanted : archive_.manifest().images()) {
      // What no VM of it has, and what is there twice, is left where it is.
      if (std::erase(needed, wanted.uid()) == 0) continue;
      if (const ImagePtr known = FindKnown(wanted); known != nullptr) {
        image_names_[wanted.uid()] = known->name();
        continue;
      }
      ImportImageRequest& import = imports_.emplace_back();
      import.set_name(wanted.name());
      if (call_.images.Find(wanted.name()).ok()) {
        import.set_name(absl::StrCat(
            wanted.name(), "-",
            wanted.parts().empty() ? "" : wanted.parts(0).digest().substr(7, kNameDigits)));
      }
      import.set_project(request_.project());
      import.set_arch(wanted.arch());
      import.set_cmdline(wanted.cmdline());
      import.set_memory_mib(wanted.memory_mib());
      for (const Image::Part& part : wanted.parts()) {
        if (!IsDigest(part.digest()) || !archive_.Has(ImageMember(part.digest()))) {
          return errors::ImageNotInFile(wanted.name(), part.digest());
        }
        ImportImageRequest::Source& source = *import.add_sources();
        source.set_role(part.role());
        source.set_path(ImageMember(part.digest()));
        source.set_sha256(part.digest().substr(7));
        if (part.role() == Image::DISK) import.set_format(part.format());
      }
      RETURN_IF_ERROR(CheckImport(import));
      if (std::ranges::count(imports_, import.name(), &ImportImageRequest::name) != 1) {
        return errors::AlreadyExists("image", import.name());
      }
      image_names_[wanted.uid()] = import.name();
    }
    return absl::OkStatus();
  }

  // Those of projects that the caller does not see are none to him, whatever sums he knows.
  ImagePtr FindKnown(const Image& wanted) const {
    for (const ImagePtr& image : call_.images.List()) {
      if (call_.caller.Sees(image->project()) && AreSame(*image, wanted)) return image;
    }
    return nullptr;
  }

  // Its row has all that will be unpacked.
  absl::StatusOr<SnapshotPtr> Begin() {
    const Snapshot& shown = archive_.manifest().snapshot();
    Snapshot plan;
    plan.set_name(request_.name().empty() ? shown.name() : request_.name());
    plan.set_project(request_.project());
    if (CheckName(shown.vm()).ok()) plan.set_vm(shown.vm());
    *plan.mutable_labels() = shown.labels();
    *plan.mutable_annotations() = shown.annotations();
    plan.set_has_memory(shown.has_memory());
    plan.set_halted_us(shown.halted_us());
    // One that lies about them is found out by whose memory is to be compared with its.
    *plan.mutable_state_uids() = shown.state_uids();
    // Images count by their length, and take what is not zero of it.
    uint64_t room_bytes = 0;
    for (const std::string& name : archive_.names()) {
      const bool is_image = absl::StartsWith(name, kImagesMember);
      if (is_image && !IsToCome(name)) continue;
      const uint64_t bytes = is_image ? archive_.file_bytes(name) : archive_.data_bytes(name);
      room_bytes += archive_.data_bytes(name);
      if (absl::StartsWith(name, kStateMember)) {
        plan.set_memory_bytes(bytes);
      } else {
        plan.set_disk_bytes(plan.disk_bytes() + bytes);
      }
    }
    RETURN_IF_ERROR(CheckRoom(call_.snapshots.state_dir(), room_bytes));
    return call_.snapshots.Begin(std::move(plan));
  }

  bool IsToCome(const std::string& name) const {
    return std::ranges::any_of(imports_, [&name](const ImportImageRequest& import) {
      return std::ranges::find(import.sources(), name, &ImportImageRequest::Source::path) !=
             import.sources().end();
    });
  }

  absl::StatusOr<SnapshotPtr> Make(Snapshot made, const RequestOrigin& origin) {
    RETURN_IF_ERROR(PrepareImages());
    *made.mutable_spec() = archive_.manifest().snapshot().spec();
    RETURN_IF_ERROR(Adopt(*made.mutable_spec()));
    const SnapshotFolder folder(call_.snapshots.state_dir(), made.uid());
    RETURN_IF_ERROR(folder.Create());
    RETURN_IF_ERROR(Unpack(made, folder));
    RETURN_IF_ERROR(folder.Sync());
    made.set_memory_bytes(folder.memory_bytes());
    made.set_disk_bytes(folder.disk_bytes());
    if (request_.validate_only()) return std::make_shared<const Snapshot>(std::move(made));
    return call_.snapshots.FinishImport(std::move(made), request_.upload_id(), call_.images,
                                        std::move(images_), origin);
  }

  absl::Status PrepareImages() {
    for (const ImportImageRequest& import : imports_) {
      std::vector<BlobStore::Draft> drafts;
      for (const ImportImageRequest::Source& source : import.sources()) {
        ASSIGN_OR_RETURN(BlobStore::Draft draft, call_.images.blobs().NewDraft());
        RETURN_IF_ERROR(
            archive_.UnpackInto(source.path(), draft.file(), kMostFileBytes, call_.is_cancelled));
        drafts.push_back(std::move(draft));
      }
      ASSIGN_OR_RETURN(Images::Prepared prepared,
                       call_.images.Prepare(import, std::move(drafts), call_.is_cancelled));
      prepared.image.set_uid(NewUid());
      images_.push_back(std::move(prepared));
    }
    return absl::OkStatus();
  }

  // By the names that images have here; what else it says of them is not believed.
  absl::Status Adopt(VmSpec& spec) const {
    const auto rename = [this](const std::string& uid, std::string& name) -> absl::Status {
      const auto it = image_names_.find(uid);
      if (it == image_names_.end()) {
        return errors::SnapshotFileRefused(
            kManifestMember,
            absl::DataLossError(absl::StrCat("it does not say what image ", name, " is")));
      }
      name = it->second;
      return absl::OkStatus();
    };
    for (Disk& disk : *spec.mutable_disks()) {
      if (!disk.volume().empty() || disk.image().empty()) continue;
      RETURN_IF_ERROR(rename(disk.pinned().uid(), *disk.mutable_image()));
    }
    emud::v1::Boot& boot = *spec.mutable_boot();
    if (!boot.image().empty()) {
      RETURN_IF_ERROR(rename(boot.pinned().uid(), *boot.mutable_image()));
    }
    std::vector<ImagePtr> coming;
    for (const Images::Prepared& one : images_) {
      coming.push_back(std::make_shared<const Image>(one.image));
    }
    return call_.vms.AdoptSpec(request_.project(), coming, spec);
  }

  // All that is no image's, and nothing but what the daemon would have there.
  absl::Status Unpack(const Snapshot& made, const SnapshotFolder& folder) const {
    std::vector<std::string> left = archive_.names();
    std::erase_if(left,
                  [](const std::string& name) { return absl::StartsWith(name, kImagesMember); });
    const auto unpack = [&](const std::string& name, const std::string& path, uint64_t most) {
      std::erase(left, name);
      return archive_.Unpack(name, path, most, call_.is_cancelled);
    };
    for (const Disk& disk : made.spec().disks()) {
      if (HasOverlay(disk)) RETURN_IF_ERROR(UnpackDisk(disk, folder, unpack));
    }
    const VmDirectory own(folder.path());
    if (archive_.Has(kVariablesMember)) {
      RETURN_IF_ERROR(unpack(kVariablesMember, own.variables_path(), kMostSmallBytes));
    }
    if (archive_.Has(kSeedMember)) {
      RETURN_IF_ERROR(unpack(kSeedMember, own.seed_path(), kMostSmallBytes));
    }
    if (made.has_memory()) {
      const uint64_t most = made.spec().machine().memory_mib() * kMib + kMostBesideMemory;
      RETURN_IF_ERROR(unpack(kStateMember, folder.state_path(), most));
      for (size_t i = 1; i <= kMostStateSources; ++i) {
        const std::string name = StateSourcePath(kStateMember, i);
        if (!archive_.Has(name)) break;
        RETURN_IF_ERROR(unpack(name, StateSourcePath(folder.state_path(), i), most));
      }
      const absl::Status checked =
          CheckState(call_.vms.jailer().vm_program(), folder.state_path(), call_.is_cancelled);
      const bool is_files = absl::IsDataLoss(checked) || absl::IsFailedPrecondition(checked);
      if (is_files) return errors::SnapshotFileRefused(kStateMember, checked);
      RETURN_IF_ERROR(checked);
    }
    if (left.empty()) return absl::OkStatus();
    return errors::SnapshotFileRefused(
        left.front(), absl::InvalidArgumentError("a snapshot of this VM has no such file"));
  }

  template <typename UnpackOne>
  absl::Status UnpackDisk(const Disk& disk, const SnapshotFolder& folder,
                          const UnpackOne& unpack) const {
    const uint64_t disk_bytes = ImageDiskBytes(disk);
    const DiskOverlays none(folder.disks_path(), disk);
    size_t count = 0;
    for (; count < DiskOverlays::kMost; ++count) {
      const std::string name = none.NameOf(count);
      if (count != 0 && !archive_.Has(kDisksMember + name)) break;
      RETURN_IF_ERROR(unpack(kDisksMember + name, absl::StrCat(folder.disks_path(), "/", name),
                             std::min(2 * disk_bytes + kMostBesideDisk, kMostFileBytes)));
    }
    const absl::Status checked = DiskOverlays(folder.disks_path(), disk).CheckForeign();
    if (!absl::IsDataLoss(checked)) return checked;
    return errors::SnapshotFileRefused(kDisksMember + none.NameOf(0), checked);
  }

  CallContext& call_;
  const emud::v1::ImportSnapshotRequest& request_;
  const SnapshotImport& archive_;
  std::map<std::string, std::string> image_names_;  // here, by their uids there
  std::vector<ImportImageRequest> imports_;
  std::vector<Images::Prepared> images_;
};

}  // namespace

absl::Status ExportSnapshot(CallContext& call, const emud::v1::ExportSnapshotRequest& request,
                            grpc::ServerWriter<emud::v1::ExportSnapshotResponse>& stream) {
  ASSIGN_OR_RETURN(const SnapshotPtr snapshot, call.snapshots.Find(request.name()));
  if (snapshot->state() != Snapshot::READY) return errors::SnapshotNotReady(request.name());
  if (!request.etag().empty() && request.etag() != snapshot->etag()) {
    return errors::EtagMismatch(request.name());
  }
  std::vector<ImagePtr> images;
  for (const std::string& uid : ImagesOf(snapshot->spec())) {
    ImagePtr image = call.images.FindByUid(uid);
    if (image == nullptr) return errors::ImageNotFound(uid);
    images.push_back(std::move(image));
  }
  using ImageBytes = SnapshotExport::ImageBytes;
  ASSIGN_OR_RETURN(
      const SnapshotExport file,
      SnapshotExport::Plan(*snapshot, SnapshotFolder(call.snapshots.state_dir(), snapshot->uid()),
                           images, call.images.blobs(),
                           request.without_images() ? ImageBytes::kLeftOut : ImageBytes::kTaken));
  if (request.offset() > file.size_bytes()) {
    return errors::InvalidField("offset", "it is behind the end", "give a smaller one");
  }
  emud::v1::ExportSnapshotResponse chunk;
  chunk.set_size_bytes(file.size_bytes());
  chunk.set_etag(snapshot->etag());
  uint64_t offset = request.offset();
  const auto give = [&](std::string_view bytes) -> absl::Status {
    while (!bytes.empty()) {
      const std::string_view part = bytes.substr(0, Uploads::kMaxChunkBytes);
      chunk.set_offset(offset);
      chunk.set_data(std::string(part));
      if (!stream.Write(chunk)) return absl::CancelledError("the caller has gone");
      chunk.Clear();
      offset += part.size();
      bytes.remove_prefix(part.size());
    }
    return absl::OkStatus();
  };
  return file.Write(request.offset(), give, call.is_cancelled);
}

absl::StatusOr<Snapshot> ImportSnapshot(CallContext& call,
                                        const emud::v1::ImportSnapshotRequest& request) {
  emud::v1::ImportSnapshotRequest wanted = request;
  if (wanted.project().empty()) wanted.set_project(call.caller.home_project);
  if (!wanted.name().empty()) RETURN_IF_ERROR(CheckName(wanted.name()));
  const auto import = [&](const RequestOrigin& origin) -> absl::StatusOr<SnapshotPtr> {
    RETURN_IF_ERROR(CheckUpload(call, wanted.upload_id()));
    ASSIGN_OR_RETURN(const Uploads::Hold hold,
                     call.images.uploads().Take(wanted.upload_id(), "upload_id"));
    ASSIGN_OR_RETURN(const SnapshotImport archive,
                     SnapshotImport::Open(hold.file(), call.is_cancelled));
    return Import(call, wanted, archive).Run(origin);
  };
  if (!request.validate_only()) return ChangeSnapshotOnce(call, request, import);
  ASSIGN_OR_RETURN(const SnapshotPtr snapshot, import({}));
  return *snapshot;
}

}  // namespace emu::daemon
