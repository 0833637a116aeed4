// RISC-V Platform-Level Interrupt Controller Specification 1.0.0, chapter 3 (memory map).
#pragma once

#include "devices/core/register_spec.h"

namespace emu::plic {

inline constexpr uint64_t kMmioSize = 0x600000;
inline constexpr uint32_t kSourceCount = 96;  // source 0 is none; as on QEMU's virt
inline constexpr uint32_t kSourceWords = kSourceCount / 32;
inline constexpr uint32_t kMaxPriority = 7;
inline constexpr uint32_t kMaxContexts = 1024;  // what kMmioSize has room for
inline constexpr uint64_t kContextStride = 0x1000;
inline constexpr uint64_t kEnableStride = 0x80;

enum class Reg : uint32_t { kPriority, kPending, kEnable, kThreshold, kClaim };

// The enable bits of context c are kEnableStride * c from the first; as an array of words that has
// no gaps, word i belongs to context i / 32.
inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kPriority), "PRIORITY", 0x000000, 4, 4, 1024, 4},
    {static_cast<uint32_t>(Reg::kPending), "PENDING", 0x001000, 4, 4, 32, 4},
    {static_cast<uint32_t>(Reg::kEnable), "ENABLE", 0x002000, 4, 4, 32 * kMaxContexts, 4},
    {static_cast<uint32_t>(Reg::kThreshold), "THRESHOLD", 0x200000, 4, 4, kMaxContexts,
     kContextStride},
    {static_cast<uint32_t>(Reg::kClaim), "CLAIM", 0x200004, 4, 4, kMaxContexts, kContextStride},
};
static_assert(RegistersAreDisjoint(kRegisters));

}  // namespace emu::plic
