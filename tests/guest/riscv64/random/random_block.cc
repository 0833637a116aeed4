// What is done to a block once it is made: shortening and showing it.
#include <cstring>
#include <set>
#include <span>

#include "absl/strings/str_format.h"
#include "tests/guest/riscv64/random/generator.h"
#include "tests/guest/riscv64/random/instruction_fields.h"
#include "translator/guest/riscv64/compressed.h"
#include "translator/guest/riscv64/disassembler.h"

namespace emu::testing {

RandomBlock WithoutPieces(const RandomBlock& block, size_t piece, size_t count) {
  RandomBlock shorter = block;
  for (size_t i = piece; i < piece + count && i < block.pieces.size(); ++i) {
    const RandomBlock::Piece& gone = block.pieces[i];
    std::memcpy(shorter.code.data() + gone.offset,
                gone.length == 2 ? static_cast<const void*>(&kCompressedNop) : &kNop, gone.length);
  }
  return shorter;
}

std::string Describe(const RandomBlock& block) {
  static constexpr const char* kSettings[] = {"M", "S", "U", "U (plain)"};
  std::string text = absl::StrFormat(
      "%s mode, fcsr 0x%x\n", kSettings[static_cast<size_t>(block.setting)], block.start.fcsr);
  const uint64_t base = CodeBase(block.setting);
  std::set<uint32_t> used;
  for (const RandomBlock::Piece& piece : block.pieces) {
    uint32_t code = 0;
    std::memcpy(&code, block.code.data() + piece.offset, piece.length);
    if (code == kNop || code == kCompressedNop) continue;
    uint32_t length = 0;
    const uint64_t pc = base + piece.offset;
    const std::string shown =
        translator::riscv64::Disassemble(std::as_bytes(std::span(&code, 1)), pc, &length);
    text +=
        absl::StrFormat("  %x: %0*x  %s\n", pc, static_cast<int>(2 * piece.length), code, shown);
    const uint32_t wide = piece.length == 2 ? translator::riscv64::ExpandCompressed(code) : code;
    for (const uint32_t shift : {7, 15, 20, 27}) used.insert(wide >> shift & 31);
  }
  for (const uint32_t number : used) {
    text += absl::StrFormat("  x%-2d 0x%016x  f%-2d 0x%016x\n", number, block.start.x[number],
                            number, block.start.f[number]);
  }
  return text;
}

}  // namespace emu::testing
