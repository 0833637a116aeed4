#include "daemon/images/blob_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/images/sparse_file.h"
#include "daemon/uid.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr char kAlgorithm[] = "sha256:";
constexpr size_t kAlgorithmBytes = sizeof(kAlgorithm) - 1;
constexpr size_t kDigits = 64;
constexpr char kBlobs[] = "blobs/sha256";
constexpr size_t kFolderDigits = 2;  // so that no folder has more than a 256th

std::string_view DigitsOf(std::string_view digest) { return digest.substr(kAlgorithmBytes); }

// Also after a power failure the folder has what it has now.
absl::Status SyncFolder(const std::string& path) {
  const UniqueFd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.is_valid() && fsync(folder.get()) == 0 ? absl::OkStatus() : FileError(path, errno);
}

}  // namespace

bool IsDigest(std::string_view digest) {
  return digest.size() == kAlgorithmBytes + kDigits && digest.starts_with(kAlgorithm) &&
         std::ranges::all_of(DigitsOf(digest), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string BlobPath(std::string_view digest) {
  const std::string digits(DigitsOf(digest));
  return absl::StrCat(kBlobs, "/", digits.substr(0, kFolderDigits), "/", digits);
}

BlobStore::Draft::Draft(Draft&& other) noexcept
    : path_(std::exchange(other.path_, "")), file_(std::move(other.file_)) {}

BlobStore::Draft::~Draft() {
  if (!path_.empty()) unlink(path_.c_str());
}

absl::Status BlobStore::Open() const {
  std::error_code error;
  std::filesystem::create_directories(absl::StrCat(state_dir_, "/", kBlobs), error);
  if (!error) std::filesystem::remove_all(drafts(), error);
  if (!error) std::filesystem::create_directories(drafts(), error);
  return error ? FileError(absl::StrCat(state_dir_, "/blobs"), error.value()) : absl::OkStatus();
}

absl::StatusOr<BlobStore::Draft> BlobStore::NewDraft() const {
  std::string path = absl::StrCat(drafts(), "/", NewUid());
  UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return FileError(path, errno);
  return Draft(std::move(path), std::move(file));
}

absl::Status BlobStore::Place(const std::string& path, std::string_view digest) const {
  if (Has(digest)) return absl::OkStatus();
  const std::string place = PathOf(digest);
  const std::string folder = std::filesystem::path(place).parent_path();
  const bool is_new = mkdir(folder.c_str(), 0700) == 0;
  if (!is_new && errno != EEXIST) return FileError(folder, errno);
  if (is_new) RETURN_IF_ERROR(SyncFolder(absl::StrCat(state_dir_, "/", kBlobs)));
  if (chmod(path.c_str(), 0444) != 0 || rename(path.c_str(), place.c_str()) != 0) {
    return FileError(place, errno);
  }
  return SyncFolder(folder);
}

bool BlobStore::Has(std::string_view digest) const {
  return access(PathOf(digest).c_str(), F_OK) == 0;
}

absl::StatusOr<UniqueFd> BlobStore::OpenBlob(std::string_view digest) const {
  UniqueFd file(open(PathOf(digest).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errors::Host(absl::StrCat("the image's file ", PathOf(digest)), errno);
  return file;
}

absl::StatusOr<std::vector<BlobStore::Blob>> BlobStore::List() const {
  std::vector<Blob> blobs;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(absl::StrCat(state_dir_, "/", kBlobs), error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(error)) {
    const std::string digest = absl::StrCat(kAlgorithm, entry->path().filename().string());
    struct stat info = {};
    // What else lies there is nobody's of ours.
    if (!IsDigest(digest) || stat(entry->path().c_str(), &info) != 0) continue;
    blobs.push_back({digest, static_cast<uint64_t>(info.st_blocks) * 512});
  }
  if (error) return errors::Host(absl::StrCat(state_dir_, "/", kBlobs), error.value());
  return blobs;
}

absl::Status BlobStore::Remove(std::string_view digest) const {
  if (unlink(PathOf(digest).c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return errors::Host(PathOf(digest), errno);
}

}  // namespace emu::daemon
