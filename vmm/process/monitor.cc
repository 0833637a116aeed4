#include "vmm/process/monitor.h"

#include <errno.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "vmm/process/exit_record.h"
#include "vmm/process/sandbox.h"

namespace emu {
namespace {

// A counter of the VM's control group: of memory.events, or of version 1's memory.oom_control.
long OomKills() {
  char text[512] = {};
  if (pread(kMemoryEventsFd, text, sizeof(text) - 1, 0) <= 0) return 0;
  const char* at = std::strstr(text, "oom_kill ");
  return at == nullptr ? 0 : std::strtol(at + 9, nullptr, 10);
}

// Everything but `keep` and kMemoryEventsFd.
void CloseAllBut(int keep) {
  const int low = std::min(keep, kMemoryEventsFd);
  const int high = std::max(keep, kMemoryEventsFd);
  unsigned next = 0;
  for (const int fd : {low, high}) {
    if (static_cast<unsigned>(fd) > next) close_range(next, fd - 1, 0);
    next = fd + 1;
  }
  close_range(next, ~0u, 0);
}

[[noreturn]] void MonitorMain(int record_fd, int proc_fd, pid_t vm_pid, SandboxSteps reached,
                              const ProcessStatus& vm_status) {
  prctl(PR_SET_NAME, "emu-vm-monitor");
  const long oom_kills_before = OomKills();
  WriteProcessIdentity(record_fd, proc_fd, getpid(), vm_pid);
  CloseAllBut(record_fd);
  LeavePrivileges(getpid(), reached);
  FilterMonitor();
  int status = 0;
  while (waitpid(vm_pid, &status, 0) < 0 && errno == EINTR) {
  }
  const bool oom =
      WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && OomKills() > oom_kills_before;
  WriteProcessExit(record_fd, status, oom, vm_status);
  _exit(0);
}

}  // namespace

MonitorTies SplitOffMonitor(int record_fd, int proc_fd, SandboxSteps reached) {
  void* const shared = mmap(nullptr, sizeof(ProcessStatus), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  MonitorTies ties = {UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0))), nullptr};
  if (shared != MAP_FAILED) ties.status = new (shared) ProcessStatus{};
  const pid_t vm_pid = ties.status == nullptr ? -1 : fork();
  if (vm_pid > 0) MonitorMain(record_fd, proc_fd, vm_pid, reached, *ties.status);
  if (vm_pid < 0) {
    WriteProcessOutcome(
        record_fd, ProcessOutcome::kStartFailed, 0,
        absl::ResourceExhaustedError("fork failed: the host allows no process more"));
    _exit(1);
  }
  DieWithMonitor(ties.monitor);
  return ties;
}

void DieWithMonitor(const UniqueFd& monitor) {
  // A VM whose end nobody would write down must not run on. The monitor may be gone already.
  pollfd gone = {monitor.get(), POLLIN, 0};
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || poll(&gone, 1, 0) != 0) _exit(1);
}

}  // namespace emu
