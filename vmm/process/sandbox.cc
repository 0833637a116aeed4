#include "vmm/process/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>

#include <memory>

#include "vmm/base/status_macros.h"

namespace emu {
namespace {

constexpr int kAllowed[] = {
    // Files, sockets and pipes that are open already.
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
    SCMP_SYS(pwrite64), SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(preadv2), SCMP_SYS(pwritev2),
    SCMP_SYS(lseek), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(fallocate), SCMP_SYS(fstat),
    SCMP_SYS(newfstatat), SCMP_SYS(close), SCMP_SYS(accept4), SCMP_SYS(sendto), SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(shutdown),
    // Waiting.
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_ctl),
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(futex), SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_gettime),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield),
    // Memory; mmap and mprotect have rules of their own.
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(membarrier),
    // Signals and threads that exist already.
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(tgkill), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
#ifdef __SANITIZE_ADDRESS__
    SCMP_SYS(pipe2),  // UBSan asks through a pipe whether memory can be read
#endif
    SCMP_SYS(sched_getaffinity), SCMP_SYS(getrandom), SCMP_SYS(exit), SCMP_SYS(exit_group)};

constexpr int kRefused[] = {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(readlink),
                            SCMP_SYS(access)};

// Terminals are set back at the end of `emu-vm run`.
constexpr unsigned long kAllowedIoctls[] = {TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ};

absl::Status ErrorOf(int negative_errno, const char* what) {
  return absl::ErrnoToStatus(-negative_errno, what);
}

absl::Status AddRules(scmp_filter_ctx filter) {
  for (const int call : kAllowed) {
    if (const int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0); error < 0) {
      return ErrorOf(error, "sandbox: rule");
    }
  }
  for (const int call : kRefused) {
    if (const int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), call, 0); error < 0) {
      return ErrorOf(error, "sandbox: rule");
    }
  }
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    const scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    if (const int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, not_executable);
        error < 0) {
      return ErrorOf(error, "sandbox: rule of mmap");
    }
  }
  for (const unsigned long request : kAllowedIoctls) {
    const scmp_arg_cmp is_request = SCMP_A1(SCMP_CMP_EQ, request);
    if (const int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, is_request);
        error < 0) {
      return ErrorOf(error, "sandbox: rule of ioctl");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Sandbox::Enter() {
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return absl::ErrnoToStatus(errno, "sandbox: no_new_privs");
  }
  std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_KILL_PROCESS),
                                                           &seccomp_release);
  if (filter == nullptr) return absl::ResourceExhaustedError("sandbox: no memory for the filter");
  if (const int error = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1); error < 0) {
    return ErrorOf(error, "sandbox: filter for all threads");
  }
  RETURN_IF_ERROR(AddRules(filter.get()));
  if (const int error = seccomp_load(filter.get()); error < 0) {
    return ErrorOf(error,
                   "sandbox: the kernel refused the filter (run with --no-sandbox where "
                   "seccomp is not to be had)");
  }
  return absl::OkStatus();
}

}  // namespace emu
