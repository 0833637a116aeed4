// The registers of a hart under the names and numbers that gdb has for them (Debugging with GDB,
// appendix G.5.12; gdb's riscv-tdep.h).
#pragma once

#include <cstdint>
#include <optional>

#include "translator/guest/guest_isa.h"

namespace emu::translator::riscv64 {

// x0-x31 and pc; f0-f31, fflags, frm, fcsr; the privilege; all other CSRs.
const DebugArchitecture& ArchitectureForDebuggers();

// See GuestIsa. CSRs read and write as in M mode; x0 takes a value and forgets it.
std::optional<uint64_t> ReadDebugRegister(GuestContext& context, uint32_t number);
bool WriteDebugRegister(GuestContext& context, uint32_t number, uint64_t value);

}  // namespace emu::translator::riscv64
