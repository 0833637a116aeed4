// What translated code sees of its vCPU: one block of memory, the frame followed by the guest's
// state. Standard layout; host code reads it by offset.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace emu::translator {

// Where a guest-virtual address is entered in translated code.
struct JumpEntry {
  uint64_t pc;
  const void* code;
};
static_assert(sizeof(JumpEntry) == 16);

// A table in memory: the header, then the entries; 2 to 65536 of them. One for each address space
// that code is fetched from, so that a hit needs one comparison.
struct JumpTableHeader {
  uint64_t index_mask;  // (entries - 1) * sizeof(JumpEntry)
  uint64_t unused;
};
static_assert(sizeof(JumpTableHeader) % sizeof(JumpEntry) == 0);

// Where an address's entry is, in bytes from the first.
constexpr uint64_t JumpIndex(uint64_t pc, uint64_t index_mask) {
  const auto low = static_cast<uint32_t>(pc);
  return (low >> 9 ^ low) << 3 & index_mask;
}

// What an empty entry holds: an address that is looked up in the neighbouring one, however large
// the table is, so that none whatever, odd ones included, can hit here. `entry` counts from 0.
constexpr uint64_t EmptyPc(uint64_t entry) {
  const uint64_t neighbour = entry ^ 1;
  return (neighbour ^ neighbour >> 9) << 1;
}
static_assert(JumpIndex(EmptyPc(65'000), 65'535 * 16) == 65'001 * 16);

// A table in which nothing is ever found.
struct EmptyJumpTable {
  JumpTableHeader header = {sizeof(JumpEntry), 0};
  JumpEntry entries[2] = {{EmptyPc(0), nullptr}, {EmptyPc(1), nullptr}};
};
inline constexpr EmptyJumpTable kEmptyJumpTable;

// Functions that translated code reaches through the frame, so that code holds no addresses.
enum class RuntimeCall : uint8_t { kLoad, kStore, kTranslate, kOperation, kHelper };
inline constexpr size_t kRuntimeCallCount = 5;

// What they return, in two registers. A faulted call does not come back to the code: its caller
// leaves for the dispatcher.
struct CallResult {
  uint64_t value;
  uint64_t faulted;
};

// Why translated code came back to the dispatcher.
enum class LeaveReason : uint8_t {
  kLookup,  // go on at `leave_pc`
  kLink,    // the jump at `leave_site` wants its target
  kStale,   // the code at `leave_site` is retired: look its place in the page up again
  kWait,    // wait for an interrupt, then go on at `leave_pc`
  kRaise,   // exception arguments[1] with value arguments[0] at page + `instruction`
  kFault,   // a runtime call faulted; the state is as before the instruction
};

struct VcpuFrame {
  // Registers as a runtime call found them, by host register number.
  std::array<uint64_t, 16> saved_integer;
  std::array<std::array<uint64_t, 2>, 16> saved_float;
  static constexpr size_t kSpillCount = 192;
  std::array<uint64_t, kSpillCount> spills;
  std::array<uint64_t, 4> arguments;
  // Of operations on vectors: their operands, and behind them the result.
  std::array<std::array<uint64_t, 2>, 4> vector_arguments;
  std::array<const void*, kRuntimeCallCount> functions;
  std::array<uint64_t, 2> sign_f64, sign_f32;  // vectors of which the lowest lane's sign bit is set
  std::array<std::array<uint64_t, 2>, 26> constants;  // the back end's own
  void* owner;                                        // first argument of every runtime call
  // Translated code takes it over when it is entered, and where the mode may change.
  void* tlb_bank;
  void* other_tlb_bank;  // of ir::kOtherSpace; read by each lookup
  const void* leave_site;
  uint64_t leave_pc;
  uint64_t instruction;  // offset in its page of the instruction that calls a helper or raises
  // Of the last load-reserved: the host address, nullptr without one, and what was there.
  const void* reservation;
  uint64_t reserved_value;
  uint32_t guest_float_control;
  uint32_t host_float_control;

  // In reach of short displacements, with the first registers behind them.
  uint64_t exit_request;  // not 0: leave at the next backward jump
  // Of the current fetch space; the empty one while an exit is requested.
  const JumpTableHeader* jump_table;
  uint64_t pc_page;  // guest-virtual page of the running code
};
static_assert(sizeof(VcpuFrame) % 8 == 0 && offsetof(VcpuFrame, pc_page) == sizeof(VcpuFrame) - 8);

}  // namespace emu::translator
