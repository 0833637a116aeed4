// The sandbox of a VM process, step by step in the order in which they are taken. A step that the
// host refuses is left out alone; who needs them all looks at what was reached.
//
//   monitor   EnterNamespaces ── fork ── LeavePrivileges ── FilterMonitor
//   VM                            └── JoinCgroups ── LeavePrivileges ── EnterLandlock ──
//                                     (builds the machine) ── Enter ── EnterRole, each thread
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/process/sandbox_steps.h"
#include "vmm/process/thread_role.h"

namespace emu {

// sandbox_namespaces.cc. Single-threaded callers, plain system calls.

inline constexpr char kKeptFolder[] = "/kept";

// What a process keeps of its host.
struct KeptOfHost {
  bool network = false;
  bool process_numbers = false;
  // In the root, which is empty otherwise:
  std::string_view resolver_configuration = {};  // /etc/resolv.conf
  const char* folder = nullptr;                  // a folder of the host's, to read, as kKeptFolder
};

// Namespaces of its own for this process, and a root without a file in it. The next child is the
// first of a PID namespace: what it sends itself, SIGABRT too, it then ignores where it has no
// handler, and numbers of processes mean something else to it.
SandboxSteps EnterNamespaces(const KeptOfHost& kept = {});

// sandbox_privileges.cc. Single-threaded callers, plain system calls.

// Puts this process into the VM's control groups.
SandboxSteps JoinCgroups(const vm::v1::VmConfig& config);
// A user that may do nothing, no capability, no new privileges. As root the user is one of its own:
// `monitor_pid` makes it unlike that of every other VM. `reached` are the steps so far. Clears the
// parent-death signal.
SandboxSteps LeavePrivileges(pid_t monitor_pid, SandboxSteps reached);
// No path, no TCP, no signal to others. Without new privileges only. Not for a monitor, whose death
// is a signal to its VM; its filter leaves it none of them anyway.
SandboxSteps EnterLandlock();

// sandbox_monitor_filter.cc: what a monitor calls once its VM runs. Plain system calls.
void FilterMonitor();

// sandbox_filter.cc.

// Two filters of system calls for each thread: one for all, then one for what the thread is there
// for. A call that they do not allow is not done and ends the process (SIGSYS): exec, sockets,
// ptrace, new processes and threads, executable mappings. Opening a file fails with EACCES instead,
// because the C library tries now and then and can do without.
class Sandbox {
 public:
  // Confines every thread of this process for good, by limits too: no file grows beyond
  // `largest_file_bytes`. Call it when all files, threads and code mappings exist and before the
  // first guest instruction.
  [[nodiscard]] static absl::Status Enter(uint64_t largest_file_bytes);
  // What that reaches.
  static constexpr vm::v1::SandboxStep kSteps[] = {vm::v1::RESOURCE_LIMITS,
                                                   vm::v1::SYSTEM_CALL_FILTER};
  // After Enter, on each thread: takes away what the others need.
  [[nodiscard]] static absl::Status EnterRole(ThreadRole role);

  // For the handler of SIGSYS, which has noted the denied call: ends the process by the same
  // signal.
  [[noreturn]] static void Die();
};

}  // namespace emu
