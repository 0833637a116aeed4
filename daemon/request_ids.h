// Mutations are done once however often they are asked for (AIP-155).
#pragma once

#include <google/protobuf/message.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "daemon/store/request_store.h"

namespace emu::daemon {

// Who asks for what. `request` is one of the API's mutations.
RequestOrigin OriginOf(const std::string& principal, const google::protobuf::Message& request,
                       const std::string& request_id);

// For every thread.
class RequestIds {
 public:
  struct Answer {
    std::string vm_uid;
    std::string bytes;
  };
  // Does what is asked for.
  using Execute = std::function<absl::StatusOr<Answer>()>;
  // Answers for a daemon that noted the request's intent and died before it could: from what has
  // become of that VM.
  using Recall = std::function<absl::StatusOr<Answer>(const std::string& vm_uid)>;

  explicit RequestIds(Database& database) : database_(database) {}

  // Without an id: just `execute`. Else the answer of an equal request, which is waited for if it
  // is still being done; `execute`'s if there was none, or it failed.
  // INVALID_ARGUMENT/REQUEST_ID_REUSED, INVALID_FIELD of an id that is none.
  absl::StatusOr<std::string> Once(const RequestOrigin& origin, const Execute& execute,
                                   const Recall& recall);
  // Whether such a request has begun before. If its VM is gone, Once does nothing then.
  bool IsKnown(const RequestOrigin& origin);

 private:
  absl::StatusOr<std::string> FindOrExecute(const RequestOrigin& origin, const Execute& execute,
                                            const Recall& recall);

  Database& database_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::set<std::string> in_flight_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
