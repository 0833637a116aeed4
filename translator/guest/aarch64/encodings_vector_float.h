// Rows of the encoding table: floating point on vectors (Arm ARM C4.1.94). Each has a twin for
// halves (FEAT_FP16), at another place.
#pragma once

#include "translator/guest/aarch64/translate_vector_float.h"
#include "translator/guest/aarch64/vector_floats.h"
#include "translator/guest/aarch64/vector_rows.h"

namespace emu::translator::aarch64 {

// How an operation is applied, to lanes by size and to halves. Lifts are of those by size.
struct FloatForms {
  ExecuteFunction by_size, halves;
};
template <FloatOperation operation>
inline constexpr FloatForms kEach = {FloatLanewise<operation>,
                                     FloatLanewise<operation, Precision::kHalves>};
template <FloatOperation operation>
inline constexpr FloatForms kOne = {FloatOfOne<operation>,
                                    FloatOfOne<operation, Precision::kHalves>};
template <FloatOperation operation>
inline constexpr FloatForms kPairs = {FloatPairwise<operation>,
                                      FloatPairwise<operation, Precision::kHalves>};
template <FloatOperation operation>
inline constexpr FloatForms kPair = {FloatPair<operation>,
                                     FloatPair<operation, Precision::kHalves>};
template <FloatOperation operation>
inline constexpr FloatForms kAll = {FloatAcross<operation>,
                                    FloatAcross<operation, Precision::kHalves>};
template <FloatOperation operation>
inline constexpr FloatForms kElement = {FloatByElement<operation>,
                                        FloatByElement<operation, Precision::kHalves>};

// `a` is bit 23. Three operands: `opcode` is bits 13:11.
constexpr std::array<Encoding, 2> FloatSame(uint32_t u, uint32_t a, uint32_t opcode,
                                            std::string_view mnemonic, FloatForms forms,
                                            LiftFunction lift = ByUnit) {
  return {Fixed(FieldRow("0..01110..1.....11...1..........", mnemonic, Format::kVector2, u, 11, 3,
                         opcode, Action(forms.by_size, lift)),
                23, 1, a),
          Fixed(FieldRow("0..01110.10.....00...1..........", mnemonic, Format::kVector2, u, 11, 3,
                         opcode, forms.halves),
                23, 1, a)};
}
constexpr std::array<Encoding, 2> FloatMisc(uint32_t u, uint32_t a, uint32_t opcode,
                                            std::string_view mnemonic, FloatForms forms,
                                            LiftFunction lift = ByUnit) {
  return {Fixed(TwoMisc(u, opcode, mnemonic, Action(forms.by_size, lift)), 23, 1, a),
          Fixed(FieldRow("0..01110.111100.....10..........", mnemonic, Format::kVector1, u, 12, 5,
                         opcode, forms.halves),
                23, 1, a)};
}
// Across lanes, and of scalar pairs: halves have U 0.
constexpr std::array<Encoding, 2> FloatReduce(uint32_t a, uint32_t opcode,
                                              std::string_view mnemonic, FloatForms forms,
                                              LiftFunction lift = ByUnit) {
  return {Fixed(AcrossLanes(kU1, opcode, mnemonic, Action(forms.by_size, lift)), 23, 1, a),
          OfSize(AcrossLanes(kU0, opcode, mnemonic, forms.halves), a << 1)};
}
constexpr std::array<Encoding, 2> FloatElement(uint32_t u, uint32_t opcode,
                                               std::string_view mnemonic, FloatForms forms,
                                               LiftFunction lift = ByUnit) {
  return {Fixed(WithElement(u, opcode, mnemonic, Action(forms.by_size, lift)), 23, 1, 1),
          OfSize(WithElement(u, opcode, mnemonic, forms.halves), 0)};
}
// On vectors and on scalars.
constexpr std::array<Encoding, 4> AndScalar(const std::array<Encoding, 2>& rows) {
  return Joined(rows, Scalar(rows));
}

using enum FloatArithmetic::Prefer;
using enum ir::Rounding;
inline constexpr FloatOperation kMaxNumber = float_lane::Extreme<ir::Op::kFMax, kNumber>,
                                kMinNumber = float_lane::Extreme<ir::Op::kFMin, kNumber>,
                                kMax = float_lane::Extreme<ir::Op::kFMax, kNan>,
                                kMin = float_lane::Extreme<ir::Op::kFMin, kNan>,
                                kSum = float_lane::Binary<ir::Op::kFAdd>,
                                kProduct = float_lane::Binary<ir::Op::kFMul>,
                                kMulAdd = float_lane::MulAdd<false, false>,
                                kMulSub = float_lane::MulAdd<true, false>;

inline constexpr std::array kVectorFloatSame = Joined(
    FloatSame(kU0, 0, 0b000, "fmaxnm", kEach<kMaxNumber>,
              LiftFloats<floats::Plain<Op::kVFMaxNum, ir::kPropagateNan>>),
    FloatSame(kU0, 1, 0b000, "fminnm", kEach<kMinNumber>,
              LiftFloats<floats::Plain<Op::kVFMinNum, ir::kPropagateNan>>),
    FloatSame(kU1, 0, 0b000, "fmaxnmp", kPairs<kMaxNumber>,
              LiftFloatPairs<floats::Plain<Op::kVFMaxNum, ir::kPropagateNan>>),
    FloatSame(kU1, 1, 0b000, "fminnmp", kPairs<kMinNumber>,
              LiftFloatPairs<floats::Plain<Op::kVFMinNum, ir::kPropagateNan>>),
    FloatSame(kU0, 0, 0b001, "fmla", kEach<kMulAdd>, LiftFloats<floats::MulAdd<false>>),
    FloatSame(kU0, 1, 0b001, "fmls", kEach<kMulSub>, LiftFloats<floats::MulAdd<true>>),
    FloatSame(kU0, 0, 0b010, "fadd", kEach<kSum>, LiftFloats<floats::Plain<Op::kVFAdd, kByFpcr>>),
    FloatSame(kU0, 1, 0b010, "fsub", kEach<float_lane::Binary<ir::Op::kFSub>>,
              LiftFloats<floats::Plain<Op::kVFSub, kByFpcr>>),
    FloatSame(kU1, 0, 0b010, "faddp", kPairs<kSum>,
              LiftFloatPairs<floats::Plain<Op::kVFAdd, kByFpcr>>),
    AndScalar(FloatSame(kU1, 1, 0b010, "fabd", kEach<float_lane::Difference>,
                        LiftFloats<floats::Distance>)),
    AndScalar(FloatSame(kU0, 0, 0b011, "fmulx", kEach<float_lane::MulExtended>)),
    FloatSame(kU1, 0, 0b011, "fmul", kEach<kProduct>,
              LiftFloats<floats::Plain<Op::kVFMul, kByFpcr>>),
    AndScalar(FloatSame(kU0, 0, 0b100, "fcmeq", kEach<float_lane::CmEq>,
                        LiftFloats<floats::Plain<Op::kVFEq, 0>>)),
    AndScalar(FloatSame(kU1, 0, 0b100, "fcmge", kEach<float_lane::CmGreater<true>>,
                        LiftFloats<floats::Plain<Op::kVFGe, 0>>)),
    AndScalar(FloatSame(kU1, 1, 0b100, "fcmgt", kEach<float_lane::CmGreater<false>>,
                        LiftFloats<floats::Plain<Op::kVFGt, 0>>)),
    AndScalar(FloatSame(kU1, 0, 0b101, "facge", kEach<float_lane::CmGreater<true, true>>,
                        LiftFloats<floats::OfMagnitudes<Op::kVFGe>>)),
    AndScalar(FloatSame(kU1, 1, 0b101, "facgt", kEach<float_lane::CmGreater<false, true>>,
                        LiftFloats<floats::OfMagnitudes<Op::kVFGt>>)),
    FloatSame(kU0, 0, 0b110, "fmax", kEach<kMax>,
              LiftFloats<floats::Plain<Op::kVFMaximum, ir::kPropagateNan>>),
    FloatSame(kU0, 1, 0b110, "fmin", kEach<kMin>,
              LiftFloats<floats::Plain<Op::kVFMinimum, ir::kPropagateNan>>),
    FloatSame(kU1, 0, 0b110, "fmaxp", kPairs<kMax>,
              LiftFloatPairs<floats::Plain<Op::kVFMaximum, ir::kPropagateNan>>),
    FloatSame(kU1, 1, 0b110, "fminp", kPairs<kMin>,
              LiftFloatPairs<floats::Plain<Op::kVFMinimum, ir::kPropagateNan>>),
    AndScalar(FloatSame(kU0, 0, 0b111, "frecps", kEach<float_lane::RecipStep>)),
    AndScalar(FloatSame(kU0, 1, 0b111, "frsqrts", kEach<float_lane::RootStep>)),
    FloatSame(kU1, 0, 0b111, "fdiv", kEach<float_lane::Binary<ir::Op::kFDiv>>,
              LiftFloats<floats::Plain<Op::kVFDiv, kByFpcr>>));

inline constexpr std::array kVectorFloatMisc = Joined(
    FloatMisc(kU0, 0, 0b11000, "frintn", kOne<float_lane::Round<kNearestEven>>,
              LiftFloatsOne<floats::One<Op::kVFRound, FloatRules(kNearestEven)>>),
    FloatMisc(kU0, 0, 0b11001, "frintm", kOne<float_lane::Round<kDown>>,
              LiftFloatsOne<floats::One<Op::kVFRound, FloatRules(kDown)>>),
    FloatMisc(kU0, 1, 0b11000, "frintp", kOne<float_lane::Round<kUp>>,
              LiftFloatsOne<floats::One<Op::kVFRound, FloatRules(kUp)>>),
    FloatMisc(kU0, 1, 0b11001, "frintz", kOne<float_lane::Round<kTowardZero>>,
              LiftFloatsOne<floats::One<Op::kVFRound, FloatRules(kTowardZero)>>),
    FloatMisc(kU1, 0, 0b11000, "frinta", kOne<float_lane::Round<kNearestMaxMagnitude>>,
              LiftFloatsOne<floats::One<Op::kVFRound, FloatRules(kNearestMaxMagnitude)>>),
    FloatMisc(kU1, 0, 0b11001, "frintx", kOne<float_lane::Round<kDynamic, ir::Op::kFRoundExact>>,
              LiftFloatsOne<floats::One<Op::kVFRoundExact, kByFpcr>>),
    FloatMisc(kU1, 1, 0b11001, "frinti", kOne<float_lane::Round<kDynamic>>,
              LiftFloatsOne<floats::One<Op::kVFRound, kByFpcr>>),
    AndScalar(FloatMisc(kU0, 0, 0b11010, "fcvtns", kOne<float_lane::ToInteger<kNearestEven, true>>,
                        LiftFloatsToIntegers<Op::kVFToS, Op::kFToS, kNearestEven>)),
    AndScalar(FloatMisc(kU1, 0, 0b11010, "fcvtnu", kOne<float_lane::ToInteger<kNearestEven, false>>,
                        LiftFloatsToIntegers<Op::kVFToU, Op::kFToU, kNearestEven>)),
    AndScalar(FloatMisc(kU0, 0, 0b11011, "fcvtms", kOne<float_lane::ToInteger<kDown, true>>,
                        LiftFloatsToIntegers<Op::kVFToS, Op::kFToS, kDown>)),
    AndScalar(FloatMisc(kU1, 0, 0b11011, "fcvtmu", kOne<float_lane::ToInteger<kDown, false>>,
                        LiftFloatsToIntegers<Op::kVFToU, Op::kFToU, kDown>)),
    AndScalar(FloatMisc(kU0, 0, 0b11100, "fcvtas",
                        kOne<float_lane::ToInteger<kNearestMaxMagnitude, true>>,
                        LiftFloatsToIntegers<Op::kVFToS, Op::kFToS, kNearestMaxMagnitude>)),
    AndScalar(FloatMisc(kU1, 0, 0b11100, "fcvtau",
                        kOne<float_lane::ToInteger<kNearestMaxMagnitude, false>>,
                        LiftFloatsToIntegers<Op::kVFToU, Op::kFToU, kNearestMaxMagnitude>)),
    AndScalar(FloatMisc(kU0, 1, 0b11010, "fcvtps", kOne<float_lane::ToInteger<kUp, true>>,
                        LiftFloatsToIntegers<Op::kVFToS, Op::kFToS, kUp>)),
    AndScalar(FloatMisc(kU1, 1, 0b11010, "fcvtpu", kOne<float_lane::ToInteger<kUp, false>>,
                        LiftFloatsToIntegers<Op::kVFToU, Op::kFToU, kUp>)),
    AndScalar(FloatMisc(kU0, 1, 0b11011, "fcvtzs", kOne<float_lane::ToInteger<kTowardZero, true>>,
                        LiftFloatsToIntegers<Op::kVFToS, Op::kFToS, kTowardZero>)),
    AndScalar(FloatMisc(kU1, 1, 0b11011, "fcvtzu", kOne<float_lane::ToInteger<kTowardZero, false>>,
                        LiftFloatsToIntegers<Op::kVFToU, Op::kFToU, kTowardZero>)),
    AndScalar(FloatMisc(kU0, 0, 0b11101, "scvtf", kOne<float_lane::FromInteger<true>>,
                        LiftIntegersToFloats<Op::kVSToF, Op::kSToF>)),
    AndScalar(FloatMisc(kU1, 0, 0b11101, "ucvtf", kOne<float_lane::FromInteger<false>>,
                        LiftIntegersToFloats<Op::kVUToF, Op::kUToF>)),
    AndScalar(FloatMisc(kU0, 1, 0b01100, "fcmgt", kOne<float_lane::CmGreater<false>>,
                        LiftFloatsOne<floats::Plain<Op::kVFGt, 0>>)),
    AndScalar(FloatMisc(kU1, 1, 0b01100, "fcmge", kOne<float_lane::CmGreater<true>>,
                        LiftFloatsOne<floats::Plain<Op::kVFGe, 0>>)),
    AndScalar(FloatMisc(kU0, 1, 0b01101, "fcmeq", kOne<float_lane::CmEq>,
                        LiftFloatsOne<floats::Plain<Op::kVFEq, 0>>)),
    AndScalar(FloatMisc(kU1, 1, 0b01101, "fcmle", kOne<float_lane::CmLess<true>>,
                        LiftFloatsOne<floats::Swapped<Op::kVFGe>>)),
    AndScalar(FloatMisc(kU0, 1, 0b01110, "fcmlt", kOne<float_lane::CmLess<false>>,
                        LiftFloatsOne<floats::Swapped<Op::kVFGt>>)),
    FloatMisc(kU0, 1, 0b01111, "fabs", kOne<float_lane::Abs>,
              LiftFloatsOne<floats::One<Op::kVFAbs, 0>>),
    FloatMisc(kU1, 1, 0b01111, "fneg", kOne<float_lane::Neg>,
              LiftFloatsOne<floats::One<Op::kVFNeg, 0>>),
    AndScalar(FloatMisc(kU0, 1, 0b11101, "frecpe", kOne<float_lane::RecipEstimate>)),
    AndScalar(FloatMisc(kU1, 1, 0b11101, "frsqrte", kOne<float_lane::RootEstimate>)),
    Scalar(FloatMisc(kU0, 1, 0b11111, "frecpx", kOne<float_lane::RecipExponent>)),
    FloatMisc(kU1, 1, 0b11111, "fsqrt", kOne<float_lane::Sqrt>,
              LiftFloatsOne<floats::One<Op::kVFSqrt, kByFpcr>>));

inline constexpr std::array kVectorFloatMore = Joined(
    FloatReduce(0, 0b01100, "fmaxnmv", kAll<kMaxNumber>,
                LiftFloatAcross<floats::Plain<Op::kVFMaxNum, ir::kPropagateNan>>),
    FloatReduce(0, 0b01111, "fmaxv", kAll<kMax>,
                LiftFloatAcross<floats::Plain<Op::kVFMaximum, ir::kPropagateNan>>),
    FloatReduce(1, 0b01100, "fminnmv", kAll<kMinNumber>,
                LiftFloatAcross<floats::Plain<Op::kVFMinNum, ir::kPropagateNan>>),
    FloatReduce(1, 0b01111, "fminv", kAll<kMin>,
                LiftFloatAcross<floats::Plain<Op::kVFMinimum, ir::kPropagateNan>>),
    Scalar(FloatReduce(0, 0b01100, "fmaxnmp", kPair<kMaxNumber>,
                       LiftFloatPair<floats::Plain<Op::kVFMaxNum, ir::kPropagateNan>>)),
    Scalar(FloatReduce(0, 0b01101, "faddp", kPair<kSum>,
                       LiftFloatPair<floats::Plain<Op::kVFAdd, kByFpcr>>)),
    Scalar(FloatReduce(0, 0b01111, "fmaxp", kPair<kMax>,
                       LiftFloatPair<floats::Plain<Op::kVFMaximum, ir::kPropagateNan>>)),
    Scalar(FloatReduce(1, 0b01100, "fminnmp", kPair<kMinNumber>,
                       LiftFloatPair<floats::Plain<Op::kVFMinNum, ir::kPropagateNan>>)),
    Scalar(FloatReduce(1, 0b01111, "fminp", kPair<kMin>,
                       LiftFloatPair<floats::Plain<Op::kVFMinimum, ir::kPropagateNan>>)),
    AndScalar(FloatElement(kU0, 0b0001, "fmla", kElement<kMulAdd>,
                           LiftFloatsByElement<floats::MulAdd<false>>)),
    AndScalar(FloatElement(kU0, 0b0101, "fmls", kElement<kMulSub>,
                           LiftFloatsByElement<floats::MulAdd<true>>)),
    AndScalar(FloatElement(kU0, 0b1001, "fmul", kElement<kProduct>,
                           LiftFloatsByElement<floats::Plain<Op::kVFMul, kByFpcr>>)),
    AndScalar(FloatElement(kU1, 0b1001, "fmulx", kElement<float_lane::MulExtended>)),
    std::array{
        Fixed(TwoMisc(kU0, 0b10110, "fcvtn", Action(FloatNarrow<false>, LiftFloatNarrow)), 23, 1,
              0),
        Fixed(TwoMisc(kU0, 0b10111, "fcvtl", Action(FloatLong, LiftFloatLong)), 23, 1, 0),
        Fixed(TwoMisc(kU1, 0b10110, "fcvtxn", FloatNarrow<true>), 23, 1, 0),
        Scalar(Fixed(TwoMisc(kU1, 0b10110, "fcvtxn", FloatNarrow<true>), 23, 1, 0)),
        Fixed(TwoMisc(kU0, 0b11100, "urecpe", EstimateWords<RecipEstimateOfWord>), 23, 1, 1),
        Fixed(TwoMisc(kU1, 0b11100, "ursqrte", EstimateWords<RecipRootEstimateOfWord>), 23, 1, 1),
    });

inline constexpr std::array kVectorFloatEncodings =
    Joined(kVectorFloatSame, kVectorFloatMisc, kVectorFloatMore);

}  // namespace emu::translator::aarch64
