// A processor without a guest: enough memory, helpers and frame to run one function of IR on the
// interpreter and on a back end, and to compare what is left.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "translator/host/host_backend.h"
#include "translator/host/random_function.h"
#include "translator/ir/interpreter.h"

namespace emu::translator {

// What a run starts from.
struct TestInput {
  std::array<std::byte, kTestStateBytes> state;
  ir::Rounding rounding;
  uint32_t tlb_entries;
  bool exit_requested;
  uint64_t seed;  // of the memory's contents and of which pages the TLB knows
};
TestInput RandomInput(Random& random);

// What it leaves behind.
struct TestEnding {
  ir::Outcome outcome;
  std::array<std::byte, kTestStateBytes> state;
  std::vector<std::byte> memory;
  uint32_t float_flags;
  std::vector<uint64_t> calls;  // the operands of all helper calls
};
// Empty if they are equal, else the first difference.
std::string Difference(const TestEnding& expected, const TestEnding& actual);

// Four pages at kBase: two of RAM, one that may only be read, one of a device that no TLB knows;
// all else faults. The other space (ir::kOtherSpace) has the same in reverse order.
class TestMachine final : private ir::Environment {
 public:
  static constexpr uint64_t kBase = 0xffff'ffc0'1234'5000;
  static constexpr uint64_t kPages = 4;
  static constexpr uint64_t kCodePage = 0x7f'0000'3000;

  static std::span<const Helper> helpers();

  TestMachine();
  ~TestMachine() override;
  TestMachine(const TestMachine&) = delete;
  TestMachine& operator=(const TestMachine&) = delete;

  // A function that jumps to its own start begins anew, unless it is asked to leave.
  TestEnding Interpret(const ir::Function& function, const TestInput& input);
  // `code` is the function's and runs at `address`.
  TestEnding Run(const HostBackend& host, const ir::Function& function, const void* address,
                 const HostCode& code, const TestInput& input);

 private:
  bool Load(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t* value) override;
  bool Store(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t value) override;
  bool Probe(uint64_t address, uint32_t bytes, uint8_t attr) override;
  bool AtomicRmw(ir::RmwKind kind, uint64_t address, uint32_t bytes, uint64_t operand,
                 uint64_t* old_value) override;
  bool CompareSwap(uint64_t address, uint32_t bytes, uint64_t expected, uint64_t desired,
                   uint64_t* old_value) override;
  bool LoadReserved(uint64_t address, uint32_t bytes, uint64_t* value) override;
  bool StoreConditional(uint64_t address, uint32_t bytes, uint64_t value, bool* stored) override;
  bool Call(uint64_t helper, uint64_t a, uint64_t b, uint64_t c, uint64_t* result) override;
  ir::Rounding CurrentRounding() override { return rounding_; }
  void RaiseFloatFlags(uint32_t flags) override { float_flags_ |= flags; }

  // What code calls through the frame.
  static CallResult LoadCall(TestMachine* self, uint64_t address, uint64_t unused, uint64_t bytes,
                             const void* return_address);
  static CallResult StoreCall(TestMachine* self, uint64_t address, uint64_t value, uint64_t bytes,
                              const void* return_address);
  static CallResult TranslateCall(TestMachine* self, uint64_t address, uint64_t span,
                                  uint64_t attr);
  static CallResult OperationCall(TestMachine* self, uint64_t unused, uint64_t descriptor,
                                  uint64_t unused_size, const void* return_address);
  static CallResult HelperCall(TestMachine* self, uint64_t unused, uint64_t helper,
                               uint64_t unused_size, const void* return_address);
  CallResult Finish(bool done, uint64_t value, const void* return_address);
  bool Operate(uint64_t descriptor, uint64_t* result);
  void OperateOnVectors(const ir::Inst& inst);

  enum class Access : uint8_t { kRead, kWrite, kDirectRead, kDirectWrite };
  // Where a page of an address space, which `attr` tells, is in memory_; from kPages on nowhere.
  static uint64_t PageOf(uint64_t address, uint8_t attr);
  bool MayAccess(uint64_t address, uint32_t bytes, Access access, uint8_t attr = 0) const;
  std::byte* HostOf(uint64_t address, uint8_t attr = 0);
  std::byte* HostForAtomic(uint64_t address, uint32_t bytes, Access access);
  void Begin(const TestInput& input, std::byte* state);
  static bool GoesOn(const ir::Outcome& outcome, const ir::Function& function,
                     const TestInput& input);
  void FillTlb(const TestInput& input);
  void FillBank(std::byte* bank, const TestInput& input, uint8_t attr);
  ir::Outcome OutcomeOf(const HostBackend& host, LeaveReason reason) const;

  struct alignas(64) CacheLine {
    std::byte bytes[64];
  };
  std::vector<CacheLine> frame_memory_;
  VcpuFrame* frame_;
  std::vector<CacheLine> tlb_;  // a bank for each space
  ir::Interpreter interpreter_;

  // Of the run.
  std::byte* state_ = nullptr;
  std::vector<std::byte> memory_;
  std::vector<uint64_t> calls_;
  ir::Rounding rounding_ = ir::Rounding::kNearestEven;
  uint32_t float_flags_ = 0;
  uint64_t fault_pc_ = 0;
  const std::byte* code_ = nullptr;
  std::span<const uint8_t> fault_sites_;
};

}  // namespace emu::translator
