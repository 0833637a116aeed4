// How many calls there were, how they ended and how long they took.
#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "daemon/metrics/histogram.h"
#include "daemon/metrics/text_format.h"

namespace emu::daemon {

// For every thread.
class RpcMetrics {
 public:
  // A stream lasts as long as its client likes: that is no latency.
  enum class Kind : uint8_t { kUnary, kStream };

  // `method` is "/emud.v1.VmService/GetVm".
  void Begin(const std::string& method);
  void End(const std::string& method, Kind kind, grpc::StatusCode code,
           std::chrono::nanoseconds duration);
  void Write(MetricsText& text) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, grpc::StatusCode>, uint64_t> ended_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> in_flight_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Histogram> latencies_ ABSL_GUARDED_BY(mutex_);
};

// Counts every call of a server, those of reflection and health included. `metrics` outlives the
// server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> CountCalls(
    RpcMetrics& metrics);

}  // namespace emu::daemon
