#include "daemon/state_sources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/images/sparse_file.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr char kWhat[] = "a file of a state's memory";

}  // namespace

std::string StateSourcePath(const std::string& state_path, size_t number) {
  return absl::StrCat(state_path, "~", number);
}

size_t CountStateSources(const std::string& state_path) {
  size_t count = 0;
  while (access(StateSourcePath(state_path, count + 1).c_str(), F_OK) == 0) ++count;
  return count;
}

absl::StatusOr<std::vector<UniqueFd>> OpenStateSources(const std::string& state_path) {
  std::vector<UniqueFd> files;
  const size_t count = CountStateSources(state_path);
  for (size_t i = 1; i <= count; ++i) {
    UniqueFd file(open(StateSourcePath(state_path, i).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return FileError(kWhat, errno);
    files.push_back(std::move(file));
  }
  return files;
}

absl::Status LinkStateSources(const std::string& from_state, const std::string& to_state) {
  const size_t count = CountStateSources(from_state);
  for (size_t i = 1; i <= count; ++i) {
    if (link(StateSourcePath(from_state, i).c_str(), StateSourcePath(to_state, i).c_str()) != 0) {
      return FileError(kWhat, errno);
    }
  }
  return absl::OkStatus();
}

absl::Status MoveStateSources(const std::string& from_state, const std::string& to_state) {
  for (size_t i = CountStateSources(from_state); i >= 1; --i) {
    if (rename(StateSourcePath(from_state, i).c_str(), StateSourcePath(to_state, i).c_str()) != 0) {
      return FileError(kWhat, errno);
    }
  }
  return absl::OkStatus();
}

absl::Status RemoveStateSources(const std::string& state_path) {
  for (size_t i = CountStateSources(state_path); i >= 1; --i) {
    if (unlink(StateSourcePath(state_path, i).c_str()) != 0) return FileError(kWhat, errno);
  }
  return absl::OkStatus();
}

}  // namespace emu::daemon
