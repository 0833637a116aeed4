#include "vmm/machine/machine.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_format.h"
#include "devices/backend/async_disk.h"
#include "vmm/base/bits.h"
#include "vmm/base/status_macros.h"
#include "vmm/machine/boards/virtio_disks.h"

namespace emu {
namespace {

constexpr uint64_t kMemoryGranule = 2 << 20;
constexpr uint32_t kDevicesGroup = 2;
constexpr uint32_t kBoardGroup = 3;

absl::Status CheckConfig(const MachineConfig& config, const BoardType* board) {
  if (board == nullptr) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "arch: there is no board for \"%s\"; give one of: %s", config.arch, KnownArchitectures()));
  }
  if (config.cpus < 1 || config.cpus > board->max_cpus) {
    return absl::InvalidArgumentError(
        absl::StrFormat("cpus: %d is not possible; give 1 to %d", config.cpus, board->max_cpus));
  }
  if (config.memory_bytes < board->min_memory_bytes ||
      config.memory_bytes > board->max_memory_bytes ||
      !IsAligned(config.memory_bytes, kMemoryGranule)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "memory_bytes: %d is not possible; give a multiple of 2 MiB from %d MiB to %d MiB",
        config.memory_bytes, board->min_memory_bytes >> 20, board->max_memory_bytes >> 20));
  }
  return absl::OkStatus();
}

}  // namespace

Machine::Machine(MachineConfig config, CharStream& console, WorkQueue* work)
    : config_(std::move(config)),
      console_(console),
      work_(work),
      address_space_(memory_),
      device_clock_(clock_, address_space_.device_mutex()) {}

Machine::~Machine() {
  console_.SetReceiver({});
  for (const NicConfig& nic : config_.nics) nic.port->SetHandlers({});
  if (config_.agent != nullptr) config_.agent->SetHandlers({});
}

absl::StatusOr<std::unique_ptr<Machine>> Machine::Create(MachineConfig config, CharStream& console,
                                                         PowerSink power,
                                                         TranslatorFactory new_translator,
                                                         WorkQueue* work) {
  const BoardType* board = FindBoardType(config.arch);
  RETURN_IF_ERROR(CheckConfig(config, board));
  auto machine = std::unique_ptr<Machine>(new Machine(std::move(config), console, work));
  const MachineConfig& kept = machine->config_;
  RETURN_IF_ERROR(board->add_memory(kept, machine->memory_));

  const translator::TranslatorOptions options{
      .arch = kept.arch,
      .tier = kept.tier,
      .memory_access = kept.memory_access,
      .code_cache_mib = kept.code_cache_mib,
      .tlb_max_entries = kept.tlb_max_entries,
      .random_eviction_seed = kept.random_eviction_seed,
      .trace = kept.trace,
      .perf_map_fd = kept.perf_map.get(),
      .sealed_code_fd = kept.sealed_code.get(),
  };
  ASSIGN_OR_RETURN(machine->translator_,
                   new_translator(options, machine->address_space_, machine->clock_));
  for (uint32_t i = 0; i < kept.cpus; ++i) {
    machine->vcpus_.push_back(&machine->translator_->AddVcpu(i));
  }
  ASSIGN_OR_RETURN(machine->board_,
                   board->create({.config = kept,
                                  .address_space = machine->address_space_,
                                  .clock = machine->device_clock_,
                                  .vcpus = machine->vcpus_,
                                  .cpu_properties = machine->translator_->cpu_properties(),
                                  .console = console,
                                  .power = std::move(power),
                                  .work = work,
                                  .disks = &machine->disks_}));
  if (translator::ProcessorPort* port = machine->board_->processor_port()) {
    machine->translator_->SetProcessorPort(*port);
  }
  if (kept.is_restored) {
    machine->ResetDevices();
    machine->ResetVcpus();
  } else {
    RETURN_IF_ERROR(machine->Reset());
  }
  return machine;
}

absl::Status Machine::Reset() {
  ResetDevices();
  RETURN_IF_ERROR(board_->LoadBootImages());
  ResetVcpus();
  return absl::OkStatus();
}

void Machine::ResetDevices() {
  std::lock_guard lock(address_space_.device_mutex());
  for (const Board::NamedDevice& named : board_->devices()) named.device->Reset();
}

void Machine::ResetVcpus() {
  for (uint32_t i = 0; i < vcpus_.size(); ++i) {
    vcpus_[i]->Reset(board_->reset_pc());
    if (!board_->StartsAtReset(i)) vcpus_[i]->PowerOff();
  }
}

bool Machine::PressPowerButton() {
  std::lock_guard lock(address_space_.device_mutex());
  return board_->PressPowerButton();
}

void Machine::Start() {
  {
    std::lock_guard lock(address_space_.device_mutex());
    for (const Board::NamedDevice& named : board_->devices()) named.device->Start();
  }
  clock_.Start();
}

void Machine::Pause() {
  clock_.Stop();
  if (work_ != nullptr) work_->Drain();
  std::lock_guard lock(address_space_.device_mutex());
  for (const Board::NamedDevice& named : board_->devices()) named.device->Pause();
}

void Machine::VisitState(StateVisitor& visitor, const std::function<void()>& then) {
  uint64_t now_ns = clock_.NowNs();
  visitor.Field(1, "now_ns", now_ns);
  if (visitor.IsReading()) clock_.SetNowNs(now_ns);
  std::lock_guard lock(address_space_.device_mutex());
  visitor.BeginGroup(kDevicesGroup, "devices");
  for (const Board::NamedDevice& named : board_->devices()) {
    visitor.BeginGroup(named.number, named.name);
    named.device->VisitState(visitor);
    visitor.EndGroup();
  }
  visitor.EndGroup();
  visitor.BeginGroup(kBoardGroup, "board");
  board_->VisitState(visitor);
  visitor.EndGroup();
  if (then) then();
}

absl::Status Machine::FlushDisks() {
  size_t missing = 0;
  {
    std::lock_guard lock(address_space_.device_mutex());
    for (const Board::NamedDevice& named : board_->devices()) {
      ++missing;
      named.device->FlushDisk([&missing](bool ok) { missing -= ok ? 1 : 0; });
    }
  }
  if (work_ != nullptr) work_->Drain();
  std::lock_guard lock(address_space_.device_mutex());
  if (missing == 0) return absl::OkStatus();
  return absl::InternalError("a disk can't be flushed: see the VM's log, and the host's disks");
}

absl::StatusOr<std::vector<Machine::OpenedOverlay>> Machine::OpenOverlays(
    std::vector<NewOverlay> overlays) const {
  std::vector<OpenedOverlay> opened;
  for (NewOverlay& overlay : overlays) {
    const auto found = std::ranges::find(config_.disks, overlay.disk_id, &DiskConfig::id);
    const auto index = static_cast<size_t>(found - config_.disks.begin());
    if (index >= disks_.size() || found->readonly) {
      return absl::InvalidArgumentError(
          absl::StrFormat("disks: there is no %s that is written to", overlay.disk_id));
    }
    OpenedOverlay& added = opened.emplace_back(OpenedOverlay{
        index, Overlaid(*found, std::move(overlay.file)), std::move(overlay.lock), nullptr});
    ASSIGN_OR_RETURN(added.image, OpenDiskImage(added.config));
    if (added.image->size_bytes() == disks_[index]->size_bytes()) continue;
    return absl::InvalidArgumentError(
        absl::StrFormat("disks: %s has another size than the file over it", overlay.disk_id));
  }
  return opened;
}

void Machine::UseOverlays(std::vector<OpenedOverlay>& overlays) {
  std::lock_guard lock(address_space_.device_mutex());
  for (OpenedOverlay& overlay : overlays) {
    disks_[overlay.disk]->ExchangeImage(overlay.image);
    config_.disks[overlay.disk] = std::move(overlay.config);
    locks_.push_back(std::move(overlay.lock));
  }
}

std::vector<Machine::DeviceName> Machine::device_names() {
  std::lock_guard lock(address_space_.device_mutex());
  std::vector<DeviceName> names;
  for (const Board::NamedDevice& named : board_->devices()) {
    names.push_back({named.name, named.number});
  }
  return names;
}

std::string Machine::InspectDevice(uint32_t index, StateVisitor& visitor) {
  std::lock_guard lock(address_space_.device_mutex());
  if (index >= board_->devices().size()) return {};
  const Board::NamedDevice& named = board_->devices()[index];
  named.device->VisitState(visitor);
  return named.name;
}

std::vector<Machine::DiskStats> Machine::disk_stats() {
  std::lock_guard lock(address_space_.device_mutex());
  std::vector<DiskStats> stats;
  for (const Board::NamedDevice& named : board_->devices()) {
    const std::optional<DiskCounters> counters = named.device->disk_counters();
    if (!counters.has_value()) continue;
    // Boards put disks into their slots in the configuration's order.
    stats.push_back({named.name, config_.disks[stats.size()].id, *counters});
  }
  return stats;
}

absl::Status Machine::AfterRestore() {
  std::lock_guard lock(address_space_.device_mutex());
  for (const Board::NamedDevice& named : board_->devices()) {
    RETURN_IF_ERROR(named.device->AfterRestore());
  }
  return absl::OkStatus();
}

}  // namespace emu
