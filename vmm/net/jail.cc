#include "vmm/net/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "vmm/base/status_macros.h"
#include "vmm/process/sandbox.h"

namespace emu::net {
namespace {

// A connection takes one.
constexpr rlim_t kMostFiles = 4096;

constexpr int kAllowed[] = {
    // Sockets that are there.
    SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(connect),
    SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
    SCMP_SYS(shutdown), SCMP_SYS(send), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(recv),
    SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(fcntl),
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close),
    SCMP_SYS(fstat), SCMP_SYS(lseek),
    // Memory, time, and to end.
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(tgkill), SCMP_SYS(exit), SCMP_SYS(exit_group),
    SCMP_SYS(newfstatat), SCMP_SYS(stat)};

std::string ResolverConfiguration() {
  std::ifstream file("/etc/resolv.conf");
  std::string text(std::istreambuf_iterator<char>(file), {});
  return text.substr(0, 16 << 10);
}

absl::Status CheckFolder(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return absl::OkStatus();
  return absl::NotFoundError("boot server: there is no folder " + path);
}

absl::Status Result(int error) {
  return error < 0 && error != -EEXIST ? absl::ErrnoToStatus(-error, "filter: rule")
                                       : absl::OkStatus();
}

absl::Status Add(scmp_filter_ctx filter, uint32_t action, int call, scmp_arg_cmp condition) {
  return Result(seccomp_rule_add(filter, action, call, 1, condition));
}

// What depends on its arguments.
absl::Status AddConditions(scmp_filter_ctx filter) {
  absl::Status status;
  for (const unsigned long family : {AF_INET, AF_INET6}) {
    status.Update(Add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, family)));
  }
  // The C library tries these now and then, and can do without.
  for (const unsigned long family : {AF_UNIX, AF_NETLINK}) {
    status.Update(
        Add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, family)));
  }
  for (const unsigned long request : {FIONBIO, FIONREAD}) {
    status.Update(Add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_EQ, request)));
  }
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    status.Update(Add(filter, SCMP_ACT_ALLOW, call, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
  }
  // To read.
  status.Update(Add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat),
                    SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY)));
  return status;
}

void SetLimit(__rlimit_resource resource, rlim_t most) {
  rlimit limit = {};
  getrlimit(resource, &limit);
  limit.rlim_cur = limit.rlim_max = std::min(limit.rlim_max, most);
  setrlimit(resource, &limit);
}

}  // namespace

absl::Status LeaveHost(const ::net::v1::NetConfig& config) {
  const std::string resolver_configuration = ResolverConfiguration();
  const std::string& folder = config.boot_server().folder();
  if (config.has_boot_server()) RETURN_IF_ERROR(CheckFolder(folder));
  const KeptOfHost kept = {.network = true,
                           .process_numbers = true,
                           .resolver_configuration = resolver_configuration,
                           .folder = config.has_boot_server() ? folder.c_str() : nullptr};
  const SandboxSteps reached = LeavePrivileges(getpid(), EnterNamespaces(kept));
  for (const vm::v1::SandboxStep step : {vm::v1::EMPTY_ROOT, vm::v1::UNPRIVILEGED_USER,
                                         vm::v1::NO_CAPABILITIES, vm::v1::NO_NEW_PRIVILEGES}) {
    // Without a root of its own it would serve whatever is at that path of the host.
    const bool is_required =
        config.require_sandbox() || (step == vm::v1::EMPTY_ROOT && config.has_boot_server());
    if (is_required && !reached.Has(step)) {
      return absl::FailedPreconditionError("sandbox: the host refuses " +
                                           vm::v1::SandboxStep_Name(step));
    }
  }
  return absl::OkStatus();
}

absl::Status FilterSystemCalls() {
  for (const auto resource : {RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_MEMLOCK}) SetLimit(resource, 0);
  SetLimit(RLIMIT_NOFILE, kMostFiles);
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(
      seccomp_init(SCMP_ACT_KILL_PROCESS), &seccomp_release);
  if (filter == nullptr) return absl::ResourceExhaustedError("filter: no memory");
  absl::Status status = AddConditions(filter.get());
  for (const int call : kAllowed) {
    status.Update(Result(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0)));
  }
  if (!status.ok()) return status;
  const int error = seccomp_load(filter.get());
  return error < 0 ? absl::ErrnoToStatus(-error, "filter: the kernel refuses it")
                   : absl::OkStatus();
}

}  // namespace emu::net
