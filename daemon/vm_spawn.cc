// Starting VM processes, and finding those that an earlier daemon started.
#include <fcntl.h>
#include <signal.h>
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

#include "daemon/child_process.h"
#include "daemon/errors.h"
#include "daemon/vm_process.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

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
  for (const UniqueFd& source : launch.state_sources) {
    launch.config.add_state_source_fds(fds.Add(source));
  }
  launch.config.set_code_fd(fds.Add(launch.code));
  for (size_t i = 0; i < launch.disks.size(); ++i) {
    vm::v1::VmConfig::Disk& disk = *launch.config.mutable_disks(static_cast<int>(i));
    disk.set_fd(fds.Add(launch.disks[i].front().file));
    for (const ImageLayer& layer : launch.disks[i]) {
      if (layer.lock) launch.config.add_lock_fds(fds.Add(layer.lock));
    }
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
  if (const int error = StartProcess(program, "emu-vm", fds, directory.log_path(), pid);
      error != 0) {
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
