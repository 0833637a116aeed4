#include "vmm/snapshot/live_snapshot.h"

#include <sys/random.h>
#include <time.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vmm/base/state_wire.h"
#include "vmm/base/status_macros.h"
#include "vmm/snapshot/disk_identity.h"
#include "vmm/snapshot/errors.h"
#include "vmm/snapshot/file_io.h"
#include "vmm/snapshot/state_file.h"
#include "vmm/snapshot/state_header.h"

namespace emu::snapshot {
namespace {

using vm::v1::MachineState;

constexpr size_t kUidBytes = 16;

int64_t WallClockNs() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::span<const std::byte> BytesOf(std::string_view text) { return std::as_bytes(std::span(text)); }

absl::Status Describe(Machine& machine, MachineState& state) {
  state.set_format(kFormatWithoutSources);
  state.set_build(EMU_VERSION);
  std::string uid(kUidBytes, '\0');
  if (getrandom(uid.data(), uid.size(), 0) != static_cast<ssize_t>(uid.size())) {
    return absl::InternalError("the host gives no random number");
  }
  state.set_uid(std::move(uid));
  state.set_arch(machine.config().arch);
  state.set_cpus(machine.config().cpus);
  state.set_time_ns(WallClockNs());
  for (const Machine::DeviceName& device : machine.device_names()) {
    state.add_devices()->set_name(device.name);
    state.mutable_devices(state.devices_size() - 1)->set_number(device.number);
  }
  return NoteDisks(machine.config().disks, state);
}

std::string Text(StateWriter& writer) {
  const std::vector<std::byte> bytes = writer.Take();
  // SAFETY: bytes as a protobuf field has them.
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// Only those that have something of it, so that chains do not grow for ever.
void NameSources(const OpenState& parent, MachineState& state) {
  const std::vector<MachineState::Source> candidates = SourcesOf(parent);
  *state.mutable_parent() = candidates[0];
  std::vector<uint32_t> new_numbers(candidates.size() + 1, 0);
  for (MachineState::Region& region : *state.mutable_regions()) {
    for (MachineState::Chunk& chunk : *region.mutable_chunks()) {
      if (chunk.source() == 0) continue;
      uint32_t& number = new_numbers[chunk.source()];
      if (number == 0) {
        *state.add_sources() = candidates[chunk.source() - 1];
        number = static_cast<uint32_t>(state.sources_size());
      }
      chunk.set_source(number);
    }
  }
  if (state.sources_size() != 0) state.set_format(kStateFormat);
}

// The manifest, and once the disk has that and all before it, the header.
absl::Status Seal(const MachineState& state, uint64_t manifest_offset, int file) {
  const std::string manifest = state.SerializeAsString();
  StateHeader header;
  header.magic = kStateMagic;
  header.format = state.format();
  header.manifest_offset = manifest_offset;
  header.manifest_bytes = manifest.size();
  header.manifest_crc32c = Crc32c(BytesOf(manifest));
  header.header_crc32c = header.Crc();
  RETURN_IF_ERROR(WriteAll(file, BytesOf(manifest), manifest_offset));
  RETURN_IF_ERROR(Sync(file));
  RETURN_IF_ERROR(WriteAll(file, std::as_bytes(std::span(&header, 1)), 0));
  absl::Status synced = Sync(file);
  // Whoever looks at it finds none, whatever becomes of the rest.
  if (!synced.ok()) (void)WriteAll(file, std::as_bytes(std::span(&kNoHeader, 1)), 0);
  return synced;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LiveSnapshot>> LiveSnapshot::Begin(Machine& machine) {
  auto snapshot = std::unique_ptr<LiveSnapshot>(new LiveSnapshot);
  MachineState& state = snapshot->state_;
  RETURN_IF_ERROR(Describe(machine, state));
  for (translator::Vcpu* vcpu : machine.vcpus()) {
    StateWriter registers;
    vcpu->VisitState(registers);
    state.add_processors(Text(registers));
  }
  machine.translator().RevokeWrites();
  StateWriter devices;
  machine.VisitState(devices, [&machine, &memory = snapshot->memory_] {
    memory = std::make_unique<FrozenMemory>(machine.memory());
  });
  state.set_machine(Text(devices));
  snapshot->manifest_offset_ = DescribeRegions(machine.memory(), kMemoryOffset, state);
  return snapshot;
}

absl::Status LiveSnapshot::Write(int file, const OpenState* parent, const Progress& progress) {
  const absl::Status saved = SaveMemory(*memory_, file, parent, progress, state_);
  memory_.reset();  // nobody need wait for what is left
  RETURN_IF_ERROR(saved);
  if (parent != nullptr) NameSources(*parent, state_);
  return Seal(state_, manifest_offset_, file);
}

}  // namespace emu::snapshot
