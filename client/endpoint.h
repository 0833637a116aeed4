// The connection to emud.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace emu::client {

// What a connection needs. Files are PEM; what is empty is not used.
struct Endpoint {
  std::string address;      // unix:PATH or tls:HOST:PORT
  std::string ca;           // whose certificate the daemon has; empty: those the system trusts
  std::string certificate;  // of the client
  std::string key;
  std::string token;    // emt_...
  std::string project;  // all that is seen; empty: all there are
};

// What every command has: where the daemon is, and how to print.
struct Options {
  std::string endpoint;  // its address, for messages
  std::string output = "table";
  std::string progress = "auto";  // of what takes long: auto, json or none
  Endpoint connection = {};       // beside the address
};

// The user's own socket.
std::string DefaultAddress();
// Empty if it is one, else what to give.
std::string CheckAddress(const std::string& address);
// The files of `endpoint` are read here; what is wrong with them, the first call says.
std::shared_ptr<grpc::Channel> Connect(const Options& options);

}  // namespace emu::client
