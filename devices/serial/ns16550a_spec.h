// National Semiconductor PC16550D data sheet (June 1995), table II and section 8.
#pragma once

#include "devices/core/register_spec.h"

namespace emu::ns16550a {

inline constexpr uint64_t kMmioSize = 0x100;
inline constexpr uint32_t kFifoBytes = 16;
inline constexpr uint32_t kClockHz = 3'686'400;  // as on QEMU's virt

enum class Reg : uint32_t { kData, kIer, kIirFcr, kLcr, kMcr, kLsr, kMsr, kScr };

inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kData), "RBR/THR/DLL", 0, 1, 1},
    {static_cast<uint32_t>(Reg::kIer), "IER/DLM", 1, 1, 1},
    {static_cast<uint32_t>(Reg::kIirFcr), "IIR/FCR", 2, 1, 1},
    {static_cast<uint32_t>(Reg::kLcr), "LCR", 3, 1, 1},
    {static_cast<uint32_t>(Reg::kMcr), "MCR", 4, 1, 1},
    {static_cast<uint32_t>(Reg::kLsr), "LSR", 5, 1, 1},
    {static_cast<uint32_t>(Reg::kMsr), "MSR", 6, 1, 1},
    {static_cast<uint32_t>(Reg::kScr), "SCR", 7, 1, 1},
};
static_assert(RegistersAreDisjoint(kRegisters));

inline constexpr uint8_t kIerReceived = 0x01, kIerTransmitEmpty = 0x02, kIerLineStatus = 0x04,
                         kIerModemStatus = 0x08, kIerMask = 0x0f;
inline constexpr uint8_t kIirNone = 0x01, kIirTransmitEmpty = 0x02, kIirReceived = 0x04,
                         kIirLineStatus = 0x06, kIirTimeout = 0x0c, kIirFifosOn = 0xc0;
inline constexpr uint8_t kFcrEnable = 0x01, kFcrClearReceive = 0x02, kFcrTriggerShift = 6;
inline constexpr uint8_t kLcrDivisorLatch = 0x80;
inline constexpr uint8_t kMcrDtr = 0x01, kMcrRts = 0x02, kMcrOut1 = 0x04, kMcrOut2 = 0x08,
                         kMcrLoopback = 0x10, kMcrMask = 0x1f;
inline constexpr uint8_t kLsrDataReady = 0x01, kLsrOverrun = 0x02, kLsrTransmitHoldEmpty = 0x20,
                         kLsrTransmitterEmpty = 0x40;
inline constexpr uint8_t kMsrCts = 0x10, kMsrDsr = 0x20, kMsrRing = 0x40, kMsrDcd = 0x80;

// Bytes in the receive FIFO that raise the interrupt, by FCR bits 7:6.
inline constexpr uint8_t kTriggerLevels[] = {1, 4, 8, 14};

}  // namespace emu::ns16550a
