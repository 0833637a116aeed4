// The connection to emud.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace emu::client {

// What every command has: where the daemon is, and how to print.
struct Options {
  std::string endpoint;  // unix:PATH
  std::string output = "table";
};

// EMUD_ENDPOINT, or the user's socket.
std::string DefaultEndpoint();
std::shared_ptr<grpc::Channel> Connect(const Options& options);

}  // namespace emu::client
