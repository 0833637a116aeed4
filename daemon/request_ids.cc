#include "daemon/request_ids.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/digest.h"
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

// The same bytes for equal messages, maps included.
std::string Canonical(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace

RequestOrigin OriginOf(const std::string& principal, const google::protobuf::Message& request,
                       const std::string& request_id) {
  absl::string_view method = request.GetDescriptor()->name();
  absl::ConsumeSuffix(&method, "Request");
  RequestOrigin origin = {principal, std::string(method), request_id, ""};
  if (!request_id.empty()) origin.fingerprint = Sha256(Canonical(request));
  return origin;
}

bool RequestIds::IsKnown(const RequestOrigin& origin) {
  Transaction transaction(database_, Durability::kDaemon);
  const absl::StatusOr<std::optional<RequestStore::Row>> row =
      RequestStore(transaction).Find(origin, std::chrono::system_clock::now());
  return row.ok() && row->has_value();
}

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
  if (!noted.ok()) {
    LogWarning(
        "request-id-not-kept",
        {{"method", origin.method}, {"request", origin.request_id}, {"error", noted.message()}});
  }
  RETURN_IF_ERROR(answer.status());
  return std::move(answer->bytes);
}

}  // namespace emu::daemon
