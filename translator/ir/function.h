// One unit of translation: blocks of typed SSA instructions in flat arrays, free of pointers, so
// that it can be hashed, stored and handed to another thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "translator/ir/types.h"

namespace emu::ir {

enum class Op : uint16_t {
#define EMU_IR_OP(name, text, operands, result, effects) k##name,
#define EMU_IR_TERMINAL(name, text) k##name,
#include "translator/ir/ops.inc"
};

enum Effect : uint16_t {
  kPure = 0,
  kReadsState = 1 << 0,
  kWritesState = 1 << 1,
  kMemory = 1 << 2,
  kMayExit = 1 << 3,
  kFpFlags = 1 << 4,
  kCall = 1 << 5,
  kMarker = 1 << 6,
  kTerminal = 1 << 7,
};

enum class ResultRule : uint8_t { kSame, kGiven, kI1, kVoid };

struct OpInfo {
  std::string_view text;
  uint8_t operand_count;
  ResultRule result;
  uint16_t effects;
};
const OpInfo& InfoOf(Op op);

// Bit of Inst::attr on memory operations: a misaligned address faults.
inline constexpr uint8_t kMustAlign = 0x10;
// Bit of Inst::attr on Translate and Probe: the access is a write.
inline constexpr uint8_t kForWrite = 0x20;
// Bit of Inst::attr on Load and Store of integers, which need no alignment then: the access is made
// in the second of the two data spaces that the processor has at a time.
inline constexpr uint8_t kOtherSpace = 0x40;

enum class JumpHint : uint8_t { kJump, kCall, kReturn };

struct Inst {
  Op op;
  Type type;     // of the result; kVoid where there is none
  uint8_t attr;  // Rounding, MemoryOrder and bits above, lane Type or JumpHint, by operation
  ValueId a = ValueId::kNone;
  ValueId b = ValueId::kNone;
  ValueId c = ValueId::kNone;
  uint64_t imm = 0;
};
static_assert(sizeof(Inst) == 24);

// Instructions [first, end) of the function; the last is the terminal, and only it.
struct Block {
  uint32_t first = 0;
  uint32_t end = 0;
  BlockId taken = BlockId::kNone;
  BlockId not_taken = BlockId::kNone;
};

// Block 0 is the entry. A value may be used in its own block and in blocks that block dominates.
struct Function {
  std::vector<Inst> insts;
  std::vector<Block> blocks;
  uint32_t guest_instruction_count = 0;

  const Inst& inst(ValueId id) const { return insts[static_cast<uint32_t>(id)]; }
  std::span<const Inst> InstsOf(const Block& block) const {
    return std::span(insts).subspan(block.first, block.end - block.first);
  }
  void Clear() {
    insts.clear();
    blocks.clear();
    guest_instruction_count = 0;
  }
};

}  // namespace emu::ir
