#include "daemon/snapshots/snapshots.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "daemon/disk_overlays.h"
#include "daemon/errors.h"
#include "daemon/images/images.h"
#include "daemon/store/access_store.h"
#include "daemon/store/schema.h"
#include "daemon/vm_images.h"

namespace emu::daemon {
namespace {

namespace fs = std::filesystem;
using emud::v1::Snapshot;

class SnapshotsTest : public testing::Test {
 protected:
  SnapshotsTest() {
    std::string name = testing::TempDir() + "snapshots-XXXXXX";
    directory_ = mkdtemp(name.data());
    Open();
  }
  ~SnapshotsTest() override { fs::remove_all(directory_); }

  // As a daemon that begins.
  void Open() {
    snapshots_.reset();
    images_.reset();
    database_.reset();
    database_ = *OpenStateDatabase(directory_ + "/state.db");
    images_.emplace(directory_, *database_);
    ASSERT_TRUE(images_->Load().ok());
    snapshots_.emplace(directory_, *database_);
    ASSERT_TRUE(snapshots_->Load().ok());
  }

  absl::StatusOr<SnapshotPtr> Begin(const std::string& name) {
    Snapshot wanted;
    wanted.set_name(name);
    wanted.set_project("default");
    wanted.set_vm("web1");
    wanted.set_has_memory(true);
    *wanted.mutable_spec() = spec_;
    wanted.mutable_spec()->mutable_machine()->set_memory_mib(64);
    return snapshots_->Begin(wanted);
  }
  // With a file as its memory.
  void Take(const Snapshot& begun) {
    const SnapshotFolder folder(directory_, begun.uid());
    ASSERT_TRUE(folder.Create().ok());
    std::ofstream(folder.state_path()) << "state";
    Snapshot taken = begun;
    taken.set_memory_bytes(3 << 20);
    ASSERT_TRUE(snapshots_->Finish(taken).ok());
  }
  absl::Status Delete(const std::string& name, const std::string& etag = "") {
    emud::v1::DeleteSnapshotRequest request;
    request.set_name(name);
    request.set_etag(etag);
    return snapshots_->Delete(request, {});
  }
  absl::Status ImportImage(const std::string& name) {
    const std::string path = directory_ + "/source";
    std::ofstream(path) << std::string(4096, 'i');
    emud::v1::ImportImageRequest request;
    request.set_name(name);
    request.set_project("default");
    request.set_format(emud::v1::Image::RAW);
    request.add_sources()->set_path(path);
    return images_->Import(request, {}, [] { return false; }).status();
  }
  // A folder as a VM's.
  VmDirectory NewVm(const std::string& uid) {
    fs::create_directories(directory_ + "/vms/" + uid);
    return VmDirectory(directory_ + "/vms/" + uid);
  }
  size_t Folders() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(directory_ + "/snapshots"), fs::directory_iterator()));
  }

  std::string directory_;
  emud::v1::VmSpec spec_;
  std::unique_ptr<Database> database_;
  std::optional<Images> images_;
  std::optional<Snapshots> snapshots_;
};

TEST_F(SnapshotsTest, OneThatIsReadyIsThereForTheNextDaemonToo) {
  const absl::StatusOr<SnapshotPtr> begun = Begin("warm");
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_EQ(errors::ReasonOf(snapshots_->FindReady("warm", "default").status()),
            "SNAPSHOT_NOT_READY");
  EXPECT_EQ(errors::ReasonOf(Begin("warm").status()), "ALREADY_EXISTS");
  Take(**begun);
  Open();
  const absl::StatusOr<SnapshotPtr> found = snapshots_->FindReady("warm", "default");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->vm(), "web1");
  EXPECT_EQ(snapshots_->FindByUid((*found)->uid()), *found);
  EXPECT_EQ(snapshots_->DiskMibOf("default"), 3u);
  EXPECT_EQ(errors::ReasonOf(snapshots_->FindReady("warm", "other").status()),
            "SNAPSHOT_NOT_FOUND");
}

TEST_F(SnapshotsTest, WhatADaemonDidNotFinishTheNextOneDrops) {
  const absl::StatusOr<SnapshotPtr> begun = Begin("warm");
  ASSERT_TRUE(begun.ok());
  ASSERT_TRUE(SnapshotFolder(directory_, (*begun)->uid()).Create().ok());
  ASSERT_TRUE(SnapshotFolder(directory_, "nobody").Create().ok());
  EXPECT_EQ(Folders(), 2u);
  Open();
  EXPECT_TRUE(snapshots_->List().empty());
  EXPECT_EQ(Folders(), 0u);
  EXPECT_TRUE(Begin("warm").ok());
}

TEST_F(SnapshotsTest, DeletingOneTakesItsFilesAlong) {
  const absl::StatusOr<SnapshotPtr> begun = Begin("warm");
  ASSERT_TRUE(begun.ok());
  EXPECT_EQ(errors::ReasonOf(Delete("warm")), "SNAPSHOT_NOT_READY");
  Take(**begun);
  EXPECT_EQ(errors::ReasonOf(Delete("warm", "\"old\"")), "ETAG_MISMATCH");
  EXPECT_TRUE(Delete("warm").ok());
  EXPECT_EQ(Folders(), 0u);
  EXPECT_EQ(errors::ReasonOf(Delete("warm")), "SNAPSHOT_NOT_FOUND");
  Open();
  EXPECT_TRUE(snapshots_->List().empty());
}

TEST_F(SnapshotsTest, AVmThatGoesOnFromOneNeedsItNoMore) {
  const absl::StatusOr<SnapshotPtr> begun = Begin("warm");
  ASSERT_TRUE(begun.ok());
  Take(**begun);
  const VmDirectory vm = NewVm("a");
  ASSERT_TRUE(SnapshotFolder(directory_, (*begun)->uid()).LinkInto(vm, {}).ok());
  EXPECT_TRUE(Delete("warm").ok());
  EXPECT_TRUE(vm.HasState());
  EXPECT_TRUE(vm.HasStateOfSnapshot());
  EXPECT_TRUE(vm.OpenState().ok());
  EXPECT_TRUE(vm.RemoveState().ok());
  EXPECT_FALSE(vm.HasState());
}

TEST_F(SnapshotsTest, ItsImageStaysAsLongAsIt) {
  ASSERT_TRUE(ImportImage("disk").ok());
  emud::v1::Disk& disk = *spec_.add_disks();
  disk.set_id("disk0");
  disk.set_image("disk");
  ASSERT_TRUE(PinImages({*images_}, {}, spec_).ok());
  const absl::StatusOr<SnapshotPtr> begun = Begin("warm");
  ASSERT_TRUE(begun.ok()) << begun.status();
  Take(**begun);
  emud::v1::DeleteImageRequest request;
  request.set_name("disk");
  EXPECT_EQ(errors::ReasonOf(images_->Delete(request, {})), "IMAGE_IN_USE");
  ASSERT_TRUE(Delete("warm").ok());
  EXPECT_TRUE(images_->Delete(request, {}).ok());
}

TEST_F(SnapshotsTest, DisksLieOnTopOfEachOtherInEachFolder) {
  ASSERT_TRUE(ImportImage("disk").ok());
  emud::v1::Disk& disk = *spec_.add_disks();
  disk.set_id("disk0");
  disk.set_image("disk");
  ASSERT_TRUE(PinImages({*images_}, {}, spec_).ok());
  const VmDirectory vm = NewVm("a");
  ASSERT_TRUE(MakeOverlays(vm.path(), {}, spec_).ok());
  const absl::StatusOr<SnapshotPtr> begun = Begin("warm");
  ASSERT_TRUE(begun.ok());
  const SnapshotFolder folder(directory_, (*begun)->uid());
  ASSERT_TRUE(folder.Create().ok());
  DiskOverlays overlays(vm.disks_path(), spec_.disks(0));
  ASSERT_TRUE(overlays.LinkInto(folder.disks_path()).ok());
  ASSERT_TRUE(overlays.Add().ok());
  EXPECT_EQ(overlays.names(), (std::vector<std::string>{"disk0.qcow2", "disk0~1.qcow2"}));

  const VmDirectory clone = NewVm("b");
  ASSERT_TRUE(folder.LinkInto(clone, spec_).ok());
  const DiskOverlays cloned(clone.disks_path(), spec_.disks(0));
  EXPECT_EQ(cloned.names(), overlays.names());
  // The VM and its clone have the first file together and each its own second, at the same time.
  const auto first = OpenImageDisk(directory_, vm.path(), spec_.disks(0), "field");
  const auto second = OpenImageDisk(directory_, clone.path(), spec_.disks(0), "field");
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(first->size(), 3u);
  const auto inode = [](const ImageLayer& layer) {
    struct stat info = {};
    fstat(layer.file.get(), &info);
    return info.st_ino;
  };
  EXPECT_NE(inode((*first)[0]), inode((*second)[0]));
  EXPECT_EQ(inode((*first)[1]), inode((*second)[1]));
  // What nobody names any more goes, and what lies below the uppermost stays.
  DropOverlays(vm.path(), spec_);
  EXPECT_EQ(DiskOverlays(vm.disks_path(), spec_.disks(0)).count(), 2u);
  DropOverlays(vm.path(), {});
  EXPECT_EQ(DiskOverlays(vm.disks_path(), spec_.disks(0)).count(), 0u);
  EXPECT_EQ(cloned.count(), 2u);
}

}  // namespace
}  // namespace emu::daemon
