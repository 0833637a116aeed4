#include "client/exit_code.h"

#include <cstdio>

namespace emu::client {

ExitCode ToExitCode(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return kDone;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::OUT_OF_RANGE:
      return kUsage;
    case grpc::StatusCode::NOT_FOUND:
      return kNotFound;
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::ABORTED:
      return kWrongState;
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return kDenied;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return kQuota;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return kUnavailable;
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::DATA_LOSS:
    case grpc::StatusCode::DO_NOT_USE:
      return kFailed;
  }
  return kFailed;
}

int Report(const grpc::Status& status, const std::string& endpoint) {
  if (status.ok()) return kDone;
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    std::fprintf(stderr, "emuctl: no emud answers at %s; start it, or give --endpoint\n",
                 endpoint.c_str());
  } else {
    std::fprintf(stderr, "emuctl: %s\n", status.error_message().c_str());
  }
  return ToExitCode(status);
}

}  // namespace emu::client
