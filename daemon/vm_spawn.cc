// Starting VM processes, and finding those that an earlier daemon started.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "daemon/errors.h"
#include "daemon/vm_process.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

// Sources are moved up here first, so that no dup2 overwrites one that is still to be copied.
constexpr int kFdsAbove = 512;

// Descriptors in the order of the numbers they get in the child.
class ChildFds {
 public:
  // Returns the child's number; 0 for an absent one.
  int Add(const UniqueFd& fd) {
    if (!fd.is_valid()) return 0;
    copies_.emplace_back(fcntl(fd.get(), F_DUPFD_CLOEXEC, kFdsAbove));
    return kConfigFd + static_cast<int>(copies_.size()) - 1;
  }
  bool is_complete() const {
    for (const UniqueFd& fd : copies_) {
      if (!fd.is_valid()) return false;
    }
    return true;
  }
  void AddTo(posix_spawn_file_actions_t& actions) const {
    int number = kConfigFd;
    for (const UniqueFd& fd : copies_) {
      posix_spawn_file_actions_adddup2(&actions, fd.get(), number++);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, number);
  }

 private:
  std::vector<UniqueFd> copies_;
};

int StartProcess(const std::string& program, const ChildFds& fds, const std::string& log_path,
                 pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  fds.AddTo(actions);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  // A session of its own: what ends the daemon's does not end the VM's.
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  char* argv[] = {const_cast<char*>("emu-vm"), const_cast<char*>("serve"), nullptr};
  char* environment[] = {nullptr};
  const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes, argv, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

UniqueFd OpenPid(int pid) {
  return UniqueFd(pid > 0 ? static_cast<int>(syscall(SYS_pidfd_open, pid, 0)) : -1);
}

std::string BootId() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id;
}

uint64_t StartTime(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  size_t at = text.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at, nullptr, 10);
}

// The pidfd of a process that is still the one that was written down; a number alone may have been
// given to another since.
UniqueFd OpenSameProcess(int pid, uint64_t start_time) {
  UniqueFd fd = OpenPid(pid);
  if (fd.is_valid() && StartTime(pid) != start_time) fd.Reset();
  return fd;
}

bool IsOfThisBoot(const ProcessIdentity& identity) {
  const std::string boot_id(identity.boot_id, strnlen(identity.boot_id, sizeof(identity.boot_id)));
  return identity.magic == kProcessRecordMagic && BootId() == boot_id;
}

}  // namespace

ProcessIdentity AwaitIdentity(const VmDirectory& directory) {
  ProcessRecordLayout record = directory.ReadRecord();
  for (int i = 0; i < 100 && record.identity.magic != kProcessRecordMagic; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    record = directory.ReadRecord();
  }
  return record.identity;
}

UniqueFd OpenRecordedVm(const VmDirectory& directory) {
  const ProcessRecordLayout record = directory.ReadRecord();
  if (!IsOfThisBoot(record.identity)) return UniqueFd();
  return OpenSameProcess(record.identity.vm_pid, record.identity.vm_start_time);
}

absl::StatusOr<std::shared_ptr<VmProcess>> SpawnVm(const std::string& program, VmLaunch launch,
                                                   const VmDirectory& directory) {
  ASSIGN_OR_RETURN(const UniqueFd record, directory.LockNewRecord());
  ASSIGN_OR_RETURN(const UniqueFd listener, directory.ListenForControl());
  const UniqueFd ring(open(directory.console_path().c_str(), O_RDWR | O_CLOEXEC));
  if (!ring) return errors::Host("the console ring", errno);
  const UniqueFd config(memfd_create("vm-config", MFD_CLOEXEC));

  ChildFds fds;
  fds.Add(config);
  fds.Add(record);
  UniqueFd no_events(open("/dev/null", O_RDONLY | O_CLOEXEC));
  fds.Add(launch.cgroups.memory_events ? launch.cgroups.memory_events : no_events);
  for (const VmCgroups::Entrance& entrance : launch.cgroups.entrances) {
    vm::v1::VmConfig::Cgroup& cgroup = *launch.config.add_cgroups();
    cgroup.set_join_fd(fds.Add(entrance.join));
    for (const vm::v1::SandboxStep step : entrance.limits) cgroup.add_limits(step);
  }
  launch.config.set_console_ring_fd(fds.Add(ring));
  launch.config.set_control_listen_fd(fds.Add(listener));
  launch.config.set_firmware_fd(fds.Add(launch.firmware));
  launch.config.set_kernel_fd(fds.Add(launch.kernel));
  launch.config.set_initrd_fd(fds.Add(launch.initrd));
  launch.config.set_flash_fd(fds.Add(launch.flash));
  launch.config.set_variables_fd(fds.Add(launch.variables));
  launch.config.set_state_fd(fds.Add(launch.state));
  for (size_t i = 0; i < launch.disks.size(); ++i) {
    vm::v1::VmConfig::Disk& disk = *launch.config.mutable_disks(static_cast<int>(i));
    disk.set_fd(fds.Add(launch.disks[i].front().file));
    for (size_t below = 1; below < launch.disks[i].size(); ++below) {
      const ImageLayer& layer = launch.disks[i][below];
      vm::v1::VmConfig::Disk::BackingFile& backing = *disk.add_backing();
      backing.set_fd(fds.Add(layer.file));
      backing.set_format(layer.format == ImageFormat::kQcow2 ? vm::v1::VmConfig::Disk::QCOW2
                                                             : vm::v1::VmConfig::Disk::RAW);
    }
  }
  const std::string bytes = launch.config.SerializeAsString();
  if (!fds.is_complete() ||
      pwrite(config.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return errors::Host("no descriptor is left for the VM", errno);
  }
  lseek(config.get(), 0, SEEK_SET);

  pid_t pid = 0;
  if (const int error = StartProcess(program, fds, directory.log_path(), pid); error != 0) {
    return errors::Host(program + " can't be started", error);
  }
  UniqueFd monitor = OpenPid(pid);
  // The socket listens already, whether or not the child has come to it.
  ASSIGN_OR_RETURN(UniqueFd control, directory.ConnectToControl());
  return std::make_shared<VmProcess>(directory, std::move(control), std::move(monitor), UniqueFd());
}

absl::StatusOr<std::shared_ptr<VmProcess>> AdoptVm(const std::string& uid,
                                                   const VmDirectory& directory) {
  if (!directory.IsRecordHeld()) return absl::NotFoundError("no process is alive");
  const ProcessIdentity identity = AwaitIdentity(directory);
  if (!IsOfThisBoot(identity)) {
    return absl::NotFoundError("the process record is of another boot");
  }
  UniqueFd monitor = OpenSameProcess(identity.monitor_pid, identity.monitor_start_time);
  UniqueFd vm = OpenSameProcess(identity.vm_pid, identity.vm_start_time);
  // A monitor that is left is still writing down how its VM ended.
  if (!vm.is_valid() && !monitor.is_valid()) return absl::NotFoundError("the VM process is gone");
  absl::StatusOr<UniqueFd> control = directory.ConnectToControl();
  if (!control.ok()) LogWarning("vm-control-lost", {{"uid", uid}});
  return std::make_shared<VmProcess>(directory, control.ok() ? *std::move(control) : UniqueFd(),
                                     std::move(monitor), std::move(vm));
}

}  // namespace emu::daemon
