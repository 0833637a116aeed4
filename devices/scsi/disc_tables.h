// What a drive tells of itself and of a disc with one track of data (MMC-5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace emu::scsi {

// S. 7: mode page `page`, or all of them; nothing if there is no such one. Without `values`: which
// bits of them may be changed.
std::vector<std::byte> ModePages(uint8_t page, bool is_locked, bool values);

// S. 6.25: formats 0 (tracks from `first` on), 1 (sessions) and 2 (all that is recorded); nothing
// for others, and for tracks that are not there.
enum class Addresses : uint8_t { kBlocks, kTime };
std::vector<std::byte> TableOfContents(uint64_t blocks, uint8_t format, uint8_t first,
                                       Addresses addresses);

// S. 6.6: features from number `first` on. `blocks` 0: no disc is there.
enum class FeatureChoice : uint8_t { kAll = 0, kCurrent = 1, kOne = 2 };
std::vector<std::byte> Configuration(FeatureChoice choice, uint16_t first, uint64_t blocks);

// S. 6.22.3.1.
std::vector<std::byte> DiscInformation();

}  // namespace emu::scsi
