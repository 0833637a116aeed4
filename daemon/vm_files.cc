#include "daemon/vm_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/board_room.h"
#include "daemon/cloud_init/cloud_init.h"
#include "daemon/errors.h"
#include "daemon/guest_architectures.h"
#include "daemon/host_paths.h"
#include "daemon/jailer.h"
#include "daemon/vm_images.h"
#include "daemon/vm_nics.h"
#include "daemon/volumes/volume_file.h"
#include "vmm/base/code_cache_size.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/disk_chain.h"
#include "vmm/disk_files/disk_locks.h"

namespace emu::daemon {
namespace {

using emud::v1::Image;

constexpr uint64_t kMinMemoryMib = 64;
constexpr uint32_t kMaxCpus = 8;
constexpr size_t kMaxDiskIdBytes = 20;
constexpr uint32_t kMinCpuMillis = 100;
constexpr uint32_t kMaxOverheadMib = 65536;

absl::StatusOr<UniqueFd> OpenFirmware(const std::string& state_dir, const emud::v1::VmSpec& spec) {
  const emud::v1::Boot& boot = spec.boot();
  if (BootsWith(boot, Image::FIRMWARE, boot.firmware())) {
    return OpenBootFile(state_dir, boot, Image::FIRMWARE, "spec.boot.firmware", boot.firmware());
  }
  const GuestArchitecture* guest = FindGuestArchitecture(spec.machine().arch());
  if (guest == nullptr || guest->kernel_firmware.empty()) return UniqueFd();
  const std::string known(guest->kernel_firmware);
  UniqueFd fd(open(known.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd) return fd;
  return errors::InvalidField("spec.boot.firmware", absl::StrCat(known, " is not there"),
                              "install the package opensbi or give a firmware");
}

uint64_t BytesOf(const UniqueFd& file) {
  struct stat info = {};
  return file && fstat(file.get(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

ImageFormat FormatOf(const emud::v1::Disk& disk) {
  return disk.format() == emud::v1::Disk::QCOW2 ? ImageFormat::kQcow2 : ImageFormat::kRaw;
}

vm::v1::VmConfig::Disk::Cache CacheOf(const emud::v1::Disk& disk) {
  // The public ones begin with none in particular, which is the first.
  const int cache = std::max<int>(disk.cache(), emud::v1::Disk::WRITEBACK);
  return static_cast<vm::v1::VmConfig::Disk::Cache>(cache - emud::v1::Disk::WRITEBACK);
}

vm::v1::VmConfig::Disk::Bus BusOf(const emud::v1::Disk& disk) {
  using Disk = vm::v1::VmConfig::Disk;
  if (disk.bus() == emud::v1::Disk::VIRTIO_SCSI) return Disk::VIRTIO_SCSI;
  return IsOnPci(disk) ? Disk::VIRTIO_PCI : Disk::VIRTIO_MMIO;
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
  const bool has_kernel = BootsWith(boot, Image::KERNEL, boot.kernel());
  const bool has_flash = BootsWith(boot, Image::FLASH, boot.flash());
  const bool has_firmware = BootsWith(boot, Image::FIRMWARE, boot.firmware());
  if (!has_kernel && !has_flash && !has_firmware) {
    return errors::InvalidField("spec.boot.kernel", "there is nothing to boot",
                                "give a kernel, a firmware, a flash image, or an image with one");
  }
  if (has_flash && has_kernel) {
    return errors::InvalidField("spec.boot.flash", "it is started in place of a kernel",
                                "give either of the two");
  }
  if (guest.kernel_firmware.empty() && has_firmware && (has_kernel || has_flash)) {
    return errors::InvalidField(
        "spec.boot.firmware",
        std::string(guest.name) + " starts a kernel or a flash image without a firmware",
        "give one of the three");
  }
  if (BootsWith(boot, Image::INITRD, boot.initrd()) && !has_kernel) {
    return errors::InvalidField("spec.boot.initrd", "an initrd needs a kernel", "give a kernel");
  }
  return absl::OkStatus();
}

// The image of the disk at `index` and all below it; nothing of one whose overlay is not made yet.
absl::StatusOr<std::vector<ImageLayer>> OpenDisk(const emud::v1::Vm& vm, int index,
                                                 const std::string& state_dir, Overlays overlays) {
  const emud::v1::Disk& disk = vm.spec().disks(index);
  if (!disk.volume().empty()) {
    return OpenVolumeDisk(state_dir, disk, absl::StrCat("spec.disks[", index, "].volume"));
  }
  if (disk.has_pinned()) {
    if (HasOverlay(disk) && overlays == Overlays::kNotMadeYet) return std::vector<ImageLayer>();
    return OpenImageDisk(state_dir, absl::StrCat(state_dir, "/vms/", vm.uid()), disk,
                         absl::StrCat("spec.disks[", index, "].image"));
  }
  const std::string field = absl::StrCat("spec.disks[", index, "].path");
  const FileUse use = disk.readonly() ? FileUse::kRead : FileUse::kWrite;
  ASSIGN_OR_RETURN(UniqueFd file, OpenHostFile(field, disk.path(), use));
  RETURN_IF_ERROR(LockDisk(file, use, field, disk.path()));
  auto layers = disk_files::OpenChain({std::move(file), FormatOf(disk)}, disk.path());
  if (!layers.ok()) return ImageRefused(field, disk.path(), layers.status());
  return layers;
}

}  // namespace

uint64_t HostMemoryMib() {
  struct sysinfo info = {};
  sysinfo(&info);
  return (uint64_t{info.totalram} * info.mem_unit) >> 20;
}

void NameDisks(emud::v1::VmSpec& spec) {
  for (int i = 0; i < spec.disks_size(); ++i) {
    if (spec.disks(i).id().empty()) spec.mutable_disks(i)->set_id(absl::StrCat("disk", i));
  }
}

void ApplyDefaults(emud::v1::VmSpec& spec) {
  emud::v1::Machine& machine = *spec.mutable_machine();
  if (machine.type().empty()) machine.set_type("virt");
  if (machine.cpus() == 0) machine.set_cpus(1);
  if (machine.memory_mib() == 0) machine.set_memory_mib(512);
  if (machine.code_cache_mib() == 0) {
    machine.set_code_cache_mib(DefaultCodeCacheMib(machine.memory_mib()));
  }
  NameDisks(spec);
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
    const emud::v1::Disk& disk = spec.disks(i);
    if (disk.path().empty() && disk.image().empty() && disk.volume().empty()) {
      return errors::InvalidField(field + ".path", "it is missing",
                                  "give the path of a file, an image or a volume");
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
                                  "give VIRTIO_MMIO, VIRTIO_PCI or VIRTIO_SCSI");
    }
    if (spec.disks(i).bus() == emud::v1::Disk::VIRTIO_SCSI && !spec.disks(i).readonly()) {
      return errors::InvalidField(field + ".bus", "only CDs are on it, which are not written to",
                                  "make it read-only, or give VIRTIO_MMIO or VIRTIO_PCI");
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

absl::StatusOr<VmLaunch> OpenFiles(const emud::v1::Vm& vm, const std::string& state_dir,
                                   Overlays overlays) {
  const emud::v1::VmSpec& spec = vm.spec();
  VmLaunch launch;
  vm::v1::VmConfig& config = launch.config;
  config.set_uid(vm.uid());
  config.set_name(vm.name());
  config.set_arch(spec.machine().arch());
  config.set_cpus(spec.machine().cpus());
  config.set_gic_version(spec.machine().gic_version());
  config.set_memory_bytes(spec.machine().memory_mib() << 20);
  const emud::v1::Boot& boot = spec.boot();
  config.set_command_line(boot.cmdline().empty() ? boot.pinned().cmdline() : boot.cmdline());
  config.set_code_cache_mib(spec.machine().code_cache_mib());
  const auto open = [&](Image::Role role, const char* field, const std::string& path) {
    return OpenBootFile(state_dir, boot, role, field, path);
  };
  ASSIGN_OR_RETURN(launch.firmware, OpenFirmware(state_dir, spec));
  ASSIGN_OR_RETURN(launch.kernel, open(Image::KERNEL, "spec.boot.kernel", boot.kernel()));
  ASSIGN_OR_RETURN(launch.flash, open(Image::FLASH, "spec.boot.flash", boot.flash()));
  ASSIGN_OR_RETURN(launch.initrd, open(Image::INITRD, "spec.boot.initrd", boot.initrd()));
  // A firmware that is no ELF may lie in flash, too.
  launch.limits = LimitsOf(spec, BytesOf(launch.flash) + BytesOf(launch.firmware));
  for (int i = 0; i < spec.disks_size(); ++i) {
    const emud::v1::Disk& disk = spec.disks(i);
    ASSIGN_OR_RETURN(std::vector<ImageLayer> layers, OpenDisk(vm, i, state_dir, overlays));
    if (const absl::Status status = disk_files::SeparateLocks(layers); !status.ok()) {
      return ImageRefused(absl::StrCat("spec.disks[", i, "]"), disk.id(), status);
    }
    const bool is_qcow2 = !layers.empty() && layers.front().format == ImageFormat::kQcow2;
    launch.disks.push_back(std::move(layers));
    vm::v1::VmConfig::Disk& added = *config.add_disks();
    added.set_readonly(disk.readonly());
    added.set_id(disk.id());
    added.set_bus(BusOf(disk));
    added.set_cache(CacheOf(disk));
    added.set_on_write_error(disk.werror() == emud::v1::Disk::REPORT
                                 ? vm::v1::VmConfig::Disk::REPORT
                                 : vm::v1::VmConfig::Disk::STOP);
    added.set_on_read_error(disk.rerror() == emud::v1::Disk::STOP ? vm::v1::VmConfig::Disk::STOP
                                                                  : vm::v1::VmConfig::Disk::REPORT);
    if (is_qcow2) added.set_format(vm::v1::VmConfig::Disk::QCOW2);
  }
  AddNics(vm, config);
  return launch;
}

uint64_t DiskMib(const emud::v1::VmSpec& spec, const VmLaunch& launch) {
  uint64_t mib = OverlayMib(spec);
  for (int i = 0; i < spec.disks_size(); ++i) {
    if (spec.disks(i).has_pinned() || !spec.disks(i).volume().empty()) continue;
    // Of devices, too, for which fstat has no size.
    const off_t bytes = lseek(launch.disks[static_cast<size_t>(i)].front().file.get(), 0, SEEK_END);
    if (bytes > 0) mib += (static_cast<uint64_t>(bytes) + (1 << 20) - 1) >> 20;
  }
  return mib;
}

absl::StatusOr<uint64_t> MeasureDisks(const emud::v1::Vm& vm, const std::string& state_dir) {
  ASSIGN_OR_RETURN(const VmLaunch launch, OpenFiles(vm, state_dir, Overlays::kNotMadeYet));
  return DiskMib(vm.spec(), launch);
}

}  // namespace emu::daemon
