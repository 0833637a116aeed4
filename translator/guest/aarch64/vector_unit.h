// What executes vector and floating-point instructions on the state, one at a time: the lifts leave
// to it what they do not write as IR.
#pragma once

#include <cstdint>

#include "translator/guest/aarch64/cpu_state.h"
#include "translator/guest/aarch64/status_bits.h"
#include "translator/guest/guest_isa.h"

namespace emu::translator::aarch64 {

using VectorRegister = CpuState::Vector;

constexpr uint64_t LaneMask(uint32_t bits) {
  return bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
}
// Lane `index` of lanes of `bits` bits (8 to 64), zero-extended.
constexpr uint64_t LaneOf(const VectorRegister& v, uint32_t bits, uint32_t index) {
  const uint32_t position = bits * index;
  const uint64_t half = position < 64 ? v.low : v.high;
  return half >> (position % 64) & LaneMask(bits);
}
constexpr void SetLane(VectorRegister& v, uint32_t bits, uint32_t index, uint64_t value) {
  const uint32_t position = bits * index;
  uint64_t& half = position < 64 ? v.low : v.high;
  const uint64_t mask = LaneMask(bits) << position % 64;
  half = (half & ~mask) | (value << position % 64 & mask);
}
constexpr int64_t SignedLane(uint64_t value, uint32_t bits) {
  return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits);
}

// One instruction on its way.
class VectorUnit {
 public:
  VectorUnit(GuestContext& context, uint32_t code)
      : context(context), state(StateAt(context.state())), code(code) {}

  GuestContext& context;
  CpuState& state;
  const uint32_t code;

  uint32_t Bits(uint32_t high, uint32_t low) const {
    return code >> low & ((uint32_t{2} << (high - low)) - 1);
  }
  bool Bit(uint32_t position) const { return (code >> position & 1) != 0; }
  uint32_t rd() const { return Bits(4, 0); }
  uint32_t rn() const { return Bits(9, 5); }
  uint32_t rm() const { return Bits(20, 16); }
  uint32_t ra() const { return Bits(14, 10); }
  bool q() const { return Bit(30); }
  // Of the instructions of AdvSIMD: on one lane, the lowest.
  bool is_scalar() const { return Bit(28); }
  uint32_t size() const { return Bits(23, 22); }
  uint32_t lane_bits() const { return 8u << size(); }
  uint32_t LaneCount(uint32_t bits) const { return is_scalar() ? 1 : (q() ? 128 : 64) / bits; }
  // False of vectors of one lane: they are reserved.
  bool HasLanes(uint32_t bits) const { return is_scalar() || bits != 64 || q(); }

  VectorRegister& vd() { return state.v[rd()]; }
  const VectorRegister& vn() const { return state.v[rn()]; }
  const VectorRegister& vm() const { return state.v[rm()]; }
  uint64_t X(uint32_t number) const { return number == 31 ? 0 : state.x[number]; }
  void SetX(uint32_t number, uint64_t value) {
    if (number != 31) state.x[number] = value;
  }
  // vd = value, of which an instruction of 64 bits or less leaves the lower half.
  void Set(VectorRegister value) {
    if (is_scalar() || !q()) value.high = 0;
    vd() = value;
  }
  void SetWhole(VectorRegister value) { vd() = value; }
  void SetScalar(uint64_t value) { vd() = {value, 0}; }

  void Saturated() { state.fpsr_kept |= kFpsrQc; }
  // Nothing has been changed: the instruction is undefined.
  void Undefined();
};

// The helper: the instruction `code`, which is of the encoding table's `row`.
uint64_t Execute(GuestContext& context, uint64_t row, uint64_t, uint64_t code);

}  // namespace emu::translator::aarch64
