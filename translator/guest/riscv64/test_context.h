// A vCPU for unit tests of RV64: state, a little RAM, and a record of what was asked of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "translator/guest/guest_isa.h"
#include "translator/guest/riscv64/cpu_state.h"
#include "translator/guest/riscv64/page_walker.h"
#include "translator/guest/riscv64/status_bits.h"

namespace emu::translator::riscv64 {

class TestContext final : public GuestContext {
 public:
  static constexpr uint64_t kRamBase = 0x8000'0000;
  static constexpr uint64_t kRamBytes = 16 * kPageSize;

  // In M mode, PMP open to all.
  TestContext() : ram_(kRamBytes / 8) {
    cpu.privilege = Privilege::kMachine;
    cpu.menvcfg = kEnvAdue;
    cpu.stimecmp = UINT64_MAX;
    cpu.pmpcfg[15] = 0x1f;
    cpu.pmpaddr[15] = (uint64_t{1} << 54) - 1;
    cpu.superpage_first.fill(UINT64_MAX);
  }

  std::byte* state() override { return reinterpret_cast<std::byte*>(&cpu); }  // SAFETY: bytes
  uint32_t index() const override { return 3; }
  uint64_t pc() const override { return current_pc; }
  void set_pc(uint64_t pc) override { current_pc = pc; }
  VirtualClock& clock() override { return test_clock; }
  ProcessorPort* processor_port() override { return nullptr; }
  void PowerOff() override {}
  uint64_t interrupt_inputs() const override { return inputs; }
  void RequestInterruptCheck() override { ++interrupt_checks; }
  void ArmTimer(uint64_t deadline_ns) override { timer_ns = deadline_ns; }
  void Raise(GuestFault fault) override { raised = fault; }
  void FlushTlb() override { ++full_flushes; }
  void FlushTlbPage(GuestVirtAddr page) override { flushed_pages.push_back(page); }
  void ModeChanged() override { ++mode_changes; }
  void SynchronizeCode() override {}
  bool ReadPhysical64(GuestPhysAddr address, uint64_t* value) override {
    if (!IsRam(address)) return false;
    *value = Word(address.value);
    return true;
  }
  Exchange CompareExchangePhysical64(GuestPhysAddr address, uint64_t expected,
                                     uint64_t desired) override {
    if (!IsRam(address)) return Exchange::kNoRam;
    if (interfere) interfere(Word(address.value));
    if (Word(address.value) != expected) return Exchange::kOtherValue;
    Word(address.value) = desired;
    return Exchange::kDone;
  }
  bool ZeroBlock(GuestVirtAddr, uint32_t) override { return true; }
  void FlushOthers(std::optional<GuestVirtAddr>) override {}
  bool AwaitOthers() override { return false; }
  bool LoadPair(GuestVirtAddr, std::array<uint64_t, 2>*) override { return true; }
  bool CompareSwapPair(GuestVirtAddr, std::array<uint64_t, 2>*,
                       const std::array<uint64_t, 2>&) override {
    return true;
  }
  void ClearReservation() override {}
  uint32_t ReadFpFlags() override { return fp_flags; }
  void WriteFpFlags(uint32_t flags) override { fp_flags = flags; }
  void SetFpRounding(ir::Rounding mode) override { rounding = mode; }

  uint64_t& Word(uint64_t address) { return ram_.at((address - kRamBase) / 8); }
  // The cause raised since the last call.
  std::optional<uint64_t> TakeCause() {
    const std::optional<GuestFault> fault = raised;
    raised.reset();
    return fault ? std::optional(fault->cause) : std::nullopt;
  }

  // Another processor, before each compare-exchange.
  std::function<void(uint64_t& word)> interfere;
  CpuState cpu = {};
  VirtualClock test_clock;
  uint64_t current_pc = 0x1000;
  uint64_t inputs = 0;
  uint64_t timer_ns = 0;
  uint32_t fp_flags = 0;
  ir::Rounding rounding = ir::Rounding::kNearestEven;
  std::optional<GuestFault> raised;
  int full_flushes = 0, mode_changes = 0, interrupt_checks = 0;
  std::vector<GuestVirtAddr> flushed_pages;

 private:
  static bool IsRam(GuestPhysAddr address) { return address.value - kRamBase < kRamBytes; }
  std::vector<uint64_t> ram_;
};

}  // namespace emu::translator::riscv64
