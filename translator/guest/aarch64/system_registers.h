// The system registers, MRS and MSR (Arm ARM chapter D19).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "translator/guest/aarch64/cpu_state.h"
#include "translator/guest/guest_isa.h"

namespace emu::translator::aarch64 {

// op0, op1, CRn, CRm, op2 in 2, 3, 4, 4 and 3 bits, as ProcessorPort numbers registers.
constexpr uint32_t RegisterNumber(uint32_t op0, uint32_t op1, uint32_t crn, uint32_t crm,
                                  uint32_t op2) {
  return op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
}
// Of an instruction of the system class, bits 20:5.
constexpr uint32_t RegisterNumberOf(uint32_t code) { return code >> 5 & 0xffff; }

// What MRS reads, and what MSR does. Nothing, or false: the instruction has raised an exception.
std::optional<uint64_t> ReadRegister(GuestContext& context, uint32_t code);
bool WriteRegister(GuestContext& context, uint32_t code, uint64_t value);

// In a helper: an instruction of the system class at EL0 traps to EL1 (EC 0x18).
void RaiseSystemTrap(GuestContext& context, uint32_t code);

// A register that is storage and nothing else, in reach of `el`; `writable`: for MSR, too.
struct StoredRegister {
  ir::Slot slot;
  bool writable;
};
std::optional<StoredRegister> FindStoredRegister(uint32_t number, uint32_t el);

// For debuggers, whatever the exception level: all that can be read, and what MRS and MSR would do
// at EL1. Nothing, or false: there is no such register, or it can't be written.
std::vector<uint32_t> RegisterNumbers();
std::optional<uint64_t> PeekRegister(GuestContext& context, uint32_t number);
bool PokeRegister(GuestContext& context, uint32_t number, uint64_t value);

// "SCTLR_EL1", or "S3_0_C1_C0_0" where there is no name.
std::string RegisterName(uint32_t number);

// FPCR and FPSR; the host keeps the rounding mode and most flags.
void ApplyFloatControl(GuestContext& context);
void CollectSaturated(CpuState& state);  // what lifted code has left, into FPSR.QC
uint64_t ReadFpsr(GuestContext& context);
void WriteFpsr(GuestContext& context, uint64_t value);

}  // namespace emu::translator::aarch64
