// Tier 0: executes a Function as it stands. The oracle for everything that compiles IR, and the
// engine for what no compiler takes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "translator/ir/function.h"

namespace emu::ir {

// Memory and helpers, as the interpreter reaches them. A false return means that the current guest
// instruction faulted: the environment has noted why, and interpretation ends before any further
// effect.
class Environment {
 public:
  virtual ~Environment() = default;

  // `attr` as in the instruction: MemoryOrder | kMustAlign. Values are zero-extended.
  virtual bool Load(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t* value) = 0;
  virtual bool Store(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t value) = 0;
  // Whether `bytes` bytes may be read or, with kForWrite, written; accesses none.
  virtual bool Probe(uint64_t address, uint32_t bytes, uint8_t attr) = 0;
  virtual bool AtomicRmw(RmwKind kind, uint64_t address, uint32_t bytes, uint64_t operand,
                         uint64_t* old_value) = 0;
  virtual bool CompareSwap(uint64_t address, uint32_t bytes, uint64_t expected, uint64_t desired,
                           uint64_t* old_value) = 0;
  virtual bool LoadReserved(uint64_t address, uint32_t bytes, uint64_t* value) = 0;
  virtual bool StoreConditional(uint64_t address, uint32_t bytes, uint64_t value, bool* stored) = 0;
  virtual bool Call(uint64_t helper, uint64_t a, uint64_t b, uint64_t c, uint64_t* result) = 0;

  // The rounding that kDynamic stands for, and the sticky flags (kFloat... bits).
  virtual Rounding CurrentRounding() = 0;
  virtual void RaiseFloatFlags(uint32_t flags) = 0;
};

struct Outcome {
  enum class Kind : uint8_t {
    kContinue,  // at `pc`; the mode may have changed
    kWait,      // at `pc`, after an interrupt
    kRaise,     // guest exception `cause`, `value`, of the instruction at `pc`
    kFault,     // the environment refused; `pc` is the instruction that wanted it
  };
  Kind kind = Kind::kContinue;
  uint64_t pc = 0;
  uint64_t cause = 0;
  uint64_t value = 0;
};

// One per vCPU thread; reuses its buffers.
class Interpreter {
 public:
  // Runs `function` on the guest state at `state`; `page` is the guest-virtual address of the page
  // it was translated from. `*pc` holds the address of the instruction being executed.
  Outcome Run(const Function& function, std::byte* state, uint64_t page, Environment& environment,
              uint64_t* pc);

 private:
  std::vector<uint64_t> low_;   // values up to 64 bits, and the lower halves of vectors
  std::vector<uint64_t> high_;  // upper halves
};

}  // namespace emu::ir
