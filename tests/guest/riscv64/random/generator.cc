#include "tests/guest/riscv64/random/generator.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "tests/guest/interesting_values.h"
#include "tests/guest/riscv64/random/instruction_fields.h"
#include "tests/guest/riscv64/random/oracles.h"
#include "translator/guest/riscv64/compressed.h"
#include "translator/guest/riscv64/decoder.h"

namespace emu::testing {
namespace {

using translator::riscv64::Decode;
using translator::riscv64::Encoding;
using translator::riscv64::Encodings;
using translator::riscv64::ExpandCompressed;
using translator::riscv64::Format;
using translator::riscv64::LengthOf;

constexpr uint16_t kCompressedEbreak = 0x9002;

// Registers that hold addresses of data, which few instructions overwrite: sp, s0, s1, a0 and a1
// are in reach of compressed instructions.
constexpr uint32_t kBases[] = {2, 8, 9, 10, 11, 18, 19};
constexpr uint32_t kAlignedBases[] = {2, 9, 10, 18};
// Counts the turns of a loop, and is used for nothing else.
constexpr uint32_t kLoopCounter = 31;
// In all settings but kUserPlain, f0..f7 hold singles and f8..f31 doubles: Unicorn takes any
// register as a boxed single.
constexpr uint32_t kFirstDouble = 8;

bool IsBase(uint32_t number) { return std::ranges::count(kBases, number) != 0; }

// What ends a block in a way that only a whole machine can follow, or that no two engines agree on.
bool IsOutside(std::string_view name) {
  return IsOneOf(name, {"mret", "sret", "wfi", "jalr", "c.jr", "c.jalr"});
}

class Generator : private InterestingValues {
 public:
  Generator(uint64_t seed, Setting setting) : InterestingValues(seed), setting_(setting) {}

  RandomBlock Generate() {
    RandomBlock block;
    block.setting = setting_;
    MakeRegisters(block.start);
    const uint32_t count = 1 + Below(30);
    while (items_.size() < count) AddSomething();
    if (OneIn(8)) AddLoop();
    Place(block);
    return block;
  }

 private:
  struct Item {
    uint32_t code = 0;
    uint32_t length = 4;
    // Not negative: the item that a branch goes to.
    int target = -1;
    DistanceFormat distance = DistanceFormat::kNone;  // where that to `target` goes
    int base = -1;         // not negative: the auipc that the distance counts from
    bool is_tied = false;  // to the item before: no jump may come between
  };

  // Floats narrower than a register are boxed (RISC-V D, "NaN Boxing of Narrower Values").
  uint64_t BoxedSingle() { return Single() | 0xffff'ffff'0000'0000; }
  uint64_t BoxedHalf() { return Half() | 0xffff'ffff'ffff'0000; }
  uint64_t AnyFloat() { return OneIn(3) ? BoxedHalf() : OneIn(2) ? BoxedSingle() : Double(); }

  uint64_t DataAddress(bool aligned) {
    // Pages that hold something, now and then the others; near their ends as often as inside.
    uint32_t page = Below(kDataPages);
    while (KindOf(setting_, page) != PageKind::kWritable && !OneIn(4)) page = Below(kDataPages);
    const bool at_end = OneIn(3);
    uint64_t offset = at_end ? kPage - 1 - Below(24) : Below(kPage);
    if (aligned) offset &= ~uint64_t{7};
    return DataBase(setting_) + page * kPage + offset;
  }

  void MakeRegisters(Registers& registers) {
    for (uint64_t& x : registers.x) x = Integer();
    for (const uint32_t base : kBases) {
      const bool aligned = std::ranges::count(kAlignedBases, base) != 0;
      registers.x[base] = DataAddress(aligned);
    }
    registers.x[kLoopCounter] = 1 + Below(6);
    for (uint32_t i = 0; i < 32; ++i) {
      const bool is_plain = setting_ == Setting::kUserPlain;
      registers.f[i] = is_plain ? AnyFloat() : i < kFirstDouble ? BoxedSingle() : Double();
    }
    const uint32_t frm = OneIn(20) ? 5 + Below(3) : Below(5);
    registers.fcsr = frm << 5 | (OneIn(2) ? Below(32) : 0);
  }

  // Now and then a base is overwritten; but not where it could then point at the code, or at what
  // runs the block: without page tables.
  bool MayMove(uint32_t n) { return setting_ != Setting::kMachine && OneIn(n); }
  uint32_t Destination() {
    uint32_t number = Below(32);
    while (number == kLoopCounter || (IsBase(number) && !MayMove(16))) number = Below(32);
    return number;
  }
  uint32_t Source() { return Below(31); }
  uint32_t FloatRegister(bool is_single) {
    if (setting_ == Setting::kUserPlain) return Below(32);
    return is_single ? Below(kFirstDouble) : kFirstDouble + Below(32 - kFirstDouble);
  }

  void SetRd(uint32_t& code, uint32_t number) { SetField(code, 7, 5, number); }
  void SetRs1(uint32_t& code, uint32_t number) { SetField(code, 15, 5, number); }
  void SetRs2(uint32_t& code, uint32_t number) { SetField(code, 20, 5, number); }
  void SetRs3(uint32_t& code, uint32_t number) { SetField(code, 27, 5, number); }
  int32_t Displacement() {
    return OneIn(4) ? static_cast<int32_t>(Below(4096)) - 2048
                    : static_cast<int32_t>(Below(64)) - 32;
  }

  // Which of an instruction's floating-point registers are singles, by its name.
  static bool ResultIsSingle(std::string_view name) {
    if (name == "fcvt.d.s") return false;
    return name.ends_with(".s") || name.starts_with("fcvt.s.") || name == "fmv.w.x" ||
           name == "flw";
  }
  static bool SourceIsSingle(std::string_view name) {
    if (name == "fcvt.s.d") return false;
    return name.ends_with(".s") || name == "fmv.x.w" || name == "fsw";
  }

  // Whether this row may stand in a block of this setting.
  bool IsAllowed(const Encoding& row) const {
    const std::string_view name = row.mnemonic;
    if (IsOutside(name)) return false;
    if (setting_ == Setting::kUserPlain) {
      // A process has no ecall that is a trap, and qemu-user no cache block operations and no
      // privilege.
      return name != "ecall" && !name.starts_with("cbo.") && !name.starts_with("sfence") &&
             !name.starts_with("sinval") && !name.starts_with("wrs.");
    }
    return !IsNewerThanUnicorn(name) && !IsWrongInUnicorn(name);
  }
  // Rare ones in most blocks: they end it.
  static bool IsRare(const Encoding& row) {
    return IsOneOf(row.mnemonic, {"ecall", "ebreak", "c.ebreak", "sfence.vma", "fence.i"}) ||
           row.format == Format::kFence || row.format == Format::kNone;
  }

  void AddSomething() {
    if (OneIn(40)) return AddUndefined();
    if (OneIn(12)) return AddReservation();
    if (OneIn(12)) return AddIndirectJump();
    const std::span<const Encoding> rows = Encodings();
    for (;;) {
      const Encoding& row = rows[Below(static_cast<uint32_t>(rows.size()))];
      if (!IsAllowed(row) || (IsRare(row) && !OneIn(20))) continue;
      if (row.format == Format::kCompressed) {
        // There are few of them, and half of all code is.
        AddCompressed(row);
        if (OneIn(2)) return;
        continue;
      }
      if (Add(row)) return;
    }
  }

  bool Add(const Encoding& row) {
    const std::string_view name = row.mnemonic;
    Item item;
    item.code = row.match | (static_cast<uint32_t>(Bits()) & ~row.mask);
    uint32_t& code = item.code;
    const bool has_rounding =
        (row.mask >> 12 & 7) == 0 && ((code & 0x7f) == 0x53 || (code & 0x73) == 0x43);
    if (has_rounding) SetField(code, 12, 3, OneIn(30) ? 5 + Below(2) : OneIn(2) ? 7 : Below(5));
    switch (row.format) {
      case Format::kNone:
        if (name == "fence" || name == "fence.i") {
          code = row.match | (name == "fence" ? 0x0ff0'0000 : 0);
        }
        break;
      case Format::kR:
      case Format::kR1:
      case Format::kI:
      case Format::kShift:
      case Format::kRound:
      case Format::kByteSelect:
        SetRd(code, Destination());
        SetRs1(code, Source());
        if (row.format == Format::kR || row.format == Format::kByteSelect) SetRs2(code, Source());
        // Round numbers above 10 are reserved.
        if (row.format == Format::kRound && !OneIn(30)) SetField(code, 20, 4, Below(11));
        break;
      case Format::kLoad:
      case Format::kFloatLoad:
        SetRs1(code, Of(kBases));
        SetField(code, 20, 12, static_cast<uint32_t>(Displacement()));
        SetRd(code,
              row.format == Format::kLoad ? Destination() : FloatRegister(ResultIsSingle(name)));
        break;
      case Format::kStore:
      case Format::kFloatStore: {
        const auto displacement = static_cast<uint32_t>(Displacement());
        SetRs1(code, Of(kBases));
        SetField(code, 25, 7, displacement >> 5);
        SetField(code, 7, 5, displacement);
        SetRs2(code, row.format == Format::kStore ? Source() : FloatRegister(SourceIsSingle(name)));
        break;
      }
      case Format::kBranch:
        SetRs1(code, Source());
        SetRs2(code, OneIn(4) ? code >> 15 & 31 : Source());
        item.target = Ahead();
        item.distance = DistanceFormat::kB;
        break;
      case Format::kU:
        SetRd(code, Destination());
        break;
      case Format::kJ:
        SetRd(code, Destination());
        item.target = Ahead();
        item.distance = DistanceFormat::kJ;
        break;
      case Format::kCsr:
      case Format::kCsrImm:
        SetRd(code, Destination());
        if (row.format == Format::kCsr) SetRs1(code, OneIn(3) ? 0 : Source());
        SetField(code, 20, 12, 1 + Below(3));
        // No writes of a reserved rounding mode most of the time: all that rounds by it is illegal.
        if (name == "csrrwi" && !OneIn(8)) SetField(code, 20, 12, 1);
        break;
      case Format::kAmo:
        if (name.starts_with("sc.")) return false;  // AddReservation
        SetRd(code, Destination());
        SetRs2(code, Source());
        SetRs1(code, OneIn(16) ? Of(kBases) : Of(kAlignedBases));
        break;
      case Format::kAddress:
        if (name.starts_with("lr.")) return false;
        SetRs1(code, Of(kBases));
        break;
      case Format::kFence:
        SetRs1(code, OneIn(2) ? 0 : Of(kBases));
        break;
      case Format::kFloatR:
      case Format::kFloatR1:
      case Format::kFloatR4:
        SetRd(code, FloatRegister(ResultIsSingle(name)));
        SetRs1(code, FloatRegister(SourceIsSingle(name)));
        if (row.format != Format::kFloatR1) SetRs2(code, FloatRegister(SourceIsSingle(name)));
        if (row.format == Format::kFloatR4) SetRs3(code, FloatRegister(SourceIsSingle(name)));
        break;
      case Format::kFloatConst:
        SetRd(code, FloatRegister(ResultIsSingle(name)));
        break;
      case Format::kFloatToInt:
      case Format::kFloatCmp:
        SetRd(code, Destination());
        SetRs1(code, FloatRegister(SourceIsSingle(name)));
        if (row.format == Format::kFloatCmp) SetRs2(code, FloatRegister(SourceIsSingle(name)));
        break;
      case Format::kIntToFloat:
        SetRd(code, FloatRegister(ResultIsSingle(name)));
        SetRs1(code, Source());
        break;
      case Format::kCompressed:
        return false;
    }
    items_.push_back(item);
    return true;
  }

  void AddCompressed(const Encoding& row) {
    const std::string_view name = row.mnemonic;
    for (int attempt = 0; attempt < 200; ++attempt) {
      Item item;
      item.length = 2;
      item.code = (row.match | (static_cast<uint32_t>(Bits()) & ~row.mask)) & 0xffff;
      if (Decode(item.code) != &row) continue;
      const uint32_t expanded = ExpandCompressed(item.code);
      if (expanded == 0) {
        if (!OneIn(100)) continue;
        items_.push_back(item);  // reserved
        return;
      }
      const uint32_t opcode = expanded & 0x7f;
      const uint32_t rd = expanded >> 7 & 31;
      const uint32_t rs1 = expanded >> 15 & 31;
      const bool is_load = opcode == 0x03 || opcode == 0x07;
      const bool is_store = opcode == 0x23 || opcode == 0x27;
      const bool is_branch = opcode == 0x63;
      if ((is_load || is_store) && !IsBase(rs1)) continue;
      if (setting_ != Setting::kUserPlain) {
        if (opcode == 0x07 && rd < kFirstDouble) continue;
        if (opcode == 0x27 && (expanded >> 20 & 31) < kFirstDouble) continue;
      }
      if (!is_store && !is_branch && opcode != 0x07 &&
          (rd == kLoopCounter || (IsBase(rd) && !MayMove(8)))) {
        continue;
      }
      if (is_branch || name == "c.j") {
        item.target = Ahead();
        item.distance = is_branch ? DistanceFormat::kCb : DistanceFormat::kCj;
      }
      items_.push_back(item);
      return;
    }
  }

  // Bits that mean nothing, to us at least.
  void AddUndefined() {
    for (;;) {
      Item item;
      item.code = static_cast<uint32_t>(Bits());
      // Near to what there is: one bit changed.
      const std::span<const Encoding> rows = Encodings();
      const Encoding& row = rows[Below(static_cast<uint32_t>(rows.size()))];
      if (row.length_bytes == 4 && !OneIn(4)) {
        item.code = (row.match | (item.code & ~row.mask)) ^ 1u << (2 + Below(30));
      }
      item.length = LengthOf(item.code);
      if (item.length == 2) item.code &= 0xffff;
      const bool is_defined =
          Decode(item.code) != nullptr && (item.length == 4 || ExpandCompressed(item.code) != 0);
      if (is_defined || IsDefinedElsewhere(item.code)) continue;
      items_.push_back(item);
      return;
    }
  }
  // Encodings that other processors have and ours has not, or on which the oracles are lenient.
  static bool IsDefinedElsewhere(uint32_t code) {
    const uint32_t opcode = code & 0x7f;
    const uint32_t funct3 = code >> 12 & 7;
    if (LengthOf(code) == 2) return true;       // Zcb, Zcmop and the like
    if ((code & 0x1f) == 0x1f) return true;     // longer than 32 bits
    return opcode == 0x73 || opcode == 0x0f ||  // other privileged instructions and fences
           opcode == 0x57 || opcode == 0x77 ||  // vectors
           ((opcode == 0x07 || opcode == 0x27) && funct3 != 2 && funct3 != 3) ||
           opcode == 0x2f;  // Zacas, Zabha, reserved bits of lr
  }

  void AddReservation() {
    const bool is_wide = OneIn(2);
    const uint32_t width = is_wide ? 3u << 12 : 2u << 12;
    const uint32_t base = OneIn(24) ? Of(kBases) : Of(kAlignedBases);
    const uint32_t order = Below(4) << 25;
    uint32_t loaded = Destination();
    while (loaded == base) loaded = Destination();
    items_.push_back({.code = 0x1000'002f | width | order | base << 15 | loaded << 7});
    const size_t after = items_.size();
    if (OneIn(3)) AddSomething();
    // Not to another place, nor without the reservation: whether that faults is up to the
    // processor.
    const auto interferes = [base](const Item& item) {
      const uint32_t code = item.length == 2 ? ExpandCompressed(item.code) : item.code;
      return (code >> 7 & 31) == base || (code & 0x7f) == 0x2f;
    };
    if (std::ranges::any_of(items_.begin() + after, items_.end(), interferes)) {
      items_.resize(after);
    }
    for (size_t i = after; i < items_.size(); ++i) items_[i].is_tied = true;
    items_.push_back(
        {.code = 0x1800'002f | width | order | Source() << 20 | base << 15 | Destination() << 7,
         .is_tied = true});
  }

  // auipc and a jump by register, forwards.
  void AddIndirectJump() {
    uint32_t link = OneIn(2) ? 1 : Destination();
    uint32_t through = OneIn(3) ? 5 : 12 + Below(4);
    const bool is_short = OneIn(2);
    const int anchor = static_cast<int>(items_.size());
    items_.push_back({.code = 0x17 | through << 7});
    if (is_short) {
      items_.push_back({.code = 0x13 | through << 7 | through << 15,
                        .target = Ahead() + 1,
                        .distance = DistanceFormat::kI,
                        .base = anchor,
                        .is_tied = true});
      const bool links = OneIn(2);
      items_.push_back(
          {.code = 0x8002u | through << 7 | (links ? 0x1000u : 0), .length = 2, .is_tied = true});
    } else {
      items_.push_back({.code = 0x67 | link << 7 | through << 15,
                        .target = Ahead(),
                        .distance = DistanceFormat::kI,
                        .base = anchor,
                        .is_tied = true});
    }
  }

  // Goes back over the last few instructions as often as the counter says.
  void AddLoop() {
    const int back = std::max(0, static_cast<int>(items_.size()) - 1 - static_cast<int>(Below(8)));
    const int count_down = static_cast<int>(items_.size());
    for (int i = back; i < count_down; ++i) {
      // A jump inside the body must not skip the count.
      if (items_[i].distance == DistanceFormat::kI) return;
      items_[i].target = std::min(items_[i].target, count_down);
    }
    items_.push_back({.code = 0x13u | kLoopCounter << 7 | kLoopCounter << 15 | 0xfff0'0000u});
    items_.push_back({.code = 0x63u | 5u << 12 | kLoopCounter << 20,  // bge x0, counter is "done"
                      .target = static_cast<int>(items_.size()) + 2,
                      .distance = DistanceFormat::kB});
    items_.push_back({.code = 0x6f, .target = back, .distance = DistanceFormat::kJ});
  }

  int Ahead() { return static_cast<int>(items_.size()) + 1 + static_cast<int>(Below(4)); }

  void Place(RandomBlock& block) {
    items_.push_back({.code = kCompressedEbreak, .length = 2});
    std::vector<uint32_t> offsets;
    uint32_t size = 0;
    for (const Item& item : items_) {
      offsets.push_back(size);
      size += item.length;
    }
    // Across the two pages now and then, at any half word.
    uint32_t start = 2 * Below((kPage - size) / 2);
    if (OneIn(4)) start = kPage - 2 * Below(size / 2 + 1);
    block.code.resize(kCodeBytes);
    for (size_t at = 0; at < block.code.size(); at += 2) {
      std::memcpy(block.code.data() + at, &kCompressedEbreak, 2);
    }
    for (size_t i = 0; i < items_.size(); ++i) {
      Item& item = items_[i];
      if (item.target >= 0) {
        size_t target = std::min<size_t>(item.target, items_.size() - 1);
        while (items_[target].is_tied) ++target;
        const size_t from = item.base >= 0 ? item.base : i;
        PutDistance(item.distance, static_cast<int32_t>(offsets[target] - offsets[from]),
                    item.code);
      }
      std::memcpy(block.code.data() + start + offsets[i], &item.code, item.length);
      if (i + 1 < items_.size()) block.pieces.push_back({start + offsets[i], item.length});
    }
    block.start.x[0] = CodeBase(setting_) + start;
  }

  const Setting setting_;
  std::vector<Item> items_;
};

}  // namespace

RandomBlock GenerateBlock(uint64_t seed, Setting setting) {
  return Generator(seed, setting).Generate();
}

}  // namespace emu::testing
