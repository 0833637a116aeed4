#include "translator/optimize/carried_slots.h"

#include <algorithm>

namespace emu::translator {
namespace {

using ir::Inst;
using ir::Op;
using ir::Type;

constexpr uint8_t kRead = 1;
constexpr uint8_t kSet = 2;
constexpr uint8_t kBoxed = 4;

bool IsWhole(Type type) { return type == Type::kI64 || type == Type::kF64 || type == Type::kV128; }

// What may stop the world, after which this code may not be true any more.
bool MayRetireCode(Op op) {
  return op == Op::kCall || op == Op::kAtomicRmw || op == Op::kCompareSwap ||
         op == Op::kLoadReserved || op == Op::kStoreConditional;
}

}  // namespace

void CarriedSlots::Analyze(const ir::Function& function) {
  start_ = kNowhere;
  first_reads_.clear();
  reads_.clear();
  accesses_.clear();
  const Inst& first = function.insts[function.blocks[0].first];
  if (first.op != Op::kInsn) return;
  const uint64_t start = first.imm & 0xffff'ffff;
  const bool is_loop =
      std::any_of(function.blocks.begin(), function.blocks.end(), [&](const ir::Block& block) {
        const Inst& terminal = function.insts[block.end - 1];
        return terminal.op == Op::kGotoGuest && terminal.imm == start;
      });
  if (!is_loop) return;
  const auto accesses_of = [this](const Inst& inst) -> uint8_t& {
    if (accesses_.size() <= inst.imm) accesses_.resize(inst.imm + 1);
    return accesses_[inst.imm];
  };
  for (uint32_t index = 0; index < function.insts.size(); ++index) {
    const Inst& inst = function.insts[index];
    if (MayRetireCode(inst.op)) return;
    if (inst.op == Op::kSetSlot) {
      accesses_of(inst) |= function.inst(inst.a).op == Op::kBox ? kSet | kBoxed : kSet;
    }
    if (inst.op != Op::kGetSlot) continue;
    const bool is_first = accesses_of(inst) == 0;
    accesses_of(inst) |= kRead;
    if (is_first && IsWhole(inst.type)) reads_.push_back(ir::ValueId{index});
  }
  start_ = start;
  std::copy_if(reads_.begin(), reads_.end(), std::back_inserter(first_reads_), [&](ir::ValueId id) {
    return (accesses_[function.inst(id).imm] & (kSet | kBoxed)) == kSet;
  });
}

}  // namespace emu::translator
