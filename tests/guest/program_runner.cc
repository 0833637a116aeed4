#include "tests/guest/program_runner.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace emu::testing {
namespace {

[[noreturn]] void Die(const std::string& path, const char* why) {
  std::fprintf(stderr, "%s: %s\n", path.c_str(), why);
  std::abort();
}

template <typename T>
T At(const std::string& bytes, uint64_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

constexpr uint64_t kMemoryBytes = 64 << 20;

}  // namespace

ProgramImage ProgramImage::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.size() < sizeof(Elf64_Ehdr)) Die(path, "no ELF file");
  ProgramImage image{.path = path, .symbols = {}, .text = {}};
  const auto header = At<Elf64_Ehdr>(bytes, 0);
  const auto section = [&](uint64_t index) {
    return At<Elf64_Shdr>(bytes, header.e_shoff + index * header.e_shentsize);
  };
  const Elf64_Shdr names = section(header.e_shstrndx);
  for (uint64_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr current = section(i);
    if (bytes.data() + names.sh_offset + current.sh_name == std::string_view(".text")) {
      image.text_base = current.sh_addr;
      image.text = bytes.substr(current.sh_offset, current.sh_size);
    }
    if (current.sh_type != SHT_SYMTAB) continue;
    const uint64_t strings = section(current.sh_link).sh_offset;
    for (uint64_t at = 0; at < current.sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = At<Elf64_Sym>(bytes, current.sh_offset + at);
      if (symbol.st_name != 0) {
        image.symbols[bytes.data() + strings + symbol.st_name] = symbol.st_value;
      }
    }
  }
  return image;
}

ProgramRunner::ProgramRunner(const ProgramImage& image, const RunOptions& options)
    : image_(image), options_(options) {
  MachineConfig config;
  config.arch = options.arch;
  config.cpus = options.cpus;
  config.memory_bytes = kMemoryBytes;
  config.firmware = UniqueFd(open(image.path.c_str(), O_RDONLY | O_CLOEXEC));
  config.tier = options.tier;
  config.tlb_max_entries = options.tlb_max_entries;
  config.code_cache_mib = options.code_cache_mib;
  config.random_eviction_seed = options.random_eviction_seed;
  auto machine =
      Machine::Create(std::move(config), console_, [this](PowerRequest request, uint32_t code) {
        Finish(request == PowerRequest::kPowerOff ? 0 : code);
      });
  if (!machine.ok()) Die(image.path, machine.status().ToString().c_str());
  machine_ = *std::move(machine);
  if (options.counts) machine_->translator().debug()->SetCounting(true);
}

ProgramRunner::~ProgramRunner() = default;

std::chrono::seconds RunOptions::DefaultDeadline() {
  return std::chrono::seconds(std::getenv("EMU_SANITIZER") == nullptr ? 240 : 1500);
}

std::optional<uint32_t> ProgramRunner::Run() {
  machine_->clock().SetWake([this] {
    const std::lock_guard lock(mutex_);
    clock_is_nearer_ = true;
    changed_.notify_all();
  });
  machine_->Start();
  std::vector<std::thread> threads;
  threads.emplace_back([this] { DriveClock(); });
  for (translator::Vcpu* vcpu : machine_->vcpus()) {
    threads.emplace_back([this, vcpu] { RunHart(*vcpu); });
  }
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.deadline, [this] { return is_over_; });
    is_over_ = true;
    changed_.notify_all();
  }
  // Both ways out of RunHart's loop look at is_over_, after a kick.
  for (translator::Vcpu* vcpu : machine_->vcpus()) vcpu->Kick();
  for (std::thread& thread : threads) thread.join();
  machine_->Pause();
  machine_->clock().SetWake({});
  return result_;
}

void ProgramRunner::RunHart(translator::Vcpu& vcpu) {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (is_over_) return;
    }
    if (vcpu.Run() == translator::VcpuExit::kWaitForInterrupt) vcpu.Sleep();
  }
}

void ProgramRunner::DriveClock() {
  VirtualClock& clock = machine_->clock();
  std::unique_lock lock(mutex_);
  while (!is_over_) {
    clock_is_nearer_ = false;
    lock.unlock();
    clock.RunExpired();
    const uint64_t deadline_ns = clock.NextDeadlineHostNs();
    lock.lock();
    const auto woken = [this] { return is_over_ || clock_is_nearer_; };
    if (deadline_ns == UINT64_MAX) {
      changed_.wait(lock, woken);
    } else {
      // steady_clock is CLOCK_MONOTONIC here.
      const std::chrono::steady_clock::time_point until{std::chrono::nanoseconds(deadline_ns)};
      changed_.wait_until(lock, until, woken);
    }
  }
}

void ProgramRunner::Finish(uint32_t code) {
  {
    const std::lock_guard lock(mutex_);
    if (!result_.has_value()) result_ = code;
    is_over_ = true;
    changed_.notify_all();
  }
  // On a hart's own thread: it leaves at the next safepoint, the others by Run.
  for (translator::Vcpu* vcpu : machine_->vcpus()) vcpu->Kick();
}

GuestPhysAddr ProgramRunner::AddressOf(const std::string& symbol) const {
  const auto found = image_.symbols.find(symbol);
  if (found == image_.symbols.end()) Die(image_.path, symbol.c_str());
  return GuestPhysAddr(found->second);
}

uint64_t ProgramRunner::Read64(GuestPhysAddr address) const {
  uint64_t value = 0;
  if (!machine_->memory().Read(address, std::as_writable_bytes(std::span(&value, 1)))) {
    Die(image_.path, "no memory there");
  }
  return value;
}

std::string ProgramRunner::ReadText(GuestPhysAddr address) const {
  std::string text;
  for (char next = 0;; text += next) {
    const auto byte = std::as_writable_bytes(std::span(&next, 1));
    if (!machine_->memory().Read(address + text.size(), byte) || next == 0) return text;
  }
}

}  // namespace emu::testing
