// Where Prometheus asks: GET /metrics over HTTP/1.1.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// Binds "unix:PATH" or "HOST:PORT", where HOST is an address of this host's loopback, as nobody is
// asked who he is. INVALID_ARGUMENT that begins with "metricsListen".
absl::StatusOr<UniqueFd> ListenForMetrics(const std::string& address, const std::string& group);
// What would be wrong with `address`.
absl::Status CheckMetricsAddress(const std::string& address);

// Answers with what `expose` returns, on a thread of its own, one client after the other, until the
// process ends. One that is slow is left after two seconds.
void ServeMetrics(UniqueFd listener, std::function<std::string()> expose);

}  // namespace emu::daemon
