// Whether a caller may make a call, by the one table of methods.
#pragma once

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "daemon/access/access_records.h"
#include "daemon/access/caller.h"
#include "daemon/images/images.h"
#include "daemon/pools/pools.h"
#include "daemon/snapshots/snapshots.h"
#include "daemon/vm_table.h"
#include "daemon/volumes/volumes.h"

namespace emu::daemon {

// For every thread.
class Authorizer {
 public:
  // What says in which project something is.
  struct Records {
    VmTable& vms;
    Images& images;
    const Volumes& volumes;
    const Snapshots& snapshots;
    const Pools& pools;
    const AccessRecords& access;
  };
  explicit Authorizer(const Records& records) : records_(records) {}

  // The NOT_FOUND of what does not exist if the caller does not see it; PERMISSION_DENIED. A
  // request that no method of the table takes is denied.
  absl::Status Authorize(const Caller& caller, const google::protobuf::Message& request) const;

 private:
  // For what was found, or not; `hidden` is the error if there were none.
  template <typename Found>
  absl::Status AuthorizeFor(const Caller& caller, emud::v1::Role role,
                            const absl::StatusOr<Found>& found, const absl::Status& hidden,
                            const google::protobuf::Message& request) const;
  // The repetition of a deletion, say, which touches nothing.
  bool IsKnown(const Caller& caller, const google::protobuf::Message& request) const;

  const Records records_;
};

}  // namespace emu::daemon
