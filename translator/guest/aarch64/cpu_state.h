// The state of one AArch64 processor, laid out for translated code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "translator/ir/types.h"

namespace emu::translator::aarch64 {

// x0..x30 first, in reach of short displacements; xzr has no place. Standard layout: translated
// code reads and writes it by offset. "Arm ARM" is the Arm Architecture Reference Manual, DDI 0487.
struct CpuState {
  std::array<uint64_t, 31> x;
  std::array<uint64_t, 2> sp;  // SP_EL0, SP_EL1
  // PSTATE.NZCV as what made it, so that code stores operands and not flags: see flags.h.
  uint64_t flag_x, flag_y, flag_in;
  struct Vector {
    uint64_t low, high;
  };
  std::array<Vector, 32> v;

  uint64_t daif;  // at bits 9:6, as DAIF has it
  uint64_t fpcr;
  uint64_t fpsr_kept;  // FPSR's QC and IDC, which the floating-point environment has not

  // Of the last exclusive load of two doublewords; kNoExclusive without one.
  uint64_t exclusive_address;
  std::array<uint64_t, 2> exclusive_pair;

  uint8_t el;      // 0 or 1
  uint8_t sp_sel;  // PSTATE.SP: at EL1, which of `sp`
  uint8_t pan, uao;
  uint8_t illegal;  // PSTATE.IL: every instruction is an illegal execution state exception
  uint8_t event;    // the event register of WFE
  uint8_t step;     // PSTATE.SS: one instruction may be executed before the step exception

  // System registers with storage (Arm ARM chapter D19).
  uint64_t sctlr, actlr, cpacr, ttbr0, ttbr1, tcr, mair, amair, vbar, contextidr;
  uint64_t elr, spsr, esr, far, par, afsr0, afsr1;
  uint64_t tpidr_el0, tpidrro_el0, tpidr_el1;
  uint64_t csselr, mdscr;
  uint64_t cntkctl, cntp_ctl, cntp_cval, cntv_ctl, cntv_cval;

  // Not architectural, hence not in snapshots.
  uint64_t counted_instructions, counted_accesses;  // see GuestIsa::count_slots
  // Levels last told: bit 0 the physical timer's, bit 1 the virtual one's; or kOutputsUnknown.
  uint8_t timer_outputs;
  uint64_t alarm;   // the deadline that the vCPU's timer was set to; see UpdateTimers
  uint8_t stepped;  // since the last return: one instruction; 2 if it was a load exclusive
  // Not zero: FPSR.QC is set, whatever fpsr_kept says; see CollectSaturated.
  Vector saturated;
  bool is_restored;  // timers, rounding and address space are to be set anew
  // Since the last full flush: translations of more than 4 KiB, whose pieces are all over the TLB,
  // by half of the address space; and of addresses with a tag.
  std::array<uint64_t, 2> large_first, large_last;
  bool has_tagged;
  // Sets of registers that translation depends on, each with a number of its own for ever, so that
  // an address space's key is exact: see SpaceKey.
  struct Regime {
    uint64_t ttbr0, ttbr1, tcr, control;
    uint64_t number;  // 0: none
    bool operator==(const Regime&) const = default;
  };
  std::array<Regime, 64> regimes;
  uint64_t regime;       // number of the current one
  uint64_t last_regime;  // the highest number given
};

// An address that is aligned to nothing.
inline constexpr uint64_t kNoExclusive = 1;

inline CpuState& StateAt(std::byte* bytes) {
  // SAFETY: GuestContext::state is GuestIsa::state_size bytes, aligned, and holds a CpuState.
  return *reinterpret_cast<CpuState*>(bytes);
}
inline const CpuState& StateAt(const std::byte* bytes) {
  // SAFETY: as above.
  return *reinterpret_cast<const CpuState*>(bytes);
}

constexpr ir::Slot XSlot(uint32_t number) {
  return {static_cast<uint16_t>(offsetof(CpuState, x) + 8 * number), ir::Type::kI64};
}
constexpr ir::Slot SpSlot(uint32_t which) {
  return {static_cast<uint16_t>(offsetof(CpuState, sp) + 8 * which), ir::Type::kI64};
}
constexpr ir::Slot VSlot(uint32_t number) {
  return {static_cast<uint16_t>(offsetof(CpuState, v) + 16 * number), ir::Type::kV128};
}
inline constexpr ir::Slot kSaturatedSlot = {offsetof(CpuState, saturated), ir::Type::kV128};
inline constexpr ir::Slot kFlagXSlot = {offsetof(CpuState, flag_x), ir::Type::kI64};
inline constexpr ir::Slot kFlagYSlot = {offsetof(CpuState, flag_y), ir::Type::kI64};
inline constexpr ir::Slot kFlagInSlot = {offsetof(CpuState, flag_in), ir::Type::kI64};
inline constexpr ir::Slot kDaifSlot = {offsetof(CpuState, daif), ir::Type::kI64};

// What ModeHash says of a processor: the translation of an instruction depends on nothing else.
struct Mode {
  uint8_t el;
  uint8_t sp_sel;
  bool fp_off;            // CPACR_EL1.FPEN traps here
  bool checks_sp;         // SCTLR_EL1.SA or SA0
  bool checks_alignment;  // SCTLR_EL1.A
  bool illegal;           // PSTATE.IL
  bool plain_floats;      // FPCR asks for nothing but a rounding mode
  bool steps;             // one instruction, then the step exception (Arm ARM D2.12)
  bool step_is_due;       // that exception, before anything else

  static constexpr Mode FromHash(uint64_t hash) {
    return {static_cast<uint8_t>(hash & 1),
            static_cast<uint8_t>(hash >> 1 & 1),
            (hash & 4) != 0,
            (hash & 8) != 0,
            (hash & 16) != 0,
            (hash & 32) != 0,
            (hash & 64) != 0,
            (hash & 128) != 0,
            (hash & 256) != 0};
  }
  constexpr uint64_t Hash() const {
    return uint64_t{el} | uint64_t{sp_sel} << 1 | uint64_t{fp_off} << 2 | uint64_t{checks_sp} << 3 |
           uint64_t{checks_alignment} << 4 | uint64_t{illegal} << 5 | uint64_t{plain_floats} << 6 |
           uint64_t{steps} << 7 | uint64_t{step_is_due} << 8;
  }
};

}  // namespace emu::translator::aarch64
