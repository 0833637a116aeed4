// How rows of vectors are written: by the fields that tell them apart (Arm ARM C4.1.94).
#pragma once

#include "translator/guest/aarch64/encoding_row.h"
#include "translator/guest/aarch64/translate_vector.h"

namespace emu::translator::aarch64 {

using ExecuteFunction = void (*)(VectorUnit&);
using LiftFunction = void (*)(Lifter&);

// The field U, bit 29: mostly, that lanes are unsigned.
inline constexpr uint32_t kU0 = 0, kU1 = 1;

// What a row does: its lift is IR, or leaves all to what VectorUnit executes.
struct Action {
  constexpr Action(LiftFunction lift) : lift(lift) {}  // NOLINT(google-explicit-constructor)
  constexpr Action(ExecuteFunction execute) : execute(execute) {}  // NOLINT: as above
  // The lift leaves to it what it does not write.
  constexpr Action(ExecuteFunction execute, LiftFunction lift) : lift(lift), execute(execute) {}
  LiftFunction lift = ByUnit;
  ExecuteFunction execute = nullptr;
};

constexpr Encoding FieldRow(std::string_view pattern, std::string_view mnemonic, Format format,
                            uint32_t u, uint32_t position, uint32_t width, uint32_t opcode,
                            Action action) {
  const Encoding row = Row(pattern, mnemonic, format, action.lift, action.execute);
  return Fixed(Fixed(row, 29, 1, u), position, width, opcode);
}
constexpr Encoding ThreeSame(uint32_t u, uint32_t opcode, std::string_view mnemonic,
                             Action action) {
  return FieldRow("0..01110..1..........1..........", mnemonic, Format::kVector2, u, 11, 5, opcode,
                  action);
}
constexpr Encoding ThreeSameExtra(uint32_t u, uint32_t opcode, std::string_view mnemonic,
                                  Action action) {
  return FieldRow("0..01110..0.....1....1..........", mnemonic, Format::kVector2, u, 11, 4, opcode,
                  action);
}
constexpr Encoding ThreeDifferent(uint32_t u, uint32_t opcode, std::string_view mnemonic,
                                  Action action) {
  return FieldRow("0..01110..1.........00..........", mnemonic, Format::kVector2, u, 12, 4, opcode,
                  action);
}
constexpr Encoding TwoMisc(uint32_t u, uint32_t opcode, std::string_view mnemonic, Action action) {
  return FieldRow("0..01110..10000.....10..........", mnemonic, Format::kVector1, u, 12, 5, opcode,
                  action);
}
constexpr Encoding AcrossLanes(uint32_t u, uint32_t opcode, std::string_view mnemonic,
                               Action action) {
  return FieldRow("0..01110..11000.....10..........", mnemonic, Format::kVector1, u, 12, 5, opcode,
                  action);
}
constexpr Encoding WithElement(uint32_t u, uint32_t opcode, std::string_view mnemonic,
                               Action action) {
  return FieldRow("0..01111.............0..........", mnemonic, Format::kVector2, u, 12, 4, opcode,
                  action);
}
// The field immh is never zero.
constexpr std::array<Encoding, 4> Shift(uint32_t u, uint32_t opcode, std::string_view mnemonic,
                                        Action action) {
  const Encoding row = FieldRow("0..011110............1..........", mnemonic, Format::kVectorShift,
                                u, 11, 5, opcode, action);
  return {Fixed(row, 22, 1, 1), Fixed(row, 21, 2, 1), Fixed(row, 20, 3, 1), Fixed(row, 19, 4, 1)};
}

// Of lanes of 1 << scale bytes.
constexpr Encoding OfSize(Encoding row, uint32_t scale) { return Fixed(row, 22, 2, scale); }
// The same instruction on the lowest lane alone.
constexpr Encoding Scalar(Encoding row) {
  row.mask |= 1u << 30;
  row.match |= 1u << 30 | 1u << 28;
  return row;
}
constexpr Encoding Scalar64(Encoding row) { return Scalar(OfSize(row, 3)); }
template <size_t size>
constexpr std::array<Encoding, size> Scalar(std::array<Encoding, size> rows) {
  for (Encoding& row : rows) row = Scalar(row);
  return rows;
}

}  // namespace emu::translator::aarch64
