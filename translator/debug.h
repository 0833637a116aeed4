// What debuggers and inspectors see of a VM's processors and of their translated code, in terms
// that hold for every guest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "vmm/base/address.h"

namespace emu::translator {

// One register of a processor as gdb knows it. Values travel as integers, zero-extended.
struct DebugRegister {
  std::string name;
  uint32_t number;         // gdb's; VcpuDebug takes it
  uint32_t bits;           // 8, 16, 32, 64 or 128
  std::string_view type;   // gdb's: "int", "code_ptr", "data_ptr", "ieee_double", "uint128"
  std::string_view group;  // "general", "float", "csr"
  // Of 128 bits: what VcpuDebug takes for the upper half; `number` is the lower one.
  std::optional<uint32_t> upper = std::nullopt;
};

// Registers under a name that gdb has for them (Debugging with GDB, appendix G.5).
struct DebugFeature {
  std::string_view name;
  std::vector<DebugRegister> registers;
};

// A guest architecture for debuggers. The first feature is the processor's core: its registers are
// those that every stop asks for.
struct DebugArchitecture {
  std::string_view name;  // gdb's: "riscv:rv64"
  uint32_t pc;            // number of the program counter
  std::vector<DebugFeature> features;
};

// Where a debugger wants the guest to stop: always before the instruction that lies there, or that
// accesses one of the bytes. Addresses are virtual, in whatever address space.
struct StopPoint {
  enum class Kind : uint8_t { kBreakpoint, kWrite, kRead, kAccess };
  Kind kind;
  uint64_t address;
  uint64_t size_bytes;  // of what is watched; 1 for a breakpoint
  bool operator==(const StopPoint&) const = default;
};

// Why a processor has stopped; its pc is the instruction that has not been executed.
struct DebugStop {
  enum class Reason : uint8_t { kStep, kBreakpoint, kWatchpoint };
  Reason reason;
  StopPoint point = {};  // but for kStep
  uint64_t address = 0;  // of the access, for kWatchpoint
};

// A processor while a debugger looks at it: for any thread, while the processor is not inside
// Vcpu::Run (the world is stopped, or the processor is parked).
class VcpuDebug {
 public:
  virtual ~VcpuDebug() = default;

  // No value, or false, where there is no such register (or it can't be written to). Side effects
  // are those of the architecture: writing satp changes the address space.
  virtual std::optional<uint64_t> ReadRegister(uint32_t number) = 0;
  virtual bool WriteRegister(uint32_t number, uint64_t value) = 0;
  // Where a virtual address leads in the processor's present address space, whatever its rights:
  // nothing in memory changes by it. No value where nothing is mapped.
  virtual std::optional<GuestPhysAddr> Translate(GuestVirtAddr address) = 0;

  // While it is set, Vcpu::Run executes one instruction, takes no interrupt, and returns
  // kDebugStop.
  virtual void SetStepping(bool is_stepping) = 0;
  // What the last Run stopped for, if it was for a debugger.
  virtual std::optional<DebugStop> stop() const = 0;
};

// What the translated code of a VM amounts to, all processors together.
struct CodeCounters {
  uint64_t blocks;            // translations there are now
  uint64_t cache_bytes;       // size of the code cache, 0 where all is interpreted
  uint64_t cache_used_bytes;  // of it, by segments that have been filled
  uint64_t evictions;         // segments emptied for new code
  uint64_t synchronizations;  // fence.i and its like that had something to look at

  uint64_t sealed_blocks;  // ever taken from sealed code, rather than translated

  // What translating has cost since the start; a block that is translated again counts again.
  uint64_t guest_instructions;
  uint64_t guest_bytes;
  uint64_t host_bytes;        // put into the cache: stubs, blocks and the padding behind them
  uint64_t side_table_bytes;  // blocks' records, and where their accesses may fault
  uint64_t translation_ns;    // by the host's clock, without waiting for another translation
};

// Which translations are printed: the stages, like "guest,ir,opt,host", of blocks that begin at an
// address in [first, last], guest-physical or virtual.
//   guest  the guest's instructions
//   ir     what they were lifted to, before anything is folded
//   opt    what is compiled: folded, with the groups of accesses that share a lookup
//   host   the host's instructions; rows of their bytes where the disassembler's library was not
//          loaded at the VM's start, which a trace that is given then sees to (emuctl disassembles)
struct TraceOptions {
  std::string stages;
  uint64_t first = 0;
  uint64_t last = UINT64_MAX;
};
// Takes the text; called on processors' threads with the translation lock held, so it must not
// wait.
using TraceSink = std::function<void(std::string_view text)>;

// The debugger's view of all processors of a VM.
class TranslatorDebug {
 public:
  virtual ~TranslatorDebug() = default;

  // Any thread.
  virtual const DebugArchitecture& architecture() const = 0;
  // With the world stopped.
  virtual CodeCounters code_counters() = 0;

  // Stop points of all processors. These stop the world: any thread that holds neither the device
  // lock nor is inside Vcpu::Run. RESOURCE_EXHAUSTED for more than kMaxStopPoints, INVALID_ARGUMENT
  // for more than kMaxWatchedBytes. Removing one that is not there does nothing.
  static constexpr size_t kMaxStopPoints = 1024;
  static constexpr uint64_t kMaxWatchedBytes = 4096;
  virtual absl::Status AddStop(const StopPoint& point) = 0;
  virtual void RemoveStop(const StopPoint& point) = 0;
  virtual void RemoveAllStops() = 0;

  // Prints what is translated from now on, until StopTrace; what was translated before is
  // translated anew, so that all code that still runs is printed once. INVALID_ARGUMENT for a stage
  // that there is not, FAILED_PRECONDITION while another trace runs. The same threads.
  virtual absl::Status StartTrace(const TraceOptions& options, TraceSink sink) = 0;
  virtual void StopTrace() = 0;

  // While it is on, translations count what they execute (Vcpu::Counters), at some loss of speed;
  // turning it on begins from zero. What was translated before is translated anew. The same
  // threads.
  virtual void SetCounting(bool counts) = 0;
  // With the world stopped.
  virtual bool is_counting() const = 0;

  // Makes what was written to memory from outside hold for code, too. The same threads.
  virtual void SynchronizeWrites() = 0;
};

}  // namespace emu::translator
