#include "translator/optimize/access_groups.h"

#include <algorithm>

namespace emu::translator {
namespace {

using ir::Inst;
using ir::Op;
using ir::ValueId;

struct Affine {
  ValueId root;
  int64_t offset;
};

// What is farther apart than this shares no page; so the sums and differences of offsets stay
// exact.
constexpr int64_t kFarthest = int64_t{1} << 30;
bool IsNear(int64_t offset) { return offset >= -kFarthest && offset <= kFarthest; }

struct Access {
  bool for_write;
  bool in_other_space;
  int64_t displacement;
  uint32_t bytes;
};
// Nothing for what cannot be in a group.
std::optional<Access> AccessOf(const ir::Function& function, const Inst& inst) {
  if (inst.op == Op::kProbe) {
    return Access{(inst.attr & ir::kForWrite) != 0, false, static_cast<int32_t>(inst.imm),
                  static_cast<uint32_t>(inst.imm >> 32)};
  }
  const bool is_store = inst.op == Op::kStore;
  if ((inst.op != Op::kLoad && !is_store) || (inst.attr & ir::kMustAlign) != 0) return std::nullopt;
  return Access{is_store, (inst.attr & ir::kOtherSpace) != 0, static_cast<int64_t>(inst.imm),
                ir::BytesOf(is_store ? function.inst(inst.b).type : inst.type)};
}

Affine AffineOf(const ir::Function& function, ValueId id) {
  int64_t offset = 0;
  for (;;) {
    const Inst& inst = function.inst(id);
    if (inst.op != Op::kAdd || function.inst(inst.b).op != Op::kConst) return {id, offset};
    const auto step = static_cast<int64_t>(function.inst(inst.b).imm);
    if (!IsNear(step) || !IsNear(offset + step)) return {id, offset};
    offset += step;
    id = inst.a;
  }
}

}  // namespace

void AccessGroups::Analyze(const ir::Function& function, int64_t max_span) {
  const auto size = static_cast<uint32_t>(function.insts.size());
  groups_.clear();
  open_.clear();
  group_of_.assign(size, kNone);
  offset_of_.assign(size, 0);
  for (uint32_t index = 0; index < size; ++index) {
    const Inst& inst = function.insts[index];
    if (inst.op == Op::kCall) open_.clear();
    const std::optional<Access> access = AccessOf(function, inst);
    if (!access || !IsNear(access->displacement)) continue;
    const Affine address = AffineOf(function, inst.a);
    const int64_t first = address.offset + access->displacement;
    const int64_t end = first + access->bytes;
    offset_of_[index] = first;
    const auto fits = [&](uint32_t number) {
      const AccessGroup& group = groups_[number];
      return group.root == address.root && group.for_write == access->for_write &&
             group.in_other_space == access->in_other_space &&
             std::max(group.end, end) - std::min(group.first, first) <= max_span;
    };
    const auto found = std::find_if(open_.begin(), open_.end(), fits);
    if (found == open_.end()) {
      open_.push_back(static_cast<uint32_t>(groups_.size()));
      group_of_[index] = open_.back();
      groups_.push_back(
          {address.root, access->for_write, access->in_other_space, first, end, index, index, 1});
      continue;
    }
    AccessGroup& group = groups_[*found];
    group.first = std::min(group.first, first);
    group.end = std::max(group.end, end);
    group.last = index;
    ++group.members;
    group_of_[index] = *found;
  }
  for (uint32_t index = 0; index < size; ++index) {
    uint32_t& number = group_of_[index];
    if (number == kNone) continue;
    offset_of_[index] -= groups_[number].first;
    if (groups_[number].members == 1) number = kNone;
  }
}

}  // namespace emu::translator
