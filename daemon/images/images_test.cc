#include "daemon/images/images.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/digest.h"
#include "daemon/errors.h"
#include "daemon/images/image_checks.h"
#include "daemon/images/image_probe.h"
#include "daemon/store/access_store.h"
#include "daemon/store/image_store.h"
#include "daemon/store/schema.h"
#include "daemon/store/vm_store.h"
#include "vmm/disk_files/overlay.h"

namespace emu::daemon {
namespace {

using emud::v1::Image;
using emud::v1::Upload;

const IsCancelled kNever = [] { return false; };

std::string DigestOf(const std::string& bytes) {
  return "sha256:" + absl::BytesToHexString(Sha256(bytes));
}

class ImagesTest : public testing::Test {
 protected:
  ImagesTest() {
    std::string name = testing::TempDir() + "images-XXXXXX";
    directory_ = mkdtemp(name.data());
    Open();
  }
  ~ImagesTest() override { std::filesystem::remove_all(directory_); }

  // As a daemon that begins.
  void Open() {
    images_.reset();
    database_.reset();
    database_ = *OpenStateDatabase(directory_ + "/state.db");
    images_.emplace(directory_, *database_);
    ASSERT_TRUE(images_->Load().ok());
  }

  std::string WriteFile(const std::string& name, const std::string& bytes) const {
    std::ofstream(directory_ + "/" + name, std::ios::binary) << bytes;
    return directory_ + "/" + name;
  }

  static emud::v1::ImportImageRequest Request(const std::string& name) {
    emud::v1::ImportImageRequest request;
    request.set_name(name);
    request.set_project("default");
    request.add_sources();
    return request;
  }
  absl::StatusOr<ImagePtr> Import(const emud::v1::ImportImageRequest& request) {
    return images_->Import(request, {}, kNever);
  }
  absl::StatusOr<ImagePtr> ImportBytes(const std::string& name, const std::string& bytes) {
    emud::v1::ImportImageRequest request = Request(name);
    request.mutable_sources(0)->set_path(WriteFile("source", bytes));
    return Import(request);
  }
  absl::StatusOr<ImagePtr> ImportUpload(const std::string& name, const std::string& id) {
    emud::v1::ImportImageRequest request = Request(name);
    request.mutable_sources(0)->set_upload_id(id);
    return Import(request);
  }

  Upload Begin(uint64_t size_bytes = 0) {
    emud::v1::BeginUploadRequest request;
    request.set_project("default");
    request.set_size_bytes(size_bytes);
    return images_->uploads().Begin(request).value();
  }
  absl::StatusOr<Upload> Send(const std::string& id, uint64_t offset, std::string_view bytes) {
    absl::StatusOr<Uploads::Writer> writer = images_->uploads().Open(id, offset);
    if (!writer.ok()) return writer.status();
    if (const absl::Status sent = writer->Append(bytes); !sent.ok()) return sent;
    return writer->Finish();
  }

  absl::Status Delete(const std::string& name, const std::string& etag = "") {
    emud::v1::DeleteImageRequest request;
    request.set_name(name);
    request.set_etag(etag);
    return images_->Delete(request, {});
  }
  emud::v1::CollectImagesResponse Collect() {
    return images_->Collect(Images::Collecting::kFree).value();
  }
  std::string Content(const Image& image) const {
    const UniqueFd blob = images_->blobs().OpenBlob(image.digest()).value();
    std::string bytes(LengthOf(blob.get()), '\0');
    EXPECT_EQ(pread(blob.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    return bytes;
  }
  size_t FilesIn(const std::string& folder) const {
    size_t files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(directory_ + "/" + folder)) {
      files += entry.is_regular_file() ? 1 : 0;
    }
    return files;
  }

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::optional<Images> images_;
};

const std::string kBytes = std::string(5000, 'a') + std::string(9000, '\0') + std::string(700, 'b');

TEST_F(ImagesTest, AnImageIsKnownByTheSumOfItsBytesAlsoToTheNextDaemon) {
  const absl::StatusOr<ImagePtr> image = ImportBytes("debian:13/riscv64", kBytes);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ((*image)->digest(), DigestOf(kBytes));
  EXPECT_EQ((*image)->format(), Image::RAW);
  EXPECT_EQ((*image)->size_bytes(), kBytes.size());
  EXPECT_EQ((*image)->virtual_size_bytes(), kBytes.size());
  Open();
  const absl::StatusOr<ImagePtr> found = images_->Find("debian:13/riscv64");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ((*found)->SerializeAsString(), (*image)->SerializeAsString());
  EXPECT_EQ(Content(**found), kBytes);
  struct stat info = {};
  ASSERT_EQ(stat((directory_ + "/" + BlobPath((*found)->digest())).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0444U);
}

TEST_F(ImagesTest, EqualBytesAreKeptOnceWhateverTheirNames) {
  ASSERT_TRUE(ImportBytes("one", kBytes).ok());
  ASSERT_TRUE(ImportBytes("two", kBytes).ok());
  EXPECT_EQ(FilesIn("blobs"), 1U);
  ASSERT_TRUE(Delete("one").ok());
  EXPECT_EQ(Collect().blobs(), 0U);
  EXPECT_EQ(Content(**images_->Find("two")), kBytes);
}

TEST_F(ImagesTest, ANameIsTakenOnce) {
  ASSERT_TRUE(ImportBytes("one", kBytes).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(ImportBytes("one", kBytes + "x").status()));
}

TEST_F(ImagesTest, OtherBytesThanExpectedAreRefusedAndTheUploadStays) {
  const Upload upload = Begin();
  ASSERT_TRUE(Send(upload.id(), 0, kBytes).ok());
  emud::v1::ImportImageRequest request = Request("one");
  request.mutable_sources(0)->set_upload_id(upload.id());
  request.mutable_sources(0)->set_sha256(std::string(64, '0'));
  const absl::Status refused = Import(request).status();
  EXPECT_EQ(errors::ReasonOf(refused), "DIGEST_MISMATCH");
  EXPECT_TRUE(absl::StrContains(refused.message(), DigestOf(kBytes)));
  EXPECT_EQ(FilesIn("blobs"), 0U);
  request.mutable_sources(0)->set_sha256(DigestOf(kBytes).substr(7));
  EXPECT_TRUE(Import(request).ok());
  EXPECT_EQ(errors::ReasonOf(images_->uploads().Find(upload.id()).status()), "UPLOAD_NOT_FOUND");
  EXPECT_EQ(FilesIn("uploads"), 0U);
}

TEST_F(ImagesTest, AnUploadGoesOnFromEveryOffsetInTheNextDaemonToo) {
  const std::string bytes = "0123456789";
  for (size_t broken_at = 0; broken_at <= bytes.size(); ++broken_at) {
    const Upload upload = Begin(bytes.size());
    ASSERT_TRUE(Send(upload.id(), 0, bytes.substr(0, broken_at)).ok());
    if (broken_at % 3 == 0) Open();
    EXPECT_EQ(images_->uploads().Find(upload.id())->offset(), broken_at);
    for (size_t from = 0; from <= broken_at; ++from) {
      const absl::StatusOr<Upload> sent = Send(upload.id(), from, bytes.substr(from));
      ASSERT_TRUE(sent.ok()) << sent.status();
      ASSERT_EQ(sent->offset(), bytes.size());
    }
    emud::v1::ImportImageRequest request = Request(absl::StrCat("image", broken_at));
    request.mutable_sources(0)->set_upload_id(upload.id());
    // Ten bytes are no disk; that they are the right ones is seen first.
    request.mutable_sources(0)->set_role(Image::KERNEL);
    request.mutable_sources(0)->set_sha256(DigestOf(bytes).substr(7));
    request.add_sources()->set_path(WriteFile("source", kBytes));
    EXPECT_TRUE(Import(request).ok());
  }
}

TEST_F(ImagesTest, ThereIsNoGapInAnUploadAndNoMoreThanWasAnnounced) {
  const Upload upload = Begin(10);
  EXPECT_TRUE(absl::IsInvalidArgument(Send(upload.id(), 1, "x").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Send(upload.id(), 0, "01234567890").status()));
  ASSERT_TRUE(Send(upload.id(), 0, "012345678").ok());
  const absl::Status early = ImportUpload("one", upload.id()).status();
  EXPECT_TRUE(absl::StrContains(early.message(), "9 of 10 bytes")) << early;
}

TEST_F(ImagesTest, TheLatestWriterWritesAndNobodyDuringAnImport) {
  const Upload upload = Begin();
  Uploads::Writer first = images_->uploads().Open(upload.id(), 0).value();
  ASSERT_TRUE(first.Append("old").ok());
  Uploads::Writer second = images_->uploads().Open(upload.id(), 0).value();
  EXPECT_EQ(errors::ReasonOf(first.Append("old")), "UPLOAD_TAKEN_OVER");
  EXPECT_EQ(errors::ReasonOf(first.Finish().status()), "UPLOAD_TAKEN_OVER");
  ASSERT_TRUE(second.Append("new!").ok());
  {
    const Uploads::Hold hold = images_->uploads().Take(upload.id(), "f").value();
    EXPECT_TRUE(absl::IsAborted(second.Append("more")));
    EXPECT_TRUE(absl::IsAborted(images_->uploads().Open(upload.id(), 0).status()));
    EXPECT_TRUE(absl::IsAborted(images_->uploads().Take(upload.id(), "f").status()));
  }
  EXPECT_EQ(Send(upload.id(), 4, "5")->offset(), 5U);
}

TEST_F(ImagesTest, ADeletedUploadIsGoneAndItsWriterHearsOfIt) {
  const Upload upload = Begin();
  Uploads::Writer writer = images_->uploads().Open(upload.id(), 0).value();
  {
    const Uploads::Hold hold = images_->uploads().Take(upload.id(), "f").value();
    EXPECT_TRUE(absl::IsAborted(images_->uploads().Delete(upload.id())));
  }
  ASSERT_TRUE(images_->uploads().Delete(upload.id()).ok());
  EXPECT_TRUE(absl::IsAborted(writer.Append("x")));
  EXPECT_EQ(FilesIn("uploads"), 0U);
  Open();
  EXPECT_TRUE(absl::IsNotFound(images_->uploads().Find(upload.id()).status()));
}

// A kill between the file's new place and the image's row.
TEST_F(ImagesTest, AnImportThatWasCutShortIsDoneAgainFromTheBlob) {
  const Upload upload = Begin(kBytes.size());
  ASSERT_TRUE(Send(upload.id(), 0, kBytes).ok());
  ASSERT_TRUE(images_->uploads().Seal(upload.id(), DigestOf(kBytes)).ok());
  ASSERT_TRUE(
      images_->blobs().Place(directory_ + "/uploads/" + upload.id(), DigestOf(kBytes)).ok());
  Open();
  EXPECT_TRUE(images_->List().empty());
  EXPECT_EQ(images_->uploads().Find(upload.id())->offset(), kBytes.size());
  EXPECT_TRUE(absl::IsAborted(Send(upload.id(), 0, "x").status()));
  EXPECT_EQ(Collect().blobs(), 0U);
  const absl::StatusOr<ImagePtr> image = ImportUpload("one", upload.id());
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(Content(**image), kBytes);
}

// A kill before the file had its new place.
TEST_F(ImagesTest, AnUploadThatWasToBeABlobAndIsNotGoesOn) {
  const Upload upload = Begin();
  ASSERT_TRUE(Send(upload.id(), 0, kBytes).ok());
  ASSERT_TRUE(images_->uploads().Seal(upload.id(), DigestOf(kBytes)).ok());
  Open();
  ASSERT_TRUE(Send(upload.id(), kBytes.size(), "more").ok());
  EXPECT_EQ((*ImportUpload("one", upload.id()))->digest(), DigestOf(kBytes + "more"));
}

TEST_F(ImagesTest, WhatAnEarlierDaemonWasMakingIsDropped) {
  WriteFile("blobs/drafts/half", "x");
  WriteFile("uploads/without-a-row", "x");
  Open();
  EXPECT_EQ(FilesIn("blobs"), 0U);
  EXPECT_EQ(FilesIn("uploads"), 0U);
}

TEST_F(ImagesTest, CollectingFreesWhatNobodyHasAndSaysSoBefore) {
  ASSERT_TRUE(ImportBytes("stays", kBytes).ok());
  ASSERT_TRUE(ImportBytes("goes", "x" + kBytes).ok());
  const Upload young = Begin();
  const Upload old = Begin();
  ASSERT_TRUE(Send(old.id(), 0, std::string(8192, 'u')).ok());
  ASSERT_TRUE(Delete("goes").ok());
  std::filesystem::last_write_time(
      directory_ + "/uploads/" + old.id(),
      std::filesystem::file_time_type::clock::now() - Uploads::kKept - std::chrono::minutes(1));
  for (const auto collecting : {Images::Collecting::kOnlyLook, Images::Collecting::kFree}) {
    const emud::v1::CollectImagesResponse freed = images_->Collect(collecting).value();
    EXPECT_EQ(freed.blobs(), 1U);
    EXPECT_EQ(freed.uploads(), 1U);
    EXPECT_GE(freed.freed_bytes(), 2 * 8192U);
  }
  EXPECT_EQ(FilesIn("blobs"), 1U);
  EXPECT_EQ(FilesIn("uploads"), 1U);
  EXPECT_TRUE(images_->uploads().Find(young.id()).ok());
  EXPECT_EQ(Collect().freed_bytes(), 0U);
}

TEST_F(ImagesTest, OneThatAVmHasStays) {
  const ImagePtr image = ImportBytes("one", kBytes).value();
  emud::v1::Vm vm;
  vm.set_name("web1");
  vm.set_uid("uid");
  vm.mutable_spec()->add_disks()->mutable_pinned()->set_uid(image->uid());
  {
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(VmStore(transaction).Put(vm).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  const absl::Status refused = Delete("one");
  EXPECT_EQ(errors::ReasonOf(refused), "IMAGE_IN_USE");
  EXPECT_TRUE(absl::StrContains(refused.message(), "web1"));
  EXPECT_TRUE(images_->Find("one").ok());
}

TEST_F(ImagesTest, AnEtagIsGoodForOneRevision) {
  const ImagePtr image = ImportBytes("one", kBytes).value();
  emud::v1::UpdateImageRequest request;
  *request.mutable_image() = *image;
  (*request.mutable_image()->mutable_labels())["os"] = "debian";
  const absl::StatusOr<ImagePtr> changed = images_->Update(request, {});
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ((*changed)->labels().at("os"), "debian");
  EXPECT_TRUE(absl::IsAborted(images_->Update(request, {}).status()));
  EXPECT_TRUE(absl::IsAborted(Delete("one", image->etag())));
  EXPECT_TRUE(Delete("one", (*changed)->etag()).ok());
}

TEST_F(ImagesTest, AProjectsQuotaHoldsForImagesAndForWhatUploadsAnnounce) {
  emud::v1::Project project;
  project.set_name("default");
  project.mutable_quota()->set_disk_mib(3);
  {
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(AccessStore(transaction).PutProject(project).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  ASSERT_TRUE(ImportBytes("one", kBytes).ok());
  emud::v1::BeginUploadRequest request;
  request.set_project("default");
  EXPECT_TRUE(absl::IsInvalidArgument(images_->uploads().Begin(request).status()));
  request.set_size_bytes(2 << 20);
  ASSERT_TRUE(images_->uploads().Begin(request).ok());
  EXPECT_EQ(errors::ReasonOf(images_->uploads().Begin(request).status()), "QUOTA_EXCEEDED");
  EXPECT_EQ(errors::ReasonOf(ImportBytes("two", kBytes).status()), "QUOTA_EXCEEDED");
}

// Files may not grow beyond a mebibyte: to a writer a full disk is the same.
TEST_F(ImagesTest, AFullDiskIsSaidAndLeavesNothing) {
  const std::string path = WriteFile("large", std::string(3 << 20, 'x'));
  const Upload upload = Begin();
  signal(SIGXFSZ, SIG_IGN);
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small = {1 << 20, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  emud::v1::ImportImageRequest request = Request("one");
  request.mutable_sources(0)->set_path(path);
  const absl::Status imported = Import(request).status();
  absl::Status sent;
  Uploads::Writer writer = images_->uploads().Open(upload.id(), 0).value();
  while (sent.ok()) sent = writer.Append(std::string(Uploads::kMaxChunkBytes, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  for (const absl::Status& status : {imported, sent}) {
    EXPECT_EQ(errors::ReasonOf(status), "STORAGE_FULL") << status;
  }
  EXPECT_EQ(FilesIn("blobs"), 0U);
  EXPECT_TRUE(images_->List().empty());
  // With space made it goes on.
  EXPECT_EQ(images_->uploads().Find(upload.id())->offset(), 1U << 20);
  EXPECT_TRUE(Send(upload.id(), 1 << 20, "x").ok());
}

TEST(ImageNameTest, AName) {
  for (const char* good : {"a", "debian:13/riscv64", "my_image-1.2", "0"}) {
    EXPECT_TRUE(CheckImageName(good).ok()) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("A"), std::string("a b"), std::string("a..b"), std::string("/a"),
        std::string("a/"), std::string(":a"), std::string("a."), std::string(128, 'a'),
        std::string("\xc3\xa4")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckImageName(bad))) << bad;
  }
}

class ProbeTest : public ImagesTest {
 protected:
  absl::StatusOr<DiskFacts> Probe(const std::string& bytes,
                                  Image::Format stated = Image::FORMAT_UNSPECIFIED) const {
    const UniqueFd file(open(WriteFile("probed", bytes).c_str(), O_RDONLY));
    return ProbeDisk(file.get(), stated);
  }
  static std::string At(size_t offset, const std::string& bytes) {
    return std::string(offset, '\0') + bytes + std::string(4096, '\0');
  }
  std::string Qcow2(uint64_t size_bytes, const std::string& backing) const {
    const UniqueFd file(open((directory_ + "/qcow2").c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600));
    EXPECT_TRUE(
        disk_files::WriteOverlay(file.get(), {size_bytes, backing, ImageFormat::kRaw}).ok());
    std::string bytes(LengthOf(file.get()), '\0');
    EXPECT_GT(pread(file.get(), bytes.data(), bytes.size(), 0), 0);
    return bytes;
  }
};

TEST_F(ProbeTest, FirstBytesSayTheFormatUnlessItIsStated) {
  EXPECT_EQ(Probe(At(0, "\xeb\x3c"))->format, Image::RAW);
  EXPECT_EQ(Probe(At(32769, "CD001"))->format, Image::ISO);
  EXPECT_EQ(Probe(At(0, "QFI\xfb"), Image::RAW)->format, Image::RAW);
  std::string alone = Qcow2(64 << 20, "base");
  alone.replace(8, 12, std::string(12, '\0'));  // no backing file
  const absl::StatusOr<DiskFacts> facts = Probe(alone);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->format, Image::QCOW2);
  EXPECT_EQ(facts->virtual_size_bytes, 64U << 20);
}

TEST_F(ProbeTest, WhatIsNoDiskIsRefusedWithARemedy) {
  const std::pair<std::string, const char*> cases[] = {
      {At(0, "KDMV"), "qemu-img convert"},
      {At(0, "vhdxfile"), "qemu-img convert"},
      {At(0, "\x1f\x8b"), "unpack"},
      {At(0,
          "\xfd"
          "7zXZ" +
              std::string(1, '\0')),
       "unpack"},
      {At(257, "ustar"), "unpack"},
      {At(0, "LUKS\xba\xbe"), "decrypt"},
      {At(0, "QFI\xfb"), "qemu-img"},
      {std::string(511, 'x'), "give another"},
      {Qcow2(1 << 20, "base"), "qemu-img convert"},
      {Qcow2(1 << 20, "/etc/passwd"), "qemu-img convert"}};
  for (const auto& [bytes, remedy] : cases) {
    const absl::StatusOr<DiskFacts> facts = Probe(bytes);
    ASSERT_FALSE(facts.ok()) << remedy;
    EXPECT_TRUE(absl::StrContains(facts.status().message(), remedy)) << facts.status();
    EXPECT_TRUE(absl::StrContains(facts.status().message(), "; ")) << facts.status();
  }
  EXPECT_FALSE(Probe(At(0, "x"), Image::QCOW2).ok());
  EXPECT_FALSE(Probe(At(0, "x"), Image::ISO).ok());
}

}  // namespace
}  // namespace emu::daemon
