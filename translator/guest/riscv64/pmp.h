// Physical memory protection (RISC-V Privileged 20240411 s. 3.7): sixteen entries, grain 8 bytes.
#pragma once

#include <cstdint>

#include "translator/guest/riscv64/cpu_state.h"
#include "vmm/base/address.h"

namespace emu::translator::riscv64 {

// With G = 1 no aligned access of up to 8 bytes has two answers; NA4 does not exist then.
inline constexpr uint64_t kPmpGrainBytes = 8;

struct PmpRights {
  bool readable;
  bool writable;
  bool executable;
  bool whole_page;  // false: they hold for the aligned 8 bytes at the address only
};
PmpRights PmpRightsAt(const CpuState& state, GuestPhysAddr address, Privilege privilege);

// The registers pmpcfg0 and pmpcfg2 (`first_entry` 0 and 8) and pmpaddr, as software sees them.
// Writes leave locked fields alone and return whether anything changed.
uint64_t ReadPmpConfig(const CpuState& state, uint32_t first_entry);
bool WritePmpConfig(CpuState& state, uint32_t first_entry, uint64_t value);
uint64_t ReadPmpAddress(const CpuState& state, uint32_t entry);
bool WritePmpAddress(CpuState& state, uint32_t entry, uint64_t value);
// See Legalize.
void LegalizePmp(CpuState& state);

}  // namespace emu::translator::riscv64
