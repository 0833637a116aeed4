// What the lowerings of vector operations share.
#pragma once

#include <cstddef>

#include "translator/ir/function.h"

namespace emu::translator::x86_64 {

inline ir::Type LaneOf(const ir::Inst& op) { return static_cast<ir::Type>(op.attr); }

// 0 to 3, for lanes of 8 to 64 bits: an index into the instructions by size.
constexpr size_t SizeOf(ir::Type lane) {
  const uint32_t bytes = ir::BytesOf(lane);
  return bytes == 8 ? 3 : bytes == 4 ? 2 : bytes - 1;
}

}  // namespace emu::translator::x86_64
