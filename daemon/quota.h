// What VMs take of what their project may have.
#pragma once

#include "absl/status/status.h"
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

}  // namespace emu::daemon
