// The control and status registers (RISC-V Privileged 20240411, chapters 2, 3 and 10).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "translator/guest/guest_isa.h"
#include "translator/guest/riscv64/cpu_state.h"

namespace emu::translator::riscv64 {

enum class CsrOperation : uint32_t { kWrite = 0, kSetBits = 1, kClearBits = 2 };

struct CsrRequest {
  uint32_t number;
  CsrOperation operation;
  bool reads;   // false: csrrw with rd = x0
  bool writes;  // false: csrrs and csrrc with rs1 = x0
  uint64_t operand;
};
// Does what the instruction asks and returns the old value; nothing if it is illegal: no such
// register, no privilege, or switched off.
std::optional<uint64_t> AccessCsr(GuestContext& context, const CsrRequest& request);

// A register that is storage and nothing else, in reach of `privilege`: writing keeps `legal` bits.
struct StoredCsr {
  ir::Slot slot;
  uint64_t legal;
};
std::optional<StoredCsr> FindStoredCsr(uint32_t number, Privilege privilege);

// For debuggers: as M mode sees it, side effects included. No value, or false, where there is no
// such register (or it is read-only).
std::optional<uint64_t> ReadCsr(GuestContext& context, uint32_t number);
bool WriteCsr(GuestContext& context, uint32_t number, uint64_t value);
// The numbers of all registers, in order, without counters that always read zero.
std::vector<uint32_t> CsrNumbers();

// The register's name, for disassembly; empty if there is none.
std::string CsrName(uint32_t number);

// misa: RV64 with A, C, D, F, I, M, S, U.
inline constexpr uint64_t kMisa =
    2ull << 62 | 1 << 0 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 8 | 1 << 12 | 1 << 18 | 1 << 20;

// mstatus as software sees it, with what fs_dirty and the fixed fields add.
uint64_t ReadStatus(const CpuState& state);
// Makes the vCPU round as frm says.
void ApplyRounding(GuestContext& context);
// Of a state that may come from anyone: what no write could have left becomes legal, so that all
// who read it may rely on that.
void Legalize(CpuState& state);

}  // namespace emu::translator::riscv64
