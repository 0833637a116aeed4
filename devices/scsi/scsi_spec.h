// SCSI as a CD-ROM drive speaks it: SPC-4 (commands of all devices, sense data), SBC-3 (block
// commands) and MMC-5 (multi-media commands).
#pragma once

#include <cstddef>
#include <cstdint>

namespace emu::scsi {

// The longest command of ours has 16 bytes; shorter ones end in zeros.
inline constexpr size_t kCommandBytes = 16;

enum class Operation : uint8_t {
  kTestUnitReady = 0x00,
  kRequestSense = 0x03,
  kRead6 = 0x08,
  kInquiry = 0x12,
  kModeSense6 = 0x1a,
  kStartStopUnit = 0x1b,
  kPreventAllowRemoval = 0x1e,
  kReadCapacity10 = 0x25,
  kRead10 = 0x28,
  kReadToc = 0x43,
  kGetConfiguration = 0x46,
  kGetEventStatus = 0x4a,
  kReadDiscInformation = 0x51,
  kModeSense10 = 0x5a,
  kRead16 = 0x88,
  kServiceActionIn16 = 0x9e,
  kReportLuns = 0xa0,
  kRead12 = 0xa8,
};
inline constexpr uint8_t kReadCapacity16 = 0x10;  // SBC-3 s. 5.16: a service action

// SAM-5 s. 5.3.1.
enum class Status : uint8_t { kGood = 0x00, kCheckCondition = 0x02 };

// SPC-4 s. 4.5.6: key, additional code, its qualifier.
struct Sense {
  uint8_t key = 0;
  uint8_t code = 0;
  uint8_t qualifier = 0;
  bool operator==(const Sense&) const = default;
};
inline constexpr Sense kNoSense = {};
inline constexpr Sense kNoMedium = {0x02, 0x3a, 0x01};  // the tray is closed
inline constexpr Sense kTrayIsOpen = {0x02, 0x3a, 0x02};
inline constexpr Sense kReadError = {0x03, 0x11, 0x00};
inline constexpr Sense kUnknownOperation = {0x05, 0x20, 0x00};
inline constexpr Sense kOutOfRange = {0x05, 0x21, 0x00};
inline constexpr Sense kBadField = {0x05, 0x24, 0x00};
inline constexpr Sense kNoSuchUnit = {0x05, 0x25, 0x00};
inline constexpr Sense kNothingSaved = {0x05, 0x39, 0x00};
inline constexpr Sense kRemovalPrevented = {0x05, 0x53, 0x02};
inline constexpr Sense kMediumChanged = {0x06, 0x28, 0x00};
inline constexpr Sense kWasReset = {0x06, 0x29, 0x00};

// SPC-4 s. 4.5.3: fixed format.
inline constexpr size_t kSenseBytes = 18;
inline constexpr uint8_t kFixedCurrentSense = 0x70;

// SPC-4 s. 6.4.2.
inline constexpr size_t kInquiryBytes = 36;
inline constexpr uint8_t kCdRomType = 0x05, kNoDeviceHere = 0x7f;
inline constexpr uint8_t kRemovable = 0x80;
inline constexpr uint8_t kSpc4 = 0x06;
inline constexpr uint8_t kResponseFormat = 0x02;
inline constexpr uint8_t kCommandQueuing = 0x02;

// SPC-4 s. 7.8: pages of vital product data.
enum class ProductPage : uint8_t {
  kSupported = 0x00,
  kSerialNumber = 0x80,
  kIdentification = 0x83
};
inline constexpr uint8_t kAscii = 0x02, kVendorDesignator = 0x01;

// MMC-5 s. 7: mode pages; SPC-4 s. 6.11: which of their values.
inline constexpr uint8_t kErrorRecoveryPage = 0x01, kCapabilitiesPage = 0x2a, kAllPages = 0x3f;
inline constexpr uint8_t kAllSubpages = 0xff;
enum class PageControl : uint8_t { kCurrent = 0, kChangeable = 1, kDefault = 2, kSaved = 3 };

// MMC-5 s. 6.25.3: a data track that was recorded at once, with position in its Q sub-channel.
inline constexpr uint8_t kDataTrack = 0x14;
inline constexpr uint8_t kLeadOut = 0xaa;
inline constexpr uint32_t kFramesToFirstBlock = 150, kFramesPerSecond = 75;

// MMC-5 s. 5.3, 5.2.
inline constexpr uint16_t kCdRomProfile = 0x0008, kDvdRomProfile = 0x0010;
inline constexpr uint32_t kMostCdBlocks = 80 * 60 * kFramesPerSecond;

// MMC-5 s. 6.7.2: of the class "media".
inline constexpr uint8_t kMediaClass = 4, kMediaClassBit = 1 << kMediaClass;
inline constexpr uint8_t kNoEventAvailable = 0x80;
enum class MediaEvent : uint8_t { kNone = 0, kNewMedia = 2, kMediaRemoval = 3 };

inline constexpr uint64_t kBlockBytes = 2048;

}  // namespace emu::scsi
