// emu-vm: one virtual machine in one process.
//
//   emu-vm serve   started by the daemon with descriptors 3 (VmConfig) and 4 (process record)
//   emu-vm run     for people, tests and benchmarks
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "proto/vm/v1/process_record_layout.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/base/log.h"
#include "vmm/process/exit_record.h"
#include "vmm/process/monitor.h"
#include "vmm/process/run_command.h"
#include "vmm/process/run_vm.h"

namespace emu {
namespace {

int Serve() {
  // First of all: what the process has touched until now is all the monitor will ever hold.
  SplitOffMonitor(kProcessRecordFd);
  InitializeLogging(LogLevel::kInfo);
  vm::v1::VmConfig config;
  if (!config.ParseFromFileDescriptor(kConfigFd)) {
    WriteProcessOutcome(kProcessRecordFd, ProcessOutcome::kStartFailed, 0,
                        absl::InternalError("the VM's config can't be read"));
    return kStartFailedExitCode;
  }
  close(kConfigFd);
  absl::Status why;
  const int code = RunVm(config, kProcessRecordFd, why);
  if (!why.ok()) LogError("vm-start-failed", {{"vm", config.name()}, {"error", why.message()}});
  return code;
}

int Main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == "serve") return Serve();
  if (verb == "run") return RunCommand(argc - 2, argv + 2);
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
