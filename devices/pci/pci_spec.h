// PCI Local Bus 3.0, s. 6 and 2.2.6: configuration space and interrupt pins; s. 6.8.2: MSI-X. PCI
// Express Base 4.0, s. 7.2.2: ECAM.
#pragma once

#include <cstdint>

namespace emu::pci {

inline constexpr uint32_t kConfigBytes = 256;  // of a conventional function
inline constexpr uint32_t kSlots = 32, kFunctionsPerSlot = 8, kBars = 6, kPins = 4;

// Where an access to the memory-mapped configuration goes.
inline constexpr uint32_t kEcamBusShift = 20, kEcamSlotShift = 15, kEcamFunctionShift = 12,
                          kEcamFunctionBytes = 1 << kEcamFunctionShift;

// Header of type 0.
inline constexpr uint32_t kVendorId = 0x00, kDeviceId = 0x02, kCommand = 0x04, kStatus = 0x06,
                          kRevision = 0x08, kClassCode = 0x09, kCacheLine = 0x0c, kLatency = 0x0d,
                          kBar0 = 0x10, kSubsystemVendorId = 0x2c, kSubsystemId = 0x2e,
                          kCapabilities = 0x34, kInterruptLine = 0x3c, kInterruptPin = 0x3d,
                          kHeaderEnd = 0x40;

inline constexpr uint16_t kCommandMemory = 1 << 1, kCommandMaster = 1 << 2, kCommandParity = 1 << 6,
                          kCommandSerr = 1 << 8, kCommandNoPin = 1 << 10;
inline constexpr uint16_t kStatusInterrupt = 1 << 3, kStatusCapabilities = 1 << 4;

inline constexpr uint32_t kBar64Bit = 4, kBarPrefetchable = 8, kBarFlags = 0xf;

inline constexpr uint8_t kCapabilityVendor = 0x09, kCapabilityMsix = 0x11;

// MSI-X: its capability, behind the two bytes that every one begins with, and an entry of its
// table.
inline constexpr uint32_t kMsixControl = 2, kMsixTable = 4, kMsixPending = 8, kMsixBytes = 12;
inline constexpr uint16_t kMsixEnable = 1 << 15, kMsixMaskAll = 1 << 14;
inline constexpr uint32_t kMsixEntryBytes = 16, kMsixEntryControl = 12, kMsixEntryMasked = 1;

// What reads give where nothing answers.
inline constexpr uint64_t kNobody = ~uint64_t{0};

}  // namespace emu::pci
