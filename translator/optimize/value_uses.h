// How often and where last each value of a function is used: what a compiler that goes through the
// code once, from front to back, has to know beforehand.
#pragma once

#include <cstdint>
#include <vector>

#include "translator/ir/function.h"

namespace emu::translator {

struct ValueUse {
  uint32_t count = 0;     // 0: nobody needs it
  uint32_t last_use = 0;  // index of the last instruction that needs it; a set slot counts
  // Made by its users: a comparison, or a lazy Canon, Box or VScalar; by none: a set slot that is
  // set again before anybody can see it.
  bool is_folded = false;
};

// One pass from back to front; reuses its memory.
class ValueUses {
 public:
  void Analyze(const ir::Function& function);

  const ValueUse& operator[](ir::ValueId id) const { return uses_[static_cast<uint32_t>(id)]; }
  const ValueUse& operator[](uint32_t index) const { return uses_[index]; }

  // The value that stands for `id`: truncations are the value they truncate, and a float that is
  // the lowest lane of a vector is the vector.
  static bool IsAlias(const ir::Inst& inst);
  static ir::ValueId Source(const ir::Function& function, ir::ValueId id);

 private:
  void Count(const ir::Function& function, ir::ValueId operand, uint32_t user_index,
             uint32_t last_use);

  // Of what is seen from the back: whether it sets a slot in vain. Else notes what it does.
  bool IsOverwritten(const ir::Inst& inst);

  std::vector<ValueUse> uses_;
  std::vector<uint32_t> user_;  // the first instruction that uses it; last_use may be its user
  std::vector<uint64_t> overwritten_;  // offsets of slots that nobody sees before they are set
  std::vector<uint8_t> observed_;      // what may be lazy, but somebody needs as a value
};

}  // namespace emu::translator
