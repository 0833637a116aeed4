#include "translator/ir/vector_evaluate.h"

#include "translator/ir/evaluate.h"

namespace emu::ir {
namespace {

uint64_t LaneOf(const Vector128& vector, uint32_t bits, uint32_t lane) {
  const uint32_t position = bits * lane;
  const uint64_t half = position < 64 ? vector.low : vector.high;
  return bits == 64 ? half : half >> (position % 64) & ((uint64_t{1} << bits) - 1);
}

void SetLane(Vector128& vector, uint32_t bits, uint32_t lane, uint64_t value) {
  const uint32_t position = bits * lane;
  uint64_t& half = position < 64 ? vector.low : vector.high;
  const uint64_t mask = bits == 64 ? ~uint64_t{0} : ((uint64_t{1} << bits) - 1) << (position % 64);
  half = (half & ~mask) | ((value << (position % 64)) & mask);
}

}  // namespace

Vector128 EvaluateVector(const Inst& inst, Vector128 a, Vector128 b) {
  const auto lane_type = static_cast<Type>(inst.attr);
  const uint32_t bits = BitsOf(lane_type);
  const uint32_t lanes = bits == 0 ? 0 : 128 / bits;
  const auto lane_number = static_cast<uint32_t>(inst.imm);
  Vector128 result;
  const auto for_each_lane = [&](auto&& compute) {
    for (uint32_t lane = 0; lane < lanes; ++lane) {
      SetLane(result, bits, lane, compute(LaneOf(a, bits, lane), LaneOf(b, bits, lane)));
    }
  };
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (inst.op) {
    case Op::kVSplat:
      for_each_lane([&](uint64_t, uint64_t) { return a.low; });
      break;
    case Op::kVExtract:
      result.low = LaneOf(a, bits, lane_number);
      break;
    case Op::kVInsert:
      result = a;
      SetLane(result, bits, lane_number, b.low);
      break;
    case Op::kVAdd:
      for_each_lane([](uint64_t x, uint64_t y) { return x + y; });
      break;
    case Op::kVSub:
      for_each_lane([](uint64_t x, uint64_t y) { return x - y; });
      break;
    case Op::kVAnd:
      result = {a.low & b.low, a.high & b.high};
      break;
    case Op::kVOr:
      result = {a.low | b.low, a.high | b.high};
      break;
    case Op::kVXor:
      result = {a.low ^ b.low, a.high ^ b.high};
      break;
    case Op::kVEq:
      for_each_lane([](uint64_t x, uint64_t y) { return x == y ? ~uint64_t{0} : uint64_t{0}; });
      break;
    default:
      break;
  }
#pragma GCC diagnostic pop
  return result;
}

}  // namespace emu::ir
