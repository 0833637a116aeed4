#include "daemon/vm_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/board_room.h"
#include "daemon/cloud_init/cloud_init.h"
#include "daemon/errors.h"
#include "daemon/guest_architectures.h"
#include "daemon/jailer.h"
#include "daemon/vm_nics.h"
#include "vmm/base/code_cache_size.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/disk_chain.h"
#include "vmm/disk_files/disk_locks.h"

namespace emu::daemon {
namespace {

constexpr uint64_t kMinMemoryMib = 64;
constexpr uint32_t kMaxCpus = 8;
constexpr size_t kMaxDiskIdBytes = 20;
constexpr uint32_t kMinCpuMillis = 100;
constexpr uint32_t kMaxOverheadMib = 65536;

enum class FileUse { kRead, kWrite };

absl::StatusOr<UniqueFd> OpenFile(const std::string& field, const std::string& path, FileUse use) {
  if (path.front() != '/') {
    return errors::InvalidField(field, absl::StrCat(path, " is relative"),
                                "give an absolute path of the daemon's host");
  }
  UniqueFd fd(
      open(path.c_str(), (use == FileUse::kWrite ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    const int error = errno;
    const char* remedy = error == ENOENT   ? "check the path"
                         : error == EACCES ? "let the daemon's user read it"
                         : error == EROFS  ? "add ,readonly or copy the disk"
                                           : "check the file";
    return errors::InvalidField(field, absl::StrCat(path, ": ", std::strerror(error)), remedy);
  }
  struct stat info = {};
  if (fstat(fd.get(), &info) != 0 || !(S_ISREG(info.st_mode) || S_ISBLK(info.st_mode))) {
    return errors::InvalidField(field, absl::StrCat(path, " is not a file"), "give a regular file");
  }
  if (S_ISREG(info.st_mode) && info.st_size == 0) {
    return errors::InvalidField(field, absl::StrCat(path, " is empty"), "give another file");
  }
  return fd;
}

absl::StatusOr<UniqueFd> OpenOptional(const std::string& field, const std::string& path) {
  if (path.empty()) return UniqueFd();
  return OpenFile(field, path, FileUse::kRead);
}

absl::StatusOr<UniqueFd> OpenFirmware(const emud::v1::VmSpec& spec) {
  const std::string& path = spec.boot().firmware();
  if (!path.empty()) return OpenFile("spec.boot.firmware", path, FileUse::kRead);
  const GuestArchitecture* guest = FindGuestArchitecture(spec.machine().arch());
  if (guest == nullptr || guest->kernel_firmware.empty()) return UniqueFd();
  const std::string known(guest->kernel_firmware);
  UniqueFd fd(open(known.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd) return fd;
  return errors::InvalidField("spec.boot.firmware", absl::StrCat(known, " is not there"),
                              "install the package opensbi or give a firmware");
}

// Writers exclude everybody, readers only writers. The lock belongs to the open file, which the VM
// process inherits: it goes when the VM does.
absl::Status LockDisk(const UniqueFd& disk, bool readonly, const std::string& field,
                      const std::string& path) {
  struct flock lock = {};
  lock.l_type = readonly ? F_RDLCK : F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(disk.get(), F_OFD_SETLK, &lock) == 0) return absl::OkStatus();
  return errors::DiskInUse(field, path);
}

ImageFormat FormatOf(const emud::v1::Disk& disk) {
  return disk.format() == emud::v1::Disk::QCOW2 ? ImageFormat::kQcow2 : ImageFormat::kRaw;
}

vm::v1::VmConfig::Disk::Cache CacheOf(const emud::v1::Disk& disk) {
  // The public ones begin with none in particular, which is the first.
  const int cache = std::max<int>(disk.cache(), emud::v1::Disk::WRITEBACK);
  return static_cast<vm::v1::VmConfig::Disk::Cache>(cache - emud::v1::Disk::WRITEBACK);
}

// `why` speaks of the image, and ends with a remedy.
absl::Status ImageRefused(const std::string& field, const std::string& path,
                          const absl::Status& why) {
  if (absl::IsFailedPrecondition(why)) {
    return errors::BackingFileInUse(field, absl::StrCat(path, " ", why.message()));
  }
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(why.message(), absl::MaxSplits(absl::ByString("; "), 1));
  return errors::InvalidField(field, absl::StrCat(path, " ", parts.first), parts.second);
}

absl::Status CheckBoot(const emud::v1::Boot& boot, const GuestArchitecture& guest) {
  if (boot.kernel().empty() && boot.flash().empty() && boot.firmware().empty()) {
    return errors::InvalidField("spec.boot.kernel", "there is nothing to boot",
                                "give a kernel, a firmware or a flash image");
  }
  if (!boot.flash().empty() && !boot.kernel().empty()) {
    return errors::InvalidField("spec.boot.flash", "it is started in place of a kernel",
                                "give either of the two");
  }
  if (guest.kernel_firmware.empty() && !boot.firmware().empty() &&
      (!boot.kernel().empty() || !boot.flash().empty())) {
    return errors::InvalidField(
        "spec.boot.firmware",
        std::string(guest.name) + " starts a kernel or a flash image without a firmware",
        "give one of the three");
  }
  if (!boot.initrd().empty() && boot.kernel().empty()) {
    return errors::InvalidField("spec.boot.initrd", "an initrd needs a kernel", "give a kernel");
  }
  return absl::OkStatus();
}

}  // namespace

uint64_t HostMemoryMib() {
  struct sysinfo info = {};
  sysinfo(&info);
  return (uint64_t{info.totalram} * info.mem_unit) >> 20;
}

void ApplyDefaults(emud::v1::VmSpec& spec) {
  emud::v1::Machine& machine = *spec.mutable_machine();
  if (machine.type().empty()) machine.set_type("virt");
  if (machine.cpus() == 0) machine.set_cpus(1);
  if (machine.memory_mib() == 0) machine.set_memory_mib(512);
  if (machine.code_cache_mib() == 0) {
    machine.set_code_cache_mib(DefaultCodeCacheMib(machine.memory_mib()));
  }
  for (int i = 0; i < spec.disks_size(); ++i) {
    if (spec.disks(i).id().empty()) spec.mutable_disks(i)->set_id(absl::StrCat("disk", i));
  }
  ApplyNicDefaults(spec);
  if (spec.consoles().empty()) {
    emud::v1::Console& console = *spec.add_consoles();
    console.set_id("serial0");
    console.set_type(emud::v1::Console::UART);
  }
}

absl::Status CheckName(const std::string& name, const std::string& field) {
  bool good = !name.empty() && name.size() <= 63 && name.front() >= 'a' && name.front() <= 'z' &&
              name.back() != '-';
  for (const char c : name) {
    good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
  }
  if (good) return absl::OkStatus();
  return errors::InvalidField(field, absl::StrCat("\"", name.substr(0, 80), "\" is no name"),
                              "use 1 to 63 of a-z, 0-9 and -, beginning with a letter");
}

absl::Status CheckSpec(const emud::v1::VmSpec& spec) {
  const emud::v1::Machine& machine = spec.machine();
  const GuestArchitecture* guest = FindGuestArchitecture(machine.arch());
  if (guest == nullptr) {
    return errors::InvalidField("spec.machine.arch",
                                absl::StrCat("\"", machine.arch(), "\" is not supported"),
                                absl::StrCat("use ", GuestArchitectureNames()));
  }
  if (machine.type() != "virt") {
    return errors::InvalidField(
        "spec.machine.type", absl::StrCat("\"", machine.type(), "\" is not supported"), "use virt");
  }
  if (machine.cpus() < 1 || machine.cpus() > kMaxCpus) {
    return errors::InvalidField("spec.machine.cpus", absl::StrCat(machine.cpus(), " is impossible"),
                                "give 1 to 8");
  }
  const uint64_t host_mib = HostMemoryMib();
  if (machine.memory_mib() < kMinMemoryMib || machine.memory_mib() > host_mib ||
      machine.memory_mib() % 2 != 0) {
    return errors::InvalidField("spec.machine.memory_mib",
                                absl::StrCat(machine.memory_mib(), " MiB is impossible"),
                                absl::StrCat("give an even number from ", kMinMemoryMib, " to ",
                                             host_mib, ", what this host has"));
  }
  if (machine.code_cache_mib() > 1024) {
    return errors::InvalidField("spec.machine.code_cache_mib",
                                absl::StrCat(machine.code_cache_mib(), " is too large"),
                                "give 1 to 1024");
  }
  if (const uint32_t version = machine.gic_version();
      version != 0 && !(guest->has_gic && (version == 2 || version == 3))) {
    return errors::InvalidField("spec.machine.gic_version",
                                absl::StrCat(machine.arch(), " has no GIC of version ", version),
                                guest->has_gic ? "give 2 or 3, or leave it out" : "leave it out");
  }
  RETURN_IF_ERROR(CheckBoot(spec.boot(), *guest));
  int pci_disks = 0;
  for (const emud::v1::Disk& disk : spec.disks()) pci_disks += IsOnPci(disk) ? 1 : 0;
  if (pci_disks > kMaxPciDevices || spec.disks_size() - pci_disks > kMaxMmioDevices) {
    return errors::InvalidField("spec.disks", absl::StrCat(spec.disks_size(), " are too many"),
                                absl::StrCat("give at most ", kMaxMmioDevices, ", and ",
                                             kMaxPciDevices, " with VIRTIO_PCI"));
  }
  std::set<std::string> ids;
  for (int i = 0; i < spec.disks_size(); ++i) {
    const std::string field = absl::StrCat("spec.disks[", i, "]");
    if (spec.disks(i).path().empty()) {
      return errors::InvalidField(field + ".path", "it is missing", "give the image's path");
    }
    if (!emud::v1::Disk::Format_IsValid(spec.disks(i).format())) {
      return errors::InvalidField(field + ".format", "there is no such format",
                                  "give RAW or QCOW2");
    }
    if (!emud::v1::Disk::Cache_IsValid(spec.disks(i).cache())) {
      return errors::InvalidField(field + ".cache", "there is no such mode",
                                  "give WRITEBACK, NONE, WRITETHROUGH, DIRECTSYNC or UNSAFE");
    }
    for (const emud::v1::Disk::OnError on_error :
         {spec.disks(i).werror(), spec.disks(i).rerror()}) {
      if (emud::v1::Disk::OnError_IsValid(on_error)) continue;
      return errors::InvalidField(field + ".werror", "there is no such answer to errors",
                                  "give STOP or REPORT, also for rerror");
    }
    if (!emud::v1::Disk::Bus_IsValid(spec.disks(i).bus())) {
      return errors::InvalidField(field + ".bus", "there is no such bus",
                                  "give VIRTIO_MMIO or VIRTIO_PCI");
    }
    if (spec.disks(i).id().size() > kMaxDiskIdBytes || !ids.insert(spec.disks(i).id()).second) {
      return errors::InvalidField(field + ".id", "it is too long or taken",
                                  "give another of at most 20 bytes");
    }
  }
  RETURN_IF_ERROR(CheckNics(spec));
  RETURN_IF_ERROR(CheckCloudInit(spec));
  if (const uint32_t millis = spec.limits().cpu_millis(); millis != 0 && millis < kMinCpuMillis) {
    return errors::InvalidField("spec.limits.cpu_millis", absl::StrCat(millis, " is too little"),
                                "give at least 100, a tenth of a processor");
  }
  if (spec.limits().memory_overhead_mib() > kMaxOverheadMib) {
    return errors::InvalidField("spec.limits.memory_overhead_mib", "it is too much",
                                absl::StrCat("give at most ", kMaxOverheadMib));
  }
  if (spec.consoles_size() > 1) {
    return errors::InvalidField("spec.consoles", "there can be one", "leave one");
  }
  return absl::OkStatus();
}

absl::StatusOr<VmLaunch> OpenFiles(const emud::v1::Vm& vm) {
  const emud::v1::VmSpec& spec = vm.spec();
  VmLaunch launch;
  vm::v1::VmConfig& config = launch.config;
  config.set_uid(vm.uid());
  config.set_name(vm.name());
  config.set_arch(spec.machine().arch());
  config.set_cpus(spec.machine().cpus());
  config.set_gic_version(spec.machine().gic_version());
  config.set_memory_bytes(spec.machine().memory_mib() << 20);
  config.set_command_line(spec.boot().cmdline());
  config.set_code_cache_mib(spec.machine().code_cache_mib());
  launch.limits = LimitsOf(spec);
  ASSIGN_OR_RETURN(launch.firmware, OpenFirmware(spec));
  ASSIGN_OR_RETURN(launch.kernel, OpenOptional("spec.boot.kernel", spec.boot().kernel()));
  ASSIGN_OR_RETURN(launch.flash, OpenOptional("spec.boot.flash", spec.boot().flash()));
  ASSIGN_OR_RETURN(launch.initrd, OpenOptional("spec.boot.initrd", spec.boot().initrd()));
  for (int i = 0; i < spec.disks_size(); ++i) {
    const emud::v1::Disk& disk = spec.disks(i);
    const std::string field = absl::StrCat("spec.disks[", i, "].path");
    ASSIGN_OR_RETURN(UniqueFd file, OpenFile(field, disk.path(),
                                             disk.readonly() ? FileUse::kRead : FileUse::kWrite));
    RETURN_IF_ERROR(LockDisk(file, disk.readonly(), field, disk.path()));
    auto layers = disk_files::OpenChain({std::move(file), FormatOf(disk)}, disk.path());
    if (!layers.ok()) return ImageRefused(field, disk.path(), layers.status());
    if (const absl::Status status = disk_files::SeparateLocks(*layers); !status.ok()) {
      return ImageRefused(field, disk.path(), status);
    }
    launch.disks.push_back(*std::move(layers));
    config.add_disks()->set_readonly(disk.readonly());
    config.mutable_disks(i)->set_id(disk.id());
    if (IsOnPci(disk)) config.mutable_disks(i)->set_bus(vm::v1::VmConfig::Disk::VIRTIO_PCI);
    config.mutable_disks(i)->set_cache(CacheOf(disk));
    config.mutable_disks(i)->set_on_write_error(disk.werror() == emud::v1::Disk::REPORT
                                                    ? vm::v1::VmConfig::Disk::REPORT
                                                    : vm::v1::VmConfig::Disk::STOP);
    config.mutable_disks(i)->set_on_read_error(disk.rerror() == emud::v1::Disk::STOP
                                                   ? vm::v1::VmConfig::Disk::STOP
                                                   : vm::v1::VmConfig::Disk::REPORT);
    if (FormatOf(disk) == ImageFormat::kQcow2) {
      config.mutable_disks(i)->set_format(vm::v1::VmConfig::Disk::QCOW2);
    }
  }
  AddNics(vm, config);
  return launch;
}

uint64_t DiskMib(const VmLaunch& launch) {
  uint64_t mib = 0;
  for (const std::vector<ImageLayer>& layers : launch.disks) {
    // Of devices, too, for which fstat has no size.
    const off_t bytes = lseek(layers.front().file.get(), 0, SEEK_END);
    if (bytes > 0) mib += (static_cast<uint64_t>(bytes) + (1 << 20) - 1) >> 20;
  }
  return mib;
}

}  // namespace emu::daemon
