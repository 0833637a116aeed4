// Floating-point arithmetic as Arm defines it (Arm ARM, shared pseudocode: FPAdd and its kin): the
// IR's arithmetic with Arm's rules for NaNs, tininess, FZ, FZ16, DN and AHP around it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "translator/guest/aarch64/vector_unit.h"
#include "translator/ir/float_evaluate.h"

namespace emu::translator::aarch64 {

// One of the three formats.
struct FloatFormat {
  uint32_t bits, fraction_bits;
  ir::Type type;  // kI16 of halves, which the IR converts only
  constexpr uint64_t sign() const { return uint64_t{1} << (bits - 1); }
  constexpr uint64_t fraction_mask() const { return (uint64_t{1} << fraction_bits) - 1; }
  constexpr uint64_t infinity() const { return (sign() - 1) & ~fraction_mask(); }
  constexpr uint64_t quiet_bit() const { return uint64_t{1} << (fraction_bits - 1); }
  constexpr uint64_t default_nan() const { return infinity() | quiet_bit(); }
  constexpr uint64_t min_normal() const { return uint64_t{1} << fraction_bits; }
  constexpr uint64_t max_normal() const { return infinity() - 1; }
  constexpr uint64_t one() const { return (infinity() >> 1) & infinity(); }
  constexpr uint64_t two() const { return one() + min_normal(); }
  constexpr uint64_t magnitude(uint64_t value) const { return value & (sign() - 1); }
  constexpr bool IsNegative(uint64_t value) const { return (value & sign()) != 0; }
  constexpr bool IsInfinite(uint64_t value) const { return magnitude(value) == infinity(); }
  constexpr bool IsZero(uint64_t value) const { return magnitude(value) == 0; }
  constexpr bool IsNan(uint64_t value) const { return magnitude(value) > infinity(); }
  constexpr bool IsSignalling(uint64_t value) const {
    return IsNan(value) && (value & quiet_bit()) == 0;
  }
  constexpr bool IsSubnormal(uint64_t value) const {
    return !IsZero(value) && magnitude(value) < min_normal();
  }
};
inline constexpr FloatFormat kHalf = {16, 10, ir::Type::kI16};
inline constexpr FloatFormat kSingle = {32, 23, ir::Type::kF32};
inline constexpr FloatFormat kDouble = {64, 52, ir::Type::kF64};

enum class Order : uint8_t { kLess, kEqual, kGreater, kUnordered };

// The arithmetic of one instruction: operands and results are bits of `format`; exceptions gather
// in FPSR when it ends.
class FloatArithmetic {
 public:
  FloatArithmetic(VectorUnit& unit, const FloatFormat& format) : format(format), unit_(unit) {}
  ~FloatArithmetic();
  FloatArithmetic(const FloatArithmetic&) = delete;
  FloatArithmetic& operator=(const FloatArithmetic&) = delete;

  const FloatFormat& format;

  // As FPCR says, unless `rounding` is given.
  uint64_t Unary(ir::Op op, uint64_t a);
  uint64_t Binary(ir::Op op, uint64_t a, uint64_t b);
  uint64_t MulAdd(uint64_t addend, uint64_t a, uint64_t b);
  uint64_t ToIntegral(ir::Op op, ir::Rounding rounding, uint64_t a);
  uint64_t MulExtended(uint64_t a, uint64_t b);
  uint64_t ReciprocalStep(uint64_t a, uint64_t b);
  uint64_t ReciprocalRootStep(uint64_t a, uint64_t b);
  // kNumber: of a number and a quiet NaN, the number.
  enum class Prefer : uint8_t { kNan, kNumber };
  uint64_t Extreme(ir::Op max_or_min, Prefer prefer, uint64_t a, uint64_t b);
  enum class Signals : uint8_t { kOnSignalling, kOnAnyNan };
  Order Compare(uint64_t a, uint64_t b, Signals signals);
  uint64_t ConvertTo(const FloatFormat& to, uint64_t a);
  uint64_t ConvertToSingleOdd(uint64_t a);  // FCVTXN
  // Of `bits` bits, with `fraction` of them behind the point.
  uint64_t ToInteger(uint32_t bits, bool is_signed, ir::Rounding rounding, uint32_t fraction,
                     uint64_t a);
  uint64_t FromInteger(uint32_t bits, bool is_signed, uint32_t fraction, uint64_t a);
  // See float_estimates.cc.
  uint64_t ReciprocalEstimate(uint64_t a);
  uint64_t ReciprocalRootEstimate(uint64_t a);
  uint64_t ReciprocalExponent(uint64_t a);

  ir::Rounding rounding() const;  // FPCR.RMode

 private:
  bool FlushesToZero(const FloatFormat& of) const;
  uint64_t Flushed(uint64_t a);  // an operand, of which subnormals are zero under FZ
  // FPProcessNaNs: whether one is among the operands; the first signalling one, else the first.
  bool PickNan(std::span<const uint64_t> operands, uint64_t* result);
  uint64_t Invalid();
  // FPRound's end: `compute` gives what the IR makes of a rounding.
  enum class Tiny : uint8_t { kFlushed, kKept };  // where FZ or FZ16 says so; whatever they say
  template <Tiny tiny = Tiny::kFlushed, typename Compute>
  uint64_t Finished(const FloatFormat& to, ir::Rounding rounding, Compute&& compute);
  uint64_t ToHalfAlternative(uint64_t a);
  void Raise(uint32_t flags) { flags_ |= flags; }

  VectorUnit& unit_;
  uint32_t flags_ = 0;
};

uint64_t RecipEstimateOfWord(uint64_t a);      // URECPE
uint64_t RecipRootEstimateOfWord(uint64_t a);  // URSQRTE

}  // namespace emu::translator::aarch64
