// Our translator, on one of its tiers: RAM and one processor, whose registers are set and read as
// its state is.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <span>

#include "tests/guest/aarch64/random/random_block.h"
#include "translator/guest/aarch64/status_bits.h"
#include "vmm/base/address_space.h"
#include "vmm/base/guest_memory.h"
#include "vmm/base/state_visitor.h"
#include "vmm/base/virtual_clock.h"

namespace emu::testing {
namespace {

// Fields by name: given to a processor, or taken from it.
class NamedFields final : public StateVisitor {
 public:
  explicit NamedFields(bool gives) : gives_(gives) {}
  std::map<std::string, std::vector<std::byte>, std::less<>> fields;

  void Put(const std::string& name, const void* from, size_t bytes) {
    const auto* first = static_cast<const std::byte*>(from);
    fields[name].assign(first, first + bytes);
  }
  void Get(const std::string& name, void* into, size_t bytes) const {
    const auto found = fields.find(name);
    if (found == fields.end() || found->second.size() != bytes) {
      std::fprintf(stderr, "no field %s\n", name.c_str());
      std::abort();
    }
    std::memcpy(into, found->second.data(), bytes);
  }
  void PutWord(const std::string& name, uint64_t value) { Put(name, &value, sizeof(value)); }
  uint64_t GetWord(const std::string& name) const {
    uint64_t value = 0;
    Get(name, &value, sizeof(value));
    return value;
  }

  bool IsReading() const override { return gives_; }
  void Field(uint32_t, std::string_view name, uint64_t& value) override {
    Visit(name, std::as_writable_bytes(std::span(&value, 1)));
  }
  void Field(uint32_t, std::string_view name, std::span<std::byte> bytes) override {
    Visit(name, bytes);
  }
  void Field(uint32_t, std::string_view, std::vector<std::byte>&) override {}
  void BeginGroup(uint32_t, std::string_view) override {}
  void EndGroup() override {}

 private:
  void Visit(std::string_view name, std::span<std::byte> bytes) {
    if (!gives_) {
      fields[std::string(name)].assign(bytes.begin(), bytes.end());
      return;
    }
    const auto found = fields.find(name);
    if (found != fields.end()) std::memcpy(bytes.data(), found->second.data(), bytes.size());
  }
  const bool gives_;
};

// What a process has: a granule of 4 KiB, 39 bits of addresses whose tags are ignored, physical
// ones the same (Arm ARM D8.3.1, D19.2.139).
constexpr uint64_t kTcr = 25 | 1 << 23 | uint64_t{5} << 32 | uint64_t{1} << 37;
constexpr uint64_t kTable = 3, kPlainPage = 3 | 1 << 10, kForUser = 1 << 6, kReadOnly = 1 << 7,
                   kNotForKernelCode = uint64_t{1} << 53, kNotForUserCode = uint64_t{1} << 54;
// SCTLR_EL1: the MMU; cache maintenance, DC ZVA and CTR_EL0 for EL0; PAN as it is.
constexpr uint64_t kSctlr = 0x3050'0800 | 1 | 1 << 14 | 1 << 15 | 1 << 23 | 1 << 26;

// Three levels, a page each, one behind the other.
std::vector<uint64_t> PageTables() {
  constexpr size_t kEntries = kPage / 8;
  std::vector<uint64_t> entries(3 * kEntries);
  entries[kRamBase >> 30] = (kTables + kPage) | kTable;
  entries[kEntries] = (kTables + 2 * kPage) | kTable;
  const auto map = [&](uint64_t address, uint64_t permissions) {
    entries[2 * kEntries + (address - kRamBase) / kPage] = address | kPlainPage | permissions;
  };
  map(kVectors, kNotForUserCode);
  for (uint64_t at = 0; at < kCodeBytes; at += kPage) {
    map(kCode + at, kForUser | kReadOnly | kNotForKernelCode);
  }
  for (uint32_t page = 0; page < kDataPages; ++page) {
    if (IsMissing(page)) continue;
    const uint64_t protection = IsReadOnly(Setting::kUser, page) ? kReadOnly : 0;
    map(kData + page * kPage, kForUser | kNotForKernelCode | kNotForUserCode | protection);
  }
  return entries;
}

class TranslatorEngine final : public BlockEngine {
 public:
  explicit TranslatorEngine(const TranslatorEngineOptions& options)
      : options_(options), address_space_(memory_) {
    Require(memory_.AddRegion(GuestPhysAddr(kRamBase), kRamBytes, MemoryKind::kRam).ok());
    for (uint32_t page = 0; page < kDataPages; ++page) {
      if (IsMissing(page)) continue;
      Require(memory_.AddRegion(GuestPhysAddr(kData + page * kPage), kPage, MemoryKind::kRam).ok());
    }
    auto created = translator::Translator::Create({.arch = "aarch64",
                                                   .tier = options.tier,
                                                   .memory_access = options.memory_access,
                                                   .code_cache_mib = 16,
                                                   .tlb_max_entries = options.tlb_max_entries,
                                                   .trace = {}},
                                                  address_space_, clock_);
    Require(created.ok());
    Write(kTables, PageTables().data(), 3 * kPage);
    translator_ = *std::move(created);
    vcpu_ = &translator_->AddVcpu(0);
    vcpu_->Reset(GuestVirtAddr(kCode));
  }

  std::string name() const override {
    return options_.tier == translator::TierPolicy::kCompile ? "T1" : "T0";
  }

  std::vector<BlockOutcome> Run(const std::vector<RandomBlock>& blocks) override {
    std::vector<BlockOutcome> outcomes;
    outcomes.reserve(blocks.size());
    for (const RandomBlock& block : blocks) outcomes.push_back(RunOne(block));
    return outcomes;
  }

 private:
  BlockOutcome RunOne(const RandomBlock& block) {
    const bool is_user = block.setting == Setting::kUser;
    for (uint32_t page = 0; page < kDataPages; ++page) {
      if (!IsMissing(page)) Write(kData + page * kPage, InitialData().data() + page * kPage, kPage);
    }
    // Blocks follow each other in the code page's place.
    Write(kVectors, Vectors().data(), kPage);
    Write(kCode, CodeWindow(block).data(), kCodeBytes);
    translator_->debug()->SynchronizeWrites();
    NamedFields before(/*gives=*/true);
    before.Put("x", block.start.x.data(), sizeof(block.start.x));
    std::array<uint64_t, 2> sp = {};
    sp[is_user ? 0 : 1] = block.start.sp;
    before.Put("sp", sp.data(), sizeof(sp));
    before.Put("v", block.start.v.data(), sizeof(block.start.v));
    before.PutWord("pc", block.start.pc);
    before.PutWord("flag_x", 0);
    before.PutWord("flag_y", ~uint64_t{0});
    before.PutWord("flag_in", (block.start.nzcv >> 28 ^ 4) << 60);
    before.PutWord("cpacr", 3 << 20);
    before.PutWord("vbar", kVectors);
    before.PutWord("fpcr", block.start.fpcr);
    before.PutWord("fpsr_kept", 0);
    before.PutWord("fp_flags", 0);
    before.PutWord("el", is_user ? 0 : 1);
    before.PutWord("sp_sel", is_user ? 0 : 1);
    before.PutWord("sctlr", is_user ? kSctlr : translator::aarch64::kSctlrReset);
    before.PutWord("tcr", is_user ? kTcr : 0);
    before.PutWord("ttbr0", kTables);
    vcpu_->VisitState(before);
    while (vcpu_->Run() != translator::VcpuExit::kWaitForInterrupt) {
    }
    NamedFields after(/*gives=*/false);
    vcpu_->VisitState(after);
    BlockOutcome outcome;
    after.Get("x", outcome.end.x.data(), sizeof(outcome.end.x));
    std::array<uint64_t, 2> stacks = {};
    after.Get("sp", stacks.data(), sizeof(stacks));
    outcome.end.sp = stacks[is_user ? 0 : 1];
    after.Get("v", outcome.end.v.data(), sizeof(outcome.end.v));
    outcome.end.pc = after.GetWord("elr");
    outcome.end.nzcv = after.GetWord("spsr") & 0xf000'0000;
    outcome.end.fpcr = after.GetWord("fpcr");
    outcome.end.fpsr = FpsrOf(after.GetWord("fp_flags")) | after.GetWord("fpsr_kept");
    outcome.ending = EndingOf(after.GetWord("esr"));
    outcome.data.resize(kDataPages * kPage);
    for (uint32_t page = 0; page < kDataPages; ++page) {
      if (IsMissing(page)) continue;
      Require(memory_.Read(
          GuestPhysAddr(kData + page * kPage),
          std::as_writable_bytes(std::span(outcome.data).subspan(page * kPage, kPage))));
    }
    return outcome;
  }

  static void Require(bool held) {
    if (held) return;
    std::fprintf(stderr, "translator engine: no machine\n");
    std::abort();
  }
  void Write(uint64_t address, const void* from, size_t bytes) {
    Require(memory_.Write(GuestPhysAddr(address),
                          std::span(static_cast<const std::byte*>(from), bytes)));
  }
  // The flags of guest_isa.h as FPSR has them.
  static uint64_t FpsrOf(uint64_t flags) {
    return (flags & 16) >> 4 | (flags & 8) >> 2 | (flags & 4) | (flags & 2) << 2 | (flags & 1) << 4;
  }
  static Ending EndingOf(uint64_t esr) {
    switch (esr >> 26) {
      case 0x3c:
        return Ending::kBreakpoint;
      case 0x00:
      case 0x18:  // EL1 has kept a register for itself
        return Ending::kUndefined;
      case 0x20:
        return Ending::kFetch;
      case 0x22:
        return Ending::kMisaligned;
      case 0x24:
      case 0x25:
        if ((esr & 0x3f) == 0x21) return Ending::kMisaligned;
        return (esr & 0x40) != 0 ? Ending::kWrite : Ending::kRead;
      default:
        return Ending::kOther;
    }
  }

  const TranslatorEngineOptions options_;
  GuestMemory memory_;
  AddressSpace address_space_;
  VirtualClock clock_;
  std::unique_ptr<translator::Translator> translator_;
  translator::Vcpu* vcpu_;
};

}  // namespace

std::unique_ptr<BlockEngine> NewTranslatorEngine(const TranslatorEngineOptions& options) {
  return std::make_unique<TranslatorEngine>(options);
}

}  // namespace emu::testing
