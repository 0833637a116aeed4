// Members of tar archives: POSIX.1-1988 "ustar" (IEEE Std 1003.1-2017, pax, "ustar Interchange
// Format"), pax extended headers, and files with holes in GNU tar's PAX format 1.0 (GNU tar manual,
// "Storing Sparse Files").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace emu::daemon::tar {

inline constexpr uint64_t kBlockBytes = 512;
inline constexpr uint64_t kEndBlocks = 2;  // of zeros
// What fits into the eleven octal digits of a header; a pax header says what does not.
inline constexpr uint64_t kMostPlainBytes = (uint64_t{1} << 33) - 1;
// Of all holes of an archive, so that who reads it has room for them.
inline constexpr size_t kMostRuns = size_t{1} << 20;

inline constexpr char kRegular = '0';
inline constexpr char kPax = 'x';  // of the member that follows

inline constexpr std::string_view kSize = "size";
inline constexpr std::string_view kSparseMajor = "GNU.sparse.major";
inline constexpr std::string_view kSparseMinor = "GNU.sparse.minor";
inline constexpr std::string_view kSparseName = "GNU.sparse.name";
inline constexpr std::string_view kSparseSize = "GNU.sparse.realsize";

// Text fields end with a NUL if there is room, numbers are octal digits.
struct Header {
  std::array<char, 100> name = {};
  std::array<char, 8> mode = {};
  std::array<char, 8> uid = {};
  std::array<char, 8> gid = {};
  std::array<char, 12> size = {};
  std::array<char, 12> modified = {};
  std::array<char, 8> checksum = {};
  char type = kRegular;
  std::array<char, 100> link = {};
  std::array<char, 6> magic = {'u', 's', 't', 'a', 'r', 0};
  std::array<char, 2> version = {'0', '0'};
  std::array<char, 32> user = {};
  std::array<char, 32> group = {};
  std::array<char, 8> device_major = {};
  std::array<char, 8> device_minor = {};
  std::array<char, 155> prefix = {};
  std::array<char, 12> padding = {};

  // Of all bytes, its own taken for spaces.
  uint32_t Sum() const {
    Header summed = *this;
    summed.checksum.fill(' ');
    uint32_t sum = 0;
    // SAFETY: the struct is of characters alone, without padding between them.
    const auto* const bytes = reinterpret_cast<const unsigned char*>(&summed);
    for (size_t i = 0; i < sizeof(summed); ++i) sum += bytes[i];
    return sum;
  }
};
static_assert(sizeof(Header) == kBlockBytes);

constexpr uint64_t PaddingOf(uint64_t bytes) {
  return (kBlockBytes - bytes % kBlockBytes) % kBlockBytes;
}

}  // namespace emu::daemon::tar
