// The tables images and uploads: what is kept by its content, by the names it has, and what is
// still coming.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "emud/v1/image.pb.h"

namespace emu::daemon {

// As long as its transaction.
class ImageStore {
 public:
  explicit ImageStore(Transaction& transaction) : transaction_(transaction) {}

  absl::Status PutImage(const emud::v1::Image& image);
  absl::Status RemoveImage(const std::string& uid);
  // Rows that can't be read are logged and left where they are.
  absl::StatusOr<std::vector<emud::v1::Image>> LoadImages();
  absl::StatusOr<bool> HasImage(const std::string& uid);

  absl::Status PutUpload(const emud::v1::Upload& upload);
  absl::Status RemoveUpload(const std::string& id);
  absl::StatusOr<std::vector<emud::v1::Upload>> LoadUploads();

  // What the images of a project have of its quota, and what its uploads have announced.
  absl::StatusOr<uint64_t> DiskMibOf(const std::string& project);

 private:
  Transaction& transaction_;
};

// Of its quota.
uint64_t DiskMibOf(const emud::v1::Image& image);
uint64_t DiskMibOf(const emud::v1::Upload& upload);

}  // namespace emu::daemon
