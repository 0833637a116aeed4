#include "daemon/snapshots/state_check.h"

#include <errno.h>
#include <fcntl.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/child_process.h"
#include "daemon/errors.h"
#include "daemon/state_sources.h"
#include "vmm/base/status_macros.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {
namespace {

// vmm/process/main.cc
constexpr int kDamagedStateExitCode = 3;
constexpr int kUnreadableStateExitCode = 4;

}  // namespace

absl::Status CheckState(const std::string& vm_program, const std::string& state_path,
                        const IsCancelled& is_cancelled) {
  const UniqueFd state(open(state_path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!state) return FileError("the snapshot's state", errno);
  ASSIGN_OR_RETURN(const std::vector<UniqueFd> sources, OpenStateSources(state_path));
  Tool tool = {.program = vm_program,
               .arguments = {"check", absl::StrCat(sources.size())},
               .environment = {},
               .log_path = "/dev/null",
               .input = state.get(),
               .fds = {}};
  for (const UniqueFd& source : sources) tool.fds.Add(source);
  if (!tool.fds.is_complete()) return errors::Host("the snapshot's state", EMFILE);
  ASSIGN_OR_RETURN(ToolProcess check, ToolProcess::Start(std::move(tool)));
  std::string said;
  const int code = check.Run([&said](const std::string& line) { said = line; }, is_cancelled);
  if (code == 0) return absl::OkStatus();
  if (code == kDamagedStateExitCode) return absl::DataLossError(said);
  if (code == kUnreadableStateExitCode) return absl::FailedPreconditionError(said);
  if (is_cancelled()) return absl::CancelledError("the caller has gone");
  return absl::DataLossError(absl::StrCat("who looks at it has ended with code ", code));
}

}  // namespace emu::daemon
