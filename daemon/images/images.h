// All images: their names and what they are made of, in memory for readers and in the store for the
// next daemon; their bytes in files.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/images/blob_store.h"
#include "daemon/images/sparse_file.h"
#include "daemon/images/uploads.h"
#include "daemon/store/database.h"
#include "daemon/store/request_store.h"
#include "emud/v1/image.pb.h"

namespace emu::daemon {

using ImagePtr = std::shared_ptr<const emud::v1::Image>;

// The part of `image` with that role; null if it has none.
const emud::v1::Image::Part* FindPart(
    const google::protobuf::RepeatedPtrField<emud::v1::Image::Part>& parts,
    emud::v1::Image::Role role);

// What writes more into a transaction, or refuses it.
using WriteBeside = std::function<absl::Status(Transaction&)>;

// For every thread. What reads or writes bytes holds nothing that others wait for.
class Images {
 public:
  Images(std::string state_dir, Database& database);
  // Reads what an earlier daemon stored, drops what it did not finish. First of all.
  absl::Status Load();

  absl::StatusOr<ImagePtr> Find(const std::string& name) const;  // IMAGE_NOT_FOUND
  ImagePtr FindByUid(const std::string& uid) const;              // null if there is none
  std::vector<ImagePtr> List() const;                            // by name

  // Each is one transaction, with the request's id.
  // The request has been checked, and says a project.
  absl::StatusOr<ImagePtr> Import(const emud::v1::ImportImageRequest& request,
                                  const RequestOrigin& origin, const IsCancelled& is_cancelled);
  absl::StatusOr<ImagePtr> Update(const emud::v1::UpdateImageRequest& request,
                                  const RequestOrigin& origin);
  // IMAGE_IN_USE.
  absl::Status Delete(const emud::v1::DeleteImageRequest& request, const RequestOrigin& origin);

  enum class Collecting : uint8_t { kOnlyLook, kFree };
  absl::StatusOr<emud::v1::CollectImagesResponse> Collect(Collecting collecting);

  Uploads& uploads() { return uploads_; }
  const BlobStore& blobs() const { return blobs_; }
  // What images have of their project's quota.
  uint64_t DiskMibOf(const std::string& project) const;

  // A file with the bytes of a part, and what is known of it.
  struct Source {
    UniqueFd file;                          // of a path
    std::optional<BlobStore::Draft> draft;  // a copy of it
    std::optional<Uploads::Hold> hold;
    emud::v1::Image::Part part;

    int fd() const { return hold ? hold->file() : draft ? draft->file() : file.get(); }
    // What is to have the blob's place; empty if it has it already.
    std::string path() const;
  };
  // An image that was looked at, and is to be stored.
  struct Prepared {
    emud::v1::ImportImageRequest request;
    emud::v1::Image image;
    std::vector<Source> sources;
  };
  // Of drafts in place of the files that the request, which has been checked, says.
  absl::StatusOr<Prepared> Prepare(const emud::v1::ImportImageRequest& request,
                                   std::vector<BlobStore::Draft> drafts,
                                   const IsCancelled& is_cancelled);
  // All of them or none, with what `beside` writes first.
  absl::Status Keep(std::vector<Prepared> prepared, const RequestOrigin& origin,
                    const WriteBeside& beside);

 private:
  absl::StatusOr<Source> OpenSource(const emud::v1::ImportImageRequest& request, int index,
                                    const IsCancelled& is_cancelled);
  absl::Status Look(const emud::v1::ImportImageRequest& request, int index, Source& source,
                    const IsCancelled& is_cancelled);
  // Looks at all of its sources.
  absl::StatusOr<Prepared> Prepare(const emud::v1::ImportImageRequest& request,
                                   std::vector<Source> sources, const IsCancelled& is_cancelled);
  absl::StatusOr<ImagePtr> FindUnchanged(const std::string& name, const std::string& etag) const;
  void Publish(const ImagePtr& image);
  uint64_t NextRevision() const;

  Database& database_;
  const BlobStore blobs_;
  Uploads uploads_;
  // While rows and files are made to agree: placing, deleting, collecting. Before mutex_.
  std::mutex change_mutex_;

  mutable std::mutex mutex_;
  std::map<std::string, ImagePtr> by_name_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
