// RISC-V ACLINT Specification 1.0-rc4, chapters 2 and 3, in the layout of SiFive's CLINT.
#pragma once

#include "devices/core/register_spec.h"

namespace emu::aclint {

inline constexpr uint64_t kMmioSize = 0x10000;
inline constexpr uint32_t kMaxHarts = 4095;
inline constexpr uint64_t kTickNs = 100;  // 10 MHz

enum class Reg : uint32_t { kMsip, kMtimecmp, kMtime };

inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kMsip), "MSIP", 0x0000, 4, 4, kMaxHarts, 4},
    {static_cast<uint32_t>(Reg::kMtimecmp), "MTIMECMP", 0x4000, 8, 4, kMaxHarts, 8},
    {static_cast<uint32_t>(Reg::kMtime), "MTIME", 0xbff8, 8, 4},
};
static_assert(RegistersAreDisjoint(kRegisters));

}  // namespace emu::aclint
