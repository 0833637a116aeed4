// Unicorn 2.0.1 (QEMU 5.0.1's AArch64) as an oracle.
#include <unicorn/unicorn.h>

#include <cstdio>
#include <cstdlib>

#include "tests/guest/aarch64/random/random_block.h"

namespace emu::testing {
namespace {

constexpr uint32_t kClrex = 0xd503'3f5f;

class UnicornEngine final : public BlockEngine {
 public:
  UnicornEngine() {
    Require(uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &engine_));
    Require(uc_ctl_set_cpu_model(engine_, UC_CPU_ARM64_MAX));
    Require(uc_mem_map(engine_, kRamBase, kRamBytes, UC_PROT_ALL));
    for (uint32_t page = 0; page < kDataPages; ++page) {
      if (!IsMissing(page)) Require(uc_mem_map(engine_, kData + page * kPage, kPage, UC_PROT_ALL));
    }
    uc_hook hook = 0;
    // Otherwise the pc stays behind where an access is refused.
    // SAFETY: unicorn takes callbacks of all kinds as void*.
    Require(uc_hook_add(engine_, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(&OnInstruction), this,
                        1, 0));
    // SAFETY: as above.
    Require(
        uc_hook_add(engine_, &hook, UC_HOOK_INTR, reinterpret_cast<void*>(&OnTrap), this, 1, 0));
  }
  ~UnicornEngine() override { uc_close(engine_); }

  std::string name() const override { return "Unicorn"; }

  std::vector<BlockOutcome> Run(const std::vector<RandomBlock>& blocks) override {
    std::vector<BlockOutcome> outcomes;
    outcomes.reserve(blocks.size());
    for (const RandomBlock& block : blocks) outcomes.push_back(RunOne(block));
    return outcomes;
  }

 private:
  BlockOutcome RunOne(const RandomBlock& block) {
    for (uint32_t page = 0; page < kDataPages; ++page) {
      if (IsMissing(page)) continue;
      Require(
          uc_mem_write(engine_, kData + page * kPage, InitialData().data() + page * kPage, kPage));
    }
    Require(uc_mem_write(engine_, kVectors, Vectors().data(), kPage));
    // No reservation is left from the block before.
    Require(uc_mem_write(engine_, kCode - 4, &kClrex, 4));
    Require(uc_mem_write(engine_, kCode, CodeWindow(block).data(), kCodeBytes));
    Require(uc_ctl_remove_cache(engine_, kCode - 4, kCode + kCodeBytes));
    const Registers& start = block.start;
    for (int i = 0; i < 31; ++i) Put(XRegister(i), start.x[i]);
    Put(UC_ARM64_REG_SP, start.sp);
    Put(UC_ARM64_REG_NZCV, start.nzcv);
    Put(UC_ARM64_REG_CPACR_EL1, 3 << 20);
    for (int i = 0; i < 32; ++i) Require(uc_reg_write(engine_, UC_ARM64_REG_V0 + i, &start.v[i]));
    Put(UC_ARM64_REG_FPCR, start.fpcr);
    Put(UC_ARM64_REG_FPSR, 0);
    trap_ = kNoTrap;
    const uc_err error = uc_emu_start(engine_, kCode - 4, ~uint64_t{0}, 0, 0);

    BlockOutcome outcome;
    for (int i = 0; i < 31; ++i) outcome.end.x[i] = Take(XRegister(i));
    outcome.end.sp = Take(UC_ARM64_REG_SP);
    outcome.end.pc = Take(UC_ARM64_REG_PC);
    outcome.end.nzcv = Take(UC_ARM64_REG_NZCV) & 0xf000'0000;
    for (int i = 0; i < 32; ++i) {
      Require(uc_reg_read(engine_, UC_ARM64_REG_V0 + i, &outcome.end.v[i]));
    }
    outcome.end.fpcr = Take(UC_ARM64_REG_FPCR) & 0xffff'ffff;
    outcome.end.fpsr = Take(UC_ARM64_REG_FPSR) & 0x0800'009f;
    outcome.ending = EndingOf(error);
    if (outcome.ending == Ending::kOther) outcome.trouble = uc_strerror(error);
    outcome.data.resize(kDataPages * kPage);
    for (uint32_t page = 0; page < kDataPages; ++page) {
      if (IsMissing(page)) continue;
      Require(
          uc_mem_read(engine_, kData + page * kPage, outcome.data.data() + page * kPage, kPage));
    }
    return outcome;
  }

  static constexpr uint32_t kNoTrap = ~uint32_t{0};
  // QEMU's numbers of exceptions.
  static constexpr uint32_t kTrapUndefined = 1, kTrapDataAbort = 4, kTrapBreakpoint = 7;

  static void Require(uc_err error) {
    if (error == UC_ERR_OK) return;
    std::fprintf(stderr, "unicorn: %s\n", uc_strerror(error));
    std::abort();
  }
  static void OnInstruction(uc_engine*, uint64_t, uint32_t, void*) {}
  static void OnTrap(uc_engine* engine, uint32_t number, void* self) {
    static_cast<UnicornEngine*>(self)->trap_ = number;
    uc_emu_stop(engine);
  }
  static int XRegister(int number) {
    if (number == 29) return UC_ARM64_REG_X29;
    if (number == 30) return UC_ARM64_REG_X30;
    return UC_ARM64_REG_X0 + number;
  }
  void Put(int number, uint64_t value) { Require(uc_reg_write(engine_, number, &value)); }
  uint64_t Take(int number) {
    uint64_t value = 0;
    Require(uc_reg_read(engine_, number, &value));
    return value;
  }
  Ending EndingOf(uc_err error) const {
    if (trap_ == kTrapBreakpoint) return Ending::kBreakpoint;
    if (trap_ == kTrapUndefined) return Ending::kUndefined;
    if (trap_ == kTrapDataAbort) return Ending::kMisaligned;  // the others are errors of unicorn's
    if (error == UC_ERR_READ_UNMAPPED) return Ending::kRead;
    if (error == UC_ERR_WRITE_UNMAPPED) return Ending::kWrite;
    return error == UC_ERR_INSN_INVALID ? Ending::kUndefined : Ending::kOther;
  }

  uc_engine* engine_ = nullptr;
  uint32_t trap_ = kNoTrap;
};

}  // namespace

std::unique_ptr<BlockEngine> NewUnicornEngine() { return std::make_unique<UnicornEngine>(); }

}  // namespace emu::testing
