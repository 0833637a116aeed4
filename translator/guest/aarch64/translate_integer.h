// Lifts of integer computation: data processing, immediate and register (Arm ARM C4.1.86, C4.1.89).
#pragma once

#include <optional>

#include "translator/guest/aarch64/lifter.h"

namespace emu::translator::aarch64 {

// Arm ARM, DecodeBitMasks: the element of `length` bits with `ones` ones, rotated and repeated.
constexpr std::optional<uint64_t> LogicalMask(uint32_t n, uint32_t imms, uint32_t immr,
                                              uint32_t datasize) {
  const uint32_t size_bits = n << 6 | (~imms & 0x3f);
  if (size_bits < 2) return std::nullopt;
  uint32_t length = 64;
  while ((size_bits & length) == 0) length /= 2;
  if (length > datasize) return std::nullopt;
  const uint32_t ones = (imms & (length - 1)) + 1;
  if (ones == length) return std::nullopt;
  const uint32_t rotation = immr & (length - 1);
  const uint64_t all = length == 64 ? ~uint64_t{0} : (uint64_t{1} << length) - 1;
  uint64_t element = (uint64_t{1} << ones) - 1;
  if (rotation != 0) element = (element >> rotation | element << (length - rotation)) & all;
  for (uint32_t filled = length; filled < 64; filled *= 2) element |= element << filled;
  return datasize == 32 ? element & 0xffff'ffff : element;
}

static_assert(LogicalMask(1, 0, 0, 64) == 1 && LogicalMask(0, 0x3c, 1, 32) == 0xaaaa'aaaa);

// rd = a + b or a - b, flags if asked for. `to_sp`: rd 31 is the stack pointer.
template <bool subtract, bool sets_flags>
void AddSub(Lifter& l, Value a, Value operand, bool to_sp) {
  const Value result = l.b.Binary(subtract ? Op::kSub : Op::kAdd, a, operand);
  if (!sets_flags) {
    if (to_sp) {
      l.SetXSp(l.rd(), result);
    } else {
      l.SetX(l.rd(), result);
    }
    return;
  }
  l.SetX(l.rd(), result);
  const uint64_t width = l.sf() ? 0 : kFlagWord;
  if (subtract) {
    l.SetFlags({FlagSource::Kind::kSub, a, operand}, l.Widen(a), l.Widen(operand),
               l.I64(width | kFlagCarryIn));
  } else {
    l.SetFlags({}, l.Widen(a), l.b.Unary(Op::kNot, l.Widen(operand)), l.I64(width));
  }
}

template <bool subtract, bool sets_flags>
void AddSubImm(Lifter& l) {
  const uint64_t imm = uint64_t{l.Bits(21, 10)} << (l.Bit(22) ? 12 : 0);
  const Value a = l.RSp(l.rn());
  AddSub<subtract, sets_flags>(l, a, l.Const(imm), /*to_sp=*/true);
  if (!sets_flags && l.sf() && l.rd() == 31 && l.rn() == 31) {
    l.SpMoved(a, static_cast<int64_t>(imm), l.Sp());
  }
}

// Arm ARM, ShiftReg: LSL, LSR, ASR, ROR.
inline Value Shifted(Lifter& l, Value value, uint32_t type, uint32_t amount) {
  if (amount == 0) return value;
  constexpr Op kOps[] = {Op::kShl, Op::kShrU, Op::kShrS, Op::kRotR};
  return l.b.Binary(kOps[type], value, l.b.Const(value.type, amount));
}
template <bool subtract, bool sets_flags>
void AddSubShifted(Lifter& l) {
  const uint32_t shift = l.Bits(23, 22);
  const uint32_t amount = l.Bits(15, 10);
  if (shift == 3 || amount >= l.datasize()) return l.Undefined();
  AddSub<subtract, sets_flags>(l, l.R(l.rn()), Shifted(l, l.R(l.rm()), shift, amount), false);
}
// Arm ARM, ExtendReg: from 8, 16, 32 or 64 bits, without or with sign, shifted left.
inline Value Extended(Lifter& l, Type to, uint32_t number, uint32_t option, uint32_t shift) {
  constexpr Type kFrom[] = {Type::kI8, Type::kI16, Type::kI32, Type::kI64};
  const Type from = kFrom[option & 3];
  Value value = l.X(number);
  if (ir::BitsOf(from) < ir::BitsOf(to)) {
    const Op extend = (option & 4) != 0 ? Op::kSignExtend : Op::kZeroExtend;
    value = l.b.Convert(extend, to, l.b.Convert(Op::kTruncate, from, value));
  } else {
    value = l.Narrow(to, value);
  }
  return Shifted(l, value, 0, shift);
}
template <bool subtract, bool sets_flags>
void AddSubExtended(Lifter& l) {
  const uint32_t shift = l.Bits(12, 10);
  if (shift > 4) return l.Undefined();
  const Value operand = Extended(l, l.size(), l.rm(), l.Bits(15, 13), shift);
  AddSub<subtract, sets_flags>(l, l.RSp(l.rn()), operand, /*to_sp=*/true);
}
// ADC, ADCS, SBC, SBCS: a + b + C, with b inverted for the latter two.
template <bool subtract, bool sets_flags>
void AddSubCarry(Lifter& l) {
  constexpr uint32_t kCarrySet = 2;
  const Value carry = l.b.Convert(Op::kZeroExtend, Type::kI64, l.Condition(kCarrySet));
  const Value a = l.R(l.rn());
  Value operand = l.R(l.rm());
  const Value y = l.Widen(subtract ? operand : l.b.Unary(Op::kNot, operand));
  if (subtract) operand = l.b.Unary(Op::kNot, operand);
  const Value sum = l.b.Binary(Op::kAdd, a, operand);
  l.SetX(l.rd(), l.b.Binary(Op::kAdd, sum, l.Narrow(l.size(), carry)));
  if (!sets_flags) return;
  l.SetFlags({}, l.Widen(a), y, l.b.Binary(Op::kOr, carry, l.I64(l.sf() ? 0 : kFlagWord)));
}

inline void SetLogicFlags(Lifter& l, Value result) {
  l.SetFlags({FlagSource::Kind::kLogic, result, {}}, l.Widen(result), l.I64(~uint64_t{0}),
             l.I64(l.sf() ? 0 : kFlagWord));
}
template <Op op, bool sets_flags>
void LogicalImm(Lifter& l) {
  const std::optional<uint64_t> mask =
      LogicalMask(l.Bits(22, 22), l.Bits(15, 10), l.Bits(21, 16), l.datasize());
  if (!mask) return l.Undefined();
  const Value result = l.b.Binary(op, l.R(l.rn()), l.Const(*mask));
  if (sets_flags) {
    l.SetX(l.rd(), result);
    SetLogicFlags(l, result);
  } else {
    l.SetXSp(l.rd(), result);
  }
}
template <Op op, bool inverts, bool sets_flags>
void LogicalShifted(Lifter& l) {
  const uint32_t amount = l.Bits(15, 10);
  if (amount >= l.datasize()) return l.Undefined();
  Value operand = Shifted(l, l.R(l.rm()), l.Bits(23, 22), amount);
  Value result;
  if (op == Op::kOr && l.rn() == 31) {  // mov, mvn
    result = inverts ? l.b.Unary(Op::kNot, operand) : operand;
  } else if (op == Op::kAnd && inverts) {
    result = l.b.Binary(Op::kAndNot, l.R(l.rn()), operand);
  } else {
    if (inverts) operand = l.b.Unary(Op::kNot, operand);
    result = l.b.Binary(op, l.R(l.rn()), operand);
  }
  l.SetX(l.rd(), result);
  if (sets_flags) SetLogicFlags(l, result);
}

enum class MoveWideKind : uint8_t { kNegated, kZero, kKeep };
template <MoveWideKind kind>
void MoveWide(Lifter& l) {
  const uint32_t shift = l.Bits(22, 21) * 16;
  if (shift >= l.datasize()) return l.Undefined();
  const uint64_t imm = uint64_t{l.Bits(20, 5)} << shift;
  if (kind == MoveWideKind::kKeep) {
    const Value kept = l.b.Binary(Op::kAnd, l.R(l.rd()), l.Const(~(uint64_t{0xffff} << shift)));
    l.SetX(l.rd(), l.b.Binary(Op::kOr, kept, l.Const(imm)));
  } else {
    l.SetX(l.rd(), l.Const(kind == MoveWideKind::kNegated ? ~imm : imm));
  }
}

template <bool of_page>
void PcRelative(Lifter& l) {
  const int64_t imm = l.SignedBits(23, 5) * 4 + l.Bits(30, 29);
  // The offset of the page itself is 0.
  l.SetX(l.rd(), l.b.Pc(of_page ? imm * 4096 : l.offset + imm));
}

enum class BitfieldKind : uint8_t { kSigned, kInsert, kUnsigned };
template <BitfieldKind kind>
void Bitfield(Lifter& l) {
  const uint32_t immr = l.Bits(21, 16);
  const uint32_t imms = l.Bits(15, 10);
  const uint32_t size = l.datasize();
  if (l.Bit(22) != l.sf() || immr >= size || imms >= size) return l.Undefined();
  const Value source = l.R(l.rn());
  const bool extracts = imms >= immr;
  const uint32_t width = extracts ? imms - immr + 1 : imms + 1;
  const uint32_t position = extracts ? 0 : size - immr;  // where the field goes
  const uint64_t ones = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
  if (kind == BitfieldKind::kInsert) {
    Value field = extracts ? Shifted(l, source, 1, immr) : source;
    field = Shifted(l, l.b.Binary(Op::kAnd, field, l.Const(ones)), 0, position);
    const Value kept = l.b.Binary(Op::kAnd, l.R(l.rd()), l.Const(~(ones << position)));
    l.SetX(l.rd(), l.b.Binary(Op::kOr, kept, field));
    return;
  }
  const bool is_signed = kind == BitfieldKind::kSigned;
  if (extracts && immr == 0 && (width == 8 || width == 16 || width == 32) && width < size) {
    const Type narrow = width == 8 ? Type::kI8 : width == 16 ? Type::kI16 : Type::kI32;
    const Value field = l.b.Convert(Op::kTruncate, narrow, source);
    l.SetX(l.rd(), l.b.Convert(is_signed ? Op::kSignExtend : Op::kZeroExtend, l.size(), field));
  } else if (extracts && (imms == size - 1)) {
    l.SetX(l.rd(), Shifted(l, source, is_signed ? 2 : 1, immr));
  } else if (!is_signed && extracts) {
    l.SetX(l.rd(), l.b.Binary(Op::kAnd, Shifted(l, source, 1, immr), l.Const(ones)));
  } else if (!is_signed) {
    const bool is_whole = position + width == size;  // lsl
    const Value field = is_whole ? source : l.b.Binary(Op::kAnd, source, l.Const(ones));
    l.SetX(l.rd(), Shifted(l, field, 0, position));
  } else {
    const uint32_t up = size - width - (extracts ? immr : 0);
    const Value high = Shifted(l, source, 0, up);
    l.SetX(l.rd(), Shifted(l, high, 2, size - width - position));
  }
}

inline void Extract(Lifter& l) {
  const uint32_t lsb = l.Bits(15, 10);
  if (l.Bit(22) != l.sf() || lsb >= l.datasize()) return l.Undefined();
  const Value low = l.R(l.rm());
  if (l.rn() == l.rm()) return l.SetX(l.rd(), Shifted(l, low, 3, lsb));
  if (lsb == 0) return l.SetX(l.rd(), low);
  const Value high = Shifted(l, l.R(l.rn()), 0, l.datasize() - lsb);
  l.SetX(l.rd(), l.b.Binary(Op::kOr, Shifted(l, low, 1, lsb), high));
}

template <Op op>
void ShiftVariable(Lifter& l) {  // counts are taken modulo the width, as the IR does
  l.SetX(l.rd(), l.b.Binary(op, l.R(l.rn()), l.R(l.rm())));
}
template <Op op>
void Divide(Lifter& l) {
  const Value divisor = l.R(l.rm());
  const Value quotient = l.b.Binary(op, l.R(l.rn()), divisor);
  const Value zero = l.Const(0);
  l.SetX(l.rd(), l.b.Select(l.b.Binary(Op::kEq, divisor, zero), zero, quotient));
}
template <Op op>  // of the product and ra
void MultiplyAdd(Lifter& l) {
  const Value product = l.b.Binary(Op::kMul, l.R(l.rn()), l.R(l.rm()));
  if (op == Op::kAdd && l.ra() == 31) return l.SetX(l.rd(), product);
  l.SetX(l.rd(), l.b.Binary(op, l.R(l.ra()), product));
}
template <Op op, Op extension>
void MultiplyAddLong(Lifter& l) {
  const auto wide = [&l](uint32_t number) {
    return l.b.Convert(extension, Type::kI64, l.Narrow(Type::kI32, l.X(number)));
  };
  const Value product = l.b.Binary(Op::kMul, wide(l.rn()), wide(l.rm()));
  if (op == Op::kAdd && l.ra() == 31) return l.SetX(l.rd(), product);
  l.SetX(l.rd(), l.b.Binary(op, l.X(l.ra()), product));
}
template <Op op>
void MultiplyHigh(Lifter& l) {
  l.SetX(l.rd(), l.b.Binary(op, l.X(l.rn()), l.X(l.rm())));
}

// CRC32, CRC32C of 1 << size bytes.
template <HelperId helper, uint32_t size>
void Crc(Lifter& l) {
  const Value sum = l.Widen(l.Narrow(Type::kI32, l.X(l.rn())));
  l.SetX(l.rd(), l.CallHelper(helper, sum, l.I64(uint64_t{1} << size), l.X(l.rm())));
}

inline Value SwapWithin(Lifter& l, Value value, uint64_t low_mask, uint32_t shift) {
  const Value mask = l.b.Const(value.type, low_mask);
  const Value up = Shifted(l, l.b.Binary(Op::kAnd, value, mask), 0, shift);
  const Value down = l.b.Binary(Op::kAnd, Shifted(l, value, 1, shift), mask);
  return l.b.Binary(Op::kOr, up, down);
}
inline void ReverseBits(Lifter& l) {
  Value value = SwapWithin(l, l.R(l.rn()), 0x5555'5555'5555'5555, 1);
  value = SwapWithin(l, value, 0x3333'3333'3333'3333, 2);
  value = SwapWithin(l, value, 0x0f0f'0f0f'0f0f'0f0f, 4);
  l.SetX(l.rd(), l.b.Unary(Op::kByteSwap, value));
}
inline void ReverseBytes(Lifter& l) { l.SetX(l.rd(), l.b.Unary(Op::kByteSwap, l.R(l.rn()))); }
inline void ReverseBytes16(Lifter& l) {
  l.SetX(l.rd(), SwapWithin(l, l.R(l.rn()), 0x00ff'00ff'00ff'00ff, 8));
}
inline void ReverseBytes32(Lifter& l) {
  l.SetX(l.rd(), Shifted(l, l.b.Unary(Op::kByteSwap, l.X(l.rn())), 3, 32));
}
inline void CountZeros(Lifter& l) { l.SetX(l.rd(), l.b.Unary(Op::kClz, l.R(l.rn()))); }
inline void CountSigns(Lifter& l) {
  // Of x ^ (x >> 1), arithmetically, the leading zeros are one more.
  const Value value = l.R(l.rn());
  const Value changes = l.b.Binary(Op::kXor, value, Shifted(l, value, 2, 1));
  l.SetX(l.rd(), l.AddImm(l.b.Unary(Op::kClz, changes), -1));
}

template <bool inverts, bool increments>
void CondSelect(Lifter& l) {
  Value otherwise = l.R(l.rm());
  if (inverts) otherwise = l.b.Unary(Op::kNot, otherwise);
  if (increments) otherwise = l.AddImm(otherwise, 1);
  l.SetX(l.rd(), l.b.Select(l.Condition(l.Bits(15, 12)), l.R(l.rn()), otherwise));
}
template <bool subtract, bool immediate>
void CondCompare(Lifter& l) {
  const Value condition = l.Condition(l.Bits(15, 12));
  const Value a = l.R(l.rn());
  const Value operand = immediate ? l.Const(l.Bits(20, 16)) : l.R(l.rm());
  const uint64_t in = (l.sf() ? 0 : kFlagWord) | (subtract ? kFlagCarryIn : 0);
  const Value y = subtract ? l.Widen(operand) : l.b.Unary(Op::kNot, l.Widen(operand));
  const auto pick = [&](Value value, uint64_t otherwise) {
    return l.b.Select(condition, value, l.I64(otherwise));
  };
  FlagSource source;
  if (subtract) source = {FlagSource::Kind::kSub, a, operand, condition, l.Bits(3, 0)};
  l.SetFlags(source, pick(l.Widen(a), 0), pick(y, ~uint64_t{0}),
             pick(l.I64(in), FlagInFor(l.Bits(3, 0))));
}

}  // namespace emu::translator::aarch64
