// Runs a bare-metal program on the whole machine, on the tier a test asks for.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "devices/core/device_test_bench.h"
#include "translator/vcpu.h"
#include "vmm/machine/machine.h"

namespace emu::testing {

// What a program's ELF file says beyond its bytes.
struct ProgramImage {
  std::string path;
  std::map<std::string, uint64_t> symbols;
  uint64_t text_base = 0;
  std::string text;  // the bytes of .text, for the coverage test

  // Aborts where the file cannot be read: the build made it.
  static ProgramImage Load(const std::string& path);
};

struct RunOptions {
  std::string arch = "riscv64";
  translator::TierPolicy tier = translator::TierPolicy::kInterpretOnly;
  uint32_t cpus = 1;
  uint32_t tlb_max_entries = 32768;
  uint32_t code_cache_mib = 64;
  uint64_t random_eviction_seed = 0;
  bool counts = false;  // instructions and TLB hits
  std::chrono::seconds deadline = DefaultDeadline();

  // For hangs alone. Races that are made to happen take long where a sanitizer looks on.
  static std::chrono::seconds DefaultDeadline();
};

// One machine with the program as its firmware. For one thread; its own threads run the harts and
// the clock.
class ProgramRunner {
 public:
  ProgramRunner(const ProgramImage& image, const RunOptions& options);
  ~ProgramRunner();

  // Runs until the program powers the machine off or writes sifive_test: 0 for a pass, its code for
  // a failure, no value if the deadline passes. Once.
  std::optional<uint32_t> Run();

  // Guest memory, by symbol; before Run to hand in, after it to look.
  GuestPhysAddr AddressOf(const std::string& symbol) const;
  uint64_t Read64(GuestPhysAddr address) const;
  std::string ReadText(GuestPhysAddr address) const;  // up to its NUL
  GuestMemory& memory() { return machine_->memory(); }
  // Of hart 0, after Run.
  translator::Vcpu::Counters counters() const { return machine_->vcpus()[0]->counters(); }
  const std::string& console() const { return console_.text; }

 private:
  void RunHart(translator::Vcpu& vcpu);
  void DriveClock();
  void Finish(uint32_t code);

  const ProgramImage& image_;
  const RunOptions options_;
  RecordingStream console_;
  std::unique_ptr<Machine> machine_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<uint32_t> result_;
  bool is_over_ = false;
  bool clock_is_nearer_ = false;
};

// The tiers that every test runs on, by name for gtest.
inline constexpr translator::TierPolicy kTiers[] = {translator::TierPolicy::kInterpretOnly,
                                                    translator::TierPolicy::kCompile};
inline std::string NameOf(translator::TierPolicy tier) {
  return tier == translator::TierPolicy::kInterpretOnly ? "Interpreted" : "Compiled";
}

}  // namespace emu::testing
