// The state of one RV64 hart, laid out for translated code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "translator/ir/types.h"

namespace emu::translator::riscv64 {

enum class Privilege : uint8_t { kUser = 0, kSupervisor = 1, kMachine = 3 };

// x1..x31 first, in reach of short displacements; x0 has no place. Standard layout: translated code
// reads and writes it by offset.
struct CpuState {
  std::array<uint64_t, 31> x;  // x[n - 1] is register xn
  uint64_t fs_dirty;           // translated code sets it on writing an f register; see mstatus.FS
  std::array<uint64_t, 32> f;  // NaN-boxed

  Privilege privilege;
  uint8_t frm;

  // Control and status registers with storage (RISC-V Privileged 20240411). Views (sstatus, sip,
  // sie), read-only ones and fflags have none.
  uint64_t mstatus;                              // without SD and with FS as last written
  uint64_t medeleg, mideleg, mie, mip_software;  // mip_software: bits that CSR writes set
  uint64_t mtvec, mcounteren, mscratch, mepc, mcause, mtval, menvcfg, mcountinhibit;
  uint64_t stvec, scounteren, sscratch, sepc, scause, stval, satp, senvcfg, stimecmp;
  std::array<uint8_t, 16> pmpcfg;
  std::array<uint64_t, 16> pmpaddr;

  // mcycle and minstret: what to add to the clock; while mcountinhibit stops them, their value.
  uint64_t cycle_base, instret_base;

  // Not architectural, hence not in snapshots. Bounds of what superpages mapped since the last full
  // flush, in the lower and the upper half of the address space; empty if first > last.
  std::array<uint64_t, 2> superpage_first, superpage_last;
  uint64_t counted_instructions, counted_accesses;  // see GuestIsa::count_slots
  // A restore has replaced this structure: timer, rounding and address space are to be set anew.
  bool is_restored;
};

inline CpuState& StateAt(std::byte* bytes) {
  // SAFETY: GuestContext::state is GuestIsa::state_size bytes, aligned, and holds a CpuState.
  return *reinterpret_cast<CpuState*>(bytes);
}
inline const CpuState& StateAt(const std::byte* bytes) {
  // SAFETY: as above.
  return *reinterpret_cast<const CpuState*>(bytes);
}

constexpr ir::Slot XSlot(uint32_t number) {
  return {static_cast<uint16_t>(offsetof(CpuState, x) + 8 * (number - 1)), ir::Type::kI64};
}
constexpr ir::Slot FSlot(uint32_t number) {
  return {static_cast<uint16_t>(offsetof(CpuState, f) + 8 * number), ir::Type::kF64};
}
inline constexpr ir::Slot kFsDirtySlot = {offsetof(CpuState, fs_dirty), ir::Type::kI64};

// What ModeHash says of a hart: the translation of an instruction depends on nothing else.
struct Mode {
  bool fp_off;       // mstatus.FS is Off: floating-point instructions are illegal
  uint8_t rounding;  // 0: frm is a host mode; 1: frm is RMM; 2: frm is reserved (5..7)
  Privilege privilege;

  static constexpr Mode FromHash(uint64_t hash) {
    return {(hash & 1) != 0, static_cast<uint8_t>(hash >> 1 & 3),
            static_cast<Privilege>(hash >> 3 & 3)};
  }
  constexpr uint64_t Hash() const {
    return uint64_t{fp_off} | uint64_t{rounding} << 1 | static_cast<uint64_t>(privilege) << 3;
  }
};

}  // namespace emu::translator::riscv64
