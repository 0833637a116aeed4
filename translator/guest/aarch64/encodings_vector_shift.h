// Rows of the encoding table: shifts of vectors by an immediate (Arm ARM C4.1.94).
#pragma once

#include "translator/guest/aarch64/translate_vector_float.h"
#include "translator/guest/aarch64/translate_vector_saturating.h"
#include "translator/guest/aarch64/vector_floats.h"
#include "translator/guest/aarch64/vector_rows.h"

namespace emu::translator::aarch64 {

using ShiftRows = std::array<Encoding, 4>;  // lanes of 64, 32, 16 and 8 bits
// Vectors, and scalars of 64 bits; of any width.
constexpr std::array<Encoding, 5> AndScalar64(const ShiftRows& rows) {
  return Joined(rows, std::array{Scalar(rows[0])});
}
constexpr std::array<Encoding, 8> AndAnyScalar(const ShiftRows& rows) {
  return Joined(rows, Scalar(rows));
}
// Of whose lanes another has twice as many bits, or which has a format of floating point.
constexpr std::array<Encoding, 3> UpTo32Bits(const ShiftRows& rows) {
  return {rows[1], rows[2], rows[3]};
}
constexpr std::array<Encoding, 3> From16Bits(const ShiftRows& rows) {
  return {rows[0], rows[1], rows[2]};
}
constexpr std::array<Encoding, 6> AndScalar(const std::array<Encoding, 3>& rows) {
  return Joined(rows, Scalar(rows));
}

inline constexpr std::array kVectorShiftEncodings = Joined(
    AndScalar64(Shift(kU0, 0b00000, "sshr", LiftShiftRight<Op::kVShrS, Rounds::kNo, false>)),
    AndScalar64(Shift(kU1, 0b00000, "ushr", LiftShiftRight<Op::kVShrU, Rounds::kNo, false>)),
    AndScalar64(Shift(kU0, 0b00010, "ssra", LiftShiftRight<Op::kVShrS, Rounds::kNo, true>)),
    AndScalar64(Shift(kU1, 0b00010, "usra", LiftShiftRight<Op::kVShrU, Rounds::kNo, true>)),
    AndScalar64(Shift(kU0, 0b00100, "srshr", LiftShiftRight<Op::kVShrS, Rounds::kYes, false>)),
    AndScalar64(Shift(kU1, 0b00100, "urshr", LiftShiftRight<Op::kVShrU, Rounds::kYes, false>)),
    AndScalar64(Shift(kU0, 0b00110, "srsra", LiftShiftRight<Op::kVShrS, Rounds::kYes, true>)),
    AndScalar64(Shift(kU1, 0b00110, "ursra", LiftShiftRight<Op::kVShrU, Rounds::kYes, true>)),
    AndScalar64(Shift(kU1, 0b01000, "sri", LiftShiftInsert<Op::kVShrU, Direction::kRight>)),
    AndScalar64(Shift(kU0, 0b01010, "shl", LiftShiftLeft)),
    AndScalar64(Shift(kU1, 0b01010, "sli", LiftShiftInsert<Op::kVShl, Direction::kLeft>)),
    AndAnyScalar(Shift(kU1, 0b01100, "sqshlu", ShiftLeft<lane::SQShlU>)),
    AndAnyScalar(Shift(kU0, 0b01110, "sqshl", ShiftLeft<lane::SQShl<Rounds::kNo>>)),
    AndAnyScalar(Shift(kU1, 0b01110, "uqshl", ShiftLeft<lane::UQShl<Rounds::kNo>>)),
    UpTo32Bits(Shift(kU0, 0b10000, "shrn", LiftShiftNarrow<Rounds::kNo>)),
    UpTo32Bits(Shift(kU0, 0b10001, "rshrn", LiftShiftNarrow<Rounds::kYes>)),
    AndScalar(UpTo32Bits(Shift(
        kU1, 0b10000, "sqshrun",
        LiftShiftNarrowSaturated<Op::kVNarrowSatSU, Sign::kUnsigned, Op::kVShrS, Rounds::kNo>))),
    AndScalar(UpTo32Bits(Shift(
        kU1, 0b10001, "sqrshrun",
        LiftShiftNarrowSaturated<Op::kVNarrowSatSU, Sign::kUnsigned, Op::kVShrS, Rounds::kYes>))),
    AndScalar(UpTo32Bits(
        Shift(kU0, 0b10010, "sqshrn",
              LiftShiftNarrowSaturated<Op::kVNarrowSatS, Sign::kSigned, Op::kVShrS, Rounds::kNo>))),
    AndScalar(UpTo32Bits(Shift(
        kU1, 0b10010, "uqshrn",
        LiftShiftNarrowSaturated<Op::kVNarrowSatU, Sign::kUnsigned, Op::kVShrU, Rounds::kNo>))),
    AndScalar(UpTo32Bits(Shift(
        kU0, 0b10011, "sqrshrn",
        LiftShiftNarrowSaturated<Op::kVNarrowSatS, Sign::kSigned, Op::kVShrS, Rounds::kYes>))),
    AndScalar(UpTo32Bits(Shift(
        kU1, 0b10011, "uqrshrn",
        LiftShiftNarrowSaturated<Op::kVNarrowSatU, Sign::kUnsigned, Op::kVShrU, Rounds::kYes>))),
    UpTo32Bits(Shift(kU0, 0b10100, "sshll", LiftShiftLong<Sign::kSigned>)),
    UpTo32Bits(Shift(kU1, 0b10100, "ushll", LiftShiftLong<Sign::kUnsigned>)),
    AndScalar(From16Bits(Shift(
        kU0, 0b11100, "scvtf",
        Action(FloatFixedPoint<Conversion::kFromInteger, true>, LiftFixedToFloats<Op::kVSToF>)))),
    AndScalar(From16Bits(Shift(
        kU1, 0b11100, "ucvtf",
        Action(FloatFixedPoint<Conversion::kFromInteger, false>, LiftFixedToFloats<Op::kVUToF>)))),
    AndScalar(
        From16Bits(Shift(kU0, 0b11111, "fcvtzs", FloatFixedPoint<Conversion::kToInteger, true>))),
    AndScalar(
        From16Bits(Shift(kU1, 0b11111, "fcvtzu", FloatFixedPoint<Conversion::kToInteger, false>))));

}  // namespace emu::translator::aarch64
