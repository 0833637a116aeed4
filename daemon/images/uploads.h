// Bytes that come over the API, until they are an image: <state-dir>/uploads/<id>, and a row that
// says whose they are.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/images/blob_store.h"
#include "daemon/images/sparse_file.h"
#include "daemon/store/database.h"
#include "emud/v1/image.pb.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// For every thread. An upload has one writer at a time, the latest.
class Uploads {
  struct Entry;
  using EntryPtr = std::shared_ptr<Entry>;  // shared: a writer may outlive its upload

 public:
  static constexpr std::chrono::hours kKept{24};
  static constexpr size_t kMaxChunkBytes = 256 * 1024;

  // One call's way to write. UPLOAD_TAKEN_OVER as soon as another has come.
  class Writer {
   public:
    absl::Status Append(std::string_view bytes);
    // The upload as it is now, on the disk.
    absl::StatusOr<emud::v1::Upload> Finish();

   private:
    friend class Uploads;
    Writer(const Uploads& uploads, EntryPtr entry, UniqueFd file, uint64_t turn,
           SparseAppender appender)
        : uploads_(uploads),
          entry_(std::move(entry)),
          file_(std::move(file)),
          turn_(turn),
          appender_(appender) {}
    const Uploads& uploads_;
    EntryPtr entry_;
    UniqueFd file_;
    uint64_t turn_;
    SparseAppender appender_;
  };

  // An import's hold on an upload, which nobody writes to meanwhile.
  class Hold {
   public:
    ~Hold();
    Hold(Hold&&) noexcept = default;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    Hold& operator=(Hold&&) = delete;
    int file() const { return file_.get(); }
    const std::string& path() const { return path_; }
    // Not empty: an import that was cut short has made it this blob already.
    const std::string& digest() const { return digest_; }

   private:
    friend class Uploads;
    Hold(EntryPtr entry, UniqueFd file, std::string path, std::string digest)
        : entry_(std::move(entry)),
          file_(std::move(file)),
          path_(std::move(path)),
          digest_(std::move(digest)) {}
    EntryPtr entry_;  // null: it was moved from
    UniqueFd file_;
    std::string path_;
    std::string digest_;
  };

  Uploads(std::string state_dir, Database& database, const BlobStore& blobs)
      : folder_(std::move(state_dir) + "/uploads"), database_(database), blobs_(blobs) {}
  // Takes up what an earlier daemon left. First of all.
  absl::Status Load();

  // QUOTA_EXCEEDED, PROJECT_NOT_FOUND, STORAGE_FULL.
  absl::StatusOr<emud::v1::Upload> Begin(const emud::v1::BeginUploadRequest& request);
  absl::StatusOr<emud::v1::Upload> Find(const std::string& id) const;  // UPLOAD_NOT_FOUND
  absl::StatusOr<std::string> ProjectOf(const std::string& id) const;  // the same
  // Whoever wrote before does so no more. INVALID_FIELD of an offset behind what there is.
  absl::StatusOr<Writer> Open(const std::string& id, uint64_t offset);

  // UPLOAD_TAKEN_OVER while an import has it.
  absl::Status Delete(const std::string& id);

  // All of what was announced must be there: INVALID_FIELD. `field` names it there.
  absl::StatusOr<Hold> Take(const std::string& id, const std::string& field);
  // Stores that the upload is to be the blob, before its file is given that place.
  absl::Status Seal(const std::string& id, const std::string& digest);
  // The file and what is known of it; its row is the caller's.
  void Forget(const std::string& id);

  uint64_t DiskBytesOf(const std::string& id) const;
  // Blobs that uploads are about to be.
  std::vector<std::string> SealedDigests() const;
  // Whose time is over at `now`, and that nobody has a hold on.
  std::vector<emud::v1::Upload> Expired(std::chrono::system_clock::time_point now) const;

 private:
  struct Entry {
    mutable std::mutex mutex;
    emud::v1::Upload upload;  // without what the file says; and the rest: under mutex
    uint64_t turn = 0;        // of the latest writer
    bool is_held = false;
  };

  absl::StatusOr<EntryPtr> FindEntry(const std::string& id) const;
  std::string PathOf(const std::string& id) const { return folder_ + "/" + id; }
  // With what the file says: its length, and when it was last written to.
  absl::StatusOr<emud::v1::Upload> Describe(const Entry& entry) const;
  absl::Status Put(const emud::v1::Upload& upload);

  const std::string folder_;
  Database& database_;
  const BlobStore& blobs_;
  mutable std::mutex mutex_;  // before an entry's
  std::map<std::string, EntryPtr> by_id_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
