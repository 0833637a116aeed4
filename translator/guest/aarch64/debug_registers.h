// The processor's registers as gdb numbers them (org.gnu.gdb.aarch64.core).
#pragma once

#include <optional>

#include "translator/guest/guest_isa.h"

namespace emu::translator::aarch64 {

// All three: see GuestIsa.
const DebugArchitecture& ArchitectureForDebuggers();
std::optional<uint64_t> ReadDebugRegister(GuestContext& context, uint32_t number);
bool WriteDebugRegister(GuestContext& context, uint32_t number, uint64_t value);

}  // namespace emu::translator::aarch64
