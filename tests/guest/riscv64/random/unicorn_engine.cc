// Unicorn 2.0.1 and 2.1 (QEMU 5.0.1's RISC-V) as an oracle, on the same physical memory and stub.
#include <sys/mman.h>
#include <unicorn/unicorn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tests/guest/program_runner.h"
#include "tests/guest/riscv64/random/engine.h"

namespace emu::testing {
namespace {

class UnicornEngine final : public BlockEngine {
 public:
  UnicornEngine()
      : stub_(ProgramImage::Load(absl::StrCat(EMU_GUEST_PROGRAMS, "/stub.elf"))),
        ram_(static_cast<uint8_t*>(
            mmap(nullptr, kRamBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    const std::vector<uint8_t> ram = InitialRam();
    std::memcpy(ram_, ram.data(), ram.size());
    std::memcpy(ram_ + (stub_.text_base - kRamBase), stub_.text.data(), stub_.text.size());
    Require(uc_open(UC_ARCH_RISCV, UC_MODE_RISCV64, &engine_));
    Require(uc_mem_map_ptr(engine_, kRamBase, kRamBytes, UC_PROT_ALL, ram_));
    // Version 2.0.1 refuses accesses where the virtual address is no region of its own; the bytes
    // come from where the page tables say all the same.
    Require(uc_mem_map(engine_, kCode, kCodeBytes, UC_PROT_ALL));
    for (uint32_t page = 0; page < kDataPages; ++page) {
      if (kDataKinds[page] == PageKind::kNoRam) continue;
      Require(uc_mem_map(engine_, kData + page * kPage, kPage, UC_PROT_ALL));
    }
    uc_hook hook = 0;
    // Otherwise the pc stays behind where unicorn itself refuses an access.
    // SAFETY: unicorn takes callbacks of all kinds as void*.
    Require(uc_hook_add(engine_, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(&OnInstruction), this,
                        1, 0));
    // SAFETY: as above.
    Require(uc_hook_add(engine_, &hook, UC_HOOK_MEM_INVALID, reinterpret_cast<void*>(&OnRefusal),
                        this, 1, 0));
    // SAFETY: unicorn takes callbacks of all kinds as void*.
    Require(
        uc_hook_add(engine_, &hook, UC_HOOK_INTR, reinterpret_cast<void*>(&OnTrap), this, 1, 0));
    Require(uc_context_alloc(engine_, &fresh_));
    Require(uc_context_save(engine_, fresh_));
  }
  ~UnicornEngine() override {
    uc_context_free(fresh_);
    uc_close(engine_);
    munmap(ram_, kRamBytes);
  }

  std::string name() const override { return "Unicorn"; }

  std::vector<BlockOutcome> Run(const std::vector<RandomBlock>& blocks) override {
    std::vector<BlockOutcome> outcomes;
    outcomes.reserve(blocks.size());
    for (const RandomBlock& block : blocks) outcomes.push_back(RunOne(block));
    return outcomes;
  }

 private:
  static void Require(uc_err error) {
    if (error == UC_ERR_OK) return;
    std::fprintf(stderr, "unicorn: %s\n", uc_strerror(error));
    std::abort();
  }
  static void OnInstruction(uc_engine*, uint64_t, uint32_t, void*) {}
  static bool OnRefusal(uc_engine*, uc_mem_type, uint64_t address, int, int64_t, void* self) {
    static_cast<UnicornEngine*>(self)->refused_ = address;
    return false;
  }
  static void OnTrap(uc_engine* engine, uint32_t cause, void* self) {
    static_cast<UnicornEngine*>(self)->cause_ = cause;
    uc_emu_stop(engine);
  }

  BlockOutcome RunOne(const RandomBlock& block) {
    for (const Patch& patch : PatchesFor(block)) {
      std::memcpy(ram_ + (patch.address - kRamBase), patch.bytes.data(), patch.bytes.size());
    }
    // Back to machine mode, in which the addresses below are physical.
    Require(uc_context_restore(engine_, fresh_));
    for (uint32_t page = 0; page < 2; ++page) {
      const uint64_t frame = CodeFrame(block.setting, page);
      Require(uc_ctl_remove_cache(engine_, frame, frame + kPage));
    }
    cause_ = kNoCause;
    const uint64_t start = stub_.symbols.at("again");
    const uc_err error = uc_emu_start(engine_, start, ~uint64_t{0}, 0, 0);

    BlockOutcome outcome;
    for (int i = 0; i < 32; ++i) {
      Require(uc_reg_read(engine_, UC_RISCV_REG_X0 + i, &outcome.end.x[i]));
      Require(uc_reg_read(engine_, UC_RISCV_REG_F0 + i, &outcome.end.f[i]));
    }
    Require(uc_reg_read(engine_, UC_RISCV_REG_PC, &outcome.end.x[0]));
    Require(uc_reg_read(engine_, UC_RISCV_REG_FCSR, &outcome.end.fcsr));
    if (cause_ != kNoCause) outcome.end.x[0] -= 4;  // it goes on behind an instruction that traps
    outcome.cause = CauseOf(error, block.setting);
    // Some blocks of user mode with an illegal instruction it does not even begin.
    outcome.is_known = outcome.cause != 12 || CodeAt(block, outcome.end.x[0]) == 0;
    if (outcome.cause == kUserCall) outcome.cause += ModeOf(block.setting);
    if (outcome.cause == kIllegal && IsBreakpoint(block, outcome.end.x[0])) outcome.cause = 3;
    // Singles are not boxed, and taken without a look at the box (generator.cc: kFirstDouble).
    for (int i = 0; i < 8; ++i) outcome.end.f[i] |= 0xffff'ffff'0000'0000;
    if (outcome.cause == kNoCause) outcome.trouble = uc_strerror(error);
    const auto read = [this](uint64_t address, void* into, size_t bytes) {
      std::memcpy(into, ram_ + (address - kRamBase), bytes);
    };
    ReadDataOf(block, read, outcome);
    AdjustAtomic(block, outcome);
    return outcome;
  }

  // A trap of the processor, or what unicorn makes of accesses that it refuses itself.
  uint64_t CauseOf(uc_err error, Setting setting) const {
    if (cause_ != kNoCause) return cause_;
    const bool has_tables = setting != Setting::kMachine;
    const uint64_t page = (refused_ - kData) / kPage;
    // Versions before 2.1 name the virtual address, those since then the physical one.
    const bool has_entry = (page < kDataPages && KindOf(setting, page) == PageKind::kNoRam) ||
                           refused_ / kPage == kNowhere / kPage;
    const bool is_page_fault = has_tables && !has_entry;
    if (error == UC_ERR_READ_UNMAPPED) return is_page_fault ? 13 : 5;
    if (error == UC_ERR_WRITE_UNMAPPED) return is_page_fault ? 15 : 7;
    if (error == UC_ERR_FETCH_UNMAPPED) return is_page_fault ? 12 : 1;
    return error == UC_ERR_INSN_INVALID ? kIllegal : kNoCause;
  }
  static uint64_t ModeOf(Setting setting) {
    return setting == Setting::kMachine ? 3 : setting == Setting::kSupervisor ? 1 : 0;
  }

  static uint32_t CodeAt(const RandomBlock& block, uint64_t pc) {
    const uint64_t offset = pc - CodeBase(block.setting);
    uint32_t code = 0;
    if (offset < block.code.size()) {
      std::memcpy(&code, block.code.data() + offset,
                  std::min<uint64_t>(sizeof(code), block.code.size() - offset));
    }
    return code;
  }
  // To unicorn, ebreak is no more than illegal.
  static bool IsBreakpoint(const RandomBlock& block, uint64_t pc) {
    const uint32_t code = CodeAt(block, pc);
    return (code & 0xffff) == 0x9002 || code == 0x0010'0073;
  }
  // Its atomics load first: they fault as loads, having set the accessed bit; and its own check of
  // the address comes before that of the alignment.
  static void AdjustAtomic(const RandomBlock& block, BlockOutcome& outcome) {
    const uint32_t code = CodeAt(block, outcome.end.x[0]);
    constexpr uint32_t kLoadReserved = 2;
    if ((code & 0x7f) != 0x2f) return;
    const bool is_load = code >> 27 == kLoadReserved;
    const uint64_t address = outcome.end.x[code >> 15 & 31];
    const uint64_t size = uint64_t{1} << (code >> 12 & 7);
    uint64_t& cause = outcome.cause;
    if (cause < 4 || cause == kUserCall) return;
    if (address % size != 0) cause = 4;
    if (cause != 4) outcome.table.clear();
    if (!is_load && (cause == 4 || cause == 5 || cause == 13)) cause += 2;
  }

  static constexpr uint64_t kIllegal = 2;
  static constexpr uint64_t kUserCall = 8;
  static constexpr uint64_t kNoCause = ~uint64_t{0};
  const ProgramImage stub_;
  uint8_t* const ram_;
  uc_engine* engine_ = nullptr;
  uc_context* fresh_ = nullptr;
  uint64_t cause_ = kNoCause;
  uint64_t refused_ = 0;  // the address of the last access that unicorn itself refused
};

}  // namespace

std::unique_ptr<BlockEngine> NewUnicornEngine() { return std::make_unique<UnicornEngine>(); }

}  // namespace emu::testing
