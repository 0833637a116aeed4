// emu-vm: one virtual machine in one process.
//
//   emu-vm serve   started by the daemon with descriptors 3 (VmConfig) and 4 (process record)
//   emu-vm run     for people, tests and benchmarks
//   emu-vm sandbox what a VM would be confined by here
//   emu-vm check N whether the state file on standard input is whole, with the N that it needs,
//   from
//                  descriptor 3 on; started by the daemon
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "proto/vm/v1/process_record_layout.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/base/log.h"
#include "vmm/base/unique_fd.h"
#include "vmm/process/crash_note.h"
#include "vmm/process/exit_record.h"
#include "vmm/process/monitor.h"
#include "vmm/process/run_command.h"
#include "vmm/process/run_vm.h"
#include "vmm/process/sandbox.h"
#include "vmm/snapshot/state_file.h"

namespace emu {
namespace {

// Of a state that is damaged, and of one that this build can't read.
constexpr int kDamagedStateExitCode = 3;
constexpr int kUnreadableStateExitCode = 4;
constexpr int kFirstSourceFd = 3;

int Serve() {
  // First of all: what the process has touched until now is all the monitor will ever hold.
  const UniqueFd proc(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const pid_t monitor_pid = getpid();
  SandboxSteps reached = EnterNamespaces();
  const MonitorTies ties = SplitOffMonitor(kProcessRecordFd, proc.get(), reached);
  NoteCrashesIn(*ties.status);
  InitializeLogging(LogLevel::kInfo);
  vm::v1::VmConfig config;
  if (!config.ParseFromFileDescriptor(kConfigFd)) {
    WriteProcessOutcome(kProcessRecordFd, ProcessOutcome::kStartFailed, 0,
                        absl::InternalError("the VM's config can't be read"));
    return kStartFailedExitCode;
  }
  close(kConfigFd);
  reached.Add(JoinCgroups(config));
  reached = LeavePrivileges(monitor_pid, reached);
  reached.Add(EnterLandlock());
  DieWithMonitor(ties.monitor);
  absl::Status why;
  const int code = RunVm(config, {kProcessRecordFd, ties.status, reached}, why);
  if (!why.ok()) LogError("vm-start-failed", {{"vm", config.name()}, {"error", why.message()}});
  return code;
}

// Of a child, which is waited for.
int CodeOf(pid_t child) {
  int status = 1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

// Says what is wrong with the state, if anything, and reads it confined as a VM, as it may come
// from anyone. A machine is not made: what it is for is known to who asks.
int CheckStandardInput(int sources) {
  const pid_t pid = getpid();
  const SandboxSteps reached = EnterNamespaces();
  const pid_t child = fork();
  if (child != 0) return CodeOf(child);
  LeavePrivileges(pid, reached);
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // who asked has gone
  EnterLandlock();
  absl::Status checked = Sandbox::Enter(RLIM_INFINITY);
  if (checked.ok()) checked = Sandbox::EnterRole(ThreadRole::kDisk);
  snapshot::StateFiles files = {UniqueFd(STDIN_FILENO)};
  for (int i = 0; i < sources; ++i) files.sources.emplace_back(kFirstSourceFd + i);
  if (checked.ok()) checked = snapshot::CheckState(std::move(files));
  if (checked.ok()) return 0;
  const std::string text = std::string(checked.message()) + "\n";
  if (write(STDOUT_FILENO, text.data(), text.size()) < 0) return 1;
  return absl::IsDataLoss(checked) ? kDamagedStateExitCode : kUnreadableStateExitCode;
}

// Goes through the sandbox as a VM does, and says what it has reached: for people, or encoded as a
// vm.v1.Response.Sandbox. Control groups are the daemon's, so they are always missing.
int TrySandbox(bool is_encoded) {
  const pid_t pid = getpid();
  SandboxSteps reached = EnterNamespaces();
  const pid_t child = fork();
  if (child != 0) return CodeOf(child);
  reached = LeavePrivileges(pid, reached);
  reached.Add(EnterLandlock());
  if (Sandbox::Enter(RLIM_INFINITY).ok()) reached.Add(Sandbox::kSteps);
  vm::v1::Response::Sandbox sandbox;
  reached.ListMissing(sandbox);
  std::string text = is_encoded ? sandbox.SerializeAsString() : "";
  for (int step = vm::v1::SandboxStep_MIN + 1; !is_encoded && step <= vm::v1::SandboxStep_MAX;
       ++step) {
    const auto known = static_cast<vm::v1::SandboxStep>(step);
    text += vm::v1::SandboxStep_Name(known) + (reached.Has(known) ? "\n" : " missing\n");
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  for (const int ignored : {SIGPIPE, SIGXFSZ}) signal(ignored, SIG_IGN);
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == "serve") return Serve();
  if (verb == "run") return RunCommand(argc - 2, argv + 2);
  if (verb == "check") return CheckStandardInput(argc > 2 ? std::atoi(argv[2]) : 0);
  if (verb == "sandbox") return TrySandbox(argc > 2 && std::string_view(argv[2]) == "--encoded");
  if (verb == "--version") {
    std::puts("emu-vm " EMU_VERSION);
    return 0;
  }
  std::fputs("Usage: emu-vm run --help\n", verb == "--help" ? stdout : stderr);
  return verb == "--help" ? 0 : 2;
}

}  // namespace
}  // namespace emu

#ifdef __SANITIZE_ADDRESS__
// To look for leaks takes another process and ptrace, which the sandbox does not let it have.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }
#endif

int main(int argc, char** argv) { return emu::Main(argc, argv); }
