// Android's goldfish RTC: platform/external/qemu docs/GOLDFISH-VIRTUAL-HARDWARE.TXT, s. "Goldfish
// real-time clock", and Linux drivers/rtc/rtc-goldfish.c.
#pragma once

#include "devices/core/register_spec.h"

namespace emu::goldfish_rtc {

inline constexpr uint64_t kMmioSize = 0x1000;

enum class Reg : uint32_t {
  kTimeLow,  // reading latches the high word; writing sets the time with the high word before
  kTimeHigh,
  kAlarmLow,  // writing sets the alarm
  kAlarmHigh,
  kIrqEnabled,
  kClearAlarm,
  kAlarmStatus,
  kClearInterrupt,
};

inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kTimeLow), "TIME_LOW", 0x00, 4, 4},
    {static_cast<uint32_t>(Reg::kTimeHigh), "TIME_HIGH", 0x04, 4, 4},
    {static_cast<uint32_t>(Reg::kAlarmLow), "ALARM_LOW", 0x08, 4, 4},
    {static_cast<uint32_t>(Reg::kAlarmHigh), "ALARM_HIGH", 0x0c, 4, 4},
    {static_cast<uint32_t>(Reg::kIrqEnabled), "IRQ_ENABLED", 0x10, 4, 4},
    {static_cast<uint32_t>(Reg::kClearAlarm), "CLEAR_ALARM", 0x14, 4, 4},
    {static_cast<uint32_t>(Reg::kAlarmStatus), "ALARM_STATUS", 0x18, 4, 4},
    {static_cast<uint32_t>(Reg::kClearInterrupt), "CLEAR_INTERRUPT", 0x1c, 4, 4},
};
static_assert(RegistersAreDisjoint(kRegisters));

}  // namespace emu::goldfish_rtc
