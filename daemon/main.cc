// emud: the daemon. Main thread: signals and connections; gRPC's threads: handlers; one watcher per
// running VM.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/access/access_records.h"
#include "daemon/agent/clone_greeter.h"
#include "daemon/audit/audit_log.h"
#include "daemon/capabilities.h"
#include "daemon/config.h"
#include "daemon/handlers/operation_handlers.h"
#include "daemon/handlers/snapshot_handlers.h"
#include "daemon/images/images.h"
#include "daemon/metrics/exposition.h"
#include "daemon/metrics/metrics_server.h"
#include "daemon/pools/pool_filler.h"
#include "daemon/reaper.h"
#include "daemon/server.h"
#include "daemon/service_manager.h"
#include "daemon/snapshots/snapshots.h"
#include "daemon/store/schema.h"
#include "daemon/vm_table.h"
#include "daemon/volumes/volumes.h"
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

// Never destroyed: threads of its parts go on to the end.
Backend MakeBackend(VmTable& vms, Images& images, Volumes& volumes, Snapshots& snapshots,
                    Pools& pools, AccessRecords& access, AuditLog& audit, const Config& config,
                    Database& state) {
  const auto act = [&vms](const auto& wanted, const auto& vm, const RequestOrigin& origin) {
    return ActOn(vms, wanted, vm, origin);
  };
  ImageBuilds& builds = *new ImageBuilds(
      config.state_dir, {config.image_builder, config.vm_program, config.agents}, images);
  const auto whole = [&](const auto& operation, const auto& job) {
    const emud::v1::Verb verb = operation.metadata().verb();
    if (verb == emud::v1::CREATE_SNAPSHOT) return TakeSnapshot(vms, snapshots, operation, job);
    if (verb == emud::v1::FORK_VM) return Fork(vms, snapshots, operation, job);
    return builds.Pull(operation, job);
  };
  return {vms,
          images,
          volumes,
          snapshots,
          pools,
          access,
          audit,
          *new WatchHub(vms.records()),
          config.file_root,
          *new Operations(state, act, whole),
          builds,
          *new VmSampler(vms),
          *new RpcMetrics(),
          *new Agents(vms)};
}

// What signals and the service manager want of a daemon that serves.
class Supervision {
 public:
  Supervision(int argc, char** argv, Config config, VmTable& vms, int signals)
      : argc_(argc), argv_(argv), config_(std::move(config)), vms_(vms), signals_(signals) {}

  void Begin() { manager_.TellReady(); }

  // How often the daemon has to show that it lives; negative: never.
  std::chrono::milliseconds period() const {
    if (manager_.watchdog().count() == 0) return std::chrono::milliseconds(-1);
    return std::chrono::duration_cast<std::chrono::milliseconds>(manager_.watchdog() / 3);
  }

  // Obeys the signals that have come; false when one of them said to stop.
  bool GoesOn() {
    signalfd_siginfo signal = {};
    while (read(signals_, &signal, sizeof(signal)) == sizeof(signal)) {
      if (signal.ssi_signo != SIGHUP) {
        manager_.TellStopping();
        return false;
      }
      Reload();
    }
    // A daemon whose table is held for ever is not alive.
    vms_.records().List();
    manager_.TellAlive();
    return true;
  }

 private:
  void Reload() {
    manager_.TellReloading();
    const absl::StatusOr<Config> read = ReadConfig(argc_, argv_);
    if (!read.ok()) {
      LogError("config-not-reloaded", {{"error", read.status().message()}});
    } else {
      InitializeLogging(read->log_level);
      const bool needs_restart =
          read->state_dir != config_.state_dir || read->listen_path != config_.listen_path ||
          read->listen_group != config_.listen_group || read->vm_program != config_.vm_program ||
          read->tls != config_.tls || read->file_root != config_.file_root ||
          read->require_sandbox != config_.require_sandbox ||
          read->metrics_listen != config_.metrics_listen;
      LogInfo("config-reloaded", {{"needs_restart", needs_restart}});
    }
    manager_.TellReloaded();
  }

  const int argc_;
  char** const argv_;
  const Config config_;
  VmTable& vms_;
  const int signals_;
  ServiceManager manager_;
};

absl::Status Run(const Config& config, int argc, char** argv, int signals) {
  RETURN_IF_ERROR(MakeDirectory(config.state_dir + "/vms"));
  ASSIGN_OR_RETURN(const UniqueFd lock, LockStateDir(config.state_dir));
  ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                   OpenStateDatabase(config.state_dir + "/state.db"));
  // Never destroyed: watchers of VMs that go on running call it to the end.
  Database& state = *database;
  Images& images = *new Images(config.state_dir, state);
  RETURN_IF_ERROR(images.Load());
  Volumes& volumes = *new Volumes(config.state_dir, state, images);
  RETURN_IF_ERROR(volumes.Load());
  Snapshots& snapshots = *new Snapshots(config.state_dir, state);
  RETURN_IF_ERROR(snapshots.Load());
  VmTable& vms =
      *new VmTable(config.state_dir,
                   {.vm_program = config.vm_program, .requires_sandbox = config.require_sandbox},
                   std::move(database), images, volumes);
  AccessRecords access(state);
  RETURN_IF_ERROR(access.Load());
  AuditLog audit(config.state_dir + "/audit", state);
  RETURN_IF_ERROR(audit.Open());
  RETURN_IF_ERROR(vms.Recover());
  Pools& pools = *new Pools(state, vms, snapshots);
  RETURN_IF_ERROR(pools.Load());
  const Backend& backend = *new Backend(
      MakeBackend(vms, images, volumes, snapshots, pools, access, audit, config, state));
  RETURN_IF_ERROR(backend.operations.Load());
  new Reaper(vms);
  new CloneGreeter(vms, backend.agents);
  new PoolFiller(vms, pools);
  ASSIGN_OR_RETURN(UniqueFd listener, TakePassedListener());
  const bool was_passed = static_cast<bool>(listener);
  if (!was_passed) {
    RETURN_IF_ERROR(
        MakeDirectory(std::filesystem::path(config.listen_path).parent_path().string()));
    ASSIGN_OR_RETURN(listener, ListenAt(config.listen_path, config.listen_group));
  }
  LogInfo("emud-serving", {{"listen", was_passed ? "passed" : config.listen_path},
                           {"state_dir", config.state_dir},
                           {"emu_vm", config.vm_program}});
  if (!config.metrics_listen.empty()) {
    ASSIGN_OR_RETURN(UniqueFd metrics,
                     ListenForMetrics(config.metrics_listen, config.listen_group));
    ServeMetrics(std::move(metrics), [&backend] { return ExposeMetrics(backend); });
  }
  Supervision supervision(argc, argv, config, vms, signals);
  supervision.Begin();
  RETURN_IF_ERROR(Serve(backend, {config.listen_group, config.tls}, listener, signals,
                        supervision.period(), [&] { return supervision.GoesOn(); }));
  if (!was_passed) unlink(config.listen_path.c_str());
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
  InitializeLogging(config->log_level);
  signal(SIGPIPE, SIG_IGN);
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&handled, number);
  // Before any thread is made, so that all of them leave these to the signalfd.
  sigprocmask(SIG_BLOCK, &handled, nullptr);
  const UniqueFd signals(signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK));
  absl::Status status = KeepNeededCapabilities();
  if (status.ok()) status = Run(*config, argc, argv, signals.get());
  if (!status.ok()) LogError("emud-failed", {{"error", status.message()}});
  std::fflush(nullptr);
  _exit(status.ok() ? 0 : 1);  // no destructors under the watchers' feet
}

}  // namespace
}  // namespace emu::daemon

int main(int argc, char** argv) { return emu::daemon::Main(argc, argv); }
