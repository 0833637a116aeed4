// Starting processes: those that outlive the daemon, and tools that work for it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

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

// Runs `program` with `arguments` and nothing but `environment`, in a session of its own. What it
// writes to standard output comes out of `output`; the rest is appended to `log_path`. 0, or an
// errno.
int StartTool(const std::string& program, std::vector<std::string> arguments,
              std::vector<std::string> environment, const std::string& log_path, pid_t& pid,
              UniqueFd& output);

}  // namespace emu::daemon
