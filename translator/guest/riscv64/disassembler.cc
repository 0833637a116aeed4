#include "translator/guest/riscv64/disassembler.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "translator/guest/riscv64/compressed.h"
#include "translator/guest/riscv64/decoder.h"
#include "translator/guest/riscv64/lifter.h"

namespace emu::translator::riscv64 {
namespace {

// RISC-V ABIs Specification 1.0, integer register convention.
constexpr const char* kRegisterNames[] = {"zero", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
                                          "s0",   "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                          "a6",   "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
                                          "s8",   "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

std::string Operands(const Lifter& l, Format format, uint64_t pc) {
  const auto x = [](uint32_t number) { return kRegisterNames[number]; };
  const auto f = [](uint32_t number) { return absl::StrCat("f", number); };
  const auto target = [pc](int64_t offset) {
    return absl::StrFormat("0x%x", pc + static_cast<uint64_t>(offset));
  };
  const auto at = [&](int64_t displacement) {
    return absl::StrCat(displacement, "(", x(l.rs1()), ")");
  };
  switch (format) {
    case Format::kNone:
    case Format::kCompressed:
      return "";
    case Format::kR:
      return absl::StrCat(x(l.rd()), ", ", x(l.rs1()), ", ", x(l.rs2()));
    case Format::kR1:
      return absl::StrCat(x(l.rd()), ", ", x(l.rs1()));
    case Format::kI:
      return absl::StrCat(x(l.rd()), ", ", x(l.rs1()), ", ", l.ImmI());
    case Format::kShift:
      return absl::StrCat(x(l.rd()), ", ", x(l.rs1()), ", ", l.Bits(25, 20));
    case Format::kRound:
      return absl::StrCat(x(l.rd()), ", ", x(l.rs1()), ", ", l.Bits(23, 20));
    case Format::kByteSelect:
      return absl::StrCat(x(l.rd()), ", ", x(l.rs1()), ", ", x(l.rs2()), ", ", l.Bits(31, 30));
    case Format::kLoad:
      return absl::StrCat(x(l.rd()), ", ", at(l.ImmI()));
    case Format::kStore:
      return absl::StrCat(x(l.rs2()), ", ", at(l.ImmS()));
    case Format::kBranch:
      return absl::StrCat(x(l.rs1()), ", ", x(l.rs2()), ", ", target(l.ImmB()));
    case Format::kU:
      return absl::StrFormat("%s, 0x%x", x(l.rd()), l.Bits(31, 12));
    case Format::kJ:
      return absl::StrCat(x(l.rd()), ", ", target(l.ImmJ()));
    case Format::kCsr:
      return absl::StrFormat("%s, 0x%x, %s", x(l.rd()), l.Bits(31, 20), x(l.rs1()));
    case Format::kCsrImm:
      return absl::StrFormat("%s, 0x%x, %d", x(l.rd()), l.Bits(31, 20), l.rs1());
    case Format::kAmo:
      return absl::StrFormat("%s, %s, (%s)", x(l.rd()), x(l.rs2()), x(l.rs1()));
    case Format::kFloatR:
      return absl::StrCat(f(l.rd()), ", ", f(l.rs1()), ", ", f(l.rs2()));
    case Format::kFloatR1:
      return absl::StrCat(f(l.rd()), ", ", f(l.rs1()));
    case Format::kFloatR4:
      return absl::StrCat(f(l.rd()), ", ", f(l.rs1()), ", ", f(l.rs2()), ", ", f(l.rs3()));
    case Format::kFloatConst:
      return absl::StrCat(f(l.rd()), ", ", l.rs1());
    case Format::kFloatToInt:
      return absl::StrCat(x(l.rd()), ", ", f(l.rs1()));
    case Format::kFloatCmp:
      return absl::StrCat(x(l.rd()), ", ", f(l.rs1()), ", ", f(l.rs2()));
    case Format::kIntToFloat:
      return absl::StrCat(f(l.rd()), ", ", x(l.rs1()));
    case Format::kFloatLoad:
      return absl::StrCat(f(l.rd()), ", ", at(l.ImmI()));
    case Format::kFloatStore:
      return absl::StrCat(f(l.rs2()), ", ", at(l.ImmS()));
    case Format::kAddress:
      return absl::StrCat("(", x(l.rs1()), ")");
    case Format::kFence:
      return absl::StrCat(x(l.rs1()), ", ", x(l.rs2()));
  }
  return "";
}

}  // namespace

std::string Disassemble(std::span<const std::byte> code, uint64_t pc, uint32_t* length) {
  uint32_t bits = 0;
  std::memcpy(&bits, code.data(), code.size() < 4 ? code.size() : 4);
  *length = 0;
  if (code.size() < 2 || code.size() < LengthOf(bits)) return ".insn";
  const Encoding* encoding = Decode(bits);
  const Encoding* shown = encoding;
  if (encoding != nullptr && encoding->format == Format::kCompressed) {
    bits = ExpandCompressed(bits);
    shown = bits == 0 ? nullptr : Decode(bits);
  }
  if (shown == nullptr) return absl::StrFormat(".insn 0x%x", bits);
  *length = encoding->length_bytes;

  ir::Function unused;
  ir::Builder builder(unused);
  Lifter fields(builder, Mode{});
  fields.code = bits;
  return std::string(encoding->mnemonic) + " " + Operands(fields, shown->format, pc);
}

}  // namespace emu::translator::riscv64
