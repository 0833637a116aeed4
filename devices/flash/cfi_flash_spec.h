// JEDEC Common Flash Interface (JESD68.01) and Intel's command set 0001 (StrataFlash data sheet
// 290737): two 16-bit chips side by side on a 32-bit bus, as on QEMU's virt boards.
#pragma once

#include <array>
#include <cstdint>

namespace emu::cfi_flash {

inline constexpr uint64_t kSectorBytes = 256 << 10;  // of both chips together
inline constexpr uint32_t kBufferBytes = 512;        // the same
inline constexpr uint32_t kBusBytes = 4;
inline constexpr uint32_t kChips = 2;

// The low byte of what is written.
enum class Command : uint8_t {
  kReadArrayOld = 0x00,
  kLockConfirm = 0x01,
  kProgramOld = 0x10,
  kErase = 0x20,
  kProgram = 0x40,
  kClearStatus = 0x50,
  kLock = 0x60,
  kReadStatus = 0x70,
  kReadIdentifier = 0x90,
  kReadQuery = 0x98,
  kConfirm = 0xd0,
  kProgramBuffer = 0xe8,
  kReadArrayAmd = 0xf0,
  kReadArray = 0xff,
};

inline constexpr uint16_t kStatusReady = 0x80, kStatusEraseError = 0x20, kStatusProgramError = 0x10;
inline constexpr uint16_t kManufacturer = 0x89, kChip = 0x18;  // Intel, 28F128

// What one chip answers to a query, from offset 0x10 on.
inline constexpr uint32_t kQueryStart = 0x10;
constexpr auto QueryTable(uint64_t size_bytes) {
  constexpr auto log2 = [](uint64_t value) {
    uint8_t bits = 0;
    while (value >>= 1) ++bits;
    return bits;
  };
  const uint64_t blocks = size_bytes / kSectorBytes - 1;
  const uint64_t block_units = kSectorBytes / kChips / 256;
  return std::array<uint8_t, 0x2b>{
      'Q', 'R', 'Y', 0x01, 0x00, 0x31, 0x00, 0x00, 0x00, 0x00, 0x00,
      // 0x1b: volts, and times as powers of two: program, buffer, erase; then the most of each.
      0x45, 0x55, 0x00, 0x00, 0x07, 0x07, 0x0a, 0x00, 0x04, 0x04, 0x04, 0x00,
      // 0x27: size; x16; buffer; one region of equal blocks.
      log2(size_bytes / kChips), 0x01, 0x00, log2(kBufferBytes / kChips), 0x00, 0x01,
      static_cast<uint8_t>(blocks), static_cast<uint8_t>(blocks >> 8),
      static_cast<uint8_t>(block_units), static_cast<uint8_t>(block_units >> 8),
      // 0x31: Intel's own table, version 1.0, nothing optional.
      'P', 'R', 'I', '1', '0', 0x00, 0x00, 0x00, 0x00, 0x00};
}

}  // namespace emu::cfi_flash
