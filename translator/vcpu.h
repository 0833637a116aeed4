// The public face of the translator: virtual processors of one VM that share translated code.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "translator/debug.h"
#include "vmm/base/address.h"
#include "vmm/base/address_space.h"
#include "vmm/base/state_visitor.h"
#include "vmm/base/virtual_clock.h"

namespace emu::translator {

enum class VcpuExit : uint8_t {
  kStopRequested,     // Kick was called
  kWaitForInterrupt,  // the guest waits; call Sleep, then Run again
  kDebugStop,         // for a debugger: VcpuDebug::stop says why
};

enum class TierPolicy : uint8_t {
  kInterpretOnly,  // T0
  kCompile,        // T1, with T0 for what T1 leaves alone
};

// How translated code reaches guest memory; the later ones are for use, the others to compare with.
enum class MemoryAccess : uint8_t {
  kCalls,    // each access calls the runtime
  kLookups,  // the TLB is looked up inline
  kGroups,   // accesses that differ by constants share one lookup
};

struct TranslatorOptions {
  std::string arch;  // "riscv64"
  TierPolicy tier = TierPolicy::kCompile;
  MemoryAccess memory_access = MemoryAccess::kGroups;
  uint32_t code_cache_mib = 64;
  uint32_t tlb_max_entries = 32768;   // per bank; tests go down to 2
  uint64_t random_eviction_seed = 0;  // not 0: evict a random segment now and then
  TraceOptions trace = {};            // printed to stderr; no stages: nothing
  int perf_map_fd = -1;               // not owned; see PerfMap
  // Not owned, and only needed to create: what SaveCode wrote, of a machine that this one goes on
  // from. It is executed as it is: nobody else may have written to it.
  int sealed_code_fd = -1;
};

// Of such a file.
inline constexpr uint64_t kMostSealedCodeBytes = 128 << 20;

// Takes bytes for a place in a file, whatever the order.
using CodeSink = std::function<absl::Status(std::span<const std::byte>, uint64_t offset)>;

// What lies around a processor and is reached by its instructions instead of through memory: the
// board's side. Called on the processor's own thread, inside Vcpu::Run, without the device lock.
class ProcessorPort {
 public:
  virtual ~ProcessorPort() = default;

  // A register outside of the processor, by the guest ISA's number (Arm: op0, op1, CRn, CRm, op2 in
  // 2, 3, 4, 4 and 3 bits: the GIC's CPU interface). No value, or false, where there is none.
  virtual std::optional<uint64_t> ReadRegister(uint32_t vcpu, uint32_t number) = 0;
  virtual bool WriteRegister(uint32_t vcpu, uint32_t number, uint64_t value) = 0;

  // A wire that leaves the processor, by the guest ISA's number (Arm: 0 the physical timer's
  // interrupt, 1 the virtual timer's).
  virtual void SetOutput(uint32_t vcpu, uint32_t output, bool level) = 0;

  // A call to firmware that the machine provides itself (Arm: PSCI, by HVC or SMC, x0 to x3).
  struct FirmwareAnswer {
    uint64_t value;
    enum class Then : uint8_t { kContinue, kWait, kPowerOff } then = Then::kContinue;
  };
  virtual FirmwareAnswer CallFirmware(uint32_t vcpu, const std::array<uint64_t, 4>& arguments) = 0;
};

// One virtual processor. Run, Sleep, Reset and VisitState are for its own thread (or any thread
// while it does not run); the others for every thread.
class Vcpu {
 public:
  virtual ~Vcpu() = default;

  // Executes guest code until something outside is wanted.
  virtual VcpuExit Run() = 0;
  // Blocks until an interrupt may be pending or Kick was called.
  virtual void Sleep() = 0;

  // Makes Run return kStopRequested, and Sleep return, soon.
  virtual void Kick() = 0;
  // Drives one of the processor's interrupt inputs; the numbers are the guest ISA's (for RISC-V
  // the bit of mip: 3 MSIP, 7 MTIP, 9 SEIP, 11 MEIP).
  virtual void SetInterrupt(uint32_t input, bool level) = 0;

  // Architectural reset; execution starts at `pc`.
  virtual void Reset(GuestVirtAddr pc) = 0;
  // Off: Run and Sleep behave as if the guest waited for an interrupt that never comes, until
  // PowerOn. A reset turns it on.
  virtual void PowerOff() {}
  // Any thread: an architectural reset, after which it starts at `pc` with `argument` where the
  // guest's calling convention has the first one. False if it was on already.
  virtual bool PowerOn(GuestVirtAddr /*pc*/, uint64_t /*argument*/) { return false; }
  virtual void VisitState(StateVisitor& visitor) = 0;

  // Since the processor was made, on slow paths; what compiled code does by itself costs time to
  // count, and so is counted on request only. Read them with the world stopped.
  struct Counters {
    // While TranslatorDebug::SetCounting was on, the last time.
    uint64_t executed_instructions;  // of blocks that came to their end
    uint64_t tlb_hits;               // of accesses in them

    uint64_t blocks_translated;
    uint64_t guest_instructions_translated;
    uint64_t host_bytes_emitted;
    uint64_t interpreted_instructions;  // executed by the interpreter

    uint64_t tlb_misses;   // accesses that found no entry; devices and withheld pages among them
    uint64_t tlb_fills;    // misses that entered one
    uint64_t tlb_resizes;  // of a bank, up or down
    uint64_t tlb_flushes;  // of everything
    uint64_t tlb_entries;  // of the current bank, for each of reading and writing

    // Why translated code came back to the run loop.
    uint64_t exits_lookup;     // a jump whose target was not in the table
    uint64_t exits_link;       // a jump inside a page, once for each
    uint64_t exits_stale;      // code that had been dropped
    uint64_t exits_wait;       // the guest waits for an interrupt
    uint64_t exits_exception;  // raised by the instruction itself
    uint64_t exits_fault;      // by an access or a helper

    uint64_t exceptions;  // taken
    uint64_t interrupts;  // taken
    uint64_t requests;    // the run loop was asked to look up: interrupts, stops, stopped worlds
  };
  virtual Counters counters() const = 0;

  // Before it runs: where to store the guest's program counter whenever translated code comes back
  // to the run loop, for whoever asks where a processor was that is no more. Outlives the
  // processor.
  virtual void PublishPc(uint64_t& /*where*/) {}

  // nullptr where there is nothing to debug (fakes of tests).
  virtual VcpuDebug* debug() { return nullptr; }
};

// All processors of a VM and the code they share.
class Translator {
 public:
  virtual ~Translator() = default;

  // Errors: UNIMPLEMENTED for an unknown arch, FAILED_PRECONDITION for a host processor below
  // x86-64-v3, RESOURCE_EXHAUSTED when the code cache can't be mapped. Maps the code cache: after
  // this, nothing executable is mapped any more.
  static absl::StatusOr<std::unique_ptr<Translator>> Create(const TranslatorOptions& options,
                                                            AddressSpace& address_space,
                                                            VirtualClock& clock);

  // Before any of them runs. `index` counts from 0 (the hart id).
  virtual Vcpu& AddVcpu(uint32_t index) = 0;

  // Before any processor runs; lives until the last one has stopped. Without one, whatever a guest
  // asks of it is absent.
  virtual void SetProcessorPort(ProcessorPort& /*port*/) {}

  // What the kind of processor says in a device tree's cpu nodes: the property and its strings,
  // e.g.
  // {"compatible", {"riscv"}}.
  struct CpuProperty {
    std::string name;
    std::vector<std::string> values;
  };
  virtual std::vector<CpuProperty> cpu_properties() const = 0;

  // Runs `action` while no vCPU executes guest code. Any thread that holds neither the device lock
  // nor is inside Vcpu::Run.
  virtual void StopTheWorld(const std::function<void()>& action) = 0;

  // Takes back every permission to write to memory that processors hold: they pass the write gate
  // again. The same threads.
  virtual void RevokeWrites() = 0;

  // Writes down what was translated, for sealed_code_fd of others. vCPUs may run meanwhile; at most
  // one at a time, any thread that holds no lock. FAILED_PRECONDITION where there is nothing that
  // others could use: everything is interpreted, traced or counted. The sink's errors.
  virtual absl::Status SaveCode(const CodeSink& sink) = 0;

  // nullptr where there is nothing to debug (fakes of tests).
  virtual TranslatorDebug* debug() { return nullptr; }
};

}  // namespace emu::translator
