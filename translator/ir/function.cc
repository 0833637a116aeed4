#include "translator/ir/function.h"

#include <array>

namespace emu::ir {
namespace {

using enum ResultRule;

constexpr std::array kOpInfo = {
#define EMU_IR_OP(name, text, operands, result, effects) \
  OpInfo{text, operands, result, static_cast<uint16_t>(effects)},
#define EMU_IR_TERMINAL(name, text) OpInfo{text, 0, ResultRule::kVoid, kTerminal},
#include "translator/ir/ops.inc"
};

}  // namespace

const OpInfo& InfoOf(Op op) { return kOpInfo[static_cast<size_t>(op)]; }

}  // namespace emu::ir
