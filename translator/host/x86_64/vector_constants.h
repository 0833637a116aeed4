// The vectors that code reads from VcpuFrame::constants.
#pragma once

#include <array>
#include <cstdint>

#include "translator/host/x86_64/registers.h"

namespace emu::translator::x86_64 {

enum class VectorConstant : uint8_t {
  kLowBytes,  // of each 16 bits
  kLowWords,  // of each 32 bits
  kSigns32,
  kSigns64,
  kLowNibbles,
  kPopCounts,       // of the numbers to 15
  kReversedLow,     // of the numbers to 15, their four bits reversed
  kReversedHigh,    // the same in the upper half of a byte
  kBeyondLookup,    // what saturates to a set sign bit if added to a byte above 15
  kByteMasks,       // byte n: 0xff << n; byte 8 + n: 0xff >> n
  kByteSigns,       // byte n: 0x80 >> n
  kReverseBytes16,  // for vpshufb: bytes in 16, 32 and 64 bits, then words in 32 and 64
  kReverseBytes32,
  kReverseBytes64,
  kReverseWords32,
  kReverseWords64,
  kMagnitudes32,  // all but the signs
  kMagnitudes64,
  kLeastNormals32,
  kLeastNormals64,
  kAllIntegral32,  // from here on, floats have no fraction
  kAllIntegral64,
  kHalves32,
  kHalves64,
  kOnes32,
  kOnes64,
};

inline constexpr std::array<std::array<uint64_t, 2>, 26> kVectorConstants = {{
    {0x00ff'00ff'00ff'00ff, 0x00ff'00ff'00ff'00ff},
    {0x0000'ffff'0000'ffff, 0x0000'ffff'0000'ffff},
    {0x8000'0000'8000'0000, 0x8000'0000'8000'0000},
    {0x8000'0000'0000'0000, 0x8000'0000'0000'0000},
    {0x0f0f'0f0f'0f0f'0f0f, 0x0f0f'0f0f'0f0f'0f0f},
    {0x0302'0201'0201'0100, 0x0403'0302'0302'0201},
    {0x0e06'0a02'0c04'0800, 0x0f07'0b03'0d05'0901},
    {0xe060'a020'c040'8000, 0xf070'b030'd050'9010},
    {0x7070'7070'7070'7070, 0x7070'7070'7070'7070},
    {0x80c0'e0f0'f8fc'feff, 0x0103'070f'1f3f'7fff},
    {0x0102'0408'1020'4080, 0},
    {0x0607'0405'0203'0001, 0x0e0f'0c0d'0a0b'0809},
    {0x0405'0607'0001'0203, 0x0c0d'0e0f'0809'0a0b},
    {0x0001'0203'0405'0607, 0x0809'0a0b'0c0d'0e0f},
    {0x0504'0706'0100'0302, 0x0d0c'0f0e'0908'0b0a},
    {0x0100'0302'0504'0706, 0x0908'0b0a'0d0c'0f0e},
    {0x7fff'ffff'7fff'ffff, 0x7fff'ffff'7fff'ffff},
    {0x7fff'ffff'ffff'ffff, 0x7fff'ffff'ffff'ffff},
    {0x0080'0000'0080'0000, 0x0080'0000'0080'0000},
    {0x0010'0000'0000'0000, 0x0010'0000'0000'0000},
    {0x4b00'0000'4b00'0000, 0x4b00'0000'4b00'0000},
    {0x4330'0000'0000'0000, 0x4330'0000'0000'0000},
    {0x3f00'0000'3f00'0000, 0x3f00'0000'3f00'0000},
    {0x3fe0'0000'0000'0000, 0x3fe0'0000'0000'0000},
    {0x3f80'0000'3f80'0000, 0x3f80'0000'3f80'0000},
    {0x3ff0'0000'0000'0000, 0x3ff0'0000'0000'0000},
}};

// `bytes` of it, from `offset` on.
inline Mem ConstantMem(VectorConstant constant, uint32_t bytes = 16, uint32_t offset = 0) {
  return FrameMem(offsetof(VcpuFrame, constants) + 16 * static_cast<size_t>(constant) + offset,
                  bytes);
}

}  // namespace emu::translator::x86_64
