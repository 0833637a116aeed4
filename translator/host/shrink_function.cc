#include "translator/host/shrink_function.h"

#include <optional>
#include <vector>

#include "translator/ir/verifier.h"

namespace emu::translator {
namespace {

using ir::Inst;
using ir::Op;
using ir::Type;
using ir::ValueId;

// An instruction of the main line; operands count in steps.
struct Step {
  Inst inst;
  uint64_t exit_target = 0;  // of a branch
};
using Steps = std::vector<Step>;

Steps Flatten(const ir::Function& function) {
  Steps steps;
  std::vector<ValueId> step_of(function.insts.size(), ValueId::kNone);
  const ir::Block* block = &function.blocks[0];
  for (;;) {
    for (uint32_t index = block->first; index < block->end; ++index) {
      Step step = {.inst = function.insts[index]};
      for (ValueId* id : {&step.inst.a, &step.inst.b, &step.inst.c}) {
        if (*id != ValueId::kNone) *id = step_of[static_cast<uint32_t>(*id)];
      }
      step_of[index] = ValueId{static_cast<uint32_t>(steps.size())};
      steps.push_back(step);
    }
    if (steps.back().inst.op != Op::kBrCond) return steps;
    const ir::Block& exit = function.blocks[static_cast<uint32_t>(block->taken)];
    steps.back().exit_target = function.insts[exit.first].imm;
    block = &function.blocks[static_cast<uint32_t>(block->not_taken)];
  }
}

ir::Function Build(const Steps& steps) {
  ir::Function function;
  std::vector<ValueId> id_of;
  function.blocks.push_back({});
  uint32_t current = 0;
  for (const Step& step : steps) {
    Inst inst = step.inst;
    for (ValueId* id : {&inst.a, &inst.b, &inst.c}) {
      if (*id != ValueId::kNone) *id = id_of[static_cast<uint32_t>(*id)];
    }
    function.guest_instruction_count += inst.op == Op::kInsn ? 1 : 0;
    id_of.push_back(ValueId{static_cast<uint32_t>(function.insts.size())});
    function.insts.push_back(inst);
    auto size = static_cast<uint32_t>(function.insts.size());
    function.blocks[current].end = size;
    if (inst.op != Op::kBrCond) continue;
    const auto next = static_cast<uint32_t>(function.blocks.size());
    function.blocks[current].taken = ir::BlockId{next};
    function.blocks[current].not_taken = ir::BlockId{next + 1};
    function.insts.push_back(
        {.op = Op::kGotoGuest, .type = Type::kVoid, .attr = 0, .imm = step.exit_target});
    function.blocks.push_back({.first = size, .end = size + 1});
    function.blocks.push_back({.first = size + 1, .end = size + 1});
    current = next + 1;
  }
  return function;
}

// Without the step at `at`, whose uses use `instead`; none if there are uses and nothing instead.
std::optional<Steps> Without(const Steps& steps, uint32_t at, ValueId instead) {
  Steps rest = steps;
  rest.erase(rest.begin() + at);
  for (Step& step : rest) {
    for (ValueId* id : {&step.inst.a, &step.inst.b, &step.inst.c}) {
      if (*id == ValueId::kNone || *id < ValueId{at}) continue;
      if (*id == ValueId{at}) {
        if (instead == ValueId::kNone) return std::nullopt;
        *id = instead;
      } else {
        *id = ValueId{static_cast<uint32_t>(*id) - 1};
      }
    }
  }
  return rest;
}

// What might stand in the place of `steps`, with a change at `at`.
std::vector<Steps> Candidates(const Steps& steps, uint32_t at) {
  std::vector<Steps> candidates;
  const Inst& inst = steps[at].inst;
  const Inst jump = {.op = Op::kGotoGuest, .type = Type::kVoid, .attr = 0, .imm = 0};
  if (at + 1 == steps.size()) {
    if (inst.op != Op::kGotoGuest) {
      candidates.push_back(steps);
      candidates.back()[at].inst = jump;
    }
    return candidates;
  }
  // Everything from here on goes.
  candidates.emplace_back(steps.begin(), steps.begin() + at);
  candidates.back().push_back({.inst = jump});
  std::vector<ValueId> replacements = {ValueId::kNone};
  for (const ValueId operand : {inst.a, inst.b, inst.c}) {
    const bool fits = operand != ValueId::kNone && inst.type != Type::kVoid &&
                      steps[static_cast<uint32_t>(operand)].inst.type == inst.type;
    if (fits) replacements.push_back(operand);
  }
  for (const ValueId instead : replacements) {
    if (auto rest = Without(steps, at, instead)) candidates.push_back(*std::move(rest));
  }
  if (inst.type != Type::kVoid && inst.op != Op::kConst) {
    candidates.push_back(steps);
    candidates.back()[at].inst = {.op = Op::kConst, .type = inst.type, .attr = 0, .imm = 0};
    if (inst.op != Op::kGetSlot && inst.type != Type::kI1) {
      candidates.push_back(steps);
      candidates.back()[at].inst = {.op = Op::kGetSlot, .type = inst.type, .attr = 0, .imm = 448};
    }
  }
  return candidates;
}

}  // namespace

ir::Function Shrink(const ir::Function& function,
                    const std::function<bool(const ir::Function&)>& fails) {
  Steps steps = Flatten(function);
  const auto improve = [&] {
    for (uint32_t at = 1; at < steps.size(); ++at) {
      for (Steps& candidate : Candidates(steps, at)) {
        const ir::Function smaller = Build(candidate);
        if (!ir::Verify(smaller).empty() || !fails(smaller)) continue;
        steps = std::move(candidate);
        return true;
      }
    }
    return false;
  };
  while (improve()) {
  }
  return Build(steps);
}

}  // namespace emu::translator
