// Virtual I/O Device (VIRTIO) 1.2, s. 5.6: SCSI host.
#pragma once

#include <cstddef>
#include <cstdint>

namespace emu::virtio::scsi_host {

inline constexpr uint32_t kDeviceId = 8;

inline constexpr uint32_t kControlQueue = 0, kEventQueue = 1, kFirstRequestQueue = 2;

inline constexpr uint64_t kFeatureChange = 1 << 2;

struct Config {
  uint32_t queue_count;  // of requests
  uint32_t seg_max;
  uint32_t max_sectors;  // of 512 bytes, in one request
  uint32_t commands_per_unit;
  uint32_t event_bytes;
  uint32_t sense_bytes;  // written by the driver, as is the next one
  uint32_t command_bytes;
  uint16_t max_channel;
  uint16_t max_target;
  uint32_t max_unit;
};
static_assert(sizeof(Config) == 36);

// S. 5.6.6.3.
enum class EventKind : uint32_t { kNone = 0, kParameterChange = 3 };
inline constexpr uint32_t kEventsMissed = 0x8000'0000;
struct Event {
  uint32_t kind = 0;
  uint8_t unit[8] = {};
  uint32_t reason = 0;  // the additional sense code, above it the qualifier
};
static_assert(sizeof(Event) == 16);
// S. 5.6.4.2: after a reset; and what we take of the driver.
inline constexpr uint32_t kSenseBytes = 96, kCommandBytes = 32;
inline constexpr uint32_t kMostSenseBytes = 256, kMostCommandBytes = 255;

// S. 5.6.6.1: in front of the command's bytes.
struct RequestHeader {
  uint8_t unit[8] = {};
  uint64_t tag = 0;
  uint8_t attribute = 0;
  uint8_t priority = 0;
  uint8_t reference = 0;
} __attribute__((packed));
static_assert(sizeof(RequestHeader) == 19);

// In front of the sense data.
struct ResponseHeader {
  uint32_t sense_bytes = 0;
  uint32_t residual_bytes = 0;
  uint16_t status_qualifier = 0;
  uint8_t status = 0;
  uint8_t response = 0;
};
static_assert(sizeof(ResponseHeader) == 12);

enum class Response : uint8_t {
  kOk = 0,
  kOverrun = 1,
  kAborted = 2,
  kBadTarget = 3,
  kReset = 4,
  kFailure = 9,
  // Of task management alone, as is kOk: the function is complete.
  kRejected = 11,
  kIncorrectUnit = 12,
};

// S. 5.6.6.2.
enum class ControlType : uint32_t {
  kTaskManagement = 0,
  kQueryEvents = 1,
  kSubscribeToEvents = 2,
};
enum class TaskFunction : uint32_t {
  kAbortTask = 0,
  kAbortTaskSet = 1,
  kClearAca = 2,
  kClearTaskSet = 3,
  kResetNexus = 4,
  kResetUnit = 5,
  kQueryTask = 6,
  kQueryTaskSet = 7,
};
struct TaskRequest {
  uint32_t type;
  uint32_t function;
  uint8_t unit[8];
  uint64_t tag;
};
static_assert(sizeof(TaskRequest) == 24);

struct EventsRequest {
  uint32_t type;
  uint8_t unit[8];
  uint32_t wanted;
};
static_assert(sizeof(EventsRequest) == 16);
struct EventsResponse {
  uint32_t events;
  uint8_t response;
} __attribute__((packed));
static_assert(sizeof(EventsResponse) == 5);

inline constexpr uint32_t kMaxDataSegments = 254;           // what fits a chain beside the headers
inline constexpr uint64_t kMaxTransferBytes = 64ull << 20;  // as of a virtio disk

}  // namespace emu::virtio::scsi_host
