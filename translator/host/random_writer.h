// How random functions are written; see random_function.h.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "translator/host/random_function.h"
#include "translator/ir/builder.h"
#include "translator/ir/vector_rules.h"

namespace emu::translator {

inline constexpr ir::Type kStorable[] = {ir::Type::kI8,  ir::Type::kI16, ir::Type::kI32,
                                         ir::Type::kI64, ir::Type::kF32, ir::Type::kF64,
                                         ir::Type::kV128};

// Writes one function. What it may use of a type is in the pool of that type.
class RandomWriter {
 public:
  explicit RandomWriter(Random& random)
      : random_(random),
        builder_(function_,
                 Below(2) == 0 ? ir::Builder::Folding::kOff : ir::Builder::Folding::kOn) {}

  ir::Function Write();

 private:
  static constexpr auto kDynamic = static_cast<uint8_t>(ir::Rounding::kDynamic);

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  template <typename T, size_t size>
  T OneOf(const T (&all)[size]) {
    return all[Below(size)];
  }
  ir::Type Word() { return Below(3) == 0 ? ir::Type::kI32 : ir::Type::kI64; }
  ir::Type FloatType() { return Below(2) == 0 ? ir::Type::kF32 : ir::Type::kF64; }
  uint8_t Rounding() {
    return static_cast<uint8_t>(Below(4) != 0 ? ir::Rounding::kDynamic : ir::Rounding(Below(5)));
  }

  void BeginInsn() {
    builder_.Insn(page_offset_, 4);
    page_offset_ += 4;
    changed_ = false;
  }
  // The next operation may leave: nothing of its guest instruction has changed anything yet.
  void BeforeLeaving() {
    if (changed_ || Below(4) == 0) BeginInsn();
  }

  std::vector<ir::Value>& Pool(ir::Type type) { return pools_[static_cast<size_t>(type)]; }
  // Floats whose NaNs may have any payload.
  std::vector<ir::Value>& RawPool(ir::Type type) { return pools_[type == ir::Type::kF32 ? 9 : 10]; }
  void Keep(ir::Value value) { Pool(value.type).push_back(value); }
  void KeepRaw(ir::Value value) { RawPool(value.type).push_back(value); }

  ir::Slot RandomSlot(ir::Type type);
  ir::Value Get(ir::Type type) { return builder_.Get(RandomSlot(type)); }

  ir::Value Make(ir::Type type);
  ir::Value PickFrom(const std::vector<ir::Value>& pool) {
    const size_t window = recent_only_ && pool.size() > 4 ? 4 : pool.size();
    return pool[pool.size() - 1 - Below(window)];
  }
  ir::Value Pick(ir::Type type) {
    if (Pool(type).empty() || Below(8) == 0) Keep(Make(type));
    return PickFrom(Pool(type));
  }
  ir::Value PickForArithmetic(ir::Type type) {
    return !RawPool(type).empty() && Below(2) == 0 ? PickFrom(RawPool(type)) : Pick(type);
  }
  ir::Value Pointer();
  int64_t Displacement() {
    return static_cast<int64_t>(Below(8) == 0 ? Below(4096) : 8 * Below(12)) - 32;
  }

  // More values than there are registers for floats, and at the end somebody who wants all.
  void WriteManyFloats();
  void UseManyFloats();

  void WriteStep();
  void WriteInteger();
  void WriteTruth();
  void WriteExtension();
  void WriteSelect();
  void WriteFloat();
  // True if NaNs are exact: then all operands have to be, too.
  bool ChooseRules(bool rounds, uint8_t* attr);
  void KeepFloat(ir::Value result, bool exact) {
    changed_ = true;
    exact ? Keep(result) : KeepArithmetic(result);
  }
  void KeepArithmetic(ir::Value result) {
    changed_ = true;
    KeepRaw(result);
    if (Below(3) != 0) Keep(builder_.Unary(ir::Op::kCanon, result));
  }

  void WriteFloatConversion();
  // As scalar code in the lowest lanes of vectors has it.
  void WriteScalarInVector();
  void WriteLaneMove();
  uint64_t ImmediateOf(const ir::VectorRule& rule, ir::Type lane);
  void WriteVector();
  // Of integers: guests have no such access of others. What must be aligned has no displacement.
  uint8_t AccessAttr(ir::Type type);
  void WriteLoad();

  // Stores that come after others of their instruction, as none of them can fault.
  void WriteProbedStores(ir::Value pointer);
  void WriteStore();
  void WriteSet();
  void WriteBranch();
  int64_t Target() {
    if (loops_ && Below(2) == 0) return start_;
    const int64_t target = 2 * static_cast<int64_t>(Below(3000)) - 512;
    return target != start_ ? target : target + 2;  // round without an end
  }
  // The function leaves when it has begun as often as kCountdown says.
  void WriteCountdown();

  void WriteRare();
  void WriteEnd();

  Random& random_;
  ir::Function function_;
  ir::Builder builder_;
  std::array<std::vector<ir::Value>, 11> pools_;
  std::vector<ir::Value> pointers_;
  uint32_t page_offset_ = 0;
  int64_t start_ = 0;
  bool loops_ = false;
  bool changed_ = false;
  bool recent_only_ = false;
};

}  // namespace emu::translator
