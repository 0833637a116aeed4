// Floating point as the Arm ARM's shared pseudocode has it (FPAdd and its kin), on exact
// arithmetic: the reference that instructions are held against. Without the trapped exceptions.
#pragma once

#include <cstdint>

#include "tests/guest/exact_floats.h"

namespace emu::testing {

inline constexpr uint32_t kFpcrFz16 = 1 << 19, kFpcrFz = 1 << 24, kFpcrDn = 1 << 25,
                          kFpcrAhp = 1 << 26;
inline constexpr uint32_t kIoc = 1, kDzc = 2, kOfc = 4, kUfc = 8, kIxc = 16, kIdc = 128;

// Operations of one instruction under one FPCR; operands and results are bits of `format`.
class ArmFloats {
 public:
  ArmFloats(uint32_t fpcr, const FloatFormat& format) : format(format), fpcr_(fpcr) {}

  const FloatFormat& format;
  uint32_t fpsr = 0;  // cumulative

  Rounding rounding() const { return static_cast<Rounding>(fpcr_ >> 22 & 3); }
  uint64_t Negated(uint64_t a) const { return a ^ format.sign(); }
  uint64_t Magnitude(uint64_t a) const { return a & ~format.sign(); }

  uint64_t Add(uint64_t a, uint64_t b);
  uint64_t Sub(uint64_t a, uint64_t b);
  uint64_t Mul(uint64_t a, uint64_t b);
  uint64_t MulX(uint64_t a, uint64_t b);
  uint64_t Div(uint64_t a, uint64_t b);
  uint64_t Sqrt(uint64_t a);
  uint64_t MulAdd(uint64_t addend, uint64_t a, uint64_t b);
  uint64_t RecipStepFused(uint64_t a, uint64_t b);
  uint64_t RSqrtStepFused(uint64_t a, uint64_t b);
  enum class Which : uint8_t { kLeast, kGreatest };
  uint64_t Extreme(Which which, uint64_t a, uint64_t b);        // FPMin, FPMax
  uint64_t ExtremeNumber(Which which, uint64_t a, uint64_t b);  // FPMinNum, FPMaxNum
  enum class Exactness : uint8_t { kSilent, kTold };
  uint64_t RoundInt(Rounding rounding, Exactness exactness, uint64_t a);

  enum class Relation : uint8_t { kLess, kEqual, kGreater, kUnordered };
  enum class NanSignals : uint8_t { kIfSignalling, kAlways };
  Relation Compare(NanSignals signals, uint64_t a, uint64_t b);

  uint64_t Convert(const FloatFormat& to, Rounding rounding, uint64_t a);
  uint64_t ToFixed(uint32_t bits, bool is_signed, uint32_t fraction, Rounding rounding, uint64_t a);
  uint64_t FromFixed(uint32_t bits, bool is_signed, uint32_t fraction, uint64_t a);

 private:
  enum class Kind : uint8_t { kZero, kNumber, kInfinity, kQuietNan, kSignallingNan };
  struct Unpacked {
    Kind kind;
    bool is_negative;
    uint64_t bits;
    Exact value;  // of numbers and zeros
    bool IsNan() const { return kind >= Kind::kQuietNan; }
    bool IsZero() const { return kind == Kind::kZero; }
    bool IsInfinite() const { return kind == Kind::kInfinity; }
  };
  struct Nan {
    bool is_one;
    uint64_t bits;
  };
  bool FlushesToZero(const FloatFormat& of) const {
    return (fpcr_ & (of.bits == 16 ? kFpcrFz16 : kFpcrFz)) != 0;
  }
  Unpacked Unpack(uint64_t bits);
  Unpacked UnpackForConversion(uint64_t bits);
  // FPProcessNaNs: of the first signalling one, else of the first quiet one.
  template <typename... More>
  Nan ProcessNans(const Unpacked& first, const More&... more);
  Nan ProcessNan(const Unpacked& nan);
  uint64_t Signed(const FloatFormat& of, bool is_negative, uint64_t magnitude) const {
    return magnitude | (is_negative ? of.sign() : 0);
  }
  uint64_t Zero(bool is_negative) const { return Signed(format, is_negative, 0); }
  uint64_t Infinity(bool is_negative) const {
    return Signed(format, is_negative, format.infinity());
  }
  static uint64_t DefaultNan(const FloatFormat& of) { return of.infinity() | of.quiet_bit(); }
  uint64_t Invalid();
  uint64_t Round(const Exact& value) { return RoundInto(format, rounding(), value); }
  uint64_t RoundSum(const Exact& value);  // whose zero has the sign that the rounding mode gives it
  uint64_t RoundInto(const FloatFormat& to, Rounding rounding, const Exact& value);
  uint64_t RoundConverted(const FloatFormat& to, Rounding rounding, const Exact& value);
  uint64_t RoundUnflushed(const FloatFormat& to, Rounding rounding, const Exact& value);

  uint32_t fpcr_;
};

}  // namespace emu::testing
