#include "devices/scsi/cd_rom.h"

#include <algorithm>
#include <utility>

#include "devices/scsi/disc_tables.h"
#include "devices/scsi/reply_writer.h"
#include "vmm/base/bits.h"
#include "vmm/base/endian.h"

namespace emu::scsi {
namespace {

constexpr size_t kVendorBytes = 8, kProductBytes = 16, kRevisionBytes = 4;
constexpr char kVendor[] = "EMU", kProduct[] = "CD-ROM", kRevision[] = "1";

uint8_t At(CdRom::Command command, size_t index) { return static_cast<uint8_t>(command[index]); }
template <typename T>
T BigAt(CdRom::Command command, size_t index) {
  return LoadBig<T>(command.subspan(index, sizeof(T)));
}

Reply Refuse(const Sense& sense) { return {.sense = sense}; }

// SPC-4 s. 4.2.5.6: no more than was allocated; that is no error.
Reply Cut(std::vector<std::byte> data, size_t allocated_bytes) {
  if (data.size() > allocated_bytes) data.resize(allocated_bytes);
  return {.data = std::move(data)};
}

// SPC-4 s. 6.33: one unit, number 0.
Reply ReportLuns(CdRom::Command command) {
  if (At(command, 2) > 2) return Refuse(kBadField);
  ReplyWriter reply;
  reply.Big<uint32_t>(8).Zeros(4);
  reply.Zeros(8);
  return Cut(reply.Take(), BigAt<uint32_t>(command, 6));
}

// SPC-4 s. 6.4.1, 6.33, 6.39, MMC-5 s. 6.6, 6.7: what is done though there is news.
bool IsDoneWithNews(Operation operation) {
  return operation == Operation::kInquiry || operation == Operation::kReportLuns ||
         operation == Operation::kRequestSense || operation == Operation::kGetConfiguration ||
         operation == Operation::kGetEventStatus;
}

bool NeedsMedium(Operation operation) {
  return operation == Operation::kTestUnitReady || operation == Operation::kReadCapacity10 ||
         operation == Operation::kServiceActionIn16 || operation == Operation::kReadToc ||
         operation == Operation::kReadDiscInformation || operation == Operation::kRead6 ||
         operation == Operation::kRead10 || operation == Operation::kRead12 ||
         operation == Operation::kRead16;
}

// SPC-4 s. 6.4.2.
std::vector<std::byte> StandardInquiry(uint8_t type) {
  ReplyWriter reply;
  reply.Byte(type).Byte(kRemovable).Byte(kSpc4).Byte(kResponseFormat);
  reply.Byte(kInquiryBytes - 5).Zeros(2).Byte(kCommandQueuing);
  reply.Text(kVendor, kVendorBytes).Text(kProduct, kProductBytes).Text(kRevision, kRevisionBytes);
  return reply.Take();
}

}  // namespace

std::vector<std::byte> FixedSense(const Sense& sense) {
  ReplyWriter reply;
  reply.Byte(kFixedCurrentSense).Byte(0).Byte(sense.key).Zeros(4);
  reply.Byte(kSenseBytes - 8).Zeros(4).Byte(sense.code).Byte(sense.qualifier).Zeros(4);
  return reply.Take();
}

CdRom::CdRom(uint64_t disc_bytes, std::string serial)
    : blocks_(disc_bytes / kBlockBytes), serial_(std::move(serial)) {}

void CdRom::Reset() {
  tells_of_reset_ = true;
  event_ = MediaEvent::kNone;
  is_open_ = is_locked_ = false;
}

Reply CdRom::ExecuteForNobody(Command command) {
  const auto operation = static_cast<Operation>(At(command, 0));
  if (operation == Operation::kReportLuns) return ReportLuns(command);
  if (operation == Operation::kRequestSense) {
    return Cut(FixedSense(kNoSuchUnit), At(command, 4));
  }
  if (operation != Operation::kInquiry) return Refuse(kNoSuchUnit);
  if ((At(command, 1) & 1) != 0 || At(command, 2) != 0) return Refuse(kBadField);
  return Cut(StandardInquiry(kNoDeviceHere), BigAt<uint16_t>(command, 3));
}

Reply CdRom::Execute(Command command) {
  const auto operation = static_cast<Operation>(At(command, 0));
  if (!IsDoneWithNews(operation)) {
    if (const Sense news = TakeAttention(); news != kNoSense) return Refuse(news);
  }
  if (const Sense sense = CheckMedium(); NeedsMedium(operation) && sense != kNoSense) {
    return Refuse(sense);
  }
  return Do(operation, command);
}

Reply CdRom::Do(Operation operation, Command command) {
  switch (operation) {
    case Operation::kTestUnitReady:
      return {};
    case Operation::kRequestSense: {
      const Sense news = TakeAttention();
      return Cut(FixedSense(news != kNoSense ? news : CheckMedium()), At(command, 4));
    }
    case Operation::kInquiry:
      return Inquire(command);
    case Operation::kModeSense6:
      return SenseModes(command, false);
    case Operation::kModeSense10:
      return SenseModes(command, true);
    case Operation::kStartStopUnit:
      return StartOrStop(command);
    case Operation::kPreventAllowRemoval:
      return PreventRemoval(command);
    case Operation::kReadCapacity10:
      return ReadCapacity10();
    case Operation::kServiceActionIn16:
      return ReadCapacity16(command);
    case Operation::kRead6: {  // SBC-3 s. 5.8: 21 bits of an address; no blocks are 256 of them
      const uint8_t count = At(command, 4);
      return Read(BigAt<uint32_t>(command, 0) & 0x1f'ffff, count == 0 ? 256 : count);
    }
    case Operation::kRead10:
      return Read(BigAt<uint32_t>(command, 2), BigAt<uint16_t>(command, 7));
    case Operation::kRead12:
      return Read(BigAt<uint32_t>(command, 2), BigAt<uint32_t>(command, 6));
    case Operation::kRead16:
      return Read(BigAt<uint64_t>(command, 2), BigAt<uint32_t>(command, 10));
    case Operation::kReadToc:
      return ReadToc(command);
    case Operation::kGetConfiguration:
      return GetConfiguration(command);
    case Operation::kGetEventStatus:
      return GetEventStatus(command);
    case Operation::kReadDiscInformation:
      return ReadDiscInformation(command);
    case Operation::kReportLuns:
      return ReportLuns(command);
  }
  return Refuse(kUnknownOperation);
}

Sense CdRom::TakeAttention() {
  return std::exchange(tells_of_reset_, false) ? kWasReset : kNoSense;
}

Sense CdRom::CheckMedium() const {
  if (is_open_) return kTrayIsOpen;
  return blocks_ == 0 ? kNoMedium : kNoSense;
}

Reply CdRom::Inquire(Command command) const {
  const uint16_t allocated = BigAt<uint16_t>(command, 3);
  const uint8_t page = At(command, 2);
  if ((At(command, 1) & 1) == 0) {
    return page == 0 ? Cut(StandardInquiry(kCdRomType), allocated) : Refuse(kBadField);
  }
  ReplyWriter reply;
  reply.Byte(kCdRomType).Byte(page);
  switch (static_cast<ProductPage>(page)) {
    case ProductPage::kSupported:
      reply.Big<uint16_t>(3);
      for (const ProductPage known :
           {ProductPage::kSupported, ProductPage::kSerialNumber, ProductPage::kIdentification}) {
        reply.Byte(static_cast<uint8_t>(known));
      }
      return Cut(reply.Take(), allocated);
    case ProductPage::kSerialNumber:
      reply.Big(static_cast<uint16_t>(serial_.size())).Text(serial_, serial_.size());
      return Cut(reply.Take(), allocated);
    case ProductPage::kIdentification: {  // s. 7.8.6: of a vendor, and what that says
      const size_t size = kVendorBytes + serial_.size();
      reply.Big(static_cast<uint16_t>(4 + size));
      reply.Byte(kAscii).Byte(kVendorDesignator).Byte(0).Byte(static_cast<uint8_t>(size));
      reply.Text(kVendor, kVendorBytes).Text(serial_, serial_.size());
      return Cut(reply.Take(), allocated);
    }
  }
  return Refuse(kBadField);
}

Reply CdRom::SenseModes(Command command, bool is_long) const {
  const auto control = static_cast<PageControl>(At(command, 2) >> 6);
  const uint8_t page = At(command, 2) & 0x3f, subpage = At(command, 3);
  if (control == PageControl::kSaved) return Refuse(kNothingSaved);
  if (subpage != 0 && !(subpage == kAllSubpages && page == kAllPages)) return Refuse(kBadField);
  const std::vector<std::byte> pages =
      ModePages(page, is_locked_, control != PageControl::kChangeable);
  if (pages.empty()) return Refuse(kBadField);
  // SPC-4 s. 7.5.5: a header without block descriptors, whose length does not count itself.
  ReplyWriter reply;
  if (is_long) {
    reply.Big(static_cast<uint16_t>(6 + pages.size())).Zeros(6);
  } else {
    reply.Byte(static_cast<uint8_t>(3 + pages.size())).Zeros(3);
  }
  reply.Bytes(pages);
  return Cut(reply.Take(), is_long ? BigAt<uint16_t>(command, 7) : At(command, 4));
}

Reply CdRom::Read(uint64_t block, uint64_t count) const {
  if (ExceedsLimit(block, count, blocks_)) return Refuse(kOutOfRange);
  if (count == 0) return {};
  return {.extent = Reply::Extent{block * kBlockBytes, count * kBlockBytes}};
}

// MMC-5 s. 6.23: of the last block, not how many there are.
Reply CdRom::ReadCapacity10() const {
  ReplyWriter reply;
  reply.Big(static_cast<uint32_t>(std::min<uint64_t>(blocks_ - 1, UINT32_MAX)));
  return {.data = reply.Big(static_cast<uint32_t>(kBlockBytes)).Take()};
}

Reply CdRom::ReadCapacity16(Command command) const {
  if ((At(command, 1) & 0x1f) != kReadCapacity16) return Refuse(kBadField);
  ReplyWriter reply;
  reply.Big<uint64_t>(blocks_ - 1).Big(static_cast<uint32_t>(kBlockBytes)).Zeros(20);
  return Cut(reply.Take(), BigAt<uint32_t>(command, 10));
}

Reply CdRom::ReadToc(Command command) const {
  const bool wants_time = (At(command, 1) & 2) != 0;
  // The older place of the format is what Linux's drivers use (SFF-8020i s. 10.8.20).
  uint8_t format = At(command, 2) & 0x0f;
  if (format == 0) format = At(command, 9) >> 6;
  const std::vector<std::byte> table = TableOfContents(
      blocks_, format, At(command, 6), wants_time ? Addresses::kTime : Addresses::kBlocks);
  return table.empty() ? Refuse(kBadField) : Cut(table, BigAt<uint16_t>(command, 7));
}

Reply CdRom::GetConfiguration(Command command) const {
  const uint8_t type = At(command, 1) & 3;
  if (type == 3) return Refuse(kBadField);
  const bool has_medium = CheckMedium() == kNoSense;
  return Cut(Configuration(static_cast<FeatureChoice>(type), BigAt<uint16_t>(command, 2),
                           has_medium ? blocks_ : 0),
             BigAt<uint16_t>(command, 7));
}

// MMC-5 s. 6.7: what is polled for is told once.
Reply CdRom::GetEventStatus(Command command) {
  const bool is_polled = (At(command, 1) & 1) != 0;
  if (!is_polled) return Refuse(kBadField);
  ReplyWriter reply;
  if ((At(command, 4) & kMediaClassBit) == 0) {
    reply.Big<uint16_t>(2).Byte(kNoEventAvailable).Byte(kMediaClassBit);
    return Cut(reply.Take(), BigAt<uint16_t>(command, 7));
  }
  const bool has_medium = CheckMedium() == kNoSense;
  const auto status = static_cast<uint8_t>((is_open_ ? 1 : 0) | (has_medium ? 2 : 0));
  reply.Big<uint16_t>(6).Byte(kMediaClass).Byte(kMediaClassBit);
  reply.Byte(static_cast<uint8_t>(event_)).Byte(status).Zeros(2);
  const uint16_t allocated = BigAt<uint16_t>(command, 7);
  if (allocated > 4) event_ = MediaEvent::kNone;
  return Cut(reply.Take(), allocated);
}

// MMC-5 s. 6.22: one session, complete.
Reply CdRom::ReadDiscInformation(Command command) const {
  if ((At(command, 1) & 7) != 0) return Refuse(kBadField);
  return Cut(DiscInformation(), BigAt<uint16_t>(command, 7));
}

// SBC-3 s. 5.25, MMC-5 s. 6.42: only the tray moves; the disc need not turn.
Reply CdRom::StartOrStop(Command command) {
  const uint8_t asked = At(command, 4);
  const bool moves_tray = (asked & 2) != 0, is_power = (asked & 0xf0) != 0;
  if (!moves_tray || is_power) return {};
  const bool opens = (asked & 1) == 0;
  if (opens == is_open_) return {};
  if (opens && is_locked_) return Refuse(kRemovalPrevented);
  is_open_ = opens;
  event_ = opens ? MediaEvent::kMediaRemoval : MediaEvent::kNewMedia;
  // No command fails for that: the disc that is back is the same.
  return {.news = opens ? kTrayIsOpen : kMediumChanged};
}

Reply CdRom::PreventRemoval(Command command) {
  const uint8_t prevents = At(command, 4) & 3;
  if (prevents > 1) return Refuse(kBadField);  // for longer than one host's use
  is_locked_ = prevents != 0;
  return {};
}

void CdRom::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "tells_of_reset", tells_of_reset_);
  visitor.Small(2, "event", event_);
  visitor.Small(3, "is_open", is_open_);
  visitor.Small(4, "is_locked", is_locked_);
}

absl::Status CdRom::AfterRestore() const {
  if (event_ <= MediaEvent::kMediaRemoval) return absl::OkStatus();
  return absl::InvalidArgumentError("scsi cd-rom: a state that can't be");
}

}  // namespace emu::scsi
