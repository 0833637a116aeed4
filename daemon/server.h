// The listening sockets and the gRPC server behind it.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "daemon/services.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// Binds `path`, in place of the socket of a daemon that is gone; FAILED_PRECONDITION if one listens
// there. Mode 0660; `group` is its group, unless empty.
absl::StatusOr<UniqueFd> ListenAt(const std::string& path, const std::string& group = "");

// A TCP port where TLS is spoken, and nothing else.
struct TlsOptions {
  std::string address;      // HOST:PORT; empty: none. Port 0: any that is free
  std::string certificate;  // PEM files, which are read again when they change
  std::string key;
  std::string client_ca;  // whose certificates clients may show instead of a token; may be empty
  bool operator==(const TlsOptions&) const = default;
};

// What is wrong with the files: INVALID_ARGUMENT that names the option.
absl::Status CheckTls(const TlsOptions& tls);

struct ServerOptions {
  std::string admin_group;  // its members may everything, as root and this process's user may
  TlsOptions tls;
};

// Serves as long as `goes_on` says so. The caller's thread accepts, and asks whenever `wake_fd` is
// readable, and after each `period`, which is none if negative.
absl::Status Serve(const Backend& backend, const ServerOptions& options, const UniqueFd& listener,
                   int wake_fd, std::chrono::milliseconds period,
                   const std::function<bool()>& goes_on);

}  // namespace emu::daemon
