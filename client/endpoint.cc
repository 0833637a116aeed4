#include "client/endpoint.h"

#include <unistd.h>

#include <cstdlib>

namespace emu::client {

std::string DefaultEndpoint() {
  if (const char* given = std::getenv("EMUD_ENDPOINT"); given != nullptr && *given != '\0') {
    return given;
  }
  if (geteuid() == 0) return "unix:/run/emud/emud.sock";
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return "unix:" +
         (runtime != nullptr ? std::string(runtime) : "/run/user/" + std::to_string(geteuid())) +
         "/emud/emud.sock";
}

std::shared_ptr<grpc::Channel> Connect(const Options& options) {
  return grpc::CreateChannel(options.endpoint, grpc::InsecureChannelCredentials());
}

}  // namespace emu::client
