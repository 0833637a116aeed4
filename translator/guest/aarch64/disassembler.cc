#include "translator/guest/aarch64/disassembler.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "translator/guest/aarch64/decoder.h"
#include "translator/guest/aarch64/lifter.h"
#include "translator/guest/aarch64/system_registers.h"
#include "translator/guest/aarch64/translate_integer.h"

namespace emu::translator::aarch64 {
namespace {

constexpr const char* kConditions[] = {"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc",
                                       "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"};
constexpr const char* kShifts[] = {"lsl", "lsr", "asr", "ror"};
constexpr const char* kExtensions[] = {"uxtb", "uxth", "uxtw", "uxtx",
                                       "sxtb", "sxth", "sxtw", "sxtx"};

// The operands of one instruction, piece by piece.
class Text {
 public:
  Text(const Lifter& fields, uint64_t pc) : l_(fields), pc_(pc) {}

  std::string Operands(Format format) const;

 private:
  std::string Register(uint32_t number, bool is_wide) const {
    if (number == 31) return is_wide ? "xzr" : "wzr";
    return absl::StrCat(is_wide ? "x" : "w", number);
  }
  std::string R(uint32_t number) const { return Register(number, l_.sf()); }
  std::string X(uint32_t number) const { return Register(number, true); }
  std::string RSp(uint32_t number) const {
    return number == 31 ? (l_.sf() ? "sp" : "wsp") : R(number);
  }
  std::string Base() const { return l_.rn() == 31 ? "sp" : X(l_.rn()); }
  // What a load or a store moves: a general register, or of the vectors.
  std::string Moved(uint32_t number, uint32_t size) const {
    if (l_.Bit(26)) return absl::StrCat("v", number);
    return Register(number, size == 3 || (l_.Bits(23, 22) == 2 && size < 3));
  }
  std::string Target(int64_t offset) const {
    return absl::StrFormat("0x%x", pc_ + static_cast<uint64_t>(offset));
  }
  std::string Memory(Format format) const;
  std::string Pair(Format format) const;

  const Lifter& l_;
  const uint64_t pc_;
};

std::string Text::Memory(Format format) const {
  const uint32_t size = l_.Bits(31, 30);
  const std::string moved = Moved(l_.rd(), size);
  const int64_t offset = l_.SignedBits(20, 12);
  // Of the vectors, the largest is told by opc.
  const uint32_t scale = l_.Bit(26) && l_.Bit(23) ? 4 : size;
  if (format == Format::kUnsignedOffset) {
    return absl::StrCat(moved, ", [", Base(), ", #", l_.Bits(21, 10) << scale, "]");
  }
  if (format == Format::kRegisterOffset) {
    const uint32_t option = l_.Bits(15, 13);
    return absl::StrCat(moved, ", [", Base(), ", ", Register(l_.rm(), (option & 1) != 0), ", ",
                        kExtensions[option], " #", l_.Bit(12) ? scale : 0, "]");
  }
  if (format == Format::kPostIndex) return absl::StrCat(moved, ", [", Base(), "], #", offset);
  return absl::StrCat(moved, ", [", Base(), ", #", offset,
                      format == Format::kPreIndex ? "]!" : "]");
}

std::string Text::Pair(Format format) const {
  const uint32_t opc = l_.Bits(31, 30);
  const bool is_vector = l_.Bit(26);
  const auto moved = [&](uint32_t number) {
    return is_vector ? absl::StrCat("v", number) : Register(number, opc != 0);
  };
  const uint32_t scale = is_vector ? 2 + opc : opc == 2 ? 3 : 2;
  const int64_t offset = l_.SignedBits(21, 15) * (1 << scale);
  const std::string both = absl::StrCat(moved(l_.rd()), ", ", moved(l_.ra()), ", [", Base());
  if (format == Format::kPairPost) return absl::StrCat(both, "], #", offset);
  return absl::StrCat(both, ", #", offset, format == Format::kPairPre ? "]!" : "]");
}

std::string Text::Operands(Format format) const {
  const std::string rd = R(l_.rd());
  const std::string rn = R(l_.rn());
  const std::string rm = R(l_.rm());
  const char* const condition = kConditions[l_.Bits(15, 12)];
  switch (format) {
    case Format::kNone:
      return "";
    case Format::kImm16:
      return absl::StrFormat("#0x%x", l_.Bits(20, 5));
    case Format::kHint:
      return absl::StrCat("#", l_.Bits(11, 5));
    case Format::kBarrier:
      return absl::StrCat("#", l_.Bits(11, 8));
    case Format::kPcRelative: {
      const int64_t imm = l_.SignedBits(23, 5) * 4 + l_.Bits(30, 29);
      if (!l_.sf()) return absl::StrCat(X(l_.rd()), ", ", Target(imm));
      const uint64_t page = (pc_ & ~uint64_t{4095}) + static_cast<uint64_t>(imm * 4096);
      return absl::StrFormat("%s, 0x%x", X(l_.rd()), page);
    }
    case Format::kAddSubImm:
      return absl::StrFormat("%s, %s, #0x%x%s", RSp(l_.rd()), RSp(l_.rn()), l_.Bits(21, 10),
                             l_.Bit(22) ? ", lsl #12" : "");
    case Format::kLogicalImm: {
      const auto mask =
          LogicalMask(l_.Bits(22, 22), l_.Bits(15, 10), l_.Bits(21, 16), l_.datasize());
      return absl::StrFormat("%s, %s, #0x%x", RSp(l_.rd()), rn, mask.value_or(0));
    }
    case Format::kMoveWide:
      return absl::StrFormat("%s, #0x%x, lsl #%d", rd, l_.Bits(20, 5), l_.Bits(22, 21) * 16);
    case Format::kBitfield:
      return absl::StrCat(rd, ", ", rn, ", #", l_.Bits(21, 16), ", #", l_.Bits(15, 10));
    case Format::kExtract:
      return absl::StrCat(rd, ", ", rn, ", ", rm, ", #", l_.Bits(15, 10));
    case Format::kBranch:
      return Target(l_.SignedBits(25, 0) * 4);
    case Format::kBranchCond:
      return absl::StrCat(kConditions[l_.Bits(3, 0)], " ", Target(l_.SignedBits(23, 5) * 4));
    case Format::kCompareBranch:
      return absl::StrCat(rd, ", ", Target(l_.SignedBits(23, 5) * 4));
    case Format::kTestBranch:
      return absl::StrCat(rd, ", #", l_.Bits(31, 31) << 5 | l_.Bits(23, 19), ", ",
                          Target(l_.SignedBits(18, 5) * 4));
    case Format::kBranchReg:
      return X(l_.rn());
    case Format::kShifted:
      return absl::StrCat(rd, ", ", rn, ", ", rm, ", ", kShifts[l_.Bits(23, 22)], " #",
                          l_.Bits(15, 10));
    case Format::kExtended:
      return absl::StrCat(RSp(l_.rd()), ", ", RSp(l_.rn()), ", ", rm, ", ",
                          kExtensions[l_.Bits(15, 13)], " #", l_.Bits(12, 10));
    case Format::kRRR:
      return absl::StrCat(rd, ", ", rn, ", ", rm);
    case Format::kRR:
      return absl::StrCat(rd, ", ", rn);
    case Format::kRRRR:
      return absl::StrCat(rd, ", ", rn, ", ", rm, ", ", R(l_.ra()));
    case Format::kCondCompare:
      return absl::StrCat(rn, ", ", rm, ", #", l_.Bits(3, 0), ", ", condition);
    case Format::kCondCompareImm:
      return absl::StrCat(rn, ", #", l_.rm(), ", #", l_.Bits(3, 0), ", ", condition);
    case Format::kCondSelect:
      return absl::StrCat(rd, ", ", rn, ", ", rm, ", ", condition);
    case Format::kSystem:
      return absl::StrCat("#", l_.Bits(18, 16), ", c", l_.Bits(15, 12), ", c", l_.Bits(11, 8),
                          ", #", l_.Bits(7, 5), ", ", X(l_.rd()));
    case Format::kSystemRegister: {
      const std::string name = RegisterName(RegisterNumberOf(l_.code));
      return l_.Bit(21) ? absl::StrCat(X(l_.rd()), ", ", name)
                        : absl::StrCat(name, ", ", X(l_.rd()));
    }
    case Format::kPstate:
      return absl::StrCat("#", l_.Bits(18, 16), ", #", l_.Bits(7, 5), ", #", l_.Bits(11, 8));
    case Format::kLoadLiteral:
      return absl::StrCat(Moved(l_.rd(), l_.Bits(31, 30) == 0 ? 2 : 3), ", ",
                          Target(l_.SignedBits(23, 5) * 4));
    case Format::kUnsignedOffset:
    case Format::kUnscaled:
    case Format::kPostIndex:
    case Format::kPreIndex:
    case Format::kRegisterOffset:
      return Memory(format);
    case Format::kPairOffset:
    case Format::kPairPost:
    case Format::kPairPre:
      return Pair(format);
    case Format::kExclusive:
    case Format::kAtomic: {
      const bool is_wide = l_.Bits(31, 30) == 3;
      return absl::StrCat(Register(l_.rm(), is_wide && format == Format::kAtomic), ", ",
                          Register(l_.rd(), is_wide), ", [", Base(), "]");
    }
    case Format::kExclusivePair: {
      const bool is_wide = l_.Bit(30);
      return absl::StrCat(Register(l_.rm(), false), ", ", Register(l_.rd(), is_wide), ", ",
                          Register(l_.ra(), is_wide), ", [", Base(), "]");
    }
    case Format::kOrdered:
      return absl::StrCat(Register(l_.rd(), l_.Bits(31, 30) == 3), ", [", Base(), "]");
    case Format::kFloat1:
    case Format::kVector1:
      return absl::StrFormat("v%d, v%d", l_.rd(), l_.rn());
    case Format::kFloat2:
    case Format::kVector2:
      return absl::StrFormat("v%d, v%d, v%d", l_.rd(), l_.rn(), l_.rm());
    case Format::kFloat3:
      return absl::StrFormat("v%d, v%d, v%d, v%d", l_.rd(), l_.rn(), l_.rm(), l_.ra());
    case Format::kFloatCompare:
      return absl::StrFormat("v%d, v%d", l_.rn(), l_.rm());
    case Format::kFloatImm:
      return absl::StrFormat("v%d, #0x%x", l_.rd(), l_.Bits(20, 13));
    case Format::kFloatCondCompare:
      return absl::StrFormat("v%d, v%d, #%d, %s", l_.rn(), l_.rm(), l_.Bits(3, 0), condition);
    case Format::kFloatCondSelect:
      return absl::StrFormat("v%d, v%d, v%d, %s", l_.rd(), l_.rn(), l_.rm(), condition);
    case Format::kFloatToInt:
      return absl::StrFormat("%s, v%d", rd, l_.rn());
    case Format::kIntToFloat:
      return absl::StrFormat("v%d, %s", l_.rd(), rn);
    case Format::kVectorImm:
      return absl::StrFormat("v%d, #0x%x", l_.rd(), l_.Bits(18, 16) << 5 | l_.Bits(9, 5));
    case Format::kVectorShift:
      return absl::StrFormat("v%d, v%d, #%d", l_.rd(), l_.rn(), l_.Bits(22, 16));
    case Format::kVectorElement:
      return absl::StrFormat("v%d, v%d, #%d", l_.rd(), l_.rn(), l_.Bits(20, 16));
    case Format::kVectorMemory:
      return absl::StrFormat("v%d, [%s]", l_.rd(), Base());
  }
  return "";
}

}  // namespace

std::string Disassemble(std::span<const std::byte> code, uint64_t pc, uint32_t* length) {
  *length = 0;
  if (code.size() < kInstructionBytes) return ".inst";
  uint32_t bits = 0;
  std::memcpy(&bits, code.data(), kInstructionBytes);
  const Encoding* encoding = Decode(bits);
  if (encoding == nullptr) return absl::StrFormat(".inst 0x%08x", bits);
  *length = kInstructionBytes;

  ir::Function unused;
  ir::Builder builder(unused);
  Lifter fields(builder, Mode{});
  fields.code = bits;
  const std::string operands = Text(fields, pc).Operands(encoding->format);
  const bool is_branch = encoding->format == Format::kBranchCond;  // "b." and its condition
  const std::string mnemonic(encoding->mnemonic);
  return is_branch || operands.empty() ? mnemonic + operands : mnemonic + " " + operands;
}

}  // namespace emu::translator::aarch64
