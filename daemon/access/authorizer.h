// Whether a caller may make a call, by the one table of methods.
#pragma once

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "daemon/access/access_records.h"
#include "daemon/access/caller.h"
#include "daemon/images/images.h"
#include "daemon/snapshots/snapshots.h"
#include "daemon/vm_table.h"
#include "daemon/volumes/volumes.h"

namespace emu::daemon {

// For every thread.
class Authorizer {
 public:
  Authorizer(VmTable& vms, Images& images, const Volumes& volumes, const Snapshots& snapshots,
             const AccessRecords& access)
      : vms_(vms), images_(images), volumes_(volumes), snapshots_(snapshots), access_(access) {}

  // The NOT_FOUND of what does not exist if the caller does not see it; PERMISSION_DENIED. A
  // request that no method of the table takes is denied.
  absl::Status Authorize(const Caller& caller, const google::protobuf::Message& request) const;

 private:
  absl::Status AuthorizeForVm(const Caller& caller, emud::v1::Role role, const std::string& name,
                              const google::protobuf::Message& request) const;

  absl::Status AuthorizeForImage(const Caller& caller, emud::v1::Role role, const std::string& name,
                                 const google::protobuf::Message& request) const;
  absl::Status AuthorizeForVolume(const Caller& caller, emud::v1::Role role,
                                  const std::string& name,
                                  const google::protobuf::Message& request) const;
  absl::Status AuthorizeForSnapshot(const Caller& caller, emud::v1::Role role,
                                    const std::string& name,
                                    const google::protobuf::Message& request) const;
  // The repetition of a deletion, say, which touches nothing.
  bool IsKnown(const Caller& caller, const google::protobuf::Message& request) const;

  VmTable& vms_;
  Images& images_;
  const Volumes& volumes_;
  const Snapshots& snapshots_;
  const AccessRecords& access_;
};

}  // namespace emu::daemon
