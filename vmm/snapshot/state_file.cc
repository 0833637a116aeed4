#include "vmm/snapshot/state_file.h"

#include <errno.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "vmm/base/bits.h"
#include "vmm/base/state_wire.h"
#include "vmm/base/status_macros.h"
#include "vmm/snapshot/crc32c.h"
#include "vmm/snapshot/disk_identity.h"
#include "vmm/snapshot/errors.h"
#include "vmm/snapshot/file_io.h"
#include "vmm/snapshot/live_snapshot.h"
#include "vmm/snapshot/state_header.h"

namespace emu::snapshot {
namespace {

using vm::v1::MachineState;

// Two consoles' input of 1 MiB each, registers, and twelve bytes for each chunk of memory.
constexpr uint64_t kMostManifestBytes = 64 << 20;
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

absl::StatusOr<MachineState> ReadManifest(int file) {
  StateHeader header;
  RETURN_IF_ERROR(ReadAll(file, std::as_writable_bytes(std::span(&header, 1)), 0));
  if (header.magic != kStateMagic) return Damaged("it has no header");
  if (header.header_crc32c != header.Crc()) return Damaged("its header is not what was written");
  if (header.format > kStateFormat) return OfANewerFormat(header.format, "a later one");
  struct stat info = {};
  if (fstat(file, &info) != 0) return CantRead(errno);
  if (header.manifest_bytes > kMostManifestBytes ||
      ExceedsLimit(header.manifest_offset, header.manifest_bytes,
                   static_cast<uint64_t>(info.st_size))) {
    return Damaged("it is cut short");
  }
  std::string bytes(header.manifest_bytes, '\0');
  RETURN_IF_ERROR(ReadAll(file, std::as_writable_bytes(std::span(bytes)), header.manifest_offset));
  MachineState state;
  if (Crc32c(BytesOf(bytes)) != header.manifest_crc32c || !state.ParseFromString(bytes)) {
    return Damaged("its manifest is not what was written");
  }
  return state;
}

}  // namespace

uint64_t LargestStateBytes(uint64_t memory_bytes) {
  return kMemoryOffset + memory_bytes + kRoomForRom + kMostManifestBytes;
}

absl::Status SaveMachine(Machine& machine, int file, const Progress& progress) {
  ASSIGN_OR_RETURN(const std::unique_ptr<LiveSnapshot> snapshot, LiveSnapshot::Begin(machine));
  return snapshot->Write(file, progress);
}

absl::Status RestoreMachine(Machine& machine, UniqueFd file, ChangedDisks changed_disks) {
  ASSIGN_OR_RETURN(const MachineState state, ReadManifest(file.get()));
  RETURN_IF_ERROR(CheckShape(state, machine));
  RETURN_IF_ERROR(
      CheckDisks(state, machine.config().disks, changed_disks == ChangedDisks::kAccept));
  RETURN_IF_ERROR(
      LoadMemory(state, std::make_shared<const UniqueFd>(std::move(file)), machine.memory()));
  return LoadChips(state, machine);
}

}  // namespace emu::snapshot
