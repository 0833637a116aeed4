// What VMs, images, uploads, volumes and snapshots take of what their project may have. Of the
// disk: the files of disks by their length, disks of images by what the guest may write, images by
// the length of their parts (once for each image, whoever else has the same bytes), uploads by what
// they have announced, volumes by their size, snapshots by what they take. Suspended VMs' states
// and logs are not counted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "emud/v1/access.pb.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

emud::v1::Quota UsageOf(const emud::v1::Vm& vm);
void AddTo(emud::v1::Quota& sum, const emud::v1::Quota& more);

// Whether `project` may have `wanted` where it has `now`. What does not grow is not checked, so
// that a quota that was lowered stands in nobody's way. QUOTA_EXCEEDED with every limit that is
// met.
absl::Status CheckQuota(const emud::v1::Project& project, const emud::v1::Quota& now,
                        const emud::v1::Quota& wanted);

// What a project has on the disk beside its VMs.
absl::StatusOr<uint64_t> StoredDiskMib(Transaction& transaction, const std::string& project);

// Whether `project` may have so much more on the disk; nothing said: an upload of unknown size,
// which a project with a limit may not begin. In the transaction that stores it. PROJECT_NOT_FOUND,
// QUOTA_EXCEEDED.
absl::Status ReserveDisk(Transaction& transaction, const std::string& project,
                         std::optional<uint64_t> mib);

}  // namespace emu::daemon
