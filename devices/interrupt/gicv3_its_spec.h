// Arm GICv3 and GICv4 (IHI 0069H), s. 5.3 and 12.18: an interrupt translation service for physical
// LPIs, its tables and its commands.
#pragma once

#include <array>

#include "devices/core/register_spec.h"
#include "devices/interrupt/gicv3_spec.h"

namespace emu::gicv3_its {

inline constexpr uint64_t kMmioSize = 0x2'0000;  // control and translation frame
inline constexpr uint64_t kTranslaterOffset = 0x1'0040;

enum class Reg : uint32_t {
  kCtlr,
  kIidr,
  kTyper,
  kCommandBase,
  kCommandWrite,
  kCommandRead,
  kTableBase,
  kIdentification,
  kTranslater,
};

inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kCtlr), "GITS_CTLR", 0x00000, 4, 4},
    {static_cast<uint32_t>(Reg::kIidr), "GITS_IIDR", 0x00004, 4, 4},
    {static_cast<uint32_t>(Reg::kTyper), "GITS_TYPER", 0x00008, 8, 4},
    {static_cast<uint32_t>(Reg::kCommandBase), "GITS_CBASER", 0x00080, 8, 4},
    {static_cast<uint32_t>(Reg::kCommandWrite), "GITS_CWRITER", 0x00088, 8, 4},
    {static_cast<uint32_t>(Reg::kCommandRead), "GITS_CREADR", 0x00090, 8, 4},
    {static_cast<uint32_t>(Reg::kTableBase), "GITS_BASER", 0x00100, 8, 4, 8, 8},
    {static_cast<uint32_t>(Reg::kIdentification), "GITS_PIDR", 0x0ffd0, 4, 4, 12, 4},
    {static_cast<uint32_t>(Reg::kTranslater), "GITS_TRANSLATER", kTranslaterOffset, 4, 2},
};
static_assert(RegistersAreDisjoint(kRegisters));

inline constexpr uint32_t kIdBits = 16;  // of devices, events and collections

inline constexpr uint32_t kCtlrEnabled = 1, kCtlrQuiescent = 0x8000'0000;
inline constexpr uint64_t kEntryBytes = 8;  // of every table
// Physical, ITT_entry_size, ID_bits, Devbits, CIDbits, CIL; targets are processors' numbers.
inline constexpr uint64_t kTyper = 1 | (kEntryBytes - 1) << 4 | (kIdBits - 1) << 8 |
                                   (kIdBits - 1) << 13 | uint64_t{kIdBits - 1} << 32 |
                                   uint64_t{1} << 36;

inline constexpr uint64_t kValid = uint64_t{1} << 63;  // of bases and of all entries
inline constexpr uint64_t kIndirect = uint64_t{1} << 62;
inline constexpr uint64_t kAddressMask = 0x000f'ffff'ffff'f000;
inline constexpr uint64_t kCommandBaseMask = 0xf8ff'ffff'ffff'fcff;
inline constexpr uint64_t kCommandOffsetMask = 0xf'ffe0;
inline constexpr uint64_t kCommandPageBytes = 4096, kCommandBytes = 32;

// Tables: type and entry size are fixed, the rest is the guest's.
inline constexpr uint32_t kTableCount = 2;
inline constexpr uint32_t kDeviceTable = 0, kCollectionTable = 1;
inline constexpr std::array<uint64_t, kTableCount> kTableFixed = {
    uint64_t{1} << 56 | (kEntryBytes - 1) << 48,
    uint64_t{4} << 56 | (kEntryBytes - 1) << 48,
};
inline constexpr uint64_t kTableAddressMask = 0x0000'ffff'ffff'f000;
inline constexpr uint64_t kTableFixedMask = uint64_t{7} << 56 | uint64_t{0x1f} << 48;
inline constexpr uint32_t kTablePageSizeShift = 8;
inline constexpr uint64_t kTablePageBytes[] = {4096, 16384, 65536, 65536};

enum class Command : uint8_t {
  kMoveInterrupt = 0x01,  // MOVI
  kInterrupt = 0x03,      // INT
  kClear = 0x04,          // CLEAR
  kSync = 0x05,           // SYNC
  kMapDevice = 0x08,      // MAPD
  kMapCollection = 0x09,  // MAPC
  kMapInterrupt = 0x0a,   // MAPTI
  kMapEvent = 0x0b,       // MAPI
  kInvalidate = 0x0c,     // INV
  kInvalidateAll = 0x0d,  // INVALL
  kMoveAll = 0x0e,        // MOVALL
  kDiscard = 0x0f,        // DISCARD
};

}  // namespace emu::gicv3_its
