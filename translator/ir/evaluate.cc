#include "translator/ir/evaluate.h"

#include <bit>

#include "translator/ir/aes_evaluate.h"
#include "translator/ir/constant_time.h"

namespace emu::ir {
namespace {

__extension__ using Uint128 = unsigned __int128;
__extension__ using Int128 = __int128;

constexpr uint32_t kF32CanonicalNan = 0x7fc0'0000;
constexpr uint64_t kF64CanonicalNan = 0x7ff8'0000'0000'0000;

uint64_t DivideSigned(Type type, uint64_t a, uint64_t b, bool remainder) {
  const int64_t dividend = SignedValue(type, a);
  const int64_t divisor = SignedValue(type, b);
  if (divisor == 0) return remainder ? a : ~uint64_t{0};
  if (divisor == -1) return remainder ? 0 : uint64_t{0} - a;
  return static_cast<uint64_t>(remainder ? dividend % divisor : dividend / divisor);
}

uint64_t MultiplyHigh(Op op, Type type, uint64_t a, uint64_t b) {
  const bool a_signed = op != Op::kMulHighU;
  const bool b_signed = op == Op::kMulHighS;
  const Int128 x = a_signed ? static_cast<Int128>(SignedValue(type, a)) : static_cast<Int128>(a);
  const Int128 y = b_signed ? static_cast<Int128>(SignedValue(type, b)) : static_cast<Int128>(b);
  const Uint128 product = static_cast<Uint128>(x) * static_cast<Uint128>(y);
  return static_cast<uint64_t>(product >> BitsOf(type));
}

uint64_t CarrylessMultiply(uint64_t a, uint64_t b, uint32_t shift_right) {
  Uint128 product = 0;
  for (int bit = 0; bit < 64; ++bit) {
    product ^= static_cast<Uint128>(ValueIf(b >> bit & 1, a)) << bit;
  }
  return static_cast<uint64_t>(product >> shift_right);
}

uint64_t OrCombine(uint64_t a) {
  uint64_t result = 0;
  for (int byte = 0; byte < 8; ++byte) {
    const uint64_t mask = uint64_t{0xff} << (8 * byte);
    if ((a & mask) != 0) result |= mask;
  }
  return result;
}

// Of pieces of `bits` bits.
uint64_t Lookup(uint64_t table, uint64_t which, uint32_t bits) {
  const uint64_t mask = (uint64_t{1} << bits) - 1;
  uint64_t result = 0;
  for (uint32_t at = 0; at < 64; at += bits) {
    const uint64_t from = (which >> at & mask) * bits;
    result |= ValueIf(from < 64 ? 1 : 0, table >> from % 64 & mask) << at;
  }
  return result;
}

uint64_t Canonical(Type type, uint64_t a) {
  if (type == Type::kF32) {
    return (a & 0x7fff'ffff) > 0x7f80'0000 ? kF32CanonicalNan : a;
  }
  return (a & 0x7fff'ffff'ffff'ffff) > 0x7ff0'0000'0000'0000 ? kF64CanonicalNan : a;
}

uint64_t Rotate(Type type, uint64_t a, uint32_t left) {
  const uint32_t width = BitsOf(type);
  left %= width;
  return left == 0 ? a : a << left | a >> (width - left);
}

uint64_t ByteSwap(Type type, uint64_t a) { return __builtin_bswap64(a) >> (64 - BitsOf(type)); }

// The 64-bit result before masking to the result's type.
std::optional<uint64_t> Evaluate(Op op, Type type, uint64_t a, uint64_t b, uint64_t c) {
  const uint32_t width = BitsOf(type);
  const uint32_t shift = static_cast<uint32_t>(b) & (width - 1);
  const auto as_signed = [type](uint64_t bits) { return SignedValue(type, bits); };
  // Operations outside the pure integer set have no value here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op) {
    case Op::kAdd:
      return a + b;
    case Op::kSub:
      return a - b;
    case Op::kMul:
      return a * b;
    case Op::kMulHighS:
    case Op::kMulHighU:
    case Op::kMulHighSU:
      return MultiplyHigh(op, type, a, b);
    case Op::kDivS:
      return DivideSigned(type, a, b, /*remainder=*/false);
    case Op::kRemS:
      return DivideSigned(type, a, b, /*remainder=*/true);
    case Op::kDivU:
      return b == 0 ? ~uint64_t{0} : a / b;
    case Op::kRemU:
      return b == 0 ? a : a % b;
    case Op::kAnd:
      return a & b;
    case Op::kOr:
      return a | b;
    case Op::kXor:
      return a ^ b;
    case Op::kAndNot:
      return a & ~b;
    case Op::kNot:
      return ~a;
    case Op::kShl:
      return a << shift;
    case Op::kShrU:
      return a >> shift;
    case Op::kShrS:
      return static_cast<uint64_t>(as_signed(a) >> shift);
    case Op::kRotL:
      return Rotate(type, a, shift);
    case Op::kRotR:
      return Rotate(type, a, width - shift);
    case Op::kClz:
      return static_cast<uint64_t>(std::countl_zero(a)) - (64 - width);
    case Op::kCtz:
      return a == 0 ? width : static_cast<uint64_t>(std::countr_zero(a));
    case Op::kPopCount:
      return static_cast<uint64_t>(std::popcount(a));
    case Op::kByteSwap:
      return ByteSwap(type, a);
    case Op::kOrCombine:
      return OrCombine(a);
    case Op::kClMulLow:
      return CarrylessMultiply(a, b, 0);
    case Op::kClMulHigh:
      return CarrylessMultiply(a, b, width);
    case Op::kByteLookup:
      return Lookup(a, b, 8);
    case Op::kNibbleLookup:
      return Lookup(a, b, 4);
    case Op::kAesEncrypt:
    case Op::kAesEncryptLast:
    case Op::kAesDecrypt:
    case Op::kAesDecryptLast:
    case Op::kAesInvMixColumns:
    case Op::kAesSubWord:
      return EvaluateAes(op, a, b);
    case Op::kEq:
      return a == b;
    case Op::kNe:
      return a != b;
    case Op::kLtS:
      return as_signed(a) < as_signed(b);
    case Op::kGeS:
      return as_signed(a) >= as_signed(b);
    case Op::kLtU:
      return a < b;
    case Op::kGeU:
      return a >= b;
    case Op::kSelect:
      return (a & 1) != 0 ? b : c;
    case Op::kSignExtend:
      return static_cast<uint64_t>(as_signed(a));
    case Op::kZeroExtend:
    case Op::kTruncate:
    case Op::kBitCast:
      return a;
    case Op::kFNeg:
      return a ^ uint64_t { 1 } << (width - 1);
    case Op::kFAbs:
      return a & ~(uint64_t{1} << (width - 1));
    case Op::kCanon:
      return Canonical(type, a);
    case Op::kBox:
      return a | 0xffff'ffff'0000'0000;
    case Op::kUnbox:
      return a >> 32 == 0xffff'ffff ? a : kF32CanonicalNan;
    default:
      return std::nullopt;
  }
#pragma GCC diagnostic pop
}

}  // namespace

std::optional<uint64_t> EvaluatePure(Op op, Type result, Type operand, uint64_t a, uint64_t b,
                                     uint64_t c) {
  if (operand == Type::kV128 || result == Type::kV128) return std::nullopt;
  const std::optional<uint64_t> bits = Evaluate(op, operand, a, b, c);
  if (!bits.has_value()) return std::nullopt;
  return MaskTo(result, *bits);
}

}  // namespace emu::ir
