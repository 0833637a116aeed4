// Random blocks out of the encoding table.
#include <algorithm>
#include <span>
#include <string_view>

#include "absl/strings/str_format.h"
#include "tests/guest/aarch64/random/random_block.h"
#include "tests/guest/interesting_values.h"
#include "translator/guest/aarch64/disassembler.h"
#include "translator/guest/aarch64/encodings.h"

// Few formats need anything of their own.
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace emu::testing {
namespace {

using translator::aarch64::Encoding;
using translator::aarch64::Encodings;
using translator::aarch64::Format;

// Registers that hold addresses of data, which few instructions overwrite. The first are aligned
// to 16, as sp is.
constexpr uint32_t kBases[] = {20, 21, 22, 23, 24, 25, 26, 27};
constexpr uint32_t kAlignedBases = 4;
constexpr uint32_t kSp = 31;
// And one that holds the address of the block's end.
constexpr uint32_t kTarget = 19;

// Of registers and operations that every processor has alike: MRS or MSR, SYS.
constexpr uint32_t kNzcv = 0xd51b'4200, kFpcr = 0xd51b'4400, kFpsr = 0xd51b'4420,
                   kDczid = 0xd51b'00e0, kDaif = 0xd51b'4220, kSctlr = 0xd518'1000,
                   kCurrentEl = 0xd518'4240;
constexpr uint32_t kRegisters[] = {kNzcv, kFpcr,  kFpsr, kNzcv,  kFpcr,
                                   kFpsr, kDczid, kDaif, kSctlr, kCurrentEl};
constexpr uint32_t kDcZva = 0xd50b'7420, kDcCvac = 0xd50b'7a20, kDcCvap = 0xd50b'7c20,
                   kDcCvau = 0xd50b'7b20, kDcCivac = 0xd50b'7e20, kIcIvau = 0xd50b'7520,
                   kTlbiVmalle1 = 0xd508'871f, kDcIsw = 0xd508'7640;
constexpr uint32_t kOperations[] = {kDcZva,  kDcZva,   kDcZva,  kDcCvac,      kDcCvap,
                                    kDcCvau, kDcCivac, kIcIvau, kTlbiVmalle1, kDcIsw};

bool IsBase(uint32_t number) { return std::ranges::count(kBases, number) != 0; }

bool StartsWithAny(std::string_view name, std::initializer_list<std::string_view> starts) {
  return std::ranges::any_of(starts, [name](auto start) { return name.starts_with(start); });
}

// What waits, is for EL1, or is no instruction of qemu-aarch64's processor (SB).
bool IsForMachines(const Encoding& row) {
  return row.format == Format::kPstate || row.mnemonic == "sb" ||
         StartsWithAny(row.mnemonic, {"wf", "eret", "svc", "hvc", "smc"});
}
// What Unicorn has not: it refuses LDLAR and STLLR, and traps of exceptions go elsewhere.
bool IsOutsideUnicorn(const Encoding& row) {
  switch (row.format) {
    case Format::kImm16:
    case Format::kSystem:
    case Format::kSystemRegister:
    case Format::kBranchReg:
      return true;
    default:
      return StartsWithAny(row.mnemonic, {"ldt", "stt", "stllr", "ldlar"});
  }
}

bool IsExclusive(const Encoding& row) {
  return StartsWithAny(row.mnemonic, {"ldx", "ldax", "stx", "stlx"});
}
// By size; words and doublewords in pairs: 4, 5.
uint32_t KindOfExclusive(const Encoding& row) {
  const uint32_t size = row.match >> 30;
  return (row.match >> 21 & 1) != 0 ? size + 2 : size;
}

// MRS, not MSR.
bool IsRead(const Encoding& row) { return (row.match >> 21 & 1) != 0; }

class Generator : private InterestingValues {
 public:
  Generator(uint64_t seed, Setting setting) : InterestingValues(seed), setting_(setting) {}

  RandomBlock Generate() {
    const uint32_t count = 1 + Below(30);
    RandomBlock block = {.setting = setting_, .start = {}, .code = {}};
    MakeRegisters(block.start, count);
    while (block.code.size() < count) {
      const uint32_t left = count - static_cast<uint32_t>(block.code.size());
      block.code.push_back(OneIn(60) ? Undefined() : Instruction(left));
    }
    block.code.push_back(kBrk);
    return block;
  }
  RandomBlock GenerateOne(const Encoding& row) {
    RandomBlock block = {.setting = setting_, .start = {}, .code = {}};
    MakeRegisters(block.start, 1);
    block.code = {Fill(row, 1), kBrk};
    return block;
  }

 private:
  uint64_t Halves() { return uint32_t{Half()} << 16 | Half(); }

  // Lanes that are floats of one format, or integers at the edges of bytes.
  uint64_t VectorHalf() {
    switch (Below(4)) {
      case 0:
        return Halves() << 32 | Halves();
      case 1:
        return uint64_t{Single()} << 32 | Single();
      case 2:
        return Double();
      default: {
        static constexpr uint8_t kEdges[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0xff};
        uint64_t bytes = 0;
        for (int i = 0; i < 8; ++i) bytes = bytes << 8 | (OneIn(8) ? Below(256) : Of(kEdges));
        return bytes;
      }
    }
  }
  uint64_t DataAddress(uint64_t alignment) {
    uint32_t page = Below(kDataPages);
    while (IsMissing(page) && !OneIn(8)) page = Below(kDataPages);
    const uint64_t offset = OneIn(3) ? kPage - 1 - Below(64) : Below(kPage);
    return kData + page * kPage + (offset & ~(alignment - 1));
  }
  void MakeRegisters(Registers& registers, uint32_t count) {
    for (uint64_t& x : registers.x) x = Integer();
    for (uint32_t i = 0; i < std::size(kBases); ++i) {
      registers.x[kBases[i]] = DataAddress(i < kAlignedBases ? 16 : 1);
    }
    registers.x[kTarget] = kCode + 4 * count;
    registers.sp = DataAddress(16);
    registers.pc = kCode;
    registers.nzcv = Bits() & 0xf000'0000;
    for (auto& v : registers.v) {
      v = {VectorHalf(), VectorHalf()};
    }
    // Mostly with nothing but a rounding mode; else FZ, DN, AHP or FZ16, too.
    registers.fpcr = Below(4) << 22;
    if (OneIn(3)) registers.fpcr |= (Below(8) << 24) | Below(2) << 19;
  }

  // Few instructions overwrite a base.
  uint32_t Destination() {
    uint32_t number = Below(32);
    while (number == kTarget || (IsBase(number) && !OneIn(16))) number = Below(32);
    return number;
  }
  uint32_t Base(bool aligned) {
    if (OneIn(6)) return kSp;
    return kBases[Below(aligned ? kAlignedBases : std::size(kBases))];
  }
  static void Set(uint32_t& code, uint32_t position, uint32_t width, uint32_t value) {
    const uint32_t mask = ((1u << width) - 1) << position;
    code = (code & ~mask) | (value << position & mask);
  }
  uint32_t Step() { return OneIn(4) ? Below(512) : (Below(32) - 16) & 0x1ff; }

  uint32_t Undefined() {
    const uint32_t code = static_cast<uint32_t>(Bits());
    return code & 0x001f'ffff;  // op0 0: reserved
  }

  uint32_t Instruction(uint32_t left) {
    const std::span<const Encoding> rows = Encodings();
    for (;;) {
      const Encoding& row = rows[Below(static_cast<uint32_t>(rows.size()))];
      if (IsExclusive(row) && KindOfExclusive(row) != exclusives_) continue;
      if (row.format == Format::kSystemRegister && IsRead(row) == writes_registers_) continue;
      if (IsInBlocks(row, setting_) && !IsWrongInOracle(row, setting_)) return Fill(row, left);
    }
  }

  // The row's open bits, so that the instruction is defined, goes forward and reaches data.
  uint32_t Fill(const Encoding& row, uint32_t left) {
    uint32_t code = (static_cast<uint32_t>(Bits()) & ~row.mask) | row.match;
    const auto put = [&](uint32_t position, uint32_t width, uint32_t value) {
      uint32_t with = code;
      Set(with, position, width, value);
      code = (with & ~row.mask) | row.match;
    };
    const uint32_t ahead = 1 + Below(std::min(left, 4u));
    const bool sets_general = (code >> 26 & 1) == 0;
    if (sets_general) put(0, 5, Destination());
    switch (row.format) {
      case Format::kHint:  // among the others are wfi, and what Unicorn's newer processor has
        put(5, 7, 0);
        break;
      case Format::kBranch:
        put(0, 26, ahead);
        break;
      case Format::kBranchCond:
      case Format::kCompareBranch:
        put(5, 19, ahead);
        break;
      case Format::kTestBranch:
        put(5, 14, ahead);
        break;
      case Format::kLoadLiteral:
        put(5, 19, Below(64));
        break;
      case Format::kShifted:
        if (!OneIn(8)) put(10, 6, Below(32));
        break;
      case Format::kExtended:
        if (!OneIn(8)) put(10, 3, Below(5));
        break;
      case Format::kBitfield:
      case Format::kExtract:
        put(22, 1, code >> 31);
        if ((code >> 31) == 0 && !OneIn(8)) {
          put(10, 6, Below(32));
          if (row.format == Format::kBitfield) put(16, 6, Below(32));
        }
        break;
      case Format::kUnsignedOffset:
        put(5, 5, Base(false));
        put(10, 12, Below(16));
        break;
      case Format::kUnscaled:
      case Format::kPostIndex:
      case Format::kPreIndex:
        put(5, 5, Base(false));
        put(12, 9, Step());
        break;
      case Format::kRegisterOffset:
        put(5, 5, Base(false));
        // Mostly x0 as an index, made small by what follows.
        if (!OneIn(8)) put(16, 5, 31);
        break;
      case Format::kPairOffset:
      case Format::kPairPost:
      case Format::kPairPre:
        put(5, 5, Base(false));
        put(15, 7, Below(8) - 4);
        break;
      case Format::kExclusive:
      case Format::kExclusivePair:
      case Format::kAtomic:
      case Format::kOrdered:
        put(5, 5, Base(true));
        put(16, 5, Below(20));
        break;
      case Format::kVector1:
      case Format::kVector2:
        // Lanes of 64 bits are often reserved.
        if (!OneIn(4)) put(22, 2, Below(3));
        break;
      case Format::kFloat1:
      case Format::kFloat2:
      case Format::kFloat3:
      case Format::kFloatCompare:
      case Format::kFloatImm:
      case Format::kFloatCondCompare:
      case Format::kFloatCondSelect:
      case Format::kFloatToInt:
      case Format::kIntToFloat:
        if (!OneIn(16)) put(22, 2, OneIn(3) ? 3 : Below(2));
        break;
      case Format::kRRR:
        if (StartsWithAny(row.mnemonic, {"smulh", "umulh"})) put(10, 5, 31);  // should be ones
        break;
      case Format::kVectorMemory:
        put(5, 5, Base(false));
        break;
      case Format::kBranchReg:
        put(5, 5, kTarget);
        break;
      case Format::kSystemRegister:
        put(5, 16, Of(kRegisters) >> 5);
        break;
      case Format::kSystem:
        put(5, 16, Of(kOperations) >> 5);
        put(0, 5, Base(false));
        break;
      default:
        break;
    }
    return IsUnpredictable(row, code) ? kNopCode : code;
  }

  // Constrained unpredictable (Arm ARM K1): registers that are written twice.
  static bool IsUnpredictable(const Encoding& row, uint32_t code) {
    const uint32_t rt = code & 31;
    const uint32_t rn = code >> 5 & 31;
    const uint32_t rt2 = code >> 10 & 31;
    const uint32_t rs = code >> 16 & 31;
    const bool is_vector = (code >> 26 & 1) != 0;
    switch (row.format) {
      case Format::kPostIndex:
      case Format::kPreIndex:
        return rt == rn && !is_vector;
      case Format::kPairOffset:
        return rt == rt2;
      case Format::kPairPost:
      case Format::kPairPre:
        return rt == rt2 || ((rt == rn || rt2 == rn) && !is_vector);
      case Format::kExclusive:
        return rs == rt || rs == rn;
      case Format::kExclusivePair:
        return rt == rt2 || rs == rt || rs == rt2 || rs == rn;
      default:
        return false;
    }
  }

  // An exclusive store after an exclusive load of another size may do anything: all are of one.
  const uint32_t exclusives_ = Below(6);
  // qemu-aarch64's processor keeps AArch32's bits in FPCR and FPSR: who writes them reads none.
  const bool writes_registers_ = OneIn(2);
  const Setting setting_;
};

}  // namespace

bool IsInBlocks(const Encoding& row, Setting setting) {
  return !IsForMachines(row) && (setting == Setting::kUser || !IsOutsideUnicorn(row));
}

// Minimum and maximum of words in memory it compares with registers that it has not extended.
// Scalar halves that become fixed-point numbers it extends by their sign beyond 16 bits.
bool IsWrongInOracle(const Encoding& row, Setting setting) {
  if (setting == Setting::kUser) return false;
  constexpr uint32_t kDoubleword = 3;
  constexpr uint32_t kScalarHalf = 0x5f10'0000;
  if (row.mnemonic == "fcvtzs" && (row.match & 0xfff0'0000) == kScalarHalf) return true;
  return row.match >> 30 != kDoubleword && StartsWithAny(row.mnemonic, {"ldsm", "ldum"});
}

RandomBlock GenerateBlock(uint64_t seed, Setting setting) {
  return Generator(seed, setting).Generate();
}
RandomBlock GenerateInstruction(const Encoding& row, uint64_t seed, Setting setting) {
  return Generator(seed, setting).GenerateOne(row);
}

const std::vector<uint8_t>& InitialData() {
  static const std::vector<uint8_t> kBytes = [] {
    std::mt19937_64 random(42);
    std::vector<uint8_t> bytes(kDataPages * kPage);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    return bytes;
  }();
  return kBytes;
}

std::string Describe(const RandomBlock& block) {
  std::string text = absl::StrFormat("nzcv 0x%x, fpcr 0x%x, sp 0x%x\n", block.start.nzcv,
                                     block.start.fpcr, block.start.sp);
  for (size_t at = 0; at < block.code.size(); ++at) {
    if (block.code[at] == kNopCode) continue;
    const uint64_t pc = kCode + 4 * at;
    uint32_t length = 0;
    text += absl::StrFormat("  %x: %08x  %s\n", pc, block.code[at],
                            translator::aarch64::Disassemble(
                                std::as_bytes(std::span(&block.code[at], 1)), pc, &length));
  }
  for (int i = 0; i < 31; ++i) text += absl::StrFormat("  x%d 0x%x", i, block.start.x[i]);
  text += "\n";
  for (int i = 0; i < 32; ++i) {
    text += absl::StrFormat("  v%d 0x%016x'%016x", i, block.start.v[i][1], block.start.v[i][0]);
  }
  return text + "\n";
}

}  // namespace emu::testing
