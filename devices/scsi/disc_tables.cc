#include "devices/scsi/disc_tables.h"

#include <algorithm>
#include <array>
#include <span>

#include "devices/scsi/reply_writer.h"
#include "devices/scsi/scsi_spec.h"

namespace emu::scsi {
namespace {

constexpr uint32_t kFramesPerMinute = 60 * kFramesPerSecond;

uint32_t ToAddress(uint64_t block) {
  return static_cast<uint32_t>(std::min<uint64_t>(block, UINT32_MAX));
}

// S. 4.2.5.4: minute, second, frame; discs that are longer than 255 minutes end there.
void WriteTime(ReplyWriter& reply, uint64_t block) {
  const uint64_t frames = block + kFramesToFirstBlock;
  reply.Byte(static_cast<uint8_t>(std::min<uint64_t>(frames / kFramesPerMinute, UINT8_MAX)));
  reply.Byte(static_cast<uint8_t>(frames % kFramesPerMinute / kFramesPerSecond));
  reply.Byte(static_cast<uint8_t>(frames % kFramesPerSecond));
}

void WriteAddress(ReplyWriter& reply, uint64_t block, Addresses addresses) {
  if (addresses == Addresses::kBlocks) {
    reply.Big(ToAddress(block));
    return;
  }
  reply.Byte(0);
  WriteTime(reply, block);
}

// Behind their length, which does not count itself: first and last track or session, entries.
std::vector<std::byte> Table(ReplyWriter& entries) {
  ReplyWriter table;
  table.Big(static_cast<uint16_t>(2 + entries.size())).Byte(1).Byte(1);
  return table.Bytes(entries.Take()).Take();
}

void WriteTrack(ReplyWriter& entries, uint8_t track, uint64_t block, Addresses addresses) {
  entries.Byte(0).Byte(kDataTrack).Byte(track).Byte(0);
  WriteAddress(entries, block, addresses);
}

std::vector<std::byte> Tracks(uint64_t blocks, uint8_t first, Addresses addresses) {
  if (first > 1 && first != kLeadOut) return {};
  ReplyWriter entries;
  if (first <= 1) WriteTrack(entries, 1, 0, addresses);
  WriteTrack(entries, kLeadOut, blocks, addresses);
  return Table(entries);
}

std::vector<std::byte> Sessions(Addresses addresses) {
  ReplyWriter entries;
  WriteTrack(entries, 1, 0, addresses);
  return Table(entries);
}

// S. 6.25.3.4: first track, last track, where the lead-out begins, where the track does.
std::vector<std::byte> AllThatIsRecorded(uint64_t blocks) {
  ReplyWriter entries;
  const auto begin = [&entries](uint8_t point) {
    entries.Byte(1).Byte(kDataTrack).Byte(0).Byte(point).Zeros(4);
  };
  for (const uint8_t point : {0xa0, 0xa1}) {
    begin(point);
    entries.Byte(1).Zeros(2);
  }
  begin(0xa2);
  WriteTime(entries, blocks);
  begin(1);
  WriteTime(entries, 0);
  return Table(entries);
}

// S. 7.3: as a drive does by itself.
void AddErrorRecoveryPage(ReplyWriter& pages, bool) {
  pages.Byte(kErrorRecoveryPage).Byte(10).Zeros(10);
}

constexpr uint8_t kReadsCdR = 0x01, kReadsCdRw = 0x02, kReadsDvdRom = 0x08, kReadsDvdR = 0x10;
constexpr uint8_t kReadsMode2 = 0x30, kHasSessions = 0x40;
constexpr uint8_t kCanLock = 0x01, kIsLocked = 0x02, kCanEject = 0x08, kTray = 0x20;
constexpr uint16_t kSpeed = 8450;  // kB/s: 48 times that of audio
constexpr uint16_t kBufferKib = 512;

// S. 7.10, in the older and shorter form, which drivers read.
void AddCapabilitiesPage(ReplyWriter& pages, bool is_locked) {
  pages.Byte(kCapabilitiesPage).Byte(20);
  pages.Byte(kReadsCdR | kReadsCdRw | kReadsDvdRom | kReadsDvdR).Byte(0);
  pages.Byte(kReadsMode2 | kHasSessions).Byte(0);
  pages.Byte(static_cast<uint8_t>(kCanLock | (is_locked ? kIsLocked : 0) | kCanEject | kTray));
  pages.Byte(0).Big(kSpeed).Zeros(2).Big(kBufferKib).Big(kSpeed).Zeros(6);
}

struct ModePage {
  uint8_t number;
  void (*add)(ReplyWriter& pages, bool is_locked);
};
constexpr ModePage kModePages[] = {{kErrorRecoveryPage, &AddErrorRecoveryPage},
                                   {kCapabilitiesPage, &AddCapabilitiesPage}};

// S. 5.2.2: kept as long as the device is what it is, or only with some discs.
constexpr uint8_t kPersistent = 2, kCurrent = 1;
enum class Feature : uint16_t {
  kProfileList = 0x0000,
  kCore = 0x0001,
  kRemovableMedium = 0x0003,
  kRandomReadable = 0x0010,
  kCdRead = 0x001e,
  kDvdRead = 0x001f,
};

struct Disc {
  bool is_cd;
  bool is_dvd;
  bool is_there() const { return is_cd || is_dvd; }
};

void AddProfiles(ReplyWriter& feature, const Disc& disc) {
  feature.Big(kDvdRomProfile).Byte(disc.is_dvd ? 1 : 0).Byte(0);
  feature.Big(kCdRomProfile).Byte(disc.is_cd ? 1 : 0).Byte(0);
}
// S. 5.3.2: over a SCSI bus, with commands and events of this standard.
void AddCore(ReplyWriter& feature, const Disc&) { feature.Big<uint32_t>(1).Byte(1).Zeros(3); }
// S. 5.3.4: a tray that opens, and can be kept closed.
void AddRemovableMedium(ReplyWriter& feature, const Disc&) {
  feature.Byte(kTray | kCanEject | kCanLock).Zeros(3);
}
void AddRandomReadable(ReplyWriter& feature, const Disc&) {
  feature.Big(static_cast<uint32_t>(kBlockBytes)).Big<uint16_t>(1).Zeros(2);
}
void AddCdRead(ReplyWriter& feature, const Disc&) { feature.Zeros(4); }
void AddDvdRead(ReplyWriter& feature, const Disc&) { feature.Zeros(4); }

struct FeatureEntry {
  Feature number;
  uint8_t version;
  bool is_persistent;
  bool (*is_current)(const Disc& disc);
  void (*add)(ReplyWriter& feature, const Disc& disc);
};
constexpr auto kAlways = [](const Disc&) { return true; };
constexpr FeatureEntry kFeatures[] = {
    {Feature::kProfileList, 0, true, kAlways, &AddProfiles},
    {Feature::kCore, 2, true, kAlways, &AddCore},
    {Feature::kRemovableMedium, 0, true, kAlways, &AddRemovableMedium},
    {Feature::kRandomReadable, 0, false, [](const Disc& disc) { return disc.is_there(); },
     &AddRandomReadable},
    {Feature::kCdRead, 2, false, [](const Disc& disc) { return disc.is_cd; }, &AddCdRead},
    {Feature::kDvdRead, 0, false, [](const Disc& disc) { return disc.is_dvd; }, &AddDvdRead},
};
static_assert(std::ranges::is_sorted(kFeatures, {}, &FeatureEntry::number));

bool IsChosen(FeatureChoice choice, uint16_t first, const FeatureEntry& entry, const Disc& disc) {
  const auto number = static_cast<uint16_t>(entry.number);
  switch (choice) {
    case FeatureChoice::kAll:
      return number >= first;
    case FeatureChoice::kCurrent:
      return number >= first && entry.is_current(disc);
    case FeatureChoice::kOne:
      return number == first;
  }
  return false;
}

}  // namespace

std::vector<std::byte> ModePages(uint8_t page, bool is_locked, bool values) {
  ReplyWriter pages;
  for (const ModePage& known : kModePages) {
    if (page != known.number && page != kAllPages) continue;
    ReplyWriter one;
    known.add(one, is_locked);
    std::vector<std::byte> bytes = one.Take();
    // Nothing of ours may be changed.
    if (!values) std::ranges::fill(std::span(bytes).subspan(2), std::byte{0});
    pages.Bytes(bytes);
  }
  return pages.Take();
}

std::vector<std::byte> TableOfContents(uint64_t blocks, uint8_t format, uint8_t first,
                                       Addresses addresses) {
  switch (format) {
    case 0:
      return Tracks(blocks, first, addresses);
    case 1:
      return Sessions(addresses);
    case 2:
      return first <= 1 ? AllThatIsRecorded(blocks) : std::vector<std::byte>();
    default:
      return {};
  }
}

std::vector<std::byte> Configuration(FeatureChoice choice, uint16_t first, uint64_t blocks) {
  const Disc disc = {.is_cd = blocks != 0 && blocks <= kMostCdBlocks,
                     .is_dvd = blocks > kMostCdBlocks};
  ReplyWriter features;
  for (const FeatureEntry& entry : kFeatures) {
    if (!IsChosen(choice, first, entry, disc)) continue;
    ReplyWriter content;
    entry.add(content, disc);
    const bool is_current = entry.is_current(disc);
    features.Big(static_cast<uint16_t>(entry.number));
    features.Byte(static_cast<uint8_t>(entry.version << 2 |
                                       (entry.is_persistent ? kPersistent : 0) |
                                       (is_current ? kCurrent : 0)));
    features.Byte(static_cast<uint8_t>(content.size())).Bytes(content.Take());
  }
  ReplyWriter reply;
  reply.Big(static_cast<uint32_t>(4 + features.size())).Zeros(2);
  reply.Big(disc.is_cd ? kCdRomProfile : disc.is_dvd ? kDvdRomProfile : uint16_t{0});
  return reply.Bytes(features.Take()).Take();
}

std::vector<std::byte> DiscInformation() {
  constexpr uint8_t kCompleteDiscAndSession = 0x0e, kUnrestrictedUse = 0x20;
  ReplyWriter reply;
  reply.Big<uint16_t>(32).Byte(kCompleteDiscAndSession);
  // The first track of the disc, how many sessions, the first and the last track of the last one.
  reply.Byte(1).Byte(1).Byte(1).Byte(1).Byte(kUnrestrictedUse).Zeros(8);
  // Nothing can follow: where it would begin and end is told as all ones.
  reply.Big(UINT32_MAX).Big(UINT32_MAX).Zeros(10);
  return reply.Take();
}

}  // namespace emu::scsi
