#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "vmm/base/status_macros.h"
#include "vmm/process/sandbox.h"

namespace emu {
namespace {

// What every thread may call: memory, locks, time, the log, and to end. mmap, mprotect, newfstatat
// and rt_sigaction have rules of their own.
constexpr int kOfAll[] = {
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(membarrier),
    SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(timerfd_settime),
    // An event's wake-up and the log; a vCPU's also the terminal, a trace, the map for perf.
    SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(tgkill), SCMP_SYS(getpid),
    SCMP_SYS(gettid), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(restart_syscall),
    // malloc asks for the number of processors, and for a random number.
    SCMP_SYS(sched_getaffinity), SCMP_SYS(getrandom), SCMP_SYS(exit), SCMP_SYS(exit_group),
#ifdef __SANITIZE_ADDRESS__
    SCMP_SYS(pipe2), SCMP_SYS(read),  // UBSan asks through a pipe whether memory can be read
#endif
};

// Frames for the network.
constexpr int kOfVcpu[] = {SCMP_SYS(writev)};

// A reset loads the boot files anew; gdb is answered from here.
constexpr int kOfStateDriver[] = {SCMP_SYS(read),     SCMP_SYS(pread64), SCMP_SYS(preadv),
                                  SCMP_SYS(writev),   SCMP_SYS(lseek),   SCMP_SYS(sendto),
                                  SCMP_SYS(epoll_ctl)};

// Files that a snapshot has the VM write to come later and are opened by descriptor.
constexpr int kOfDisk[] = {SCMP_SYS(pread64),   SCMP_SYS(pwrite64), SCMP_SYS(preadv),
                           SCMP_SYS(pwritev),   SCMP_SYS(fsync),    SCMP_SYS(fdatasync),
                           SCMP_SYS(fallocate), SCMP_SYS(lseek)};

constexpr unsigned long kFileCommands[] = {F_GETFL, F_SETFL, F_DUPFD_CLOEXEC};

// Transfers of files that its ring was given (restricted_ring.h).
constexpr int kOfRing[] = {SCMP_SYS(io_uring_enter)};

// At the end it writes the process record. Terminals are set back at the end of `emu-vm run`.
constexpr int kOfIoLoop[] = {
    SCMP_SYS(read),      SCMP_SYS(readv),      SCMP_SYS(writev),      SCMP_SYS(accept4),
    SCMP_SYS(sendto),    SCMP_SYS(recvfrom),   SCMP_SYS(sendmsg),     SCMP_SYS(recvmsg),
    SCMP_SYS(shutdown),  SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
    SCMP_SYS(epoll_ctl), SCMP_SYS(poll),       SCMP_SYS(ppoll),       SCMP_SYS(timerfd_gettime),
    SCMP_SYS(lseek),     SCMP_SYS(pwrite64),   SCMP_SYS(fsync)};
constexpr unsigned long kTerminalRequests[] = {TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ};

// The C library tries now and then, and can do without.
constexpr int kRefused[] = {SCMP_SYS(open),     SCMP_SYS(openat), SCMP_SYS(openat2),
                            SCMP_SYS(readlink), SCMP_SYS(access), SCMP_SYS(stat)};

// The way out of the handler that notes a denied call: no filter has ever allowed it.
constexpr int kFatalCall = SCMP_SYS(reboot);

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

absl::Status ErrorOf(int negative_errno, const char* what) {
  return absl::ErrnoToStatus(-negative_errno, what);
}

absl::Status Allow(const Filter& filter, std::span<const int> calls) {
  for (const int call : calls) {
    const int error = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
    if (error < 0 && error != -EEXIST) return ErrorOf(error, "sandbox: rule");
  }
  return absl::OkStatus();
}

absl::Status AllowIf(const Filter& filter, int call, scmp_arg_cmp condition) {
  const int error = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 1, condition);
  return error < 0 && error != -EEXIST ? ErrorOf(error, "sandbox: rule with a condition")
                                       : absl::OkStatus();
}

// What `role` adds to what all threads may do.
absl::Status AddRole(const Filter& filter, ThreadRole role) {
  switch (role) {
    case ThreadRole::kVcpu:
      return Allow(filter, kOfVcpu);
    case ThreadRole::kStateDriver:
      return Allow(filter, kOfStateDriver);
    case ThreadRole::kDisk:
      for (const unsigned long command : kFileCommands) {
        RETURN_IF_ERROR(AllowIf(filter, SCMP_SYS(fcntl), SCMP_A1(SCMP_CMP_EQ, command)));
      }
      RETURN_IF_ERROR(AllowIf(filter, SCMP_SYS(statx),
                              SCMP_A2(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)));
      RETURN_IF_ERROR(AllowIf(filter, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_EQ, BLKSSZGET)));
      return Allow(filter, kOfDisk);
    case ThreadRole::kRing:
      return Allow(filter, kOfRing);
    case ThreadRole::kIoLoop:
      for (const unsigned long request : kTerminalRequests) {
        RETURN_IF_ERROR(AllowIf(filter, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_EQ, request)));
      }
      return Allow(filter, kOfIoLoop);
  }
  return absl::OkStatus();
}

// Traps what is not allowed: the handler notes the call, where there is one, and can only die; a
// thread without a handler dies at once.
absl::StatusOr<Filter> NewFilter(std::initializer_list<ThreadRole> roles) {
  Filter filter(seccomp_init(SCMP_ACT_TRAP), &seccomp_release);
  if (filter == nullptr) return absl::ResourceExhaustedError("sandbox: no memory for the filter");
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 0);  // it is set already
  RETURN_IF_ERROR(Allow(filter, kOfAll));
  for (const ThreadRole role : roles) RETURN_IF_ERROR(AddRole(filter, role));
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    RETURN_IF_ERROR(AllowIf(filter, call, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
  }
  RETURN_IF_ERROR(AllowIf(filter, SCMP_SYS(newfstatat),
                          SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)));
  RETURN_IF_ERROR(AllowIf(filter, SCMP_SYS(rt_sigaction), SCMP_A0(SCMP_CMP_NE, SIGSYS)));
  RETURN_IF_ERROR(AllowIf(filter, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_GET_NAME)));
  for (const int call : kRefused) {
    const int error = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EACCES), call, 0);
    if (error < 0) return ErrorOf(error, "sandbox: rule that refuses");
  }
  // By a path, as whoever loads a library does.
  int error = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EACCES), SCMP_SYS(newfstatat), 1,
                               SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0));
  if (error < 0) return ErrorOf(error, "sandbox: rule that refuses paths");
  error = seccomp_rule_add(filter.get(), SCMP_ACT_KILL_PROCESS, kFatalCall, 0);
  if (error < 0) return ErrorOf(error, "sandbox: rule that kills");
  return filter;
}

void SetLimit(__rlimit_resource resource, rlim_t most) {
  rlimit limit = {};
  getrlimit(resource, &limit);
  limit.rlim_cur = limit.rlim_max = std::min(limit.rlim_max, most);
  setrlimit(resource, &limit);
}

// Descriptors that come later are peers of the control socket, gdb's and traces'.
constexpr rlim_t kMostFiles = 256;

}  // namespace

absl::Status Sandbox::Enter(uint64_t largest_file_bytes) {
  SetLimit(RLIMIT_CORE, 0);
  SetLimit(RLIMIT_NPROC, 0);
  SetLimit(RLIMIT_MEMLOCK, 0);
  SetLimit(RLIMIT_NOFILE, kMostFiles);
  SetLimit(RLIMIT_FSIZE, largest_file_bytes);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return absl::ErrnoToStatus(errno, "sandbox: no_new_privs");
  }
  ASSIGN_OR_RETURN(const Filter filter,
                   NewFilter({ThreadRole::kVcpu, ThreadRole::kStateDriver, ThreadRole::kIoLoop,
                              ThreadRole::kDisk, ThreadRole::kRing}));
  if (const int error = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1); error < 0) {
    return ErrorOf(error, "sandbox: filter for all threads");
  }
  // For the threads' own filters, which can only take away more.
  const int own_filter[] = {SCMP_SYS(seccomp)};
  RETURN_IF_ERROR(Allow(filter, own_filter));
  if (const int error = seccomp_load(filter.get()); error < 0) {
    return ErrorOf(error,
                   "sandbox: the kernel refused the filter (run with --no-sandbox where "
                   "seccomp is not to be had)");
  }
  return absl::OkStatus();
}

absl::Status Sandbox::EnterRole(ThreadRole role) {
  ASSIGN_OR_RETURN(const Filter filter, NewFilter({role}));
  const int error = seccomp_load(filter.get());
  return error < 0 ? ErrorOf(error, "sandbox: the kernel refused a thread's filter")
                   : absl::OkStatus();
}

[[noreturn]] void Sandbox::Die() {
  syscall(kFatalCall, 0, 0, 0, 0);
  _exit(1);  // there is no filter yet
}

}  // namespace emu
