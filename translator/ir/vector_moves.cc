// Vector operations that move lanes or change their width.
#include <algorithm>
#include <optional>

#include "translator/ir/evaluate.h"
#include "translator/ir/vector_evaluate.h"

namespace emu::ir {
namespace {

struct Move {
  const Inst& inst;
  const Vector128& a;
  const Vector128& b;
  Type lane;
  uint32_t bits;
  uint32_t count;  // of lanes

  // Of the pair b:a.
  uint64_t OfPair(uint32_t number) const {
    return number < count ? GetLane(a, bits, number) : GetLane(b, bits, number - count);
  }
  template <typename Choose>
  Vector128 Lanes(Choose&& choose) const {
    Vector128 result;
    for (uint32_t number = 0; number < count; ++number) {
      SetLane(result, bits, number, choose(number));
    }
    return result;
  }

  Vector128 Zip(uint32_t first) const {
    return Lanes([&](uint32_t number) {
      return GetLane(number % 2 == 0 ? a : b, bits, first + number / 2);
    });
  }
  Vector128 Every(uint32_t first) const {
    return Lanes([&](uint32_t number) { return OfPair(2 * number + first); });
  }
  Vector128 Reverse() const {
    const uint32_t together = static_cast<uint32_t>(inst.imm) / bits - 1;
    return Lanes([&](uint32_t number) { return GetLane(a, bits, number ^ together); });
  }
  Vector128 Lookup() const {
    return Lanes([&](uint32_t number) {
      const uint64_t which = GetLane(b, bits, number);
      return which < count ? GetLane(a, bits, static_cast<uint32_t>(which)) : 0;
    });
  }
  Vector128 Widen(uint32_t first, bool is_signed) const {
    Vector128 result;
    for (uint32_t number = 0; number < count / 2; ++number) {
      const uint64_t value = GetLane(a, bits, first + number);
      SetLane(result, 2 * bits, number,
              is_signed ? static_cast<uint64_t>(SignedValue(lane, value)) : value);
    }
    return result;
  }
  Vector128 Narrow(bool from_signed, bool to_signed) const {
    const uint32_t to_bits = bits / 2;
    const auto maximum = (int64_t{1} << (to_bits - (to_signed ? 1 : 0))) - 1;
    const int64_t minimum = to_signed ? -maximum - 1 : 0;
    Vector128 result;
    for (uint32_t number = 0; number < 2 * count; ++number) {
      const uint64_t value = OfPair(number);
      const int64_t near =
          from_signed ? std::clamp(SignedValue(lane, value), minimum, maximum)
                      : static_cast<int64_t>(std::min(value, static_cast<uint64_t>(maximum)));
      SetLane(result, to_bits, number, static_cast<uint64_t>(near));
    }
    return result;
  }
  Vector128 MultiplyEven(bool is_signed) const {
    const auto product = [&](uint32_t number) {
      const uint64_t x = GetLane(a, bits, number);
      const uint64_t y = GetLane(b, bits, number);
      return is_signed ? static_cast<uint64_t>(SignedValue(lane, x) * SignedValue(lane, y)) : x * y;
    };
    return {product(0), product(2)};
  }
  Vector128 DotPairs() const {
    const auto product = [&](uint32_t number) {
      return SignedValue(lane, GetLane(a, bits, number)) *
             SignedValue(lane, GetLane(b, bits, number));
    };
    Vector128 result;
    for (uint32_t number = 0; number < count; number += 2) {
      const int64_t sum = product(number) + product(number + 1);
      SetLane(result, 2 * bits, number / 2, static_cast<uint64_t>(sum));
    }
    return result;
  }
  Vector128 CarrylessMultiply() const {
    const uint64_t x = GetLane(a, 64, inst.imm & 1);
    const uint64_t y = GetLane(b, 64, inst.imm >> 1);
    return {*EvaluatePure(Op::kClMulLow, Type::kI64, Type::kI64, x, y, 0),
            *EvaluatePure(Op::kClMulHigh, Type::kI64, Type::kI64, x, y, 0)};
  }
};

}  // namespace

std::optional<Vector128> EvaluateMove(const Inst& inst, const Vector128& a, const Vector128& b) {
  const auto lane = static_cast<Type>(inst.attr);
  const uint32_t bits = BitsOf(lane);
  const uint32_t count = 128 / bits;
  const Move move = {inst, a, b, lane, bits, count};
  const auto number = static_cast<uint32_t>(inst.imm);
  Vector128 result;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (inst.op) {
    case Op::kVSplat:
      return move.Lanes([&](uint32_t) { return a.low; });
    case Op::kVScalar:
      SetLane(result, bits, 0, a.low);
      return result;
    case Op::kVCopyLane:
      return move.Lanes([&](uint32_t) { return GetLane(a, bits, number); });
    case Op::kVExtract:
      return Vector128{GetLane(a, bits, number), 0};
    case Op::kVInsert:
      result = a;
      SetLane(result, bits, number, b.low);
      return result;
    case Op::kVZipLow:
      return move.Zip(0);
    case Op::kVZipHigh:
      return move.Zip(count / 2);
    case Op::kVEven:
      return move.Every(0);
    case Op::kVOdd:
      return move.Every(1);
    case Op::kVAlign:
      return move.Lanes([&](uint32_t lane_number) { return move.OfPair(lane_number + number); });
    case Op::kVReverse:
      return move.Reverse();
    case Op::kVLookup:
      return move.Lookup();
    case Op::kVWidenLowS:
    case Op::kVWidenLowU:
      return move.Widen(0, inst.op == Op::kVWidenLowS);
    case Op::kVWidenHighS:
    case Op::kVWidenHighU:
      return move.Widen(count / 2, inst.op == Op::kVWidenHighS);
    case Op::kVNarrowSatS:
      return move.Narrow(/*from_signed=*/true, /*to_signed=*/true);
    case Op::kVNarrowSatSU:
      return move.Narrow(/*from_signed=*/true, /*to_signed=*/false);
    case Op::kVNarrowSatU:
      return move.Narrow(/*from_signed=*/false, /*to_signed=*/false);
    case Op::kVMulEvenS:
    case Op::kVMulEvenU:
      return move.MultiplyEven(inst.op == Op::kVMulEvenS);
    case Op::kVDotPairs:
      return move.DotPairs();
    case Op::kVClMul:
      return move.CarrylessMultiply();
    default:
      return std::nullopt;
  }
#pragma GCC diagnostic pop
}

}  // namespace emu::ir
