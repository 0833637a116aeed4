// Arm PrimeCell Real Time Clock (PL031) Technical Reference Manual r1p3 (DDI 0224C), chapter 3.
#pragma once

#include "devices/core/register_spec.h"

namespace emu::pl031 {

inline constexpr uint64_t kMmioSize = 0x1000;

enum class Reg : uint32_t {
  kData,     // the time in seconds
  kMatch,    // the alarm
  kLoad,     // sets the time
  kControl,  // runs for ever
  kMask,
  kRaw,
  kMasked,
  kClear,
  kIdentification,
};

inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kData), "RTCDR", 0x000, 4, 4},
    {static_cast<uint32_t>(Reg::kMatch), "RTCMR", 0x004, 4, 4},
    {static_cast<uint32_t>(Reg::kLoad), "RTCLR", 0x008, 4, 4},
    {static_cast<uint32_t>(Reg::kControl), "RTCCR", 0x00c, 4, 4},
    {static_cast<uint32_t>(Reg::kMask), "RTCIMSC", 0x010, 4, 4},
    {static_cast<uint32_t>(Reg::kRaw), "RTCRIS", 0x014, 4, 4},
    {static_cast<uint32_t>(Reg::kMasked), "RTCMIS", 0x018, 4, 4},
    {static_cast<uint32_t>(Reg::kClear), "RTCICR", 0x01c, 4, 4},
    {static_cast<uint32_t>(Reg::kIdentification), "RTCPeriphID/PCellID", 0xfe0, 4, 1, 8, 4},
};
static_assert(RegistersAreDisjoint(kRegisters));

inline constexpr uint8_t kIdentification[] = {0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

}  // namespace emu::pl031
