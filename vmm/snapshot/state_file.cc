#include "vmm/snapshot/state_file.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "vmm/base/state_wire.h"
#include "vmm/base/status_macros.h"
#include "vmm/snapshot/disk_identity.h"
#include "vmm/snapshot/errors.h"
#include "vmm/snapshot/live_snapshot.h"

namespace emu::snapshot {
namespace {

using vm::v1::MachineState;

constexpr uint64_t kRoomForRom = 16 << 20;

std::span<const std::byte> BytesOf(std::string_view text) { return std::as_bytes(std::span(text)); }

absl::Status LoadChips(const MachineState& state, Machine& machine) {
  StateReader devices(BytesOf(state.machine()));
  machine.VisitState(devices);
  absl::Status read = devices.status();
  for (int i = 0; read.ok() && i < state.processors_size(); ++i) {
    StateReader registers(BytesOf(state.processors(i)));
    machine.vcpus()[static_cast<size_t>(i)]->VisitState(registers);
    read = registers.status();
  }
  if (read.ok()) read = machine.AfterRestore();
  return read.ok() ? read : Damaged(std::string(read.message()));
}

absl::Status CheckShape(const MachineState& state, Machine& machine) {
  const MachineConfig& config = machine.config();
  if (state.arch() != config.arch) {
    return OfAnotherMachine("architecture", state.arch(), config.arch);
  }
  if (state.cpus() != config.cpus) {
    return OfAnotherMachine("number of processors", absl::StrCat(state.cpus()),
                            absl::StrCat(config.cpus));
  }
  if (static_cast<uint32_t>(state.processors_size()) != state.cpus()) {
    return Damaged("it has not a state for each processor");
  }
  const std::vector<Machine::DeviceName> known = machine.device_names();
  for (const MachineState::Device& device : state.devices()) {
    const bool is_known = std::ranges::any_of(known, [&device](const Machine::DeviceName& own) {
      return own.number == device.number() && own.name == device.name();
    });
    if (!is_known) return OfAnotherMachine("device", device.name(), "none of that name");
  }
  return absl::OkStatus();
}

}  // namespace

uint64_t LargestStateBytes(uint64_t memory_bytes) {
  return kMemoryOffset + memory_bytes + kRoomForRom + kMostManifestBytes;
}

absl::Status SaveMachine(Machine& machine, int file, const Progress& progress) {
  ASSIGN_OR_RETURN(const std::unique_ptr<LiveSnapshot> snapshot, LiveSnapshot::Begin(machine));
  return snapshot->Write(file, nullptr, progress);
}

absl::Status CheckState(StateFiles files) {
  ASSIGN_OR_RETURN(const OpenState state, Open(std::move(files)));
  return CheckMemory(state);
}

absl::Status RestoreMachine(Machine& machine, StateFiles files, const RestoreOptions& options) {
  ASSIGN_OR_RETURN(const OpenState state, Open(std::move(files)));
  RETURN_IF_ERROR(CheckShape(state.manifest, machine));
  RETURN_IF_ERROR(CheckDisks(state.manifest, machine.config().disks,
                             options.changed_disks == ChangedDisks::kAccept));
  RETURN_IF_ERROR(LoadMemory(state, options.checks, machine.memory()));
  return LoadChips(state.manifest, machine);
}

}  // namespace emu::snapshot
