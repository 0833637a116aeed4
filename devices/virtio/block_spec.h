// Virtual I/O Device (VIRTIO) 1.2, s. 5.2: block device.
#pragma once

#include <cstddef>
#include <cstdint>

namespace emu::virtio::block {

inline constexpr uint32_t kDeviceId = 2;
inline constexpr uint64_t kSectorBytes = 512;
inline constexpr uint32_t kIdBytes = 20;

inline constexpr uint64_t kFeatureSegMax = 1 << 2, kFeatureReadOnly = 1 << 5,
                          kFeatureBlockSize = 1 << 6, kFeatureFlush = 1 << 9,
                          kFeatureMultiQueue = 1 << 12, kFeatureDiscard = 1 << 13,
                          kFeatureWriteZeroes = 1 << 14;

enum class RequestType : uint32_t {
  kIn = 0,
  kOut = 1,
  kFlush = 4,
  kGetId = 8,
  kDiscard = 11,
  kWriteZeroes = 13,
};
enum class RequestStatus : uint8_t { kOk = 0, kIoError = 1, kUnsupported = 2 };

struct RequestHeader {
  uint32_t type;
  uint32_t reserved;
  uint64_t sector;
};
static_assert(sizeof(RequestHeader) == 16);

struct DiscardSegment {
  uint64_t sector;
  uint32_t sector_count;
  uint32_t flags;  // bit 0: unmap
};
static_assert(sizeof(DiscardSegment) == 16);

struct Config {
  uint64_t capacity_sectors;
  uint32_t size_max;
  uint32_t seg_max;
  uint32_t geometry;
  uint32_t block_size;
  uint64_t topology;
  uint8_t writeback;
  uint8_t unused0;
  uint16_t queue_count;
  uint32_t max_discard_sectors;
  uint32_t max_discard_segments;
  uint32_t discard_sector_alignment;
  uint32_t max_write_zeroes_sectors;
  uint32_t max_write_zeroes_segments;
  uint8_t write_zeroes_may_unmap;
  uint8_t unused1[7];
};
static_assert(offsetof(Config, block_size) == 20);
static_assert(offsetof(Config, queue_count) == 34);
static_assert(offsetof(Config, max_discard_sectors) == 36);
static_assert(offsetof(Config, write_zeroes_may_unmap) == 56);

inline constexpr uint32_t kMaxDiscardSectors = 1 << 22;  // 2 GiB
inline constexpr uint32_t kMaxDiscardSegments = 64;
// What fits a chain beside header and status.
inline constexpr uint32_t kMaxDataSegments = 254;
// The largest transfer: bounds the time that one request holds the device lock.
inline constexpr uint64_t kMaxTransferBytes = 64 << 20;

}  // namespace emu::virtio::block
