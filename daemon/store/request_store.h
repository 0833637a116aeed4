// The table request_ids: mutations that were asked for under an id, and what was answered
// (AIP-155).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"

namespace emu::daemon {

// Who asks for a change, and for which.
struct RequestOrigin {
  std::string principal;    // "unix:1000"; empty: the daemon itself
  std::string method;       // "CreateVm"
  std::string request_id;   // empty: none
  std::string fingerprint;  // of the request without its id
};

// As long as its transaction. The key is principal, method and id. Times are of the system clock.
class RequestStore {
 public:
  static constexpr std::chrono::hours kKept{24};
  static constexpr int64_t kMaxRows = 20'000;  // the oldest are dropped for new ones

  struct Row {
    std::string fingerprint;
    std::string vm_uid;
    std::optional<std::string> answer;  // absent: a daemon died in between
  };

  explicit RequestStore(Transaction& transaction) : transaction_(transaction) {}

  // The row that is younger than kKept.
  absl::StatusOr<std::optional<Row>> Find(const RequestOrigin& origin,
                                          std::chrono::system_clock::time_point now);
  // Notes that `origin` changes the VM; nothing if it has no id.
  absl::Status Begin(const RequestOrigin& origin, const std::string& vm_uid,
                     std::chrono::system_clock::time_point now);
  // Likewise, and its answer.
  absl::Status Finish(const RequestOrigin& origin, const std::string& vm_uid,
                      const std::string& answer, std::chrono::system_clock::time_point now);
  absl::Status Forget(const RequestOrigin& origin);
  // Of a VM that was never made.
  absl::Status ForgetVm(const std::string& vm_uid);

 private:
  absl::Status DropOld(std::chrono::system_clock::time_point now);

  Transaction& transaction_;
};

}  // namespace emu::daemon
