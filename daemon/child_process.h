// Starting processes: those that outlive the daemon, and tools that work for it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// Descriptors in the order of the numbers they get in the child, from 3 on.
class ChildFds {
 public:
  // Returns the child's number; 0 for an absent one.
  int Add(const UniqueFd& fd);
  bool is_complete() const;
  const std::vector<UniqueFd>& copies() const { return copies_; }

 private:
  std::vector<UniqueFd> copies_;
};

// Runs `program`, which finds itself called `name` and is told to serve, in a session of its own,
// its output appended to `log_path`. 0, or an errno.
int StartProcess(const std::string& program, const char* name, const ChildFds& fds,
                 const std::string& log_path, pid_t& pid);

struct Tool {
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // it has no other
  std::string log_path;                  // what it complains of is appended to this
  int input = -1;                        // its standard input; -1: nothing
  ChildFds fds = {};                     // beside that
};

// A tool that runs, or has run, in a session of its own.
class ToolProcess {
 public:
  // What the host says, of its program.
  static absl::StatusOr<ToolProcess> Start(Tool tool);

  // Calls `take` with each line of its output until it ends, or `is_cancelled`, which ends it. Its
  // exit code, or 128 and a signal's number. Once.
  int Run(const std::function<void(const std::string& line)>& take,
          const std::function<bool()>& is_cancelled);

 private:
  ToolProcess(pid_t pid, UniqueFd lines) : pid_(pid), lines_(std::move(lines)) {}

  pid_t pid_;
  UniqueFd lines_;
};

}  // namespace emu::daemon
