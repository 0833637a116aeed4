// Arm PrimeCell General Purpose Input/Output (PL061) Technical Reference Manual r0p0 (DDI 0190B),
// chapter 3.
#pragma once

#include "devices/core/register_spec.h"

namespace emu::pl061 {

inline constexpr uint64_t kMmioSize = 0x1000;
inline constexpr uint32_t kPins = 8;

enum class Reg : uint32_t {
  kData,  // bits 9:2 of the address say which pins are meant
  kDirection,
  kLevelSense,
  kBothEdges,
  kEvent,
  kMask,
  kRaw,
  kMasked,
  kClear,
  kAlternate,
  kIdentification,
};

inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kData), "GPIODATA", 0x000, 4, 1, 256, 4},
    {static_cast<uint32_t>(Reg::kDirection), "GPIODIR", 0x400, 4, 1},
    {static_cast<uint32_t>(Reg::kLevelSense), "GPIOIS", 0x404, 4, 1},
    {static_cast<uint32_t>(Reg::kBothEdges), "GPIOIBE", 0x408, 4, 1},
    {static_cast<uint32_t>(Reg::kEvent), "GPIOIEV", 0x40c, 4, 1},
    {static_cast<uint32_t>(Reg::kMask), "GPIOIE", 0x410, 4, 1},
    {static_cast<uint32_t>(Reg::kRaw), "GPIORIS", 0x414, 4, 1},
    {static_cast<uint32_t>(Reg::kMasked), "GPIOMIS", 0x418, 4, 1},
    {static_cast<uint32_t>(Reg::kClear), "GPIOIC", 0x41c, 4, 1},
    {static_cast<uint32_t>(Reg::kAlternate), "GPIOAFSEL", 0x420, 4, 1},
    {static_cast<uint32_t>(Reg::kIdentification), "GPIOPeriphID/PCellID", 0xfe0, 4, 1, 8, 4},
};
static_assert(RegistersAreDisjoint(kRegisters));

inline constexpr uint8_t kIdentification[] = {0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

}  // namespace emu::pl061
