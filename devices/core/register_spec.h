// A device's registers as data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace emu {

// A register, or `count` like ones `stride` bytes apart.
struct RegisterSpec {
  uint32_t id;  // the device's enum class Reg
  std::string_view name;
  uint64_t offset;
  uint32_t width_bytes;
  uint32_t min_width_bytes;  // the narrowest access to a part of it; == width_bytes: only the whole
  uint32_t count = 1;
  uint64_t stride = 0;  // 0 only for count 1

  constexpr uint64_t End() const { return offset + stride * (count - 1) + width_bytes; }
};

// True if no byte belongs to two registers. Arrays may interleave if their strides are equal.
constexpr bool RegistersAreDisjoint(std::span<const RegisterSpec> specs) {
  for (size_t i = 0; i < specs.size(); ++i) {
    for (size_t j = i + 1; j < specs.size(); ++j) {
      const RegisterSpec& a = specs[i].offset <= specs[j].offset ? specs[i] : specs[j];
      const RegisterSpec& b = specs[i].offset <= specs[j].offset ? specs[j] : specs[i];
      if (a.End() <= b.offset) continue;
      if (a.stride == 0 || a.stride != b.stride) return false;
      const uint64_t distance = (b.offset - a.offset) % a.stride;
      if (distance < a.width_bytes || distance + b.width_bytes > a.stride) return false;
    }
  }
  return true;
}

}  // namespace emu
