#include "vmm/process/exit_record.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace emu {
namespace {

// Reads up to size - 1 bytes and terminates them; false if the file can't be read.
bool ReadSmallFile(int folder_fd, const char* path, char* into, size_t size) {
  const int fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t got = read(fd, into, size - 1);
  close(fd);
  if (got < 0) return false;
  into[got] = '\0';
  return true;
}

void WriteAt(int fd, const void* block, size_t size, off_t offset) {
  // A record that can't be written is missed by its reader, who then says so.
  (void)!pwrite(fd, block, size, offset);
  fsync(fd);
}

}  // namespace

uint64_t ProcessStartTime(int proc_fd, pid_t pid) {
  char path[32];
  char text[1024];
  std::snprintf(path, sizeof(path), "%d/stat", pid);
  if (!ReadSmallFile(proc_fd, path, text, sizeof(text))) return 0;
  // The name in field 2 may hold blanks and parentheses; the last parenthesis ends it.
  const char* at = std::strrchr(text, ')');
  if (at == nullptr) return 0;
  for (int field = 2; field < 22; ++field) {
    at = std::strchr(at + 1, ' ');
    if (at == nullptr) return 0;
  }
  return std::strtoull(at, nullptr, 10);
}

void WriteProcessIdentity(int record_fd, int proc_fd, pid_t monitor_pid, pid_t vm_pid) {
  ProcessIdentity identity = {};
  identity.monitor_pid = monitor_pid;
  identity.vm_pid = vm_pid;
  identity.monitor_start_time = ProcessStartTime(proc_fd, monitor_pid);
  identity.vm_start_time = ProcessStartTime(proc_fd, vm_pid);
  ReadSmallFile(proc_fd, "sys/kernel/random/boot_id", identity.boot_id, 37);
  identity.magic = kProcessRecordMagic;
  WriteAt(record_fd, &identity, sizeof(identity), offsetof(ProcessRecordLayout, identity));
}

void WriteProcessExit(int record_fd, int wait_status, bool oom, const ProcessStatus& status) {
  (void)!pwrite(record_fd, &status, sizeof(status), offsetof(ProcessRecordLayout, status));
  ProcessExit record = {};
  if (WIFSIGNALED(wait_status)) {
    record.signal = WTERMSIG(wait_status);
    record.seccomp = record.signal == SIGSYS;
  } else {
    record.code = WEXITSTATUS(wait_status);
  }
  record.oom = oom;
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  record.time_ns = now.tv_sec * 1'000'000'000LL + now.tv_nsec;
  record.magic = kProcessRecordMagic;
  WriteAt(record_fd, &record, sizeof(record), offsetof(ProcessRecordLayout, exit));
}

void WriteProcessOutcome(int record_fd, ProcessOutcome::Kind kind, uint32_t guest_code,
                         const absl::Status& status) {
  if (record_fd < 0) return;
  ProcessOutcome outcome = {};
  outcome.kind = kind;
  outcome.guest_code = guest_code;
  outcome.status_code = static_cast<int32_t>(status.code());
  const absl::string_view message = status.message();
  message.copy(outcome.message, sizeof(outcome.message) - 1);
  WriteAt(record_fd, &outcome, sizeof(outcome), offsetof(ProcessRecordLayout, outcome));
}

}  // namespace emu
