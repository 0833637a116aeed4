#include "daemon/metrics/rpc_metrics.h"

#include "absl/status/status.h"

namespace emu::daemon {
namespace {

using Clock = std::chrono::steady_clock;
using grpc::experimental::InterceptionHookPoints;
using Labels = MetricsText::Labels;

Labels LabelsOf(const std::string& method) {
  const size_t slash = method.rfind('/');
  if (method.size() < 2 || slash == 0 || slash == std::string::npos) return {{"method", method}};
  return {{"service", method.substr(1, slash - 1)}, {"method", method.substr(slash + 1)}};
}

class CallCounter final : public grpc::experimental::Interceptor {
 public:
  CallCounter(RpcMetrics& metrics, const grpc::experimental::ServerRpcInfo& info)
      : metrics_(metrics),
        method_(info.method()),
        kind_(info.type() == grpc::experimental::ServerRpcInfo::Type::UNARY
                  ? RpcMetrics::Kind::kUnary
                  : RpcMetrics::Kind::kStream) {
    metrics_.Begin(method_);
  }
  ~CallCounter() override { metrics_.End(method_, kind_, code_, Clock::now() - begun_); }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      code_ = methods->GetSendStatus().error_code();
    }
    methods->Proceed();
  }

 private:
  RpcMetrics& metrics_;
  const std::string method_;
  const RpcMetrics::Kind kind_;
  const Clock::time_point begun_ = Clock::now();
  grpc::StatusCode code_ = grpc::StatusCode::CANCELLED;  // if none was sent
};

class CallCounterFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit CallCounterFactory(RpcMetrics& metrics) : metrics_(metrics) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    return new CallCounter(metrics_, *info);
  }

 private:
  RpcMetrics& metrics_;
};

}  // namespace

void RpcMetrics::Begin(const std::string& method) {
  std::lock_guard lock(mutex_);
  ++in_flight_[method];
}

void RpcMetrics::End(const std::string& method, Kind kind, grpc::StatusCode code,
                     std::chrono::nanoseconds duration) {
  std::lock_guard lock(mutex_);
  --in_flight_[method];
  ++ended_[{method, code}];
  if (kind == Kind::kUnary) latencies_[method].Add(std::chrono::duration<double>(duration).count());
}

void RpcMetrics::Write(MetricsText& text) const {
  std::lock_guard lock(mutex_);
  text.Family("emud_rpcs_total", MetricsText::Type::kCounter, "Calls that have ended.");
  for (const auto& [key, count] : ended_) {
    Labels labels = LabelsOf(key.first);
    labels.emplace_back("code",
                        absl::StatusCodeToString(static_cast<absl::StatusCode>(key.second)));
    text.Sample(labels, static_cast<double>(count));
  }
  text.Family("emud_rpcs_in_flight", MetricsText::Type::kGauge, "Calls that go on.");
  for (const auto& [method, count] : in_flight_) {
    text.Sample(LabelsOf(method), static_cast<double>(count));
  }
  text.Family("emud_rpc_duration_seconds", MetricsText::Type::kHistogram,
              "How long calls took that are no streams.");
  for (const auto& [method, latency] : latencies_) latency.Write(LabelsOf(method), text);
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> CountCalls(
    RpcMetrics& metrics) {
  return std::make_unique<CallCounterFactory>(metrics);
}

}  // namespace emu::daemon
