// How often and where last each value of a function is used: what a compiler that goes through the
// code once, from front to back, has to know beforehand.
#pragma once

#include <cstdint>
#include <vector>

#include "translator/ir/function.h"

namespace emu::translator {

struct ValueUse {
  uint32_t count = 0;      // 0: nobody needs it
  uint32_t last_use = 0;   // index of the last instruction that needs it; a set slot counts
  bool is_folded = false;  // computed by its only user: a comparison, or a lazy Canon or Box
};

// One pass from back to front; reuses its memory.
class ValueUses {
 public:
  void Analyze(const ir::Function& function);

  const ValueUse& operator[](ir::ValueId id) const { return uses_[static_cast<uint32_t>(id)]; }
  const ValueUse& operator[](uint32_t index) const { return uses_[index]; }

  // The value that stands for `id`: truncations are the value they truncate.
  static ir::ValueId Source(const ir::Function& function, ir::ValueId id);

 private:
  void Count(const ir::Function& function, ir::ValueId operand, uint32_t user_index,
             uint32_t last_use);

  std::vector<ValueUse> uses_;
  std::vector<uint32_t> user_;     // the first instruction that uses it; last_use may be its user
  std::vector<uint8_t> observed_;  // a Canon or Box that somebody needs as a value
};

}  // namespace emu::translator
