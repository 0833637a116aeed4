#include "daemon/volumes/volumes.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/errors.h"
#include "daemon/store/access_store.h"
#include "daemon/store/schema.h"
#include "daemon/store/vm_store.h"
#include "daemon/volumes/volume_file.h"

namespace emu::daemon {
namespace {

class VolumesTest : public testing::Test {
 protected:
  VolumesTest() {
    std::string name = testing::TempDir() + "volumes-XXXXXX";
    directory_ = mkdtemp(name.data());
    Open();
  }
  ~VolumesTest() override { std::filesystem::remove_all(directory_); }

  // As a daemon that begins.
  void Open() {
    volumes_.reset();
    images_.reset();
    database_.reset();
    database_ = *OpenStateDatabase(directory_ + "/state.db");
    images_.emplace(directory_, *database_);
    ASSERT_TRUE(images_->Load().ok());
    volumes_.emplace(directory_, *database_, *images_);
    ASSERT_TRUE(volumes_->Load().ok());
  }

  absl::StatusOr<VolumePtr> Create(const std::string& name, uint64_t size_mib,
                                   const std::string& image = "") {
    emud::v1::CreateVolumeRequest request;
    request.set_name(name);
    request.set_project("default");
    request.set_size_mib(size_mib);
    request.set_image(image);
    return volumes_->Create(request, {});
  }
  absl::Status Delete(const std::string& name, const std::string& etag = "") {
    emud::v1::DeleteVolumeRequest request;
    request.set_name(name);
    request.set_etag(etag);
    return volumes_->Delete(request, {});
  }
  absl::Status ImportImage(const std::string& name, uint64_t bytes) {
    const std::string path = directory_ + "/source";
    std::ofstream(path) << std::string(bytes, 'i');
    emud::v1::ImportImageRequest request;
    request.set_name(name);
    request.set_project("default");
    request.set_format(emud::v1::Image::RAW);
    request.add_sources()->set_path(path);
    return images_->Import(request, {}, [] { return false; }).status();
  }
  void PutVm(const std::string& name, const std::string& volume) {
    emud::v1::Vm vm;
    vm.set_uid("uid-of-" + name);
    vm.set_name(name);
    vm.set_project("default");
    vm.mutable_spec()->add_disks()->set_volume(volume);
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(VmStore(transaction).Put(vm).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(directory_ + "/volumes")) {
      files.push_back(file.path().filename());
    }
    return files;
  }
  absl::StatusOr<std::vector<ImageLayer>> OpenDisk(const std::string& name) {
    emud::v1::VmSpec spec;
    spec.add_disks()->set_volume(name);
    if (const absl::Status pinned = volumes_->Pin("default", spec); !pinned.ok()) return pinned;
    return OpenVolumeDisk(directory_, spec.disks(0), "disk");
  }

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::optional<Images> images_;
  std::optional<Volumes> volumes_;
};

TEST_F(VolumesTest, OneIsThereForTheNextDaemonToo) {
  ASSERT_TRUE(Create("data", 8).ok());
  Open();
  const absl::StatusOr<VolumePtr> found = volumes_->Find("data");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->size_mib(), 8u);
  EXPECT_EQ(volumes_->FindByUid((*found)->uid()), *found);
  EXPECT_EQ(volumes_->DiskMibOf("default"), 8u);
  EXPECT_EQ(errors::ReasonOf(Create("data", 8).status()), "ALREADY_EXISTS");
  EXPECT_EQ(OpenDisk("data")->size(), 1u);
}

TEST_F(VolumesTest, OneOfAnImageIsAtLeastAsLargeAndKeepsIt) {
  ASSERT_TRUE(ImportImage("base", (3 << 20) + 512).ok());
  EXPECT_EQ(errors::ReasonOf(Create("small", 3, "base").status()), "INVALID_FIELD");
  EXPECT_EQ((*Create("data", 0, "base"))->size_mib(), 4u);
  EXPECT_EQ(OpenDisk("data")->size(), 2u);
  emud::v1::DeleteImageRequest request;
  request.set_name("base");
  const absl::Status refused = images_->Delete(request, {});
  EXPECT_EQ(errors::ReasonOf(refused), "IMAGE_IN_USE");
  EXPECT_NE(refused.message().find("volume data"), std::string_view::npos) << refused;
  ASSERT_TRUE(Delete("data").ok());
  EXPECT_TRUE(images_->Delete(request, {}).ok());
}

TEST_F(VolumesTest, OneThatAVmNamesStays) {
  ASSERT_TRUE(Create("data", 8).ok());
  PutVm("web1", "data");
  const absl::Status refused = Delete("data");
  EXPECT_EQ(errors::ReasonOf(refused), "VOLUME_IN_USE");
  EXPECT_NE(refused.message().find("web1"), std::string_view::npos) << refused;
  EXPECT_EQ(Files(), std::vector<std::string>{"data.qcow2"});
}

TEST_F(VolumesTest, OneThatIsDeletedIsGoneWithItsFile) {
  const std::string etag = (*Create("data", 8))->etag();
  EXPECT_EQ(errors::ReasonOf(Delete("data", "\"other\"")), "ETAG_MISMATCH");
  ASSERT_TRUE(Delete("data", etag).ok());
  EXPECT_TRUE(Files().empty());
  EXPECT_EQ(errors::ReasonOf(Delete("data")), "VOLUME_NOT_FOUND");
  // Another of this name is another.
  EXPECT_NE((*Create("data", 8))->etag(), etag);
}

TEST_F(VolumesTest, AFileWithoutARowIsDropped) {
  ASSERT_TRUE(Create("data", 8).ok());
  std::ofstream(directory_ + "/volumes/half.qcow2") << "half";
  Open();
  EXPECT_EQ(Files(), std::vector<std::string>{"data.qcow2"});
}

TEST_F(VolumesTest, AFileThatIsThereIsNotWrittenOver) {
  const std::string path = directory_ + "/volumes/data.qcow2";
  std::ofstream(path) << "somebody's";
  const absl::Status refused = Create("data", 8).status();
  EXPECT_EQ(errors::ReasonOf(refused), "HOST") << refused;
  EXPECT_NE(refused.message().find("data.qcow2"), std::string_view::npos) << refused;
  std::string kept;
  std::getline(std::ifstream(path), kept);
  EXPECT_EQ(kept, "somebody's");
}

TEST_F(VolumesTest, WhatTheQuotaRefusesLeavesNoFile) {
  emud::v1::Project project;
  project.set_name("default");
  project.mutable_quota()->set_disk_mib(10);
  {
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(AccessStore(transaction).PutProject(project).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  ASSERT_TRUE(Create("one", 6).ok());
  EXPECT_EQ(errors::ReasonOf(Create("two", 5).status()), "QUOTA_EXCEEDED");
  EXPECT_EQ(Files(), std::vector<std::string>{"one.qcow2"});
  EXPECT_TRUE(Create("three", 4).ok());
}

TEST_F(VolumesTest, TwoDoNotWriteToOne) {
  ASSERT_TRUE(Create("data", 8).ok());
  const auto first = OpenDisk("data");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(errors::ReasonOf(OpenDisk("data").status()), "DISK_IN_USE");
}

TEST_F(VolumesTest, AFileThatNamesAnotherImageIsNotOpened) {
  ASSERT_TRUE(ImportImage("base", 1 << 20).ok());
  ASSERT_TRUE(Create("plain", 1).ok());
  ASSERT_TRUE(Create("data", 1, "base").ok());
  std::filesystem::copy_file(VolumePath(directory_, "data"), VolumePath(directory_, "plain"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(errors::ReasonOf(OpenDisk("plain").status()), "INVALID_FIELD");
}

TEST_F(VolumesTest, ThoseOfAnotherProjectAreNone) {
  ASSERT_TRUE(Create("data", 8).ok());
  emud::v1::VmSpec spec;
  spec.add_disks()->set_volume("data");
  EXPECT_EQ(errors::ReasonOf(volumes_->Pin("other", spec)), "VOLUME_NOT_FOUND");
  spec.mutable_disks(0)->set_size_mib(8);
  EXPECT_EQ(errors::ReasonOf(volumes_->Pin("default", spec)), "INVALID_FIELD");
}

TEST_F(VolumesTest, ThoseThatCanNotBeAreRefused) {
  EXPECT_EQ(errors::ReasonOf(Create("data", 0).status()), "INVALID_FIELD");
  EXPECT_EQ(errors::ReasonOf(Create("data", uint64_t{1} << 40).status()), "INVALID_FIELD");
  EXPECT_EQ(errors::ReasonOf(Create("../data", 8).status()), "INVALID_FIELD");
  EXPECT_EQ(errors::ReasonOf(Create("data", 8, "none").status()), "IMAGE_NOT_FOUND");
  EXPECT_TRUE(Files().empty());
}

}  // namespace
}  // namespace emu::daemon
