// The files of a disk that began as an image, in a folder of a VM's or a snapshot's:
//
//   <id>.qcow2     over the image's
//   <id>~1.qcow2   over that, since a snapshot was taken
//   <id>~2.qcow2   and so on; the VM writes to the uppermost, and nobody to the others any more
//
// Each folder has all that its disk needs, as links where others have it, too. Those that nobody
// writes to are read-only, so that none is taken for the uppermost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/host_paths.h"
#include "emud/v1/vm.pb.h"
#include "vmm/disk_files/image_format.h"

namespace emu::daemon {

// As it was found; whoever may change the folder changes it alone.
class DiskOverlays {
 public:
  static constexpr size_t kMost = 16;

  DiskOverlays(std::string folder, const emud::v1::Disk& disk);

  size_t count() const { return names_.size(); }
  const std::string& disk_id() const { return disk_.id(); }
  // Of the files, without the folder.
  const std::vector<std::string>& names() const { return names_; }

  // An empty one on top, whole on the host's disk once the folder is. STORAGE_FULL.
  absl::Status Add();
  // Takes that away again, if nothing was written to it.
  void DropTop();
  // What the file at `index` is called; of one that is not there, too.
  std::string NameOf(size_t index) const;
  // Whether all of them, which come from elsewhere, are what they would be here: DATA_LOSS.
  absl::Status CheckForeign() const;
  // All of them, into one that has none.
  absl::Status LinkInto(const std::string& folder) const;

  // The uppermost, opened and locked; `field` is the spec's. INVALID_FIELD where it is missing,
  // also if those below are there.
  absl::StatusOr<ImageLayer> OpenTop(const std::string& field) const;
  // Likewise, and those below it, the image not among them.
  absl::StatusOr<std::vector<ImageLayer>> OpenAll(const std::string& field) const;

 private:
  std::string PathOf(size_t index) const;
  std::string BackingNameOf(size_t index) const;
  absl::StatusOr<ImageLayer> Open(size_t index, const std::string& field) const;

  const std::string folder_;
  const emud::v1::Disk disk_;
  std::vector<std::string> names_;
};

// What a guest sees of a disk of an image.
uint64_t ImageDiskBytes(const emud::v1::Disk& disk);

// What lies in the folder is there after a power failure, too.
absl::Status SyncFolder(const std::string& path);

}  // namespace emu::daemon
