#include "daemon/images/uploads.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/quota.h"
#include "daemon/store/image_store.h"
#include "daemon/uid.h"
#include "daemon/wall_clock.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Upload;
using google::protobuf::util::TimeUtil;

google::protobuf::Timestamp ExpiryAfter(const google::protobuf::Timestamp& time) {
  return time + TimeUtil::SecondsToDuration(
                    std::chrono::duration_cast<std::chrono::seconds>(Uploads::kKept).count());
}

}  // namespace

absl::Status Uploads::Load() {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return errors::Host(folder_, error.value());
  Transaction transaction(database_, Durability::kDaemon);
  ASSIGN_OR_RETURN(std::vector<Upload> uploads, ImageStore(transaction).LoadUploads());
  RETURN_IF_ERROR(transaction.Commit());
  std::lock_guard lock(mutex_);
  for (Upload& upload : uploads) {
    auto entry = std::make_shared<Entry>();
    entry->upload = std::move(upload);
    by_id_[entry->upload.id()] = std::move(entry);
  }
  // Files whose row is gone, or was never made.
  for (const auto& file : std::filesystem::directory_iterator(folder_, error)) {
    if (!by_id_.contains(file.path().filename().string())) unlink(file.path().c_str());
  }
  return absl::OkStatus();
}

absl::Status Uploads::Put(const Upload& upload) {
  Transaction transaction(database_, Durability::kPowerFailure);
  RETURN_IF_ERROR(ImageStore(transaction).PutUpload(upload));
  return transaction.Commit();
}

absl::StatusOr<Upload> Uploads::Begin(const emud::v1::BeginUploadRequest& request) {
  RETURN_IF_ERROR(CheckRoom(folder_, request.size_bytes()));
  auto entry = std::make_shared<Entry>();
  Upload& upload = entry->upload;
  upload.set_id(NewUid());
  upload.set_project(request.project());
  upload.set_size_bytes(request.size_bytes());
  *upload.mutable_create_time() = WallClockNow();
  {
    Transaction transaction(database_, Durability::kPowerFailure);
    RETURN_IF_ERROR(
        ReserveDisk(transaction, upload.project(),
                    upload.size_bytes() == 0 ? std::nullopt : std::optional(DiskMibOf(upload))));
    RETURN_IF_ERROR(ImageStore(transaction).PutUpload(upload));
    RETURN_IF_ERROR(transaction.Commit());
  }
  const UniqueFd file(open(PathOf(upload.id()).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return FileError("the file of an upload", errno);
  {
    std::lock_guard lock(mutex_);
    by_id_[upload.id()] = entry;
  }
  return Find(upload.id());
}

absl::StatusOr<Uploads::EntryPtr> Uploads::FindEntry(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return errors::UploadNotFound(id);
  return it->second;
}

absl::StatusOr<Upload> Uploads::Describe(const Entry& entry) const {
  Upload upload = entry.upload;
  struct stat info = {};
  if (stat(PathOf(upload.id()).c_str(), &info) == 0) {
    upload.set_offset(static_cast<uint64_t>(info.st_size));
    *upload.mutable_expire_time() = ExpiryAfter(TimeUtil::TimeTToTimestamp(info.st_mtime));
    if (!entry.is_held) upload.clear_digest();
    return upload;
  }
  // It is a blob already, or a kill came before its file was made.
  *upload.mutable_expire_time() = ExpiryAfter(upload.create_time());
  if (upload.digest().empty() || !blobs_.Has(upload.digest())) return upload;
  ASSIGN_OR_RETURN(const UniqueFd blob, blobs_.OpenBlob(upload.digest()));
  upload.set_offset(LengthOf(blob.get()));
  return upload;
}

absl::StatusOr<Upload> Uploads::Find(const std::string& id) const {
  ASSIGN_OR_RETURN(const EntryPtr entry, FindEntry(id));
  std::lock_guard lock(entry->mutex);
  // What is told to be there is there also after a power failure.
  const UniqueFd file(open(PathOf(id).c_str(), O_RDONLY | O_CLOEXEC));
  if (file && fdatasync(file.get()) != 0) return FileError("keeping an upload", errno);
  return Describe(*entry);
}

absl::StatusOr<std::string> Uploads::ProjectOf(const std::string& id) const {
  ASSIGN_OR_RETURN(const EntryPtr entry, FindEntry(id));
  std::lock_guard lock(entry->mutex);
  return entry->upload.project();
}

absl::StatusOr<Uploads::Writer> Uploads::Open(const std::string& id, uint64_t offset) {
  ASSIGN_OR_RETURN(const EntryPtr entry, FindEntry(id));
  std::lock_guard lock(entry->mutex);
  ASSIGN_OR_RETURN(const Upload upload, Describe(*entry));
  if (entry->is_held || !upload.digest().empty()) return errors::UploadTakenOver(id);
  if (offset > upload.offset()) {
    return errors::InvalidField("offset",
                                absl::StrCat(offset, " is behind what there is, ", upload.offset()),
                                "go on from there");
  }
  UniqueFd file(open(PathOf(id).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return FileError("the file of an upload", errno);
  ASSIGN_OR_RETURN(const SparseAppender appender, SparseAppender::At(file.get(), offset));
  return Writer(*this, entry, std::move(file), ++entry->turn, appender);
}

absl::Status Uploads::Writer::Append(std::string_view bytes) {
  std::lock_guard lock(entry_->mutex);
  const Upload& upload = entry_->upload;
  if (entry_->turn != turn_) return errors::UploadTakenOver(upload.id());
  if (bytes.size() > kMaxChunkBytes) {
    return errors::InvalidField("data", absl::StrCat(bytes.size(), " bytes are too many"),
                                absl::StrCat("send at most ", kMaxChunkBytes));
  }
  if (upload.size_bytes() != 0 && appender_.offset() + bytes.size() > upload.size_bytes()) {
    return errors::InvalidField("data", "there is more of it than was announced",
                                "begin an upload of the right size");
  }
  return appender_.Append(bytes);
}

absl::StatusOr<Upload> Uploads::Writer::Finish() {
  std::lock_guard lock(entry_->mutex);
  if (entry_->turn != turn_) return errors::UploadTakenOver(entry_->upload.id());
  RETURN_IF_ERROR(appender_.Sync());
  return uploads_.Describe(*entry_);
}

absl::StatusOr<Uploads::Hold> Uploads::Take(const std::string& id, const std::string& field) {
  ASSIGN_OR_RETURN(const EntryPtr entry, FindEntry(id));
  std::lock_guard lock(entry->mutex);
  if (entry->is_held) return errors::UploadTakenOver(id);
  ASSIGN_OR_RETURN(const Upload upload, Describe(*entry));
  if (upload.offset() < upload.size_bytes()) {
    return errors::InvalidField(
        field, absl::StrCat("there are ", upload.offset(), " of ", upload.size_bytes(), " bytes"),
        "upload the rest first");
  }
  UniqueFd file;
  if (upload.digest().empty()) {
    file.Reset(open(PathOf(id).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return errors::UploadNotFound(id);
  } else {
    ASSIGN_OR_RETURN(file, blobs_.OpenBlob(upload.digest()));
  }
  ++entry->turn;
  entry->is_held = true;
  return Hold(entry, std::move(file), PathOf(id), upload.digest());
}

Uploads::Hold::~Hold() {
  if (entry_ == nullptr) return;
  std::lock_guard lock(entry_->mutex);
  entry_->is_held = false;
}

absl::Status Uploads::Seal(const std::string& id, const std::string& digest) {
  ASSIGN_OR_RETURN(const EntryPtr entry, FindEntry(id));
  std::lock_guard lock(entry->mutex);
  entry->upload.set_digest(digest);
  return Put(entry->upload);
}

absl::Status Uploads::Delete(const std::string& id) {
  ASSIGN_OR_RETURN(const EntryPtr entry, FindEntry(id));
  {
    std::lock_guard lock(entry->mutex);
    if (entry->is_held) return errors::UploadTakenOver(id);
    ++entry->turn;
    // First, as on a full disk there is no room for saying so.
    if (truncate(PathOf(id).c_str(), 0) != 0 && errno != ENOENT) {
      return FileError("the file of an upload", errno);
    }
    Transaction transaction(database_, Durability::kDaemon);
    RETURN_IF_ERROR(ImageStore(transaction).RemoveUpload(id));
    RETURN_IF_ERROR(transaction.Commit());
  }
  Forget(id);
  return absl::OkStatus();
}

void Uploads::Forget(const std::string& id) {
  unlink(PathOf(id).c_str());
  std::lock_guard lock(mutex_);
  by_id_.erase(id);
}

uint64_t Uploads::DiskBytesOf(const std::string& id) const {
  const UniqueFd file(open(PathOf(id).c_str(), O_RDONLY | O_CLOEXEC));
  return file ? daemon::DiskBytesOf(file.get()) : 0;
}

std::vector<std::string> Uploads::SealedDigests() const {
  std::vector<std::string> digests;
  std::lock_guard lock(mutex_);
  for (const auto& [id, entry] : by_id_) {
    std::lock_guard entry_lock(entry->mutex);
    if (!entry->upload.digest().empty()) digests.push_back(entry->upload.digest());
  }
  return digests;
}

std::vector<Upload> Uploads::Expired(std::chrono::system_clock::time_point now) const {
  std::vector<Upload> expired;
  std::lock_guard lock(mutex_);
  for (const auto& [id, entry] : by_id_) {
    std::lock_guard entry_lock(entry->mutex);
    const absl::StatusOr<Upload> upload = Describe(*entry);
    if (!entry->is_held && upload.ok() && upload->expire_time() <= ToTimestamp(now)) {
      expired.push_back(*upload);
    }
  }
  return expired;
}

}  // namespace emu::daemon
