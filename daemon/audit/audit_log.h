// The audit log on disk: appended to, read and checked.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "emud/v1/audit.pb.h"
#include "proto/audit/audit_chain.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// For every thread. A line is with the kernel when Append returns: it outlives the daemon, and, as
// what only the kernel has, not always the host's power.
class AuditLog {
 public:
  // `directory` is made if it is not there.
  AuditLog(std::string directory, Database& database);
  // Goes on where an earlier daemon ended. First of all.
  absl::Status Open();

  // What can't be written is told in the daemon's log, and does not undo what was done.
  void Append(const emud::v1::AuditEntry& entry);
  // The newest `limit`, in order.
  std::vector<emud::v1::AuditEntry> Newest(size_t limit) const;
  // All files, and whether they end with what was written last.
  emud::v1::VerifyAuditLogResponse Verify();

 private:
  std::vector<std::string> Files() const;  // by day
  absl::Status Write(const std::string& line, const std::string& day)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status KeepHead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string directory_;
  Database& database_;
  std::mutex mutex_;
  AuditChain chain_ ABSL_GUARDED_BY(mutex_);
  std::string day_ ABSL_GUARDED_BY(mutex_);  // of file_
  UniqueFd file_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
