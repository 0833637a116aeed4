// Value types, slots and ids of the IR. Knows no guest and no host.
#pragma once

#include <cstdint>

namespace emu::ir {

enum class Type : uint8_t { kVoid, kI1, kI8, kI16, kI32, kI64, kF32, kF64, kV128 };

// Bits that a value of the type holds; 0 for kVoid.
constexpr uint32_t BitsOf(Type type) {
  switch (type) {
    case Type::kVoid:
      return 0;
    case Type::kI1:
      return 1;
    case Type::kI8:
      return 8;
    case Type::kI16:
      return 16;
    case Type::kI32:
    case Type::kF32:
      return 32;
    case Type::kI64:
    case Type::kF64:
      return 64;
    case Type::kV128:
      return 128;
  }
  return 0;
}
constexpr uint32_t BytesOf(Type type) { return (BitsOf(type) + 7) / 8; }
constexpr bool IsInteger(Type type) { return type >= Type::kI1 && type <= Type::kI64; }
constexpr bool IsFloat(Type type) { return type == Type::kF32 || type == Type::kF64; }

// One piece of guest state: `offset` bytes into the guest's state structure. Slots never overlap
// unless they are equal.
struct Slot {
  uint16_t offset;
  Type type;
  constexpr bool operator==(const Slot&) const = default;
};

// A value is named by the index of the instruction that makes it.
enum class ValueId : uint32_t { kNone = 0xffff'ffff };
enum class BlockId : uint32_t { kNone = 0xffff'ffff };

// How a floating-point operation rounds. kDynamic: as the guest's control register says, which the
// host's mode mirrors while translated code runs.
enum class Rounding : uint8_t {
  kNearestEven,
  kTowardZero,
  kDown,
  kUp,
  kNearestMaxMagnitude,
  kDynamic
};

// What floating-point operations have beside the Rounding, as bits of the same attribute.
inline constexpr uint8_t kRoundingMask = 0x07;
// A result that is NaN is the first operand that is a signalling NaN, made quiet; without one, the
// first quiet NaN; without one, the positive quiet NaN without payload. The first operand is a; of
// the fused multiply-add c, then a and b, and where it multiplies infinity by zero, a quiet c does
// not count. Conversions keep the sign and the upper bits of the payload.
inline constexpr uint8_t kPropagateNan = 0x10;
// Underflow is told of an inexact result that is tiny before rounding; without, after rounding.
inline constexpr uint8_t kTinyBeforeRounding = 0x20;
// Conversions to integers make 0 of a NaN; without, the maximum.
inline constexpr uint8_t kNanIsZero = 0x40;

constexpr Rounding RoundingOf(uint8_t attr) { return static_cast<Rounding>(attr & kRoundingMask); }

// Order of a memory access among the others of its processor; for a fence, of those before it and
// those after. kSequential: loads after it also wait for stores before it.
enum class MemoryOrder : uint8_t { kRelaxed, kAcquire, kRelease, kAcquireRelease, kSequential };

enum class RmwKind : uint8_t { kSwap, kAdd, kXor, kAnd, kOr, kMin, kMax, kMinU, kMaxU };

}  // namespace emu::ir
