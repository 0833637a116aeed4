// Arm PrimeCell UART (PL011) Technical Reference Manual r1p5 (DDI 0183G), chapter 3.
#pragma once

#include "devices/core/register_spec.h"

namespace emu::pl011 {

inline constexpr uint64_t kMmioSize = 0x1000;
inline constexpr uint32_t kFifoBytes = 16;

enum class Reg : uint32_t {
  kData,
  kErrors,
  kFlags,
  kLowPower,
  kIntegerDivisor,
  kFractionalDivisor,
  kLineControl,
  kControl,
  kFifoLevels,
  kMask,
  kRaw,
  kMasked,
  kClear,
  kDma,
  kIdentification,
};

// 16-bit registers on a 32-bit bus.
inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kData), "UARTDR", 0x000, 4, 1},
    {static_cast<uint32_t>(Reg::kErrors), "UARTRSR/ECR", 0x004, 4, 1},
    {static_cast<uint32_t>(Reg::kFlags), "UARTFR", 0x018, 4, 1},
    {static_cast<uint32_t>(Reg::kLowPower), "UARTILPR", 0x020, 4, 1},
    {static_cast<uint32_t>(Reg::kIntegerDivisor), "UARTIBRD", 0x024, 4, 1},
    {static_cast<uint32_t>(Reg::kFractionalDivisor), "UARTFBRD", 0x028, 4, 1},
    {static_cast<uint32_t>(Reg::kLineControl), "UARTLCR_H", 0x02c, 4, 1},
    {static_cast<uint32_t>(Reg::kControl), "UARTCR", 0x030, 4, 1},
    {static_cast<uint32_t>(Reg::kFifoLevels), "UARTIFLS", 0x034, 4, 1},
    {static_cast<uint32_t>(Reg::kMask), "UARTIMSC", 0x038, 4, 1},
    {static_cast<uint32_t>(Reg::kRaw), "UARTRIS", 0x03c, 4, 1},
    {static_cast<uint32_t>(Reg::kMasked), "UARTMIS", 0x040, 4, 1},
    {static_cast<uint32_t>(Reg::kClear), "UARTICR", 0x044, 4, 1},
    {static_cast<uint32_t>(Reg::kDma), "UARTDMACR", 0x048, 4, 1},
    {static_cast<uint32_t>(Reg::kIdentification), "UARTPeriphID/PCellID", 0xfe0, 4, 1, 8, 4},
};
static_assert(RegistersAreDisjoint(kRegisters));

inline constexpr uint8_t kFlagCts = 0x01, kFlagDsr = 0x02, kFlagDcd = 0x04,
                         kFlagReceiveEmpty = 0x10, kFlagReceiveFull = 0x40,
                         kFlagTransmitEmpty = 0x80;
inline constexpr uint8_t kLineFifosOn = 0x10;
inline constexpr uint16_t kControlLoopback = 0x80, kControlReset = 0x300;
inline constexpr uint8_t kFifoLevelsReset = 0x12, kReceiveLevelShift = 3, kReceiveLevelMask = 7;
inline constexpr uint16_t kInterruptReceive = 0x10, kInterruptTransmit = 0x20,
                          kInterruptTimeout = 0x40;

inline constexpr uint16_t kLowPowerMask = 0xff, kFractionalMask = 0x3f, kLineMask = 0xff,
                          kControlMask = 0xff87, kFifoLevelsMask = 0x3f, kInterruptMask = 0x7ff,
                          kDmaMask = 0x7;

// Bytes in the FIFO that raise the interrupt, by bits 5:3 of UARTIFLS; the last three are reserved.
inline constexpr uint8_t kTriggerLevels[] = {2, 4, 8, 12, 14, 14, 14, 14};

// Arm's part 0x011, revision 1 (16 bytes of FIFO); then what every PrimeCell says.
inline constexpr uint8_t kIdentification[] = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

}  // namespace emu::pl011
