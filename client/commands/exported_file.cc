#include "client/commands/exported_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "client/exit_code.h"

namespace emu::client {
namespace {

std::string DraftOf(const std::string& path) { return path + ".part"; }

int FileFailed(const std::string& path) {
  std::fprintf(stderr, "emuctl: %s: %s\n", path.c_str(), std::strerror(errno));
  return kFailed;
}

}  // namespace

std::optional<ExportedFile> ExportedFile::Open(const std::string& path) {
  if (path == "-") return ExportedFile(path, STDOUT_FILENO);
  const int file = open(DraftOf(path).c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file >= 0) return ExportedFile(path, file);
  FileFailed(DraftOf(path));
  return std::nullopt;
}

int ExportedFile::Finish(const grpc::Status& got, const Options& options) const {
  if (path_ == "-") return Report(got, options.endpoint);
  const bool is_kept = got.ok() && fsync(fd_) == 0;
  close(fd_);
  if (is_kept && rename(DraftOf(path_).c_str(), path_.c_str()) == 0) return kDone;
  const int code = got.ok() ? FileFailed(path_) : Report(got, options.endpoint);
  unlink(DraftOf(path_).c_str());
  return code;
}

}  // namespace emu::client
