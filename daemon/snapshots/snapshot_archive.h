// Snapshots as files that leave a daemon and enter another one: emud.v1.SnapshotArchive.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/images/images.h"
#include "daemon/snapshots/snapshot_folder.h"
#include "daemon/snapshots/tar_format.h"
#include "daemon/snapshots/tar_reader.h"
#include "daemon/snapshots/tar_writer.h"
#include "emud/v1/snapshot.pb.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

inline constexpr uint32_t kArchiveFormat = 1;

// Names of members: the first, the last, and what is between them.
inline constexpr char kManifestMember[] = "snapshot.json";
inline constexpr char kSumsMember[] = "SHA256SUMS";
inline constexpr char kStateMember[] = "state";
inline constexpr char kDisksMember[] = "disks/";  // and below that the file's
inline constexpr char kVariablesMember[] = "variables";
inline constexpr char kSeedMember[] = "seed";
inline constexpr char kImagesMember[] = "images/";
// Of an image's part.
std::string ImageMember(const std::string& digest);

// A snapshot's file that is about to be written. Its sources are open, so that it may be deleted.
class SnapshotExport {
 public:
  enum class ImageBytes : uint8_t { kTaken, kLeftOut };
  // `images` are all that it has. SNAPSHOT_NOT_FOUND where it goes meanwhile.
  static absl::StatusOr<SnapshotExport> Plan(const emud::v1::Snapshot& snapshot,
                                             const SnapshotFolder& folder,
                                             const std::vector<ImagePtr>& images,
                                             const BlobStore& blobs, ImageBytes image_bytes);

  uint64_t size_bytes() const;
  // Gives all from `offset` on; of the same snapshot it is always the same.
  absl::Status Write(uint64_t offset, const tar::Give& give, const IsCancelled& is_cancelled) const;

 private:
  struct File {
    UniqueFd file;
    std::string digits;  // SHA-256; empty: not known yet
    tar::PlannedMember member;
  };

  explicit SnapshotExport(int64_t time_s) : time_s_(time_s) {}
  absl::Status Add(const std::string& name, const std::string& path);
  void Add(const std::string& name, UniqueFd file, const std::string& digits);
  std::string ManifestMember() const;
  // A member's line among the sums.
  static std::string SumLine(const std::string& digits, const std::string& name);

  int64_t time_s_;
  size_t runs_left_ = tar::kMostRuns;
  std::string manifest_;
  std::vector<File> files_;
};

// A file that somebody has sent, as far as it is in order; what its members hold may be anything.
class SnapshotImport {
 public:
  // SNAPSHOT_FILE_REFUSED, HOST. `archive` stays open.
  static absl::StatusOr<SnapshotImport> Open(int archive, const IsCancelled& is_cancelled);

  const emud::v1::SnapshotArchive& manifest() const { return manifest_; }
  bool Has(const std::string& name) const { return members_.contains(name); }
  // Of all members but the manifest and the sums.
  std::vector<std::string> names() const;
  // How long it is, and what it takes on the disk; 0 for one that it has not.
  uint64_t file_bytes(const std::string& name) const;
  uint64_t data_bytes(const std::string& name) const;
  // The sum that it is to have.
  std::string digits(const std::string& name) const { return sums_.at(name); }

  // Makes the new file at `path` what the member is, of which it has `most` bytes at most, and
  // looks at its sum. SNAPSHOT_FILE_REFUSED, STORAGE_FULL, CANCELLED.
  absl::Status Unpack(const std::string& name, const std::string& path, uint64_t most,
                      const IsCancelled& is_cancelled) const;
  // Likewise, into a file that is there; its sum is the caller's to look at.
  absl::Status UnpackInto(const std::string& name, int file, uint64_t most,
                          const IsCancelled& is_cancelled) const;

 private:
  explicit SnapshotImport(int archive) : archive_(archive) {}
  absl::Status ReadManifest(const tar::Member& member);
  absl::Status ReadSums(const tar::Member& member);

  int archive_;
  std::string manifest_digits_;
  emud::v1::SnapshotArchive manifest_;
  std::map<std::string, tar::Member> members_;  // but the manifest and the sums
  std::map<std::string, std::string> sums_;     // of these
};

}  // namespace emu::daemon
