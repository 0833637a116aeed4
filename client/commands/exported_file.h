// A file that a command writes what it gets into.
#pragma once

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>

#include "client/endpoint.h"

namespace emu::client {

// Has another name until it is whole; "-" is standard output. What goes wrong is told.
class ExportedFile {
 public:
  // Nothing, if it can't be made.
  static std::optional<ExportedFile> Open(const std::string& path);

  int fd() const { return fd_; }
  // Once, last: it is whole if `got` is OK, else it is gone. An exit code.
  int Finish(const grpc::Status& got, const Options& options) const;

 private:
  ExportedFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
};

}  // namespace emu::client
