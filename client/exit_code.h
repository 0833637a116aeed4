// What emuctl's exit code says.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

namespace emu::client {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kWrongState = 4,
  kDenied = 5,
  kQuota = 6,
  kUnavailable = 7,
  kConditionFalse = 8,
};

ExitCode ToExitCode(const grpc::Status& status);
// Prints the error for a person, with its reason, and returns its code; kDone if there is none.
int Report(const grpc::Status& status, const std::string& endpoint);

}  // namespace emu::client
