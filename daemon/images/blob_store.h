// Files that are kept by their content: <state-dir>/blobs/sha256/ab/<the 64 digits>. Nobody writes
// to one that is there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// "sha256:" and 64 hexadecimal digits.
bool IsDigest(std::string_view digest);

// Where a blob is, from the state directory on.
std::string BlobPath(std::string_view digest);

// For every thread. Who may remove while others place, is the caller's to say.
class BlobStore {
 public:
  // A file without a name yet in the store; gone with this, unless it was placed.
  class Draft {
   public:
    Draft(std::string path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}
    ~Draft();
    Draft(Draft&& other) noexcept;
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    Draft& operator=(Draft&&) = delete;
    int file() const { return file_.get(); }
    const std::string& path() const { return path_; }

   private:
    std::string path_;  // empty: it was moved from
    UniqueFd file_;
  };

  explicit BlobStore(std::string state_dir) : state_dir_(std::move(state_dir)) {}

  // Makes the folders; drops what an earlier daemon was making. First of all.
  absl::Status Open() const;

  absl::StatusOr<Draft> NewDraft() const;
  // Gives the file at `path`, that has the digest and is on the disk, its place. Where the blob is
  // there, the file is left as it is.
  absl::Status Place(const std::string& path, std::string_view digest) const;

  absl::StatusOr<UniqueFd> OpenBlob(std::string_view digest) const;
  bool Has(std::string_view digest) const;

  struct Blob {
    std::string digest;
    uint64_t disk_bytes = 0;
  };
  absl::StatusOr<std::vector<Blob>> List() const;
  absl::Status Remove(std::string_view digest) const;

 private:
  std::string PathOf(std::string_view digest) const { return state_dir_ + "/" + BlobPath(digest); }
  std::string drafts() const { return state_dir_ + "/blobs/drafts"; }

  const std::string state_dir_;
};

}  // namespace emu::daemon
