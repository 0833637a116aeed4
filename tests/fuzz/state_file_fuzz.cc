// The saved state of a VM: header and manifest, and memory that is all zero. Checksums keep out
// accidents, not those who write them, so each input is sealed anew before it is tried. A state
// that is accepted must be one that processors and devices live with.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "devices/core/device_test_bench.h"
#include "tests/fuzz/fuzz_target.h"
#include "vmm/machine/testing/boot_file_builder.h"
#include "vmm/snapshot/file_io.h"
#include "vmm/snapshot/state_file.h"
#include "vmm/snapshot/state_header.h"

namespace emu::fuzz {
namespace {

using snapshot::StateHeader;

constexpr uint64_t kMemoryBytes = 64 << 20;

std::unique_ptr<Machine> NewMachine() {
  static RecordingStream& console = *new RecordingStream;
  MachineConfig config;
  config.arch = "riscv64";
  config.cpus = 2;
  config.memory_bytes = kMemoryBytes;
  config.code_cache_mib = 1;
  config.is_restored = true;
  config.disks.push_back({boot::FileOf(std::string(4096, 'd')), true, "disk0"});
  auto machine = Machine::Create(std::move(config), console, [](PowerRequest, uint32_t) {});
  if (!machine.ok()) Fail(machine.status().ToString());
  return *std::move(machine);
}

void RunBriefly(Machine& machine) {
  machine.Start();
  for (translator::Vcpu* vcpu : machine.vcpus()) {
    std::thread kicker([vcpu] {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      vcpu->Kick();
    });
    while (vcpu->Run() == translator::VcpuExit::kWaitForInterrupt) vcpu->Sleep();
    kicker.join();
  }
  machine.clock().RunExpired();
  machine.Pause();
}

}  // namespace

std::vector<std::string> Seeds() {
  const UniqueFd file(memfd_create("seed", 0));
  const auto machine = NewMachine();
  const auto go_on = [](uint64_t, uint64_t) { return true; };
  if (!snapshot::SaveMachine(*machine, file.get(), go_on).ok()) Fail("no seed");
  StateHeader header;
  const auto header_bytes = std::as_writable_bytes(std::span(&header, 1));
  if (!snapshot::ReadAll(file.get(), header_bytes, 0).ok()) Fail("no header");
  std::string manifest(header.manifest_bytes, '\0');
  if (!snapshot::ReadAll(file.get(), std::as_writable_bytes(std::span(manifest)),
                         header.manifest_offset)
           .ok()) {
    Fail("no manifest");
  }
  std::string seed(sizeof(header), '\0');
  std::memcpy(seed.data(), &header, sizeof(header));
  return {seed + manifest};
}

void TryInput(std::string_view input) {
  StateHeader header;
  std::memcpy(&header, input.data(), std::min(input.size(), sizeof(header)));
  input.remove_prefix(std::min(input.size(), sizeof(header)));
  const auto manifest = std::as_bytes(std::span(input));
  // Lies about place and length stay lies; a seal for the honest ones.
  if (header.manifest_bytes <= input.size()) {
    header.manifest_crc32c = Crc32c(manifest.first(header.manifest_bytes));
  } else if (header.manifest_bytes < input.size() + 256) {
    header.manifest_bytes = input.size();
    header.manifest_crc32c = Crc32c(manifest);
  }
  header.header_crc32c = header.Crc();
  UniqueFd file(memfd_create("state", 0));
  const uint64_t place = std::min<uint64_t>(header.manifest_offset, uint64_t{1} << 30);
  if (!snapshot::WriteAll(file.get(), std::as_bytes(std::span(&header, 1)), 0).ok() ||
      !snapshot::WriteAll(file.get(), manifest, std::max<uint64_t>(place, sizeof(header))).ok()) {
    Fail("no state file");
  }
  const auto machine = NewMachine();
  const absl::Status restored = snapshot::RestoreMachine(
      *machine, {.own = std::move(file)}, {.changed_disks = snapshot::ChangedDisks::kAccept});
  if (restored.ok()) RunBriefly(*machine);
}

}  // namespace emu::fuzz
