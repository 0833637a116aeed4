// Writes a call into the audit log, if the table of methods wants that.
#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "daemon/handlers/vm_handlers.h"

namespace emu::daemon {

// As long as the call, on its thread.
class CallRecorder {
 public:
  CallRecorder(CallContext& call, const google::protobuf::Message& request)
      : call_(call), request_(request) {}

  // Of a stream that may last: so that it is known of while it does.
  void Begin() const { Append("BEGUN", ""); }
  void End(const absl::Status& outcome) const;

 private:
  void Append(const std::string& outcome, const std::string& reason) const;

  CallContext& call_;
  const google::protobuf::Message& request_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace emu::daemon
