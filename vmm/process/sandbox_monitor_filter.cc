// By hand and not by libseccomp, whose memory would be the monitor's for as long as its VM lives.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cstddef>

#include "vmm/process/sandbox.h"

namespace emu {
namespace {

constexpr std::array kMonitorCalls = {
    SYS_wait4,         SYS_pread64,      SYS_pwrite64,        SYS_fsync,
    SYS_clock_gettime, SYS_rt_sigreturn, SYS_restart_syscall, SYS_exit_group,
#ifdef __SANITIZE_ADDRESS__
    SYS_sigaltstack  // at every exit
#endif
};

constexpr sock_filter Load(size_t offset) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<uint32_t>(offset)};
}
constexpr sock_filter Return(uint32_t action) { return {BPF_RET | BPF_K, 0, 0, action}; }
// Steps over the next instruction, if `equal` says so.
constexpr sock_filter SkipIf(bool equal, uint32_t value) {
  return {BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint8_t>(equal), static_cast<uint8_t>(!equal),
          value};
}

constexpr auto MonitorProgram() {
  std::array<sock_filter, 5 + 2 * kMonitorCalls.size()> program = {
      Load(offsetof(seccomp_data, arch)), SkipIf(true, AUDIT_ARCH_X86_64),
      Return(SECCOMP_RET_KILL_PROCESS), Load(offsetof(seccomp_data, nr))};
  size_t next = 4;
  for (const long call : kMonitorCalls) {
    program[next++] = SkipIf(false, static_cast<uint32_t>(call));
    program[next++] = Return(SECCOMP_RET_ALLOW);
  }
  program[next] = Return(SECCOMP_RET_KILL_PROCESS);
  return program;
}

}  // namespace

void FilterMonitor() {
  static constexpr auto kProgram = MonitorProgram();
  const sock_fprog program = {kProgram.size(), const_cast<sock_filter*>(kProgram.data())};
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

}  // namespace emu
