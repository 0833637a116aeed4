#include "vmm/process/run_command.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/base/unique_fd.h"
#include "vmm/disk_files/cache_mode.h"
#include "vmm/disk_files/disk_chain.h"
#include "vmm/disk_files/disk_locks.h"
#include "vmm/machine/board.h"
#include "vmm/process/run_network.h"
#include "vmm/process/run_vm.h"

namespace emu {
namespace {

constexpr char kUsage[] = R"(Usage: emu-vm run --arch A [flags]
Runs one VM with its console on standard input and output. ^A x quits, ^A ^A sends ^A.

  --arch A            guest architecture: aarch64 or riscv64
  --kernel F          Linux Image, plain or gzip'ed
  --initrd F          initial RAM disk
  --append S          kernel command line
  --firmware F        ELF or raw image that runs from reset (default on riscv64: Debian's opensbi)
  --flash F           raw image that runs in the flash, like EDK2, in place of a kernel
  --variables F       what it remembers; made if it is not there
  --disk F[,readonly][,bus=pci][,format=raw|qcow2][,cache=C]  disk image; may be repeated. The
                      format is stated, raw if not; backing files lie in the image's folder or below
                      it. F,bus=scsi,media=cdrom is a CD, for ISO images. C is one of QEMU's: writeback (the default; the guest's flushes make its
                      writes durable), none (the same, past the host's page cache), writethrough
                      (each write is durable), directsync (both), unsafe (nothing is)
  --cdrom F           the same as --disk F,bus=scsi,media=cdrom
  --aio A             how disks wait for the host: io_uring or threads (default: what is allowed)
  --net user[,bus=pci][,tftp=FOLDER][,bootfile=NAME]  a network card behind this host's network:
                      DHCP, DNS, NAT; firmware boots NAME in FOLDER from it
  --forward P:[A:]H:G  from port H (0: any) of this host's address A (default 127.0.0.1) to the
                      guest's port G; P is tcp or udp; may be repeated
  --memory N[M|G]     RAM (default 512M)
  --cpus N            1 to 8 (default 1)
  --gic-version N     of the interrupt controller, 2 or 3 (aarch64; default 3)
  --code-cache-mib N  memory for translated code (default a quarter of --memory, 64 to 256)
  --tlb-entries N     soft TLB entries per bank (default 32768)
  --tier t0|t1        interpret only, or compile (default t1)
  --memory-access A   groups, lookups or calls: to compare (default groups)
  --evict-seed N      evict translated code at random, seeded
  --trace STAGES      print blocks as they are translated: guest,ir,opt,host
  --trace-address A-B only those that begin there, physically or virtually
  --perf-map          name translated code for perf, in /tmp/perf-PID.map
  --stats             print counters at the end, on stderr
  --gdb PATH[,wait]   listen for gdb on a unix socket; wait: run nothing before it says so
  --no-sandbox        without the system call filter

Example:
  emu-vm run --arch riscv64 --kernel linux --initrd initrd.gz \
      --append 'console=ttyS0 rdinit=/bin/sh' --memory 512M
Exits 0 when the guest powers off, with the guest's code when it fails, 2 for bad usage, 125 if the
VM could not start.
)";

// A field of the config by the flag that sets it.
struct FieldFlag {
  absl::string_view field;
  absl::string_view flag;
};

constexpr FieldFlag kFieldFlags[] = {
    {"arch:", "--arch:"},     {"cpus:", "--cpus:"},     {"memory_bytes:", "--memory:"},
    {"kernel:", "--kernel:"}, {"initrd:", "--initrd:"}, {"firmware:", "--firmware:"},
    {"disks:", "--disk:"},    {"flash:", "--flash:"},   {"variables:", "--variables:"},
};

std::string NameFlag(absl::string_view message) {
  for (const FieldFlag& known : kFieldFlags) {
    if (absl::ConsumePrefix(&message, known.field)) return absl::StrCat(known.flag, message);
  }
  return std::string(message);
}

void PrintError(const absl::Status& status) {
  std::fprintf(stderr, "emu-vm: %s\n", NameFlag(status.message()).c_str());
}

absl::Status Bad(absl::string_view flag, absl::string_view value, absl::string_view want) {
  return absl::InvalidArgumentError(absl::StrCat(flag, " ", value, ": want ", want));
}

// The descriptor stays open for RunVm, which takes it by number.
absl::StatusOr<int> OpenFile(absl::string_view flag, const std::string& path, int mode) {
  // Not to wait for the writer of a pipe, which is no file to boot from.
  const int fd = open(path.c_str(), mode | O_CLOEXEC | O_NONBLOCK);
  if (fd >= 0) return fd;
  const int error = errno;
  const char* remedy = error == ENOENT   ? "check the path"
                       : error == EACCES ? "allow it to this user"
                       : error == EROFS  ? "add ,readonly or copy the disk"
                                         : "check the file";
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " ", path, ": ", std::strerror(error), "; ", remedy));
}

absl::StatusOr<uint64_t> ParseBytes(absl::string_view flag, absl::string_view text) {
  absl::string_view digits = text;
  uint64_t unit = 1;
  if (absl::ConsumeSuffix(&digits, "G")) {
    unit = 1 << 30;
  } else if (absl::ConsumeSuffix(&digits, "M")) {
    unit = 1 << 20;
  }
  uint64_t count = 0;
  if (!absl::SimpleAtoi(digits, &count) || count == 0 || count > (UINT64_MAX >> 1) / unit) {
    return Bad(flag, text, "a size like 512M or 1G");
  }
  return count * unit;
}

absl::StatusOr<uint32_t> ParseCount(absl::string_view flag, absl::string_view text) {
  uint32_t count = 0;
  if (!absl::SimpleAtoi(text, &count) || count == 0) return Bad(flag, text, "a positive number");
  return count;
}

// Writers exclude everybody, readers only writers; the same lock as the daemon's.
bool Lock(int fd, int16_t kind) {
  struct flock lock = {};
  lock.l_type = kind;
  lock.l_whence = SEEK_SET;
  return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

absl::Status OpenVariables(const std::string& path, vm::v1::VmConfig& config) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  if (fd < 0) {
    return absl::InvalidArgumentError(absl::StrCat("--variables ", path, ": ", std::strerror(errno),
                                                   "; give a file that may be written"));
  }
  if (!Lock(fd, F_WRLCK)) {
    close(fd);
    return absl::FailedPreconditionError(absl::StrCat(
        "--variables ", path, " is in use by another process; stop that VM or give another file"));
  }
  config.set_variables_fd(fd);
  return absl::OkStatus();
}

vm::v1::VmConfig::Disk::Format ToProto(ImageFormat format) {
  return format == ImageFormat::kQcow2 ? vm::v1::VmConfig::Disk::QCOW2
                                       : vm::v1::VmConfig::Disk::RAW;
}

// Off the end of a disk's options; false if there is none.
bool TakeCacheMode(absl::string_view& options, CacheMode& cache) {
  const size_t at = options.rfind(",cache=");
  if (at == absl::string_view::npos) return false;
  const absl::string_view name = options.substr(at + std::strlen(",cache="));
  const std::optional<CacheMode> known = CacheModeOf({name.data(), name.size()});
  if (!known.has_value()) return false;
  cache = *known;
  options = options.substr(0, at);
  return true;
}

// What is said of a disk behind its path.
struct DiskOptions {
  std::optional<vm::v1::VmConfig::Disk::Bus> bus;
  bool is_cd = false;
  bool readonly = false;
  ImageFormat format = ImageFormat::kRaw;
  CacheMode cache = CacheMode::kWriteback;
};

// Takes them off the end of `path`, as long as they are some.
absl::StatusOr<DiskOptions> TakeDiskOptions(absl::string_view& path) {
  using Disk = vm::v1::VmConfig::Disk;
  DiskOptions options;
  for (bool is_option = true; is_option;) {
    if (absl::ConsumeSuffix(&path, ",bus=pci")) {
      options.bus = Disk::VIRTIO_PCI;
    } else if (absl::ConsumeSuffix(&path, ",bus=scsi")) {
      options.bus = Disk::VIRTIO_SCSI;
    } else if (absl::ConsumeSuffix(&path, ",media=cdrom")) {
      options.is_cd = options.readonly = true;
    } else if (absl::ConsumeSuffix(&path, ",readonly")) {
      options.readonly = true;
    } else if (absl::ConsumeSuffix(&path, ",format=qcow2")) {
      options.format = ImageFormat::kQcow2;
    } else if (absl::ConsumeSuffix(&path, ",format=raw")) {
      options.format = ImageFormat::kRaw;
    } else {
      is_option = TakeCacheMode(path, options.cache);
    }
  }
  if (options.is_cd && !options.bus.has_value()) options.bus = Disk::VIRTIO_SCSI;
  if (options.bus == Disk::VIRTIO_SCSI && !options.is_cd) {
    return absl::InvalidArgumentError(
        absl::StrCat("--disk ", path,
                     ",bus=scsi: only CDs are on it; add media=cdrom or give "
                     "another bus"));
  }
  return options;
}

absl::Status AddDisk(const std::string& value, vm::v1::VmConfig& config) {
  absl::string_view path = value;
  ASSIGN_OR_RETURN(const DiskOptions options, TakeDiskOptions(path));
  const bool readonly = options.readonly;
  ASSIGN_OR_RETURN(const int fd,
                   OpenFile("--disk", std::string(path), readonly ? O_RDONLY : O_RDWR));
  if (!Lock(fd, readonly ? F_RDLCK : F_WRLCK)) {
    close(fd);
    return absl::FailedPreconditionError(absl::StrCat(
        "--disk ", path, " is in use by another process; stop that VM, or make both readonly"));
  }
  auto layers = disk_files::OpenChain({UniqueFd(fd), options.format}, std::string(path));
  absl::Status status = layers.status();
  if (status.ok()) status = disk_files::SeparateLocks(*layers);
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat("--disk ", path, " ", status.message()));
  }
  for (ImageLayer& layer : *layers) config.add_lock_fds(layer.lock.Release());
  vm::v1::VmConfig::Disk& disk = *config.add_disks();
  disk.set_fd(layers->front().file.Release());
  disk.set_format(ToProto(options.format));
  for (ImageLayer& layer : std::span(*layers).subspan(1)) {
    vm::v1::VmConfig::Disk::BackingFile& backing = *disk.add_backing();
    backing.set_fd(layer.file.Release());
    backing.set_format(ToProto(layer.format));
  }
  disk.set_readonly(readonly);
  disk.set_cache(static_cast<vm::v1::VmConfig::Disk::Cache>(options.cache));
  disk.set_bus(options.bus.value_or(vm::v1::VmConfig::Disk::VIRTIO_MMIO));
  disk.set_id(absl::StrCat("disk", config.disks_size() - 1));
  return absl::OkStatus();
}

// "0x80200000-0x80300000", or one address.
absl::Status ParseTraceAddress(absl::string_view flag, const std::string& value,
                               vm::v1::VmConfig& config) {
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(value, absl::MaxSplits('-', 1));
  uint64_t first = 0;
  uint64_t last = 0;
  if (!absl::SimpleHexAtoi(ends.first, &first) ||
      (!ends.second.empty() && !absl::SimpleHexAtoi(ends.second, &last)) ||
      (!ends.second.empty() && last < first)) {
    return Bad(flag, value, "two addresses like 0x80200000-0x80300000");
  }
  config.set_trace_first(first);
  config.set_trace_last(ends.second.empty() ? first : last);
  return absl::OkStatus();
}

// The file that perf looks for. The VM runs in this process.
absl::Status OpenPerfMap(vm::v1::VmConfig& config) {
  const std::string path = absl::StrCat("/tmp/perf-", getpid(), ".map");
  unlink(path.c_str());  // of an earlier process of the same number
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--perf-map: ", path, ": ", std::strerror(errno), "; remove it"));
  }
  config.set_perf_map_fd(fd);
  return absl::OkStatus();
}

// A listening socket at `path`, for this user alone, in place of one that is left over.
absl::StatusOr<int> ListenAt(absl::string_view flag, const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return Bad(flag, path, "a path of 1 to 107 characters");
  }
  path.copy(address.sun_path, path.size());
  struct stat status;
  if (lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) unlink(path.c_str());
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const mode_t mask = umask(0177);
  // SAFETY: the sockets' own way of passing addresses.
  const bool is_bound =
      bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  const int error = errno;
  umask(mask);
  if (!is_bound || listen(listener.get(), 8) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        flag, " ", path, ": ", std::strerror(is_bound ? errno : error), "; choose another path"));
  }
  return listener.Release();
}

absl::Status ListenForGdb(const std::string& value, vm::v1::VmConfig& config) {
  absl::string_view path = value;
  config.set_gdb_wait(absl::ConsumeSuffix(&path, ",wait"));
  ASSIGN_OR_RETURN(const int fd, ListenAt("--gdb", std::string(path)));
  config.set_gdb_listen_fd(fd);
  return absl::OkStatus();
}

absl::Status ApplyFlag(absl::string_view flag, const std::string& value, vm::v1::VmConfig& config,
                       NetworkRequest& network) {
  if (flag == "--net") {
    RETURN_IF_ERROR(ParseNetwork(value, network));
  } else if (flag == "--forward") {
    ASSIGN_OR_RETURN(network.forwards.emplace_back(), ParseForward(value));
  } else if (flag == "--arch") {
    config.set_arch(value);
  } else if (flag == "--append") {
    config.set_command_line(value);
  } else if (flag == "--trace") {
    config.set_trace_stages(value);
  } else if (flag == "--trace-address") {
    RETURN_IF_ERROR(ParseTraceAddress(flag, value, config));
  } else if (flag == "--kernel") {
    ASSIGN_OR_RETURN(const int fd, OpenFile(flag, value, O_RDONLY));
    config.set_kernel_fd(fd);
  } else if (flag == "--initrd") {
    ASSIGN_OR_RETURN(const int fd, OpenFile(flag, value, O_RDONLY));
    config.set_initrd_fd(fd);
  } else if (flag == "--firmware") {
    ASSIGN_OR_RETURN(const int fd, OpenFile(flag, value, O_RDONLY));
    config.set_firmware_fd(fd);
  } else if (flag == "--flash") {
    ASSIGN_OR_RETURN(const int fd, OpenFile(flag, value, O_RDONLY));
    config.set_flash_fd(fd);
  } else if (flag == "--variables") {
    RETURN_IF_ERROR(OpenVariables(value, config));
  } else if (flag == "--disk") {
    RETURN_IF_ERROR(AddDisk(value, config));
  } else if (flag == "--cdrom") {
    RETURN_IF_ERROR(AddDisk(value + ",bus=scsi,media=cdrom", config));
  } else if (flag == "--gdb") {
    RETURN_IF_ERROR(ListenForGdb(value, config));
  } else if (flag == "--memory") {
    ASSIGN_OR_RETURN(const uint64_t bytes, ParseBytes(flag, value));
    config.set_memory_bytes(bytes);
  } else if (flag == "--cpus") {
    ASSIGN_OR_RETURN(const uint32_t cpus, ParseCount(flag, value));
    if (cpus > 8) return Bad(flag, value, "1 to 8");
    config.set_cpus(cpus);
  } else if (flag == "--gic-version") {
    ASSIGN_OR_RETURN(const uint32_t version, ParseCount(flag, value));
    config.set_gic_version(version);
  } else if (flag == "--code-cache-mib") {
    ASSIGN_OR_RETURN(const uint32_t mib, ParseCount(flag, value));
    config.set_code_cache_mib(mib);
  } else if (flag == "--tlb-entries") {
    ASSIGN_OR_RETURN(const uint32_t entries, ParseCount(flag, value));
    config.set_tlb_max_entries(entries);
  } else if (flag == "--evict-seed") {
    ASSIGN_OR_RETURN(const uint32_t seed, ParseCount(flag, value));
    config.set_random_eviction_seed(seed);
  } else if (flag == "--memory-access") {
    vm::v1::VmConfig::MemoryAccess access = vm::v1::VmConfig::GROUPS;
    if (!vm::v1::VmConfig::MemoryAccess_Parse(absl::AsciiStrToUpper(value), &access)) {
      return Bad(flag, value, "groups, lookups or calls");
    }
    config.set_memory_access(access);
  } else if (flag == "--aio") {
    if (value != "io_uring" && value != "threads") return Bad(flag, value, "io_uring or threads");
    config.set_aio(value == "threads" ? vm::v1::VmConfig::THREADS : vm::v1::VmConfig::IO_URING);
  } else if (flag == "--tier") {
    if (value != "t0" && value != "t1") return Bad(flag, value, "t0 or t1");
    config.set_tier(value == "t0" ? vm::v1::VmConfig::INTERPRET_ONLY : vm::v1::VmConfig::COMPILE);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown flag ", flag, ": see emu-vm run --help"));
  }
  return absl::OkStatus();
}

absl::Status Parse(int argc, char** argv, vm::v1::VmConfig& config, NetworkRequest& network) {
  for (int i = 0; i < argc; ++i) {
    absl::string_view flag = argv[i];
    if (flag == "--no-sandbox") {
      config.set_no_sandbox(true);
      continue;
    }
    if (flag == "--stats") {
      config.set_print_stats(true);
      continue;
    }
    if (flag == "--perf-map") {
      RETURN_IF_ERROR(OpenPerfMap(config));
      continue;
    }
    std::string value;
    if (const size_t equals = flag.find('='); equals != absl::string_view::npos) {
      value = std::string(flag.substr(equals + 1));
      flag = flag.substr(0, equals);
    } else if (++i < argc) {
      value = argv[i];
    } else {
      return absl::InvalidArgumentError(absl::StrCat(flag, ": a value is missing"));
    }
    RETURN_IF_ERROR(ApplyFlag(flag, value, config, network));
  }
  if (!network.is_wanted && !network.forwards.empty()) {
    return absl::InvalidArgumentError("--forward: there is no network; add --net user");
  }
  if (config.arch().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--arch is missing: give one of: ", KnownArchitectures()));
  }
  if (config.kernel_fd() == 0 && config.flash_fd() == 0 && config.firmware_fd() == 0) {
    return absl::InvalidArgumentError("nothing to boot: give --kernel, --flash or --firmware");
  }
  const BoardType* board = FindBoardType(config.arch());
  if (config.firmware_fd() != 0 || board == nullptr || board->kernel_firmware == nullptr) {
    return absl::OkStatus();
  }
  absl::StatusOr<int> firmware = OpenFile("--firmware", board->kernel_firmware, O_RDONLY);
  if (!firmware.ok()) {
    return absl::NotFoundError(absl::StrCat(firmware.status().message(),
                                            ": install the package opensbi or give --firmware"));
  }
  config.set_firmware_fd(*firmware);
  return absl::OkStatus();
}

}  // namespace

int RunCommand(int argc, char** argv) {
  if (argc > 0 && (std::strcmp(argv[0], "--help") == 0 || std::strcmp(argv[0], "-h") == 0)) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  InitializeLogging(LogLevel::kInfo);
  vm::v1::VmConfig config;
  config.set_name("run");
  config.set_cpus(1);
  config.set_memory_bytes(uint64_t{512} << 20);
  NetworkRequest network;
  absl::Status status = Parse(argc, argv, config, network);
  if (status.ok() && network.is_wanted) status = StartNetwork(network, config);
  if (!status.ok()) {
    PrintError(status);
    return 2;
  }
  absl::Status why;
  const int code = RunVm(config, {}, why);
  if (!why.ok()) PrintError(why);
  return code;
}

}  // namespace emu
