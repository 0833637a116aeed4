// Lifts of loads and stores of vector registers (Arm ARM C4.1.88).
#pragma once

#include <array>

#include "translator/guest/aarch64/translate_memory.h"
#include "translator/guest/aarch64/translate_vector_forms.h"

namespace emu::translator::aarch64 {

// A scalar of up to 8 bytes, of whose register the rest becomes 0, or all 16.
template <Type type>
struct LoadVector {
  static constexpr uint32_t kBytes = ir::BytesOf(type);
  static constexpr bool kIsWrite = false;
  static bool IsTrapped(Lifter& l) { return l.FloatIsTrapped(); }
  static Value Read(Lifter& l, const Address& address, int64_t offset) {
    return l.b.Load(type, address.base, address.displacement + offset);
  }
  static void Set(Lifter& l, uint32_t rt, Value value) {
    if (type == Type::kV128) {
      l.b.Set(VSlot(rt), value);
    } else {
      l.SetScalar(rt, value);
    }
  }
};
template <Type type>
struct StoreVector {
  static constexpr uint32_t kBytes = ir::BytesOf(type);
  static constexpr bool kIsWrite = true;
  static bool IsTrapped(Lifter& l) { return l.FloatIsTrapped(); }
  static void Write(Lifter& l, const Address& address, int64_t offset, uint32_t rt) {
    const Value value = type == Type::kV128 ? l.V(rt) : l.b.Extract(type, l.V(rt), 0);
    l.b.Store(address.base, address.displacement + offset, value);
  }
};

// The base register moves on by what was accessed, or by a register.
template <bool is_post>
void Advance(Lifter& l, Value base, uint32_t bytes) {
  if (!is_post) return;
  const Value step = l.rm() == 31 ? l.I64(bytes) : l.X(l.rm());
  const Value moved = l.b.Binary(Op::kAdd, base, step);
  l.SetXSp(l.rn(), moved);
  if (l.rn() == 31 && l.rm() == 31) l.SpMoved(base, bytes, moved);
}
inline uint32_t StructureRegister(const Lifter& l, uint32_t i) { return (l.rd() + i) % 32; }

// Up to four registers, or what memory has of them.
using Pieces = std::array<Value, 4>;
inline Value LowerHalf(Lifter& l, Value value) { return l.b.Extract(Type::kF64, value, 0); }

// Elements of two and four registers take turns in memory: they are zipped, and unzipped.
inline Pieces Zipped(Lifter& l, Type lane, uint32_t elements, const Pieces& v) {
  const auto low = [&](Value a, Value b) { return l.b.Vector(Op::kVZipLow, lane, a, b); };
  const auto high = [&](Value a, Value b) { return l.b.Vector(Op::kVZipHigh, lane, a, b); };
  if (elements == 2) return {low(v[0], v[1]), high(v[0], v[1])};
  const Value even = low(v[0], v[2]), odd = low(v[1], v[3]);
  const Value upper_even = high(v[0], v[2]), upper_odd = high(v[1], v[3]);
  return {low(even, odd), high(even, odd), low(upper_even, upper_odd), high(upper_even, upper_odd)};
}
inline Pieces Unzipped(Lifter& l, Type lane, uint32_t elements, const Pieces& m) {
  const auto even = [&](Value a, Value b) { return l.b.Vector(Op::kVEven, lane, a, b); };
  const auto odd = [&](Value a, Value b) { return l.b.Vector(Op::kVOdd, lane, a, b); };
  if (elements == 2) return {even(m[0], m[1]), odd(m[0], m[1])};
  const Value even_low = even(m[0], m[1]), odd_low = odd(m[0], m[1]);
  const Value even_high = even(m[2], m[3]), odd_high = odd(m[2], m[3]);
  return {even(even_low, even_high), even(odd_low, odd_high), odd(even_low, even_high),
          odd(odd_low, odd_high)};
}

// Half registers are as many elements in half the pieces, of which the lower halves are taken.
template <uint32_t elements>
void LoadZipped(Lifter& l, const Address& address, Type lane) {
  const bool is_whole = l.Bit(30);
  const uint32_t count = is_whole ? elements : elements / 2;
  Pieces memory;
  for (uint32_t i = 0; i < count; ++i) {
    memory[i] = l.b.Load(Type::kV128, address.base, 16 * i);
  }
  if (!is_whole) {
    if (elements == 4) memory[2] = memory[0], memory[3] = memory[1];
    if (elements == 2) memory[1] = memory[0];
  }
  const Pieces registers = Unzipped(l, lane, elements, memory);
  for (uint32_t i = 0; i < elements; ++i) l.SetVector(StructureRegister(l, i), registers[i]);
}
template <uint32_t elements>
void StoreZipped(Lifter& l, const Address& address, Type lane) {
  Pieces registers;
  for (uint32_t i = 0; i < elements; ++i) registers[i] = l.V(StructureRegister(l, i));
  const Pieces memory = Zipped(l, lane, elements, registers);
  const uint32_t count = l.Bit(30) ? elements : elements / 2;
  l.b.Probe(address.base, 0, 16 * count, ir::kForWrite);
  for (uint32_t i = 0; i < count; ++i) l.b.Store(address.base, 16 * i, memory[i]);
}

// Where byte `byte` of register `number` of three is in memory, and the other way round.
struct BytePlace {
  uint32_t piece, byte;
};
constexpr BytePlace InMemory(uint32_t lane_bytes, uint32_t number, uint32_t byte) {
  const uint32_t at = (byte / lane_bytes * 3 + number) * lane_bytes + byte % lane_bytes;
  return {at / 16, at % 16};
}
constexpr BytePlace InRegisters(uint32_t lane_bytes, uint32_t piece, uint32_t byte) {
  const uint32_t at = 16 * piece + byte, element = at / lane_bytes;
  return {element % 3, element / 3 * lane_bytes + at % lane_bytes};
}
// Three vectors out of the bytes of three others, by where each byte of the result is.
inline Pieces Gathered(Lifter& l, BytePlace (*place)(uint32_t, uint32_t, uint32_t),
                       uint32_t lane_bytes, const Pieces& from) {
  Pieces result;
  for (uint32_t number = 0; number < 3; ++number) {
    result[number] = l.b.Const(Type::kV128, 0);
    for (uint32_t piece = 0; piece < 3; ++piece) {
      constexpr uint64_t kNone = 0xff;
      std::array<uint64_t, 2> indices = {};
      for (uint32_t byte = 0; byte < 16; ++byte) {
        const BytePlace at = place(lane_bytes, number, byte);
        indices[byte / 8] |= (at.piece == piece ? at.byte : kNone) << (8 * (byte % 8));
      }
      const Value index =
          l.b.Insert(Type::kI64, l.b.Const(Type::kV128, indices[0]), 1, l.I64(indices[1]));
      const Value found = l.b.Vector(Op::kVLookup, Type::kI8, from[piece], index);
      result[number] = l.b.Vector(Op::kVOr, Type::kI8, result[number], found);
    }
  }
  return result;
}
// LD3, ST3. Half registers are a piece and a half.
inline void LoadTriples(Lifter& l, const Address& address, uint32_t lane_bytes) {
  const Type last = l.Bit(30) ? Type::kV128 : Type::kF64;
  Pieces memory = {l.b.Load(Type::kV128, address.base, 0), l.b.Const(Type::kV128, 0),
                   l.b.Const(Type::kV128, 0)};
  const Value second = l.b.Load(last, address.base, 16);
  memory[1] = l.Bit(30) ? second : l.b.Vector(Op::kVScalar, last, second);
  if (l.Bit(30)) memory[2] = l.b.Load(Type::kV128, address.base, 32);
  const Pieces registers = Gathered(l, InMemory, lane_bytes, memory);
  for (uint32_t i = 0; i < 3; ++i) l.SetVector(StructureRegister(l, i), registers[i]);
}
inline void StoreTriples(Lifter& l, const Address& address, uint32_t lane_bytes) {
  Pieces registers;
  for (uint32_t i = 0; i < 3; ++i) registers[i] = l.V(StructureRegister(l, i));
  const Pieces memory = Gathered(l, InRegisters, lane_bytes, registers);
  l.b.Probe(address.base, 0, l.Bit(30) ? 48 : 24, ir::kForWrite);
  l.b.Store(address.base, 0, memory[0]);
  l.b.Store(address.base, 16, l.Bit(30) ? memory[1] : LowerHalf(l, memory[1]));
  if (l.Bit(30)) l.b.Store(address.base, 32, memory[2]);
}

// One register after the other.
inline void LoadEach(Lifter& l, const Address& address, uint32_t registers) {
  const Type type = l.Bit(30) ? Type::kV128 : Type::kF64;
  Pieces loaded;
  for (uint32_t i = 0; i < registers; ++i) {
    loaded[i] = l.b.Load(type, address.base, ir::BytesOf(type) * i);
  }
  for (uint32_t i = 0; i < registers; ++i) {
    const Value value = l.Bit(30) ? loaded[i] : l.b.Vector(Op::kVScalar, type, loaded[i]);
    l.b.Set(VSlot(StructureRegister(l, i)), value);
  }
}
inline void StoreEach(Lifter& l, const Address& address, uint32_t registers) {
  const uint32_t bytes = l.Bit(30) ? 16 : 8;
  l.b.Probe(address.base, 0, registers * bytes, ir::kForWrite);
  for (uint32_t i = 0; i < registers; ++i) {
    const Value value = l.V(StructureRegister(l, i));
    l.b.Store(address.base, bytes * i, l.Bit(30) ? value : LowerHalf(l, value));
  }
}

// LD1 to LD4, ST1 to ST4 of whole registers. Memory has the elements of `elements` registers side
// by side; of one (LD1), register after register.
template <uint32_t registers, uint32_t elements, bool is_store, bool is_post>
void Structures(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  static_assert(elements == 1 || elements == registers);
  const uint32_t scale = l.Bits(11, 10);
  if (elements > 1 && scale == 3 && !l.Bit(30)) return l.Undefined();
  const Address address = {BaseOf(l)};
  CheckAccess(l, address, 1u << scale, is_store);
  if constexpr (elements == 1) {
    is_store ? StoreEach(l, address, registers) : LoadEach(l, address, registers);
  } else if constexpr (elements == 3) {
    is_store ? StoreTriples(l, address, 1u << scale) : LoadTriples(l, address, 1u << scale);
  } else {
    is_store ? StoreZipped<elements>(l, address, LaneType(scale))
             : LoadZipped<elements>(l, address, LaneType(scale));
  }
  Advance<is_post>(l, address.base, registers * (l.Bit(30) ? 16 : 8));
}

// One lane of `registers` registers.
struct SingleLane {
  uint32_t scale, index;
};
inline std::optional<SingleLane> SingleLaneOf(const Lifter& l) {
  const uint32_t scale = l.Bits(15, 14), size = l.Bits(11, 10);
  const uint32_t position = uint32_t{l.Bit(30)} << 3 | uint32_t{l.Bit(12)} << 2 | size;
  if (scale == 0) return SingleLane{0, position};
  if (scale == 1 && (size & 1) == 0) return SingleLane{1, position >> 1};
  if (scale == 2 && size == 0) return SingleLane{2, position >> 2};
  if (scale == 2 && size == 1 && !l.Bit(12)) return SingleLane{3, position >> 3};
  return std::nullopt;
}
template <uint32_t registers, bool is_store, bool is_post>
void SingleStructure(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const std::optional<SingleLane> lane = SingleLaneOf(l);
  if (!lane) return l.Undefined();
  const Type type = LaneType(lane->scale);
  const uint32_t bytes = 1u << lane->scale;
  const Address address = {BaseOf(l)};
  CheckAccess(l, address, bytes, is_store);
  if constexpr (is_store) {
    l.b.Probe(address.base, 0, registers * bytes, ir::kForWrite);
    for (uint32_t i = 0; i < registers; ++i) {
      const Value from = l.V(StructureRegister(l, i));
      l.b.Store(address.base, bytes * i, l.b.Extract(type, from, lane->index));
    }
  } else {
    std::array<Value, registers> loaded;
    for (uint32_t i = 0; i < registers; ++i) loaded[i] = l.b.Load(type, address.base, bytes * i);
    for (uint32_t i = 0; i < registers; ++i) {
      const uint32_t to = StructureRegister(l, i);
      l.b.Set(VSlot(to), l.b.Insert(type, l.V(to), lane->index, loaded[i]));
    }
  }
  Advance<is_post>(l, address.base, registers * bytes);
}
// LD1R to LD4R: one element for all lanes.
template <uint32_t registers, bool is_post>
void ReplicatedStructure(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const Type type = LaneType(l.Bits(11, 10));
  const uint32_t bytes = ir::BytesOf(type);
  const Address address = {BaseOf(l)};
  CheckAccess(l, address, bytes, /*is_write=*/false);
  std::array<Value, registers> loaded;
  for (uint32_t i = 0; i < registers; ++i) loaded[i] = l.b.Load(type, address.base, bytes * i);
  for (uint32_t i = 0; i < registers; ++i) {
    l.SetVector(StructureRegister(l, i), l.b.Vector(Op::kVSplat, type, loaded[i]));
  }
  Advance<is_post>(l, address.base, registers * bytes);
}

}  // namespace emu::translator::aarch64
