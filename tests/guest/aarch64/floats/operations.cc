#include "tests/guest/aarch64/floats/operations.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace emu::testing {
namespace {

using Which = ArmFloats::Which;
using Relation = ArmFloats::Relation;
using NanSignals = ArmFloats::NanSignals;
using Exactness = ArmFloats::Exactness;

const FloatFormat& FormatOf(uint32_t bits) {
  return bits == 16 ? kHalf : bits == 32 ? kSingle : kDouble;
}
uint32_t BitsOf(char letter) {
  switch (letter) {
    case 'h':
      return 16;
    case 's':
    case 'w':
      return 32;
    default:
      return 64;
  }
}

template <bool negates_product, bool negates_addend>
uint64_t MulAdd(ArmFloats& f, const Instruction&, const Operands& o) {
  return f.MulAdd(negates_addend ? f.Negated(o[2]) : o[2], negates_product ? f.Negated(o[0]) : o[0],
                  o[1]);
}
template <Rounding rounding>
uint64_t RoundTo(ArmFloats& f, const Instruction&, const Operands& o) {
  return f.RoundInt(rounding, Exactness::kSilent, o[0]);
}
template <Rounding rounding, bool is_signed>
uint64_t ToInteger(ArmFloats& f, const Instruction& i, const Operands& o) {
  return f.ToFixed(i.result_bits, is_signed, i.fraction, rounding, o[0]);
}
template <bool is_signed>
uint64_t FromInteger(ArmFloats& f, const Instruction& i, const Operands& o) {
  return f.FromFixed(i.source_bits, is_signed, i.fraction, o[0]);
}
template <NanSignals signals>
uint64_t Flags(ArmFloats& f, const Instruction&, const Operands& o) {
  constexpr uint64_t kN = 8, kZ = 4, kC = 2, kV = 1;
  constexpr uint64_t kByRelation[] = {kN, kZ | kC, kC, kC | kV};
  return kByRelation[static_cast<size_t>(f.Compare(signals, o[0], o[1]))] << 28;
}
template <bool or_equal>
uint64_t MaskIfGreater(ArmFloats& f, uint64_t a, uint64_t b) {
  const Relation relation = f.Compare(NanSignals::kAlways, a, b);
  return relation == Relation::kGreater || (or_equal && relation == Relation::kEqual) ? ~uint64_t{0}
                                                                                      : 0;
}
template <bool or_equal>
uint64_t Greater(ArmFloats& f, const Instruction&, const Operands& o) {
  return MaskIfGreater<or_equal>(f, o[0], o[1]);
}
template <bool or_equal>
uint64_t GreaterMagnitude(ArmFloats& f, const Instruction&, const Operands& o) {
  return MaskIfGreater<or_equal>(f, f.Magnitude(o[0]), f.Magnitude(o[1]));
}
uint64_t Equal(ArmFloats& f, const Instruction&, const Operands& o) {
  return f.Compare(NanSignals::kIfSignalling, o[0], o[1]) == Relation::kEqual ? ~uint64_t{0} : 0;
}
uint64_t Converted(ArmFloats& f, const Instruction& i, const Operands& o) {
  return f.Convert(FormatOf(i.result_bits), f.rounding(), o[0]);
}

// The arguments of a reference.
using F = ArmFloats;
using I = Instruction;
using O = Operands;
constexpr Operation kOperations[] = {
    {"fadd", 2, [](F& f, const I&, const O& o) { return f.Add(o[0], o[1]); }},
    {"fsub", 2, [](F& f, const I&, const O& o) { return f.Sub(o[0], o[1]); }},
    {"fmul", 2, [](F& f, const I&, const O& o) { return f.Mul(o[0], o[1]); }},
    {"fnmul", 2, [](F& f, const I&, const O& o) { return f.Negated(f.Mul(o[0], o[1])); }},
    {"fmulx", 2, [](F& f, const I&, const O& o) { return f.MulX(o[0], o[1]); }},
    {"fdiv", 2, [](F& f, const I&, const O& o) { return f.Div(o[0], o[1]); }},
    {"fabd", 2, [](F& f, const I&, const O& o) { return f.Magnitude(f.Sub(o[0], o[1])); }},
    {"frecps", 2, [](F& f, const I&, const O& o) { return f.RecipStepFused(o[0], o[1]); }},
    {"frsqrts", 2, [](F& f, const I&, const O& o) { return f.RSqrtStepFused(o[0], o[1]); }},
    {"fmax", 2, [](F& f, const I&, const O& o) { return f.Extreme(Which::kGreatest, o[0], o[1]); }},
    {"fmin", 2, [](F& f, const I&, const O& o) { return f.Extreme(Which::kLeast, o[0], o[1]); }},
    {"fmaxnm", 2,
     [](F& f, const I&, const O& o) { return f.ExtremeNumber(Which::kGreatest, o[0], o[1]); }},
    {"fminnm", 2,
     [](F& f, const I&, const O& o) { return f.ExtremeNumber(Which::kLeast, o[0], o[1]); }},
    {"fcmeq", 2, Equal},
    {"fcmge", 2, Greater<true>},
    {"fcmgt", 2, Greater<false>},
    {"facge", 2, GreaterMagnitude<true>},
    {"facgt", 2, GreaterMagnitude<false>},
    {"fcmp", 2, Flags<NanSignals::kIfSignalling>},
    {"fcmpe", 2, Flags<NanSignals::kAlways>},
    {"fsqrt", 1, [](F& f, const I&, const O& o) { return f.Sqrt(o[0]); }},
    {"fmadd", 3, MulAdd<false, false>},
    {"fmsub", 3, MulAdd<true, false>},
    {"fnmadd", 3, MulAdd<true, true>},
    {"fnmsub", 3, MulAdd<false, true>},
    {"fmla", 3, MulAdd<false, false>},
    {"fmls", 3, MulAdd<true, false>},
    {"frintn", 1, RoundTo<Rounding::kNearestEven>},
    {"frintp", 1, RoundTo<Rounding::kUp>},
    {"frintm", 1, RoundTo<Rounding::kDown>},
    {"frintz", 1, RoundTo<Rounding::kTowardZero>},
    {"frinta", 1, RoundTo<Rounding::kNearestAway>},
    {"frintx", 1,
     [](F& f, const I&, const O& o) { return f.RoundInt(f.rounding(), Exactness::kTold, o[0]); }},
    {"frinti", 1,
     [](F& f, const I&, const O& o) { return f.RoundInt(f.rounding(), Exactness::kSilent, o[0]); }},
    {"fcvt", 1, Converted},
    {"fcvtl", 1, Converted},
    {"fcvtn", 1, Converted},
    {"fcvtxn", 1,
     [](F& f, const I&, const O& o) { return f.Convert(kSingle, Rounding::kOdd, o[0]); }},
    {"fcvtns", 1, ToInteger<Rounding::kNearestEven, true>},
    {"fcvtnu", 1, ToInteger<Rounding::kNearestEven, false>},
    {"fcvtps", 1, ToInteger<Rounding::kUp, true>},
    {"fcvtpu", 1, ToInteger<Rounding::kUp, false>},
    {"fcvtms", 1, ToInteger<Rounding::kDown, true>},
    {"fcvtmu", 1, ToInteger<Rounding::kDown, false>},
    {"fcvtzs", 1, ToInteger<Rounding::kTowardZero, true>},
    {"fcvtzu", 1, ToInteger<Rounding::kTowardZero, false>},
    {"fcvtas", 1, ToInteger<Rounding::kNearestAway, true>},
    {"fcvtau", 1, ToInteger<Rounding::kNearestAway, false>},
    {"scvtf", 1, FromInteger<true>},
    {"ucvtf", 1, FromInteger<false>},
};

}  // namespace

Instruction::Instruction(std::string whole) : text(std::move(whole)) {
  const size_t space = text.find(' ');
  mnemonic = text.substr(0, space);
  bool is_first = !mnemonic.starts_with("fcmp");
  for (size_t at = space + 1; at < text.size();) {
    const std::string operand = text.substr(at, text.find(',', at) - at);
    at += operand.size() + 1;
    if (operand.starts_with('#')) {
      fraction = static_cast<uint32_t>(std::atoi(operand.c_str() + 1));
      continue;
    }
    const bool is_vector = operand.starts_with('v');
    const uint32_t bits = BitsOf(is_vector ? operand.back() : operand.front());
    if (is_vector)
      lanes = static_cast<uint32_t>(std::atoi(operand.c_str() + operand.find('.') + 1));
    (is_first ? result_bits : source_bits) = bits;
    is_first = false;
  }
}

const Operation* FindOperation(std::string_view mnemonic) {
  const auto* found = std::ranges::find(kOperations, mnemonic, &Operation::mnemonic);
  return found == std::end(kOperations) ? nullptr : found;
}

bool IsFromInteger(const Instruction& instruction) {
  return instruction.mnemonic == "scvtf" || instruction.mnemonic == "ucvtf";
}

LaneOutcome Expected(const Operation& operation, const Instruction& instruction, uint32_t fpcr,
                     const Operands& operands) {
  const uint32_t bits =
      IsFromInteger(instruction) ? instruction.result_bits : instruction.source_bits;
  ArmFloats floats(fpcr, FormatOf(bits));
  const uint64_t result = operation.reference(floats, instruction, operands);
  return {result & ~uint64_t{0} >> (64 - instruction.result_bits), floats.fpsr};
}

}  // namespace emu::testing
