#include "daemon/store/image_store.h"

#include <utility>

#include "daemon/store/record_rows.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

uint64_t ToMib(uint64_t bytes) { return (bytes >> 20) + (bytes % (1 << 20) != 0 ? 1 : 0); }

}  // namespace

uint64_t DiskMibOf(const emud::v1::Image& image) { return ToMib(image.size_bytes()); }
uint64_t DiskMibOf(const emud::v1::Upload& upload) { return ToMib(upload.size_bytes()); }

absl::Status ImageStore::PutImage(const emud::v1::Image& image) {
  return transaction_
      .Prepare(
          "INSERT INTO images(uid, name, project, disk_mib, record) VALUES(?1, ?2, ?3, ?4, ?5) "
          "ON CONFLICT(uid) DO UPDATE SET record=?5")
      .Bind(image.uid())
      .Bind(image.name())
      .Bind(image.project())
      .Bind(static_cast<int64_t>(daemon::DiskMibOf(image)))
      .BindBlob(image.SerializeAsString())
      .Run();
}

absl::Status ImageStore::RemoveImage(const std::string& uid) {
  return transaction_.Prepare("DELETE FROM images WHERE uid=?1").Bind(uid).Run();
}

absl::StatusOr<std::vector<emud::v1::Image>> ImageStore::LoadImages() {
  return LoadRecords<emud::v1::Image>(transaction_.Prepare("SELECT uid, record FROM images"),
                                      "image-record-unreadable");
}

absl::StatusOr<bool> ImageStore::HasImage(const std::string& uid) {
  return transaction_.Prepare("SELECT 1 FROM images WHERE uid=?1").Bind(uid).Step();
}

absl::Status ImageStore::PutUpload(const emud::v1::Upload& upload) {
  return transaction_
      .Prepare(
          "INSERT INTO uploads(id, project, disk_mib, record) VALUES(?1, ?2, ?3, ?4) "
          "ON CONFLICT(id) DO UPDATE SET record=?4")
      .Bind(upload.id())
      .Bind(upload.project())
      .Bind(static_cast<int64_t>(daemon::DiskMibOf(upload)))
      .BindBlob(upload.SerializeAsString())
      .Run();
}

absl::Status ImageStore::RemoveUpload(const std::string& id) {
  return transaction_.Prepare("DELETE FROM uploads WHERE id=?1").Bind(id).Run();
}

absl::StatusOr<std::vector<emud::v1::Upload>> ImageStore::LoadUploads() {
  return LoadRecords<emud::v1::Upload>(transaction_.Prepare("SELECT id, record FROM uploads"),
                                       "upload-record-unreadable");
}

absl::StatusOr<uint64_t> ImageStore::DiskMibOf(const std::string& project) {
  Statement sum = transaction_.Prepare(
      "SELECT coalesce((SELECT sum(disk_mib) FROM images WHERE project=?1), 0) + "
      "coalesce((SELECT sum(disk_mib) FROM uploads WHERE project=?1), 0)");
  RETURN_IF_ERROR(sum.Bind(project).Step().status());
  return static_cast<uint64_t>(sum.Number(0));
}

}  // namespace emu::daemon
