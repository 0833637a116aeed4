#include "vmm/process/inspection.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vmm/base/state_visitor.h"

namespace emu {
namespace {

using translator::Vcpu;

// A response must fit into a packet.
constexpr size_t kMaxFieldBytes = 4096;
constexpr size_t kMaxDeviceBytes = 48 * 1024;

void Fail(absl::StatusCode code, const std::string& message, vm::v1::Response& response) {
  response.set_code(static_cast<int>(code));
  response.set_message(message);
}

// Fields and groups as a tree. What would not fit into a packet is left out, at its end.
class StateTree final : public StateVisitor {
 public:
  explicit StateTree(vm::v1::DeviceState& device) : device_(device) {}

  bool IsReading() const override { return false; }
  void Field(uint32_t, std::string_view name, uint64_t& value) override {
    if (vm::v1::StateField* field = Add(name, 16)) field->set_number(value);
  }
  void Field(uint32_t, std::string_view name, std::span<std::byte> bytes) override {
    AddBytes(name, bytes);
  }
  void Field(uint32_t, std::string_view name, std::vector<std::byte>& bytes) override {
    AddBytes(name, bytes);
  }
  void BeginGroup(uint32_t, std::string_view name) override { groups_.push_back(Add(name, 0)); }
  void EndGroup() override { groups_.pop_back(); }

 private:
  // nullptr where there is no room, or the group had none.
  vm::v1::StateField* Add(std::string_view name, size_t size) {
    used_bytes_ += name.size() + size + 8;
    if (used_bytes_ > kMaxDeviceBytes) return nullptr;
    if (!groups_.empty() && groups_.back() == nullptr) return nullptr;
    vm::v1::StateField* field =
        groups_.empty() ? device_.add_fields() : groups_.back()->add_fields();
    field->set_name(std::string(name));
    return field;
  }
  void AddBytes(std::string_view name, std::span<const std::byte> bytes) {
    const auto shown = bytes.first(std::min(bytes.size(), kMaxFieldBytes));
    if (vm::v1::StateField* field = Add(name, shown.size())) {
      field->set_data(shown.data(), shown.size());
    }
  }

  vm::v1::DeviceState& device_;
  std::vector<vm::v1::StateField*> groups_;
  size_t used_bytes_ = 0;
};

void ReadRegisters(Machine& machine, uint32_t index, vm::v1::Response& response) {
  if (index >= machine.vcpus().size() || machine.translator().debug() == nullptr) {
    return Fail(absl::StatusCode::kOutOfRange, "vcpu: there is none of that number", response);
  }
  vm::v1::VcpuRegisters& found = *response.mutable_registers();
  found.set_vcpu(index);
  const auto add = [&](const translator::DebugRegister& known, uint32_t number,
                       std::string_view part) {
    const std::optional<uint64_t> value = machine.vcpus()[index]->debug()->ReadRegister(number);
    if (!value.has_value()) return;
    vm::v1::Register& entry = *found.add_registers();
    entry.set_name(known.name + std::string(part));
    entry.set_group(std::string(known.group));
    entry.set_bits(std::min<uint32_t>(known.bits, 64));
    entry.set_value(*value);
  };
  for (const auto& feature : machine.translator().debug()->architecture().features) {
    for (const translator::DebugRegister& known : feature.registers) {
      add(known, known.number, "");
      if (known.upper.has_value()) add(known, *known.upper, "_high");
    }
  }
}

void ReadMemory(Machine& machine, const vm::v1::Request::ReadMemory& request,
                vm::v1::Response& response) {
  if (request.size_bytes() > kMaxInspectedBytes) {
    return Fail(absl::StatusCode::kInvalidArgument, "size_bytes: more than 32 KiB", response);
  }
  if (request.vcpu() >= machine.vcpus().size()) {
    return Fail(absl::StatusCode::kOutOfRange, "vcpu: there is none of that number", response);
  }
  const std::string memory = ReadGuestMemory(
      machine, request.physical() ? nullptr : machine.vcpus()[request.vcpu()]->debug(),
      request.address(), request.size_bytes());
  if (memory.empty() && request.size_bytes() != 0) {
    return Fail(absl::StatusCode::kOutOfRange, "address: no memory is there", response);
  }
  response.set_memory(memory);
}

void ReadDevice(Machine& machine, uint32_t index, vm::v1::Response& response) {
  vm::v1::DeviceState device;
  StateTree tree(device);
  const std::string name = machine.InspectDevice(index, tree);
  if (name.empty()) {
    return Fail(absl::StatusCode::kOutOfRange, "device: there is none of that number", response);
  }
  device.set_name(name);
  *response.mutable_device() = std::move(device);
}

void FillVcpu(const Vcpu::Counters& counters, vm::v1::VcpuStats& stats) {
  stats.set_blocks_translated(counters.blocks_translated);
  stats.set_instructions_translated(counters.guest_instructions_translated);
  stats.set_instructions_interpreted(counters.interpreted_instructions);
  stats.set_host_bytes_emitted(counters.host_bytes_emitted);
  stats.set_exceptions(counters.exceptions);
  stats.set_interrupts(counters.interrupts);
  stats.set_instructions_executed(counters.executed_instructions);
  vm::v1::TlbStats& tlb = *stats.mutable_tlb();
  tlb.set_misses(counters.tlb_misses);
  tlb.set_fills(counters.tlb_fills);
  tlb.set_resizes(counters.tlb_resizes);
  tlb.set_flushes(counters.tlb_flushes);
  tlb.set_entries(counters.tlb_entries);
  tlb.set_hits(counters.tlb_hits);
  vm::v1::ExitStats& exits = *stats.mutable_exits();
  exits.set_lookup(counters.exits_lookup);
  exits.set_link(counters.exits_link);
  exits.set_stale(counters.exits_stale);
  exits.set_wait(counters.exits_wait);
  exits.set_exception(counters.exits_exception);
  exits.set_fault(counters.exits_fault);
  exits.set_request(counters.requests);
}

void FillDisk(const Machine::DiskStats& disk, std::string_view aio, vm::v1::DiskStats& stats) {
  stats.set_aio(std::string(aio));
  stats.set_device(disk.device);
  stats.set_id(disk.id);
  stats.set_reads(disk.counters.reads);
  stats.set_read_bytes(disk.counters.read_bytes);
  stats.set_writes(disk.counters.writes);
  stats.set_written_bytes(disk.counters.written_bytes);
  stats.set_flushes(disk.counters.flushes);
  stats.set_discards(disk.counters.discards);
  stats.set_write_zeroes(disk.counters.write_zeroes);
  stats.set_failed(disk.counters.failed);
}

void ReadStats(Machine& machine, vm::v1::VmStats& stats) {
  stats.set_guest_time_ns(machine.clock().NowNs());
  uint32_t index = 0;
  for (const Vcpu* vcpu : machine.vcpus()) {
    vm::v1::VcpuStats& entry = *stats.add_vcpus();
    entry.set_vcpu(index++);
    FillVcpu(vcpu->counters(), entry);
  }
  if (translator::TranslatorDebug* debug = machine.translator().debug()) {
    stats.set_counting(debug->is_counting());
    const translator::CodeCounters counters = debug->code_counters();
    vm::v1::CodeStats& code = *stats.mutable_code();
    code.set_blocks(counters.blocks);
    code.set_cache_bytes(counters.cache_bytes);
    code.set_cache_used_bytes(counters.cache_used_bytes);
    code.set_evictions(counters.evictions);
    code.set_synchronizations(counters.synchronizations);
    code.set_instructions_translated(counters.guest_instructions);
    code.set_guest_bytes_translated(counters.guest_bytes);
    code.set_host_bytes_emitted(counters.host_bytes);
    code.set_side_table_bytes(counters.side_table_bytes);
    code.set_translation_ns(counters.translation_ns);
    code.set_sealed_blocks(counters.sealed_blocks);
  }
  for (const AddressSpace::IoCounters& counters : machine.address_space().io_counters()) {
    vm::v1::DeviceStats& device = *stats.add_devices();
    device.set_name(counters.name);
    device.set_base(counters.base.value);
    device.set_reads(counters.reads);
    device.set_writes(counters.writes);
    device.set_refused(counters.refused);
  }
  for (const Machine::DiskStats& disk : machine.disk_stats()) {
    FillDisk(disk, machine.aio(), *stats.add_disks());
  }
}

}  // namespace

std::string ReadGuestMemory(Machine& machine, translator::VcpuDebug* viewer, uint64_t address,
                            uint32_t size_bytes) {
  std::string memory;
  while (memory.size() < size_bytes) {
    const uint64_t at = address + memory.size();
    const uint64_t left = kPageSize - (at & kPageOffsetMask);
    const size_t size = std::min<uint64_t>(left, size_bytes - memory.size());
    const std::optional<GuestPhysAddr> physical =
        viewer == nullptr ? GuestPhysAddr(at) : viewer->Translate(GuestVirtAddr(at));
    std::byte bytes[kPageSize];
    const auto part = std::span(bytes).first(size);
    if (!physical.has_value() || !machine.memory().Read(*physical, part)) break;
    // SAFETY: bytes as characters.
    memory.append(reinterpret_cast<const char*>(bytes), size);
  }
  return memory;
}

bool IsInspection(const vm::v1::Request& request) {
  return request.has_read_registers() || request.has_read_memory() || request.has_read_device() ||
         request.has_read_stats();
}

vm::v1::Response Inspect(Machine& machine, const vm::v1::Request& request) {
  vm::v1::Response response;
  using Stats = vm::v1::Request::ReadStats;
  if (const auto wanted = request.read_stats().counting(); wanted != Stats::COUNTING_UNSPECIFIED) {
    translator::TranslatorDebug* debug = machine.translator().debug();
    if (debug != nullptr) debug->SetCounting(wanted == Stats::ON);
  }
  machine.translator().StopTheWorld([&] {
    if (request.has_read_registers()) {
      ReadRegisters(machine, request.read_registers().vcpu(), response);
    } else if (request.has_read_memory()) {
      ReadMemory(machine, request.read_memory(), response);
    } else if (request.has_read_device()) {
      ReadDevice(machine, request.read_device().index(), response);
    } else {
      ReadStats(machine, *response.mutable_stats());
    }
  });
  return response;
}

}  // namespace emu
