#include "tests/guest/riscv64/random/instruction_fields.h"

#include <span>

namespace emu::testing {
namespace {

// Bits [low, low + width) of the distance, at `position` of the instruction.
struct Part {
  uint8_t position, low, width;
};
constexpr Part kB[] = {{31, 12, 1}, {25, 5, 6}, {8, 1, 4}, {7, 11, 1}};
constexpr Part kJ[] = {{31, 20, 1}, {21, 1, 10}, {20, 11, 1}, {12, 12, 8}};
constexpr Part kCb[] = {{12, 8, 1}, {10, 3, 2}, {5, 6, 2}, {3, 1, 2}, {2, 5, 1}};
constexpr Part kCj[] = {{12, 11, 1}, {11, 4, 1}, {9, 8, 2}, {8, 10, 1},
                        {7, 6, 1},   {6, 7, 1},  {3, 1, 3}, {2, 5, 1}};
constexpr Part kI[] = {{20, 0, 12}};

std::span<const Part> PartsOf(DistanceFormat format) {
  switch (format) {
    case DistanceFormat::kNone:
      return {};
    case DistanceFormat::kB:
      return kB;
    case DistanceFormat::kJ:
      return kJ;
    case DistanceFormat::kCb:
      return kCb;
    case DistanceFormat::kCj:
      return kCj;
    case DistanceFormat::kI:
      return kI;
  }
  return {};
}

}  // namespace

void PutDistance(DistanceFormat format, int32_t distance, uint32_t& code) {
  for (const auto& [position, low, width] : PartsOf(format)) {
    SetField(code, position, width, static_cast<uint32_t>(distance) >> low);
  }
}

}  // namespace emu::testing
