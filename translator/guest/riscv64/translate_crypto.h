// Lifts of scalar cryptography (RISC-V Cryptography Extensions Volume I 1.0.1): Zknd, Zkne, Zknh,
// Zksed, Zksh.
#pragma once

#include "translator/guest/riscv64/translate_integer.h"

namespace emu::translator::riscv64 {

inline Value HighWord(Lifter& l, uint32_t number) {
  const Value high = l.b.Binary(Op::kShrU, l.X(number), l.I64(32));
  return l.b.Convert(Op::kTruncate, Type::kI32, high);
}
inline void SetWords(Lifter& l, Value low, Value high) {
  const Value wide_low = l.b.Convert(Op::kZeroExtend, Type::kI64, low);
  const Value wide_high = l.b.Convert(Op::kZeroExtend, Type::kI64, high);
  l.SetX(l.rd(), l.b.Binary(Op::kOr, wide_low, l.b.Binary(Op::kShl, wide_high, l.I64(32))));
}
// The round number 10 stands for the second SubWord of AES-256's key schedule.
inline void AesKeySchedule1(Lifter& l) {
  constexpr uint32_t kNoRotation = 10;
  constexpr uint64_t kRoundConstants[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20,
                                          0x40, 0x80, 0x1b, 0x36, 0x00};
  const uint32_t round = l.Bits(23, 20);
  if (round > kNoRotation) {
    l.Illegal();
    return;
  }
  Value word = l.b.Unary(Op::kAesSubWord, HighWord(l, l.rs1()));
  if (round != kNoRotation) word = l.b.Binary(Op::kRotR, word, l.b.Const(Type::kI32, 8));
  word = l.b.Binary(Op::kXor, word, l.b.Const(Type::kI32, kRoundConstants[round]));
  SetWords(l, word, word);
}
inline void AesKeySchedule2(Lifter& l) {
  const Value low = l.b.Binary(Op::kXor, HighWord(l, l.rs1()), l.X32(l.rs2()));
  SetWords(l, low, l.b.Binary(Op::kXor, low, HighWord(l, l.rs2())));
}

// The exclusive or of three turns to the right, of which the third may be a shift.
enum class Third : uint8_t { kRotated, kShifted };
inline Value Sum(Lifter& l, Value value, Third third, const uint32_t (&turns)[3]) {
  const auto turned = [&](Op op, uint32_t by) {
    return l.b.Binary(op, value, l.b.Const(value.type, by));
  };
  const Op last = third == Third::kShifted ? Op::kShrU : Op::kRotR;
  const Value two = l.b.Binary(Op::kXor, turned(Op::kRotR, turns[0]), turned(Op::kRotR, turns[1]));
  return l.b.Binary(Op::kXor, two, turned(last, turns[2]));
}
template <Third third, uint32_t a, uint32_t b, uint32_t c>
void Sha256(Lifter& l) {
  l.SetSigned(l.rd(), Sum(l, l.X32(l.rs1()), third, {a, b, c}));
}
template <Third third, uint32_t a, uint32_t b, uint32_t c>
void Sha512(Lifter& l) {
  l.SetX(l.rd(), Sum(l, l.X(l.rs1()), third, {a, b, c}));
}
// SM3's P0 and P1, which turn to the left.
template <uint32_t a, uint32_t b>
void Sm3(Lifter& l) {
  const Value word = l.X32(l.rs1());
  l.SetSigned(l.rd(), Sum(l, word, Third::kRotated, {0, 32 - a, 32 - b}));
}

template <HelperId helper>
void Sm4(Lifter& l) {
  l.SetX(l.rd(), l.CallHelper(helper, l.X(l.rs1()), l.I64(l.Bits(31, 30)), l.X(l.rs2())));
}

}  // namespace emu::translator::riscv64
