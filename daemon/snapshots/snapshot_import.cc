#include <errno.h>
#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/digest.h"
#include "daemon/errors.h"
#include "daemon/snapshots/snapshot_archive.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr uint64_t kMostManifestBytes = 4 << 20;  // as a request may have
constexpr uint64_t kMostSumsBytes = 1 << 20;
constexpr std::string_view kBetween = "  ";  // a sum and its file's name

// What tar said; what the host said stays what it is.
absl::Status Refused(const std::string& member, const absl::Status& why) {
  if (why.ok() || absl::IsCancelled(why) || !errors::ReasonOf(why).empty()) return why;
  return errors::SnapshotFileRefused(member, why);
}

absl::Status NotAsWritten(const std::string& member) {
  return errors::SnapshotFileRefused(member, absl::DataLossError("it is not what was written"));
}

}  // namespace

absl::StatusOr<SnapshotImport> SnapshotImport::Open(int archive, const IsCancelled& is_cancelled) {
  absl::StatusOr<std::vector<tar::Member>> members = tar::ReadMembers(archive);
  if (!members.ok()) return Refused("", members.status());
  if (is_cancelled()) return absl::CancelledError("the caller has gone");
  if (members->size() < 2 || members->front().name != kManifestMember ||
      members->back().name != kSumsMember) {
    return errors::SnapshotFileRefused(
        "", absl::InvalidArgumentError("it is no snapshot's, or not all of it"));
  }
  SnapshotImport import(archive);
  RETURN_IF_ERROR(Refused(kManifestMember, import.ReadManifest(members->front())));
  for (size_t i = 1; i + 1 < members->size(); ++i) {
    tar::Member& member = (*members)[i];
    const std::string name = member.name;
    if (!import.members_.emplace(name, std::move(member)).second) {
      return errors::SnapshotFileRefused(name, absl::InvalidArgumentError("it is there twice"));
    }
  }
  RETURN_IF_ERROR(Refused(kSumsMember, import.ReadSums(members->back())));
  return import;
}

absl::Status SnapshotImport::ReadManifest(const tar::Member& member) {
  ASSIGN_OR_RETURN(const std::string text, tar::ReadText(archive_, member, kMostManifestBytes));
  manifest_digits_ = absl::BytesToHexString(Sha256(text));
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // of later releases that have not raised the format
  if (!google::protobuf::util::JsonStringToMessage(text, &manifest_, options).ok()) {
    return absl::DataLossError("it does not say what the snapshot is");
  }
  if (manifest_.format() == kArchiveFormat) return absl::OkStatus();
  if (manifest_.format() == 0) return absl::InvalidArgumentError("it says no format");
  return absl::FailedPreconditionError(
      absl::StrCat("it is of format ", manifest_.format(), ", which only a later release reads"));
}

absl::Status SnapshotImport::ReadSums(const tar::Member& member) {
  ASSIGN_OR_RETURN(std::string text, tar::ReadText(archive_, member, kMostSumsBytes));
  if (!text.ends_with('\n')) return absl::DataLossError("its last line is not whole");
  text.pop_back();
  std::optional<std::string> manifest;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::pair<std::string, std::string> sum =
        absl::StrSplit(line, absl::MaxSplits(absl::ByString(std::string(kBetween)), 1));
    if (!IsDigest("sha256:" + sum.first)) return absl::DataLossError("a line has no sum");
    if (sum.second == kManifestMember) {
      manifest = sum.first;
    } else if (!Has(sum.second) || !sums_.emplace(sum.second, sum.first).second) {
      return absl::DataLossError(absl::StrCat(sum.second, " is not there, or twice"));
    }
  }
  if (sums_.size() != members_.size()) return absl::DataLossError("a file has no sum");
  return manifest == manifest_digits_ ? absl::OkStatus() : NotAsWritten(kManifestMember);
}

std::vector<std::string> SnapshotImport::names() const {
  std::vector<std::string> names;
  for (const auto& [name, member] : members_) names.push_back(name);
  return names;
}

uint64_t SnapshotImport::file_bytes(const std::string& name) const {
  const auto it = members_.find(name);
  return it == members_.end() ? 0 : it->second.file_bytes;
}

uint64_t SnapshotImport::data_bytes(const std::string& name) const {
  const auto it = members_.find(name);
  return it == members_.end() ? 0 : it->second.data_bytes;
}

absl::Status SnapshotImport::UnpackInto(const std::string& name, int file, uint64_t most,
                                        const IsCancelled& is_cancelled) const {
  const auto it = members_.find(name);
  if (it == members_.end()) {
    return errors::SnapshotFileRefused(name, absl::DataLossError("it is missing"));
  }
  if (it->second.file_bytes > most) {
    return errors::SnapshotFileRefused(name, absl::DataLossError("it is larger than it may be"));
  }
  return Refused(name, tar::Unpack(archive_, it->second, file, is_cancelled));
}

absl::Status SnapshotImport::Unpack(const std::string& name, const std::string& path, uint64_t most,
                                    const IsCancelled& is_cancelled) const {
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return FileError("the file of " + name, errno);
  RETURN_IF_ERROR(UnpackInto(name, file.get(), most, is_cancelled));
  ASSIGN_OR_RETURN(const std::string digest, DigestOfFile(file.get(), is_cancelled));
  return digest == "sha256:" + digits(name) ? absl::OkStatus() : NotAsWritten(name);
}

}  // namespace emu::daemon
