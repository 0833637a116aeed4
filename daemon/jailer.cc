#include "daemon/jailer.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "vmm/base/log.h"

namespace emu::daemon {
namespace {

// What a process's threads are beside its processors: the loop, the state driver, the disks'.
constexpr uint32_t kThreadsBeside = 16;

// What `program sandbox` prints: a vm.v1.Response.Sandbox. Empty if it can't be started.
std::string OutputOf(const std::string& program) {
  int pipe_fds[2];
  if (pipe2(pipe_fds, O_CLOEXEC) != 0) return "";
  const UniqueFd reader(pipe_fds[0]);
  UniqueFd writer(pipe_fds[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, writer.get(), 1);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  char* argv[] = {const_cast<char*>("emu-vm"), const_cast<char*>("sandbox"),
                  const_cast<char*>("--encoded"), nullptr};
  char* environment[] = {nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, nullptr, argv, environment);
  posix_spawn_file_actions_destroy(&actions);
  writer.Reset();
  if (error != 0) return "";
  std::string output;
  char part[512];
  for (ssize_t got = 0; (got = read(reader.get(), part, sizeof(part))) > 0;) {
    output.append(part, static_cast<size_t>(got));
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return status == 0 ? output : "";
}

}  // namespace

VmCgroups Jailer::MakeCgroups(const std::string& uid, const CgroupLimits& limits) const {
  return cgroups_.Make("emud-vm-" + uid, limits);
}

void Jailer::Describe(emud::v1::Host& host) {
  std::call_once(tried_, [this] { host_sandbox_ = Try(); });
  ShowSandbox(host_sandbox_, host);
  host.set_sandbox_required(options_.requires_sandbox);
}

vm::v1::Response::Sandbox Jailer::Try() const {
  vm::v1::Response::Sandbox told;
  const std::string output = OutputOf(options_.vm_program);
  if (output.empty() || !told.ParseFromString(output)) {
    LogWarning("sandbox-not-tried", {{"emu_vm", options_.vm_program}});
    told.Clear();
    for (int step = vm::v1::SandboxStep_MIN + 1; step <= vm::v1::SandboxStep_MAX; ++step) {
      told.add_missing(static_cast<vm::v1::SandboxStep>(step));
    }
  }
  const VmCgroups groups =
      MakeCgroups(absl::StrCat("try-", getpid()),
                  {.memory_bytes = 64 << 20, .cpu_millis = 1000, .threads = kThreadsBeside});
  Cgroups::Remove(groups.folders);
  std::set<int> missing(told.missing().begin(), told.missing().end());
  for (const VmCgroups::Entrance& entrance : groups.entrances) {
    for (const vm::v1::SandboxStep step : entrance.limits) missing.erase(step);
  }
  told.clear_missing();
  for (const int step : missing) told.add_missing(static_cast<vm::v1::SandboxStep>(step));
  return told;
}

CgroupLimits LimitsOf(const emud::v1::VmSpec& spec, uint64_t flash_bytes) {
  const emud::v1::Machine& machine = spec.machine();
  const uint64_t overhead_mib = spec.limits().memory_overhead_mib() != 0
                                    ? spec.limits().memory_overhead_mib()
                                    : 32 + uint64_t{16} * machine.cpus() +
                                          machine.memory_mib() / 64 +
                                          machine.code_cache_mib() / 2;  // side tables, above all
  const uint32_t cpu_millis =
      spec.limits().cpu_millis() != 0 ? spec.limits().cpu_millis() : 1000 * (machine.cpus() + 1);
  const uint64_t memory_mib = machine.memory_mib() + machine.code_cache_mib() + overhead_mib;
  return {.memory_bytes = (memory_mib << 20) + flash_bytes,
          .cpu_millis = cpu_millis,
          .threads = machine.cpus() + kThreadsBeside};
}

}  // namespace emu::daemon
