// Rows of the encoding table: loads and stores of vector registers (Arm ARM C4.1.88).
#pragma once

#include <array>

#include "translator/guest/aarch64/encoding_row.h"
#include "translator/guest/aarch64/translate_vector_memory.h"

namespace emu::translator::aarch64 {

// Of one register and of two, by all ways of addressing: `size` as bits 31:30, `whole` as bit 23.
template <Type type>
constexpr auto SingleRegisterRows(uint32_t size, uint32_t whole) {
  using Loads = LoadVector<type>;
  using Stores = StoreVector<type>;
  using enum Addressing;
  std::array rows = {
      Row("..111101.0......................", "str", Format::kUnsignedOffset,
          LoadStore<kUnsigned, Stores>),
      Row("..111101.1......................", "ldr", Format::kUnsignedOffset,
          LoadStore<kUnsigned, Loads>),
      Row("..111100.00.........00..........", "stur", Format::kUnscaled,
          LoadStore<kUnscaled, Stores>),
      Row("..111100.10.........00..........", "ldur", Format::kUnscaled,
          LoadStore<kUnscaled, Loads>),
      Row("..111100.00.........01..........", "str", Format::kPostIndex, LoadStore<kPost, Stores>),
      Row("..111100.10.........01..........", "ldr", Format::kPostIndex, LoadStore<kPost, Loads>),
      Row("..111100.00.........11..........", "str", Format::kPreIndex, LoadStore<kPre, Stores>),
      Row("..111100.10.........11..........", "ldr", Format::kPreIndex, LoadStore<kPre, Loads>),
      Row("..111100.01.........10..........", "str", Format::kRegisterOffset,
          LoadStore<kRegister, Stores>),
      Row("..111100.11.........10..........", "ldr", Format::kRegisterOffset,
          LoadStore<kRegister, Loads>),
  };
  for (Encoding& row : rows) row = Fixed(Fixed(row, 30, 2, size), 23, 1, whole);
  return rows;
}
template <Type type>
constexpr auto PairRows(uint32_t size) {
  using Loads = LoadVector<type>;
  using Stores = StoreVector<type>;
  using enum Addressing;
  std::array rows = {
      Row("..10110000......................", "stnp", Format::kPairOffset,
          LoadStorePair<kUnscaled, Stores>),
      Row("..10110001......................", "ldnp", Format::kPairOffset,
          LoadStorePair<kUnscaled, Loads>),
      Row("..10110010......................", "stp", Format::kPairPost,
          LoadStorePair<kPost, Stores>),
      Row("..10110011......................", "ldp", Format::kPairPost,
          LoadStorePair<kPost, Loads>),
      Row("..10110100......................", "stp", Format::kPairOffset,
          LoadStorePair<kUnscaled, Stores>),
      Row("..10110101......................", "ldp", Format::kPairOffset,
          LoadStorePair<kUnscaled, Loads>),
      Row("..10110110......................", "stp", Format::kPairPre, LoadStorePair<kPre, Stores>),
      Row("..10110111......................", "ldp", Format::kPairPre, LoadStorePair<kPre, Loads>),
      Row("..011100........................", "ldr", Format::kLoadLiteral, LoadLiteral<Loads>),
  };
  for (Encoding& row : rows) row = Fixed(row, 30, 2, size);
  return rows;
}

// Whole registers, as they are or as structures: `opcode` as bits 15:12.
template <uint32_t registers, uint32_t elements>
constexpr auto StructureRows(std::string_view load, std::string_view store, uint32_t opcode) {
  std::array rows = {
      Row("0.00110000000000................", store, Format::kVectorMemory,
          Structures<registers, elements, true, false>),
      Row("0.001100100.....................", store, Format::kVectorMemory,
          Structures<registers, elements, true, true>),
      Row("0.00110001000000................", load, Format::kVectorMemory,
          Structures<registers, elements, false, false>),
      Row("0.001100110.....................", load, Format::kVectorMemory,
          Structures<registers, elements, false, true>),
  };
  for (Encoding& row : rows) row = Fixed(row, 12, 4, opcode);
  return rows;
}
// One lane of each register, or all alike: their number is told by the bits 21 and 13.
template <uint32_t registers>
constexpr auto LaneRows(std::string_view load, std::string_view store, std::string_view replicate) {
  std::array rows = {
      Row("0.00110100.000000...............", store, Format::kVectorMemory,
          SingleStructure<registers, true, false>),
      Row("0.00110100.0000010..............", store, Format::kVectorMemory,
          SingleStructure<registers, true, false>),
      Row("0.00110110......0...............", store, Format::kVectorMemory,
          SingleStructure<registers, true, true>),
      Row("0.00110110......10..............", store, Format::kVectorMemory,
          SingleStructure<registers, true, true>),
      Row("0.00110101.000000...............", load, Format::kVectorMemory,
          SingleStructure<registers, false, false>),
      Row("0.00110101.0000010..............", load, Format::kVectorMemory,
          SingleStructure<registers, false, false>),
      Row("0.00110111......0...............", load, Format::kVectorMemory,
          SingleStructure<registers, false, true>),
      Row("0.00110111......10..............", load, Format::kVectorMemory,
          SingleStructure<registers, false, true>),
      Row("0.00110101.0000011.0............", replicate, Format::kVectorMemory,
          ReplicatedStructure<registers, false>),
      Row("0.00110111......11.0............", replicate, Format::kVectorMemory,
          ReplicatedStructure<registers, true>),
  };
  for (Encoding& row : rows) {
    row = Fixed(Fixed(row, 21, 1, (registers - 1) & 1), 13, 1, (registers - 1) >> 1);
  }
  return rows;
}

inline constexpr std::array kVectorMemoryEncodings =
    Joined(SingleRegisterRows<Type::kI8>(0, 0), SingleRegisterRows<Type::kI16>(1, 0),
           SingleRegisterRows<Type::kF32>(2, 0), SingleRegisterRows<Type::kF64>(3, 0),
           SingleRegisterRows<Type::kV128>(0, 1), PairRows<Type::kF32>(0), PairRows<Type::kF64>(1),
           PairRows<Type::kV128>(2), StructureRows<1, 1>("ld1", "st1", 7),
           StructureRows<2, 1>("ld1", "st1", 10), StructureRows<3, 1>("ld1", "st1", 6),
           StructureRows<4, 1>("ld1", "st1", 2), StructureRows<2, 2>("ld2", "st2", 8),
           StructureRows<3, 3>("ld3", "st3", 4), StructureRows<4, 4>("ld4", "st4", 0),
           LaneRows<1>("ld1", "st1", "ld1r"), LaneRows<2>("ld2", "st2", "ld2r"),
           LaneRows<3>("ld3", "st3", "ld3r"), LaneRows<4>("ld4", "st4", "ld4r"));

}  // namespace emu::translator::aarch64
