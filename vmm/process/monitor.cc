#include "vmm/process/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "vmm/process/exit_record.h"

namespace emu {
namespace {

// Opens the cgroup's memory.events, whose oom_kill counts; -1 where there is no cgroup v2.
int OpenMemoryEvents() {
  char text[512] = {};
  const int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const ssize_t got = read(fd, text, sizeof(text) - 1);
  close(fd);
  const char* line = got > 0 ? std::strstr(text, "0::/") : nullptr;
  if (line == nullptr) return -1;
  char path[640];
  std::snprintf(path, sizeof(path), "/sys/fs/cgroup%.*s/memory.events",
                static_cast<int>(std::strcspn(line + 3, "\n")), line + 3);
  return open(path, O_RDONLY | O_CLOEXEC);
}

long OomKills(int events_fd) {
  char text[512] = {};
  if (events_fd < 0 || pread(events_fd, text, sizeof(text) - 1, 0) <= 0) return 0;
  const char* at = std::strstr(text, "oom_kill ");
  return at == nullptr ? 0 : std::strtol(at + 9, nullptr, 10);
}

// Everything but `keep` and `keep_too`.
void CloseAllBut(int keep, int keep_too) {
  const int low = keep < keep_too ? keep : keep_too;
  const int high = keep < keep_too ? keep_too : keep;
  unsigned next = 0;
  for (const int fd : {low, high}) {
    if (fd < 0) continue;
    if (static_cast<unsigned>(fd) > next) close_range(next, fd - 1, 0);
    next = fd + 1;
  }
  close_range(next, ~0u, 0);
}

[[noreturn]] void MonitorMain(int record_fd, pid_t vm_pid, int events_fd, long oom_before) {
  prctl(PR_SET_NAME, "emu-vm-monitor");
  CloseAllBut(record_fd, events_fd);
  WriteProcessIdentity(record_fd, getpid(), vm_pid);
  int status = 0;
  while (waitpid(vm_pid, &status, 0) < 0 && errno == EINTR) {
  }
  const bool oom =
      WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && OomKills(events_fd) > oom_before;
  WriteProcessExit(record_fd, status, oom);
  _exit(0);
}

}  // namespace

void SplitOffMonitor(int record_fd) {
  const int events_fd = OpenMemoryEvents();
  const long oom_before = OomKills(events_fd);
  const pid_t monitor_pid = getpid();
  const pid_t vm_pid = fork();
  if (vm_pid > 0) MonitorMain(record_fd, vm_pid, events_fd, oom_before);
  // A VM whose end nobody would write down must not run on. The monitor may be gone already.
  if (vm_pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != monitor_pid)) _exit(1);
  if (events_fd >= 0) close(events_fd);
  if (vm_pid < 0) {
    WriteProcessOutcome(
        record_fd, ProcessOutcome::kStartFailed, 0,
        absl::ResourceExhaustedError("fork failed: the host allows no process more"));
    _exit(1);
  }
}

}  // namespace emu
