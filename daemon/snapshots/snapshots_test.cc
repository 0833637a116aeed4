#include "daemon/snapshots/snapshots.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/disk_overlays.h"
#include "daemon/errors.h"
#include "daemon/images/images.h"
#include "daemon/state_sources.h"
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

// Of a chain of three, whose last needs nothing of the second.
TEST_F(SnapshotsTest, AStateHasTheFilesThatItNeedsInEachFolder) {
  const auto content = [](const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  std::vector<SnapshotFolder> folders;
  for (const std::string name : {"first", "second", "third"}) {
    const SnapshotFolder& folder = folders.emplace_back(directory_, name);
    ASSERT_TRUE(folder.Create().ok());
    if (folders.size() > 1) {
      ASSERT_TRUE(folder.LinkParent(folders[folders.size() - 2]).ok());
    }
    std::ofstream(folder.state_path()) << name;
  }
  const SnapshotFolder& third = folders.back();
  EXPECT_EQ(CountStateSources(third.state_path()), 2u);
  EXPECT_EQ(content(StateSourcePath(third.state_path(), 1)), "second");
  const SnapshotFolder other_child(directory_, "other");
  ASSERT_TRUE(other_child.Create().ok());
  ASSERT_TRUE(other_child.LinkParent(folders[1]).ok());
  ASSERT_TRUE(other_child.KeepSources({1}).ok());
  EXPECT_EQ(CountStateSources(other_child.state_path()), 1u);
  ASSERT_TRUE(third.KeepSources({2}).ok());
  EXPECT_EQ(CountStateSources(third.state_path()), 1u);
  EXPECT_EQ(content(StateSourcePath(third.state_path(), 1)), "first");

  folders[0].Remove();
  folders[1].Remove();
  const VmDirectory vm = NewVm("a");
  ASSERT_TRUE(third.LinkInto(vm, {}).ok());
  third.Remove();
  const absl::StatusOr<std::vector<UniqueFd>> sources = vm.OpenStateSources();
  ASSERT_TRUE(sources.ok()) << sources.status();
  EXPECT_EQ(sources->size(), 1u);
  const VmDirectory other = NewVm("b");
  ASSERT_TRUE(MoveStateSources(vm.snapshot_state_path(), other.snapshot_state_path()).ok());
  EXPECT_EQ(content(StateSourcePath(other.snapshot_state_path(), 1)), "first");
  EXPECT_EQ(CountStateSources(vm.snapshot_state_path()), 0u);
  EXPECT_TRUE(other.RemoveState().ok());
  EXPECT_EQ(CountStateSources(other.snapshot_state_path()), 0u);
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

TEST_F(SnapshotsTest, LabelsAndAnnotationsChangeAndWithThemTheEtag) {
  const absl::StatusOr<SnapshotPtr> begun = Begin("warm");
  ASSERT_TRUE(begun.ok());
  emud::v1::UpdateSnapshotRequest request;
  request.mutable_snapshot()->set_name("warm");
  EXPECT_EQ(errors::ReasonOf(snapshots_->Update(request, {}).status()), "SNAPSHOT_NOT_READY");
  Take(**begun);
  (*request.mutable_snapshot()->mutable_labels())["a"] = "1";
  (*request.mutable_snapshot()->mutable_labels())["b"] = "2";
  (*request.mutable_snapshot()->mutable_annotations())["c"] = "3";
  const absl::StatusOr<SnapshotPtr> all = snapshots_->Update(request, {});
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ((*all)->labels().size(), 2u);
  EXPECT_EQ((*all)->annotations().at("c"), "3");
  EXPECT_NE((*all)->etag(), (*begun)->etag());

  request.mutable_snapshot()->set_etag((*begun)->etag());
  EXPECT_EQ(errors::ReasonOf(snapshots_->Update(request, {}).status()), "ETAG_MISMATCH");
  request.mutable_snapshot()->set_etag((*all)->etag());
  request.mutable_snapshot()->clear_labels();
  request.mutable_update_mask()->add_paths("labels.`a`");
  ASSERT_TRUE(snapshots_->Update(request, {}).ok());
  Open();
  const absl::StatusOr<SnapshotPtr> kept = snapshots_->Find("warm");
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ((*kept)->labels().size(), 1u);
  EXPECT_EQ((*kept)->annotations().at("c"), "3");

  request.mutable_snapshot()->clear_etag();
  request.mutable_update_mask()->add_paths("vm");
  EXPECT_EQ(errors::ReasonOf(snapshots_->Update(request, {}).status()), "INVALID_FIELD");
}

// The snapshot, the images that came with it and the end of the upload are one.
TEST_F(SnapshotsTest, AnImportIsThereAsAWholeOrNotAtAll) {
  const auto never = [] { return false; };
  emud::v1::BeginUploadRequest upload;
  upload.set_project("default");
  upload.set_size_bytes(1);
  const std::string upload_id = images_->uploads().Begin(upload)->id();
  emud::v1::ImportImageRequest like;
  like.set_name("came-along");
  like.set_project("default");
  like.set_format(emud::v1::Image::RAW);
  like.add_sources()->set_path("of the archive");
  const auto prepare = [&] {
    absl::StatusOr<BlobStore::Draft> draft = images_->blobs().NewDraft();
    const std::string bytes(4096, 'b');
    EXPECT_EQ(write(draft->file(), bytes.data(), bytes.size()), 4096);
    std::vector<BlobStore::Draft> drafts;
    drafts.push_back(*std::move(draft));
    std::vector<Images::Prepared> all;
    all.push_back(*images_->Prepare(like, std::move(drafts), never));
    all.back().image.set_uid("image-uid");
    return all;
  };
  const absl::StatusOr<SnapshotPtr> begun = Begin("warm");
  ASSERT_TRUE(begun.ok());
  Snapshot made = **begun;
  emud::v1::Disk& disk = *made.mutable_spec()->add_disks();
  disk.mutable_pinned()->set_uid("gone-uid");
  const auto finish = [&] {
    return snapshots_->FinishImport(made, upload_id, *images_, prepare(), {}).status();
  };
  EXPECT_EQ(errors::ReasonOf(finish()), "IMAGE_NOT_FOUND");
  EXPECT_TRUE(images_->List().empty());
  EXPECT_TRUE(images_->uploads().Find(upload_id).ok());
  EXPECT_EQ((*snapshots_->Find("warm"))->state(), Snapshot::CREATING);

  disk.mutable_pinned()->set_uid("image-uid");
  ASSERT_TRUE(finish().ok());
  EXPECT_EQ(errors::ReasonOf(images_->uploads().Find(upload_id).status()), "UPLOAD_NOT_FOUND");
  Open();
  EXPECT_EQ(errors::ReasonOf(images_->uploads().Find(upload_id).status()), "UPLOAD_NOT_FOUND");
  EXPECT_EQ((*snapshots_->Find("warm"))->state(), Snapshot::READY);
  ASSERT_TRUE(images_->Find("came-along").ok());
  EXPECT_TRUE(images_->blobs().Has((*images_->Find("came-along"))->digest()));
}

TEST_F(SnapshotsTest, DisksThatComeFromElsewhereAreWhatTheyWouldBeHere) {
  ASSERT_TRUE(ImportImage("disk").ok());
  emud::v1::Disk& disk = *spec_.add_disks();
  disk.set_id("disk0");
  disk.set_image("disk");
  ASSERT_TRUE(PinImages({*images_}, {}, spec_).ok());
  const VmDirectory vm = NewVm("a");
  ASSERT_TRUE(MakeOverlays(vm.path(), {}, spec_).ok());
  DiskOverlays overlays(vm.disks_path(), disk);
  ASSERT_TRUE(overlays.Add().ok());
  EXPECT_TRUE(overlays.CheckForeign().ok());
  emud::v1::Disk larger = disk;
  larger.set_size_mib(2);
  EXPECT_TRUE(absl::IsDataLoss(DiskOverlays(vm.disks_path(), larger).CheckForeign()));
  // The second in place of the first, which lies over the image.
  fs::remove(vm.disks_path() + "/disk0.qcow2");
  fs::copy_file(vm.disks_path() + "/disk0~1.qcow2", vm.disks_path() + "/disk0.qcow2");
  EXPECT_TRUE(absl::IsDataLoss(overlays.CheckForeign()));
  fs::resize_file(vm.disks_path() + "/disk0~1.qcow2", 10);
  EXPECT_TRUE(absl::IsDataLoss(DiskOverlays(vm.disks_path(), disk).CheckForeign()));
}

// Whoever wrote to a file that others have, too, would write for them.
TEST_F(SnapshotsTest, AFileThatNobodyWritesToAnyMoreIsNotTakenForTheUppermost) {
  ASSERT_TRUE(ImportImage("disk").ok());
  emud::v1::Disk& disk = *spec_.add_disks();
  disk.set_id("disk0");
  disk.set_image("disk");
  ASSERT_TRUE(PinImages({*images_}, {}, spec_).ok());
  const VmDirectory vm = NewVm("a");
  ASSERT_TRUE(MakeOverlays(vm.path(), {}, spec_).ok());
  DiskOverlays overlays(vm.disks_path(), disk);
  ASSERT_TRUE(overlays.Add().ok());
  EXPECT_TRUE(overlays.OpenTop("field").ok());
  const std::string second = vm.disks_path() + "/disk0~1.qcow2";
  fs::rename(second, directory_ + "/away");
  EXPECT_EQ(errors::ReasonOf(DiskOverlays(vm.disks_path(), disk).OpenTop("field").status()),
            "INVALID_FIELD");
  fs::rename(directory_ + "/away", second);
  overlays.DropTop();
  EXPECT_TRUE(overlays.OpenTop("field").ok());
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
