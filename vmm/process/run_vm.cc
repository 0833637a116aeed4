#include "vmm/process/run_vm.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "vmm/base/bits.h"
#include "vmm/base/code_cache_size.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/qcow2_header.h"
#include "vmm/process/console_ring.h"
#include "vmm/process/control_service.h"
#include "vmm/process/exit_record.h"
#include "vmm/process/frame_socket.h"
#include "vmm/process/gdb_server.h"
#include "vmm/process/inspection.h"
#include "vmm/process/io_loop.h"
#include "vmm/process/sandbox.h"
#include "vmm/process/serial_socket.h"
#include "vmm/process/state_driver.h"
#include "vmm/process/stats_text.h"
#include "vmm/process/stdio_console.h"
#include "vmm/process/trace_server.h"
#include "vmm/snapshot/state_file.h"

namespace emu {
namespace {

constexpr uint64_t kMostLogBytes = 64 << 20;
constexpr uint64_t kMostTableSlackBytes = 64 << 20;

UniqueFd TakeFd(int number) { return UniqueFd(number > 0 ? number : -1); }

VirtioBus ToBus(vm::v1::VmConfig::Disk::Bus bus) {
  return bus == vm::v1::VmConfig::Disk::VIRTIO_MMIO ? VirtioBus::kMmio : VirtioBus::kPci;
}

ImageFormat ToImageFormat(vm::v1::VmConfig::Disk::Format format) {
  return format == vm::v1::VmConfig::Disk::QCOW2 ? ImageFormat::kQcow2 : ImageFormat::kRaw;
}

// Both count them alike.
static_assert(static_cast<int>(CacheMode::kUnsafe) == vm::v1::VmConfig::Disk::UNSAFE &&
              static_cast<int>(AioMode::kThreads) == vm::v1::VmConfig::THREADS &&
              static_cast<int>(OnDiskError::kStop) == vm::v1::VmConfig::Disk::STOP);

MachineConfig ToMachineConfig(const vm::v1::VmConfig& config) {
  MachineConfig machine;
  machine.arch = config.arch();
  machine.cpus = config.cpus();
  machine.gic_version = config.gic_version();
  machine.memory_bytes = config.memory_bytes();
  machine.command_line = config.command_line();
  machine.firmware = TakeFd(config.firmware_fd());
  machine.kernel = TakeFd(config.kernel_fd());
  machine.initrd = TakeFd(config.initrd_fd());
  machine.flash = TakeFd(config.flash_fd());
  machine.variables = TakeFd(config.variables_fd());
  for (const vm::v1::VmConfig::Disk& disk : config.disks()) {
    DiskConfig& added = machine.disks.emplace_back();
    added.file = TakeFd(disk.fd());
    added.readonly = disk.readonly();
    added.id = disk.id();
    added.bus = ToBus(disk.bus());
    if (disk.bus() == vm::v1::VmConfig::Disk::VIRTIO_SCSI) added.model = DiskModel::kScsiCd;
    added.format = ToImageFormat(disk.format());
    added.cache = static_cast<CacheMode>(disk.cache());
    added.on_read_error = static_cast<OnDiskError>(disk.on_read_error());
    added.on_write_error = static_cast<OnDiskError>(disk.on_write_error());
    for (const vm::v1::VmConfig::Disk::BackingFile& backing : disk.backing()) {
      added.backing.push_back({TakeFd(backing.fd()), ToImageFormat(backing.format())});
    }
  }
  machine.aio = static_cast<AioMode>(config.aio());
  machine.code_cache_mib = config.code_cache_mib() != 0
                               ? config.code_cache_mib()
                               : DefaultCodeCacheMib(config.memory_bytes() >> 20);
  if (config.tlb_max_entries() != 0) machine.tlb_max_entries = config.tlb_max_entries();
  if (config.tier() == vm::v1::VmConfig::INTERPRET_ONLY) {
    machine.tier = translator::TierPolicy::kInterpretOnly;
  }
  if (config.memory_access() == vm::v1::VmConfig::LOOKUPS) {
    machine.memory_access = translator::MemoryAccess::kLookups;
  } else if (config.memory_access() == vm::v1::VmConfig::CALLS) {
    machine.memory_access = translator::MemoryAccess::kCalls;
  }
  machine.random_eviction_seed = config.random_eviction_seed();
  machine.trace = {.stages = config.trace_stages(),
                   .first = config.trace_first(),
                   .last = config.trace_last() == 0 ? UINT64_MAX : config.trace_last()};
  machine.perf_map = TakeFd(config.perf_map_fd());
  machine.is_restored = config.state_fd() != 0;
  machine.sealed_code = TakeFd(config.code_fd());
  return machine;
}

// What RunVm holds while the guest runs. Destroyed after the loop has stopped.
struct RunningVm {
  IoLoop loop;
  std::unique_ptr<ConsoleRing> ring;       // under a daemon
  std::unique_ptr<StdioConsole> terminal;  // else
  std::vector<std::unique_ptr<FrameSocket>> nics;
  std::unique_ptr<SerialSocket> agent;  // under a daemon
  std::unique_ptr<StateDriver> driver;
  std::unique_ptr<GdbServer> gdb;
  std::unique_ptr<TraceServer> trace;
  std::unique_ptr<ControlService> control;
  // Of the guest; the driver's thread writes them before it stops the loop.
  std::optional<GuestExit> exit;
  bool is_suspended = false;
};

// A process has eight bits for its code; failure must never look like success.
int ExitCode(const std::optional<GuestExit>& exit) {
  if (!exit.has_value() || exit->cause != GuestExit::Cause::kFailed) return 0;
  return std::max<int>(1, static_cast<int>(std::min<uint32_t>(exit->code, 255)));
}

absl::Status AddNics(const vm::v1::VmConfig& config, RunningVm& vm, MachineConfig& machine) {
  for (const vm::v1::VmConfig::Nic& nic : config.nics()) {
    NicConfig& added = machine.nics.emplace_back();
    if (nic.mac().size() != added.mac.size() || nic.mtu() > UINT16_MAX) {
      return absl::InvalidArgumentError("nics: the MAC has 6 bytes, the MTU at most 65535");
    }
    std::memcpy(added.mac.data(), nic.mac().data(), added.mac.size());
    added.bus = ToBus(nic.bus());
    vm.nics.push_back(
        std::make_unique<FrameSocket>(vm.loop, TakeFd(nic.fd()), static_cast<uint16_t>(nic.mtu())));
    added.port = vm.nics.back().get();
  }
  return absl::OkStatus();
}

absl::Status Restore(const vm::v1::VmConfig& config, Machine& machine) {
  snapshot::StateFiles files{.own = TakeFd(config.state_fd())};
  for (const int32_t fd : config.state_source_fds()) files.sources.push_back(TakeFd(fd));
  snapshot::RestoreOptions options;
  if (config.accept_changed_disks()) options.changed_disks = snapshot::ChangedDisks::kAccept;
  if (config.trust_state()) options.checks = snapshot::Checks::kTrusted;
  return snapshot::RestoreMachine(machine, std::move(files), options);
}

absl::Status Build(const vm::v1::VmConfig& config, RunningVm& vm) {
  CharStream* console = nullptr;
  if (config.console_ring_fd() != 0) {
    ASSIGN_OR_RETURN(vm.ring, ConsoleRing::Map(TakeFd(config.console_ring_fd())));
    console = vm.ring.get();
  } else {
    vm.terminal = std::make_unique<StdioConsole>(vm.loop);
    console = vm.terminal.get();
  }
  MachineConfig machine = ToMachineConfig(config);
  RETURN_IF_ERROR(AddNics(config, vm, machine));
  if (config.control_listen_fd() != 0) {
    vm.agent = std::make_unique<SerialSocket>(vm.loop, "agent");
    machine.agent = vm.agent.get();
  }
  ASSIGN_OR_RETURN(vm.driver, StateDriver::Create(std::move(machine), *console, vm.loop));
  if (config.state_fd() != 0) RETURN_IF_ERROR(Restore(config, vm.driver->machine()));
  vm.gdb = std::make_unique<GdbServer>(*vm.driver, vm.loop);
  vm.trace = std::make_unique<TraceServer>(*vm.driver, vm.loop);
  if (config.gdb_listen_fd() != 0) vm.gdb->Listen(TakeFd(config.gdb_listen_fd()));
  if (config.gdb_wait()) {
    vm.driver->Do([driver = vm.driver.get()] { driver->HoldProcessors(); });
  }
  if (config.control_listen_fd() != 0) {
    if (vm.ring == nullptr) {
      return absl::InvalidArgumentError("a control socket needs a console ring");
    }
    vm.control = std::make_unique<ControlService>(
        config.uid(), TakeFd(config.control_listen_fd()), *vm.driver, *vm.ring, vm.loop,
        ControlSinks{
            .gdb = [&vm](UniqueFd connection) { vm.gdb->Attach(std::move(connection)); },
            .has_gdb = [&vm] { return vm.gdb->is_attached(); },
            .nic =
                [&vm](uint32_t index, UniqueFd connection) {
                  if (index >= vm.nics.size()) return false;
                  vm.nics[index]->Connect(std::move(connection));
                  return true;
                },
            .agent =
                [&vm](UniqueFd connection) { return vm.agent->Connect(std::move(connection)); },
            .trace =
                [&vm](const translator::TraceOptions& options, UniqueFd pipe,
                      TraceServer::Done done) {
                  vm.trace->Start(options, std::move(pipe), std::move(done));
                }});
    vm.ring->SetAdvanceListener([&vm] { vm.control->NoteConsoleAdvanced(); });
  }
  vm.driver->SetObserver([&vm](VmState state, std::optional<GuestExit> exit) {
    if (exit.has_value() && exit->cause != GuestExit::Cause::kReset) vm.exit = exit;
    if (vm.control != nullptr) vm.control->NoteState(state);
    vm.is_suspended = state == VmState::kSuspended;
    if (state != VmState::kStopped && !vm.is_suspended) return;
    vm.gdb->NoteExit(static_cast<uint8_t>(ExitCode(vm.exit)));
    vm.loop.Stop();
  });
  return absl::OkStatus();
}

// On stderr, when the VM has stopped.
void PrintStats(StateDriver& driver) {
  vm::v1::Request request;
  request.mutable_read_stats();
  std::promise<std::string> text;
  driver.Do([&] { text.set_value(StatsText(Inspect(driver.machine(), request).stats())); });
  std::fputs(text.get_future().get().c_str(), stderr);
}

// The exit code, after having written down the outcome.
int Report(const RunningVm& vm, int record_fd) {
  const std::optional<GuestExit>& exit = vm.exit;
  const bool failed = exit.has_value() && exit->cause == GuestExit::Cause::kFailed;
  const ProcessOutcome::Kind kind = vm.is_suspended    ? ProcessOutcome::kSuspended
                                    : failed           ? ProcessOutcome::kGuestFailed
                                    : exit.has_value() ? ProcessOutcome::kPowerOff
                                                       : ProcessOutcome::kStoppedByHost;
  WriteProcessOutcome(record_fd, kind, failed ? exit->code : 0, absl::OkStatus());
  return ExitCode(exit);
}

void PublishPcs(Machine& machine, ProcessStatus& status) {
  for (translator::Vcpu* vcpu : machine.vcpus()) {
    if (status.cpus == std::size(status.guest_pcs)) return;
    vcpu->PublishPc(status.guest_pcs[status.cpus++]);
  }
}

// What a QCOW2 image may become longer: all of its disk, once more if snapshots have it, and
// tables, which with the smallest clusters and widest counts are a sixteenth of that.
uint64_t GrowthOf(int image) {
  const absl::StatusOr<qcow2::Header> header = qcow2::ReadHeader(image);
  if (!header.ok()) return 0;
  return header->size_bytes + header->size_bytes / 16 + kMostTableSlackBytes;
}

// Of the files that the VM writes to: its disks, its state, its log. Before the machine has them.
uint64_t LargestFileBytes(const vm::v1::VmConfig& config) {
  if (config.control_listen_fd() == 0) return RLIM_INFINITY;  // the console is a file of a person's
  uint64_t largest = std::max({kMostLogBytes, translator::kMostSealedCodeBytes,
                               snapshot::LargestStateBytes(config.memory_bytes())});
  for (const vm::v1::VmConfig::Disk& disk : config.disks()) {
    struct stat info = {};
    if (fstat(disk.fd(), &info) != 0) continue;
    uint64_t bytes = static_cast<uint64_t>(info.st_size);
    if (disk.format() == vm::v1::VmConfig::Disk::QCOW2) bytes += GrowthOf(disk.fd());
    // Direct I/O writes a whole unit where the file ends.
    largest = std::max(largest, AlignUp(bytes, 4096));
  }
  return largest;
}

// The last steps of the sandbox.
absl::Status Confine(const vm::v1::VmConfig& config, SandboxSteps reached,
                     uint64_t largest_file_bytes, RunningVm& vm) {
  if (config.no_sandbox()) return absl::OkStatus();
  RETURN_IF_ERROR(Sandbox::Enter(largest_file_bytes));
  absl::Status entered = Sandbox::EnterRole(ThreadRole::kIoLoop);
  vm.driver->RunOnEachThread([&](ThreadRole role) { entered.Update(Sandbox::EnterRole(role)); });
  RETURN_IF_ERROR(entered);
  reached.Add(Sandbox::kSteps);
  vm::v1::Response::Sandbox sandbox;
  reached.ListMissing(sandbox);
  if (config.require_sandbox() && sandbox.missing_size() != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "sandbox: the host refuses ",
        absl::StrJoin(sandbox.missing(), ", ",
                      [](std::string* out, int step) {
                        out->append(
                            vm::v1::SandboxStep_Name(static_cast<vm::v1::SandboxStep>(step)));
                      }),
        ", and the configuration demands it; allow it or set requireSandbox: false"));
  }
  if (vm.control != nullptr) vm.control->TellSandbox(sandbox);
  return absl::OkStatus();
}

}  // namespace

int RunVm(const vm::v1::VmConfig& config, const VmSurroundings& surroundings, absl::Status& why) {
  // Of the threads to come, too: processors wait for their timers themselves, and no longer than
  // the I/O loop would.
  prctl(PR_SET_TIMERSLACK, 1);
  auto vm = std::make_unique<RunningVm>();
  const uint64_t largest_file_bytes = LargestFileBytes(config);
  absl::Status status = Build(config, *vm);
  if (status.ok() && surroundings.status != nullptr) {
    PublishPcs(vm->driver->machine(), *surroundings.status);
  }
  if (status.ok()) status = Confine(config, surroundings.reached, largest_file_bytes, *vm);
  if (!status.ok()) {
    WriteProcessOutcome(surroundings.record_fd, ProcessOutcome::kStartFailed, 0, status);
    why = status;
    return kStartFailedExitCode;
  }
  if (vm->terminal != nullptr) {
    vm->terminal->Open([driver = vm->driver.get()] { driver->Stop(); });
  }
  if (vm->control == nullptr) vm->driver->Start();
  vm->loop.Run();
  if (vm->control != nullptr) vm->control->FlushBeforeClosing();
  if (vm->terminal != nullptr) vm->terminal->Close();
  if (config.print_stats()) PrintStats(*vm->driver);
  const int code = Report(*vm, surroundings.record_fd);
  vm->control.reset();
  vm->gdb.reset();
  vm->trace.reset();
  vm->driver.reset();
  return code;
}

}  // namespace emu
