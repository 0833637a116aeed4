// emud: the daemon. Main thread: signals and connections; gRPC's threads: handlers; one watcher per
// running VM.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "daemon/config.h"
#include "daemon/server.h"
#include "daemon/store/state_store.h"
#include "daemon/vm_table.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || access(path.c_str(), W_OK) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(path, " can't be written to; give another --state-dir or --listen"));
  }
  return absl::OkStatus();
}

// One daemon per state directory. Held until the process ends.
absl::StatusOr<UniqueFd> LockStateDir(const std::string& state_dir) {
  UniqueFd lock(open((state_dir + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return absl::ErrnoToStatus(errno, state_dir + "/lock");
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(state_dir, " belongs to another emud; stop it or give another --state-dir"));
  }
  return lock;
}

absl::Status Run(const Config& config, int stop_fd) {
  RETURN_IF_ERROR(MakeDirectory(config.state_dir + "/vms"));
  RETURN_IF_ERROR(MakeDirectory(std::filesystem::path(config.listen_path).parent_path().string()));
  ASSIGN_OR_RETURN(const UniqueFd lock, LockStateDir(config.state_dir));
  ASSIGN_OR_RETURN(std::unique_ptr<StateStore> store,
                   StateStore::Open(config.state_dir + "/state.db"));
  // Never destroyed: watchers of VMs that go on running call it to the end.
  VmTable& vms = *new VmTable(config.state_dir, config.vm_program, std::move(store));
  RETURN_IF_ERROR(vms.Recover());
  ASSIGN_OR_RETURN(const UniqueFd listener, ListenAt(config.listen_path));
  LogInfo("emud-serving", {{"listen", config.listen_path},
                           {"state_dir", config.state_dir},
                           {"emu_vm", config.vm_program}});
  RETURN_IF_ERROR(Serve(vms, listener, stop_fd));
  unlink(config.listen_path.c_str());
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  const absl::StatusOr<Config> config = ReadConfig(argc, argv);
  if (!config.ok()) {
    std::fprintf(stderr, "emud: %s\n", std::string(config.status().message()).c_str());
    return 2;
  }
  if (config->leave) return 0;
  umask(0077);
  InitializeLogging(config->verbose ? LogLevel::kDebug : LogLevel::kInfo);
  signal(SIGPIPE, SIG_IGN);
  sigset_t stopping;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  sigaddset(&stopping, SIGINT);
  // Before any thread is made, so that all of them leave these two to the signalfd.
  sigprocmask(SIG_BLOCK, &stopping, nullptr);
  const UniqueFd stop(signalfd(-1, &stopping, SFD_CLOEXEC));
  const absl::Status status = Run(*config, stop.get());
  if (!status.ok()) LogError("emud-failed", {{"error", status.message()}});
  std::fflush(nullptr);
  _exit(status.ok() ? 0 : 1);  // no destructors under the watchers' feet
}

}  // namespace
}  // namespace emu::daemon

int main(int argc, char** argv) { return emu::daemon::Main(argc, argv); }
