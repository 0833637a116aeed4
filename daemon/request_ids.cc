#include "daemon/request_ids.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr size_t kMaxIdBytes = 64;

bool IsRequestId(const std::string& id) {
  return id.size() <= kMaxIdBytes && std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

absl::StatusOr<std::string> RequestIds::Once(const RequestOrigin& origin, const Execute& execute,
                                             const Recall& recall) {
  if (origin.request_id.empty()) {
    ASSIGN_OR_RETURN(Answer answer, execute());
    return std::move(answer.bytes);
  }
  if (!IsRequestId(origin.request_id)) {
    return errors::InvalidField("request_id", "it is no request id",
                                "give 1 to 64 of a-z, A-Z, 0-9, '.', '_' and '-', best a UUID");
  }
  const std::string key =
      absl::StrCat(origin.principal, "\n", origin.method, "\n", origin.request_id);
  {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !in_flight_.contains(key); });
    in_flight_.insert(key);
  }
  absl::StatusOr<std::string> answer = FindOrExecute(origin, execute, recall);
  std::lock_guard lock(mutex_);
  in_flight_.erase(key);
  done_.notify_all();
  return answer;
}

absl::StatusOr<std::string> RequestIds::FindOrExecute(const RequestOrigin& origin,
                                                      const Execute& execute,
                                                      const Recall& recall) {
  const auto now = [] { return std::chrono::system_clock::now(); };
  std::optional<RequestStore::Row> row;
  {
    Transaction transaction(database_, Durability::kDaemon);
    ASSIGN_OR_RETURN(row, RequestStore(transaction).Find(origin, now()));
  }
  if (row.has_value()) {
    if (row->fingerprint != origin.fingerprint) return errors::RequestIdReused(origin.request_id);
    if (row->answer.has_value()) return *std::move(row->answer);
  }
  absl::StatusOr<Answer> answer = row.has_value() ? recall(row->vm_uid) : execute();
  // What has been done has been done: where the answer can't be kept, it is given all the same.
  Transaction transaction(database_, Durability::kDaemon);
  RequestStore requests(transaction);
  absl::Status noted = answer.ok() ? requests.Finish(origin, answer->vm_uid, answer->bytes, now())
                                   : requests.Forget(origin);
  noted.Update(transaction.Commit());
  if (!noted.ok()) LogWarning("request-id-not-kept", {{"error", noted.message()}});
  RETURN_IF_ERROR(answer.status());
  return std::move(answer->bytes);
}

}  // namespace emu::daemon
