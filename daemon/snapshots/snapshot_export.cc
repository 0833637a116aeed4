#include <errno.h>
#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "daemon/digest.h"
#include "daemon/disk_overlays.h"
#include "daemon/errors.h"
#include "daemon/snapshots/snapshot_archive.h"
#include "daemon/state_sources.h"
#include "daemon/vm_images.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Image;
using emud::v1::Snapshot;
using emud::v1::SnapshotArchive;

constexpr size_t kDigits = 64;

std::string DigitsOf(std::string_view digest) { return std::string(digest.substr(7)); }

// What another daemon has of its own.
Snapshot AsManifest(const Snapshot& snapshot) {
  Snapshot shown = snapshot;
  shown.clear_project();
  shown.clear_state();
  shown.clear_vm_uid();
  shown.clear_parent();
  shown.clear_parent_uid();
  shown.clear_memory_parent_uid();
  return shown;
}

Image AsManifest(const Image& image) {
  Image shown;
  shown.set_name(image.name());
  shown.set_uid(image.uid());
  shown.set_arch(image.arch());
  shown.set_cmdline(image.cmdline());
  shown.set_memory_mib(image.memory_mib());
  *shown.mutable_parts() = image.parts();
  return shown;
}

}  // namespace

std::string ImageMember(const std::string& digest) {
  return absl::StrCat(kImagesMember, DigitsOf(digest));
}

absl::StatusOr<SnapshotExport> SnapshotExport::Plan(const Snapshot& snapshot,
                                                    const SnapshotFolder& folder,
                                                    const std::vector<ImagePtr>& images,
                                                    const BlobStore& blobs,
                                                    ImageBytes image_bytes) {
  SnapshotExport wanted(snapshot.create_time().seconds());
  const VmDirectory own(folder.path());
  if (snapshot.has_memory()) {
    RETURN_IF_ERROR(wanted.Add(kStateMember, folder.state_path()));
    const size_t count = CountStateSources(folder.state_path());
    for (size_t i = 1; i <= count; ++i) {
      RETURN_IF_ERROR(
          wanted.Add(StateSourcePath(kStateMember, i), StateSourcePath(folder.state_path(), i)));
    }
  }
  for (const emud::v1::Disk& disk : snapshot.spec().disks()) {
    if (!HasOverlay(disk)) continue;
    const DiskOverlays overlays(folder.disks_path(), disk);
    if (overlays.count() == 0) return errors::SnapshotNotFound(snapshot.name());
    for (const std::string& name : overlays.names()) {
      RETURN_IF_ERROR(
          wanted.Add(kDisksMember + name, absl::StrCat(folder.disks_path(), "/", name)));
    }
  }
  if (access(own.variables_path().c_str(), F_OK) == 0) {
    RETURN_IF_ERROR(wanted.Add(kVariablesMember, own.variables_path()));
  }
  if (access(own.seed_path().c_str(), F_OK) == 0) {
    RETURN_IF_ERROR(wanted.Add(kSeedMember, own.seed_path()));
  }
  SnapshotArchive archive;
  archive.set_format(kArchiveFormat);
  archive.set_build(EMU_VERSION);
  *archive.mutable_snapshot() = AsManifest(snapshot);
  for (const ImagePtr& image : images) {
    *archive.add_images() = AsManifest(*image);
    if (image_bytes == ImageBytes::kLeftOut) continue;
    for (const Image::Part& part : image->parts()) {
      const std::string name = ImageMember(part.digest());
      const bool is_there = std::ranges::any_of(
          wanted.files_, [&name](const File& file) { return file.member.name() == name; });
      if (is_there) continue;
      ASSIGN_OR_RETURN(UniqueFd blob, blobs.OpenBlob(part.digest()));
      wanted.Add(name, std::move(blob), DigitsOf(part.digest()));
    }
  }
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  const auto printed =
      google::protobuf::util::MessageToJsonString(archive, &wanted.manifest_, options);
  if (!printed.ok()) return errors::Storage("what the snapshot is");
  return wanted;
}

absl::Status SnapshotExport::Add(const std::string& name, const std::string& path) {
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return FileError("the snapshot's file of " + name, errno);
  Add(name, std::move(file), "");
  return absl::OkStatus();
}

void SnapshotExport::Add(const std::string& name, UniqueFd file, const std::string& digits) {
  tar::PlannedMember member(name, file.get(), time_s_, runs_left_);
  files_.push_back({std::move(file), digits, std::move(member)});
}

std::string SnapshotExport::ManifestMember() const {
  return tar::TextMember(kManifestMember, manifest_, time_s_);
}

std::string SnapshotExport::SumLine(const std::string& digits, const std::string& name) {
  return absl::StrCat(digits, "  ", name, "\n");
}

uint64_t SnapshotExport::size_bytes() const {
  const std::string digits(kDigits, '0');
  std::string sums = SumLine(digits, kManifestMember);
  uint64_t bytes = ManifestMember().size() + tar::End().size();
  for (const File& file : files_) {
    bytes += file.member.archive_bytes();
    sums += SumLine(digits, file.member.name());
  }
  return bytes + tar::TextMember(kSumsMember, sums, time_s_).size();
}

absl::Status SnapshotExport::Write(uint64_t offset, const tar::Give& give,
                                   const IsCancelled& is_cancelled) const {
  uint64_t skip = offset;
  const auto give_rest = [&](std::string_view bytes) {
    const uint64_t skipped = std::min<uint64_t>(skip, bytes.size());
    skip -= skipped;
    return skipped == bytes.size() ? absl::OkStatus() : give(bytes.substr(skipped));
  };
  RETURN_IF_ERROR(give_rest(ManifestMember()));
  std::string sums = SumLine(absl::BytesToHexString(Sha256(manifest_)), kManifestMember);
  for (const File& file : files_) {
    std::string digits = file.digits;
    if (digits.empty()) {
      ASSIGN_OR_RETURN(const std::string digest, DigestOfFile(file.file.get(), is_cancelled));
      digits = DigitsOf(digest);
    }
    sums += SumLine(digits, file.member.name());
    if (skip >= file.member.archive_bytes()) {
      skip -= file.member.archive_bytes();
    } else {
      RETURN_IF_ERROR(file.member.Write(give_rest, is_cancelled));
    }
  }
  RETURN_IF_ERROR(give_rest(tar::TextMember(kSumsMember, sums, time_s_)));
  return give_rest(tar::End());
}

}  // namespace emu::daemon
