// All volumes: disks that outlive VMs. What they are is in memory for readers and in the store for
// the next daemon; what was written to them in files.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/images/images.h"
#include "daemon/store/database.h"
#include "daemon/store/request_store.h"
#include "emud/v1/vm.pb.h"
#include "emud/v1/volume.pb.h"

namespace emu::daemon {

using VolumePtr = std::shared_ptr<const emud::v1::Volume>;

// For every thread.
class Volumes {
 public:
  // `images` have been loaded.
  Volumes(std::string state_dir, Database& database, const Images& images);
  // Reads what an earlier daemon stored, drops what it did not finish. First of all.
  absl::Status Load();

  absl::StatusOr<VolumePtr> Find(const std::string& name) const;  // VOLUME_NOT_FOUND
  VolumePtr FindByUid(const std::string& uid) const;              // null if there is none
  std::vector<VolumePtr> List() const;                            // by name

  // Each is one transaction, with the request's id.
  // The request says a project.
  absl::StatusOr<VolumePtr> Create(const emud::v1::CreateVolumeRequest& request,
                                   const RequestOrigin& origin);
  // VOLUME_IN_USE.
  absl::Status Delete(const emud::v1::DeleteVolumeRequest& request, const RequestOrigin& origin);

  // What volumes have of their project's quota.
  uint64_t DiskMibOf(const std::string& project) const;

  // Writes into each disk of `spec` that is a volume what that began as. VOLUME_NOT_FOUND, also of
  // another project; INVALID_ARGUMENT that names the field.
  absl::Status Pin(const std::string& project, emud::v1::VmSpec& spec) const;

 private:
  // What the request wants, without a file.
  absl::StatusOr<emud::v1::Volume> Plan(const emud::v1::CreateVolumeRequest& request) const;
  absl::Status Store(const emud::v1::Volume& volume, const RequestOrigin& origin);

  const std::string state_dir_;
  Database& database_;
  const Images& images_;
  // While rows and files are made to agree. Before mutex_.
  std::mutex change_mutex_;

  mutable std::mutex mutex_;
  std::map<std::string, VolumePtr> by_name_ ABSL_GUARDED_BY(mutex_);
};

// Whether one of its disks is the volume of this name.
bool HasVolume(const emud::v1::Vm& vm, const std::string& name);

}  // namespace emu::daemon
