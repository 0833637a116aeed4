// Slots whose values go round a function that jumps back to its own start.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "translator/ir/function.h"

namespace emu::translator {

class CarriedSlots {
 public:
  // Finds none where an operation may make the code forget itself, so that it has to leave.
  void Analyze(const ir::Function& function);

  // Of each such slot, which is set behind, the kGetSlot that reads it first; whole words, doubles
  // and vectors only. Boxed floats are read in halves, as they are stored.
  std::span<const ir::ValueId> first_reads() const { return first_reads_; }
  // Whether a kGotoGuest leads back to the start of the function.
  bool IsBackEdge(uint64_t target) const { return target == start_; }

 private:
  static constexpr uint64_t kNowhere = UINT64_MAX;

  uint64_t start_ = kNowhere;
  std::vector<ir::ValueId> first_reads_;
  // For Analyze.
  std::vector<ir::ValueId> reads_;
  std::vector<uint8_t> accesses_;  // by offset: whether it is read, set, a boxed float
};

}  // namespace emu::translator
