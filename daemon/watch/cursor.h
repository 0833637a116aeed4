// Where a watch is: what it has to be told next.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/vm_records.h"
#include "emud/v1/event.pb.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// Whether the watcher may know of what belongs to a project.
using Sight = std::function<bool(const std::string& project)>;

// For one thread at a time. Does not wait: it reads memory, and the store for events.
template <typename Response>
class Cursor {
 public:
  virtual ~Cursor() = default;
  // No value: there is nothing to tell now. An error ends the watch.
  virtual absl::StatusOr<std::optional<Response>> Next() = 0;
};

// Each VM, SYNCED, then what changes; with a resume_revision, what has changed since, SYNCED, and
// so on. REVISION_COMPACTED.
std::unique_ptr<Cursor<emud::v1::WatchVmsResponse>> WatchVmsFrom(const VmRecords& records,
                                                                 uint64_t resume_revision,
                                                                 Sight sees);
// Each event after `resume_revision`, with `synced` once those of before the call have been told.
std::unique_ptr<Cursor<emud::v1::WatchEventsResponse>> WatchEventsFrom(VmRecords& records,
                                                                       uint64_t resume_revision,
                                                                       Sight sees);

}  // namespace emu::daemon
