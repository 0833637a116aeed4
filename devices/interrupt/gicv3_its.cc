#include "devices/interrupt/gicv3_its.h"

#include <span>

#include "devices/core/register_bank.h"
#include "vmm/base/bits.h"

namespace emu {

using namespace gicv3_its;

namespace {

constexpr RegisterBank<Reg> kBank(kRegisters);

// Entries are ours to lay out. Of a device: the address of its events' table, and the number of
// bits of an event less one. Of a collection: the processor. Of an event: its collection above
// kCollectionShift, the interrupt below.
constexpr uint64_t kEventTableMask = 0x000f'ffff'ffff'ff00;
constexpr uint64_t kEventBitsMask = 0x1f;
constexpr uint64_t kTargetMask = 0xffff;
constexpr uint32_t kCollectionShift = 32;

constexpr uint32_t DeviceOf(uint64_t first_word) { return static_cast<uint32_t>(first_word >> 32); }
constexpr uint64_t TargetIn(uint64_t word) { return ExtractBits(word, 16, 35); }

}  // namespace

void Gicv3Its::Reset() {
  is_enabled_ = false;
  command_base_ = command_write_ = command_read_ = 0;
  table_base_ = kTableFixed;
}

AccessResult Gicv3Its::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  return kBank.Read(offset, width_bytes, value,
                    [this](Reg reg, uint32_t index) { return ReadRegister(reg, index); });
}

AccessResult Gicv3Its::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  return kBank.Write(
      offset, width_bytes, value,
      [this](Reg reg, uint32_t index) { return ReadRegister(reg, index); },
      [this](Reg reg, uint32_t index, uint64_t whole) { WriteRegister(reg, index, whole); });
}

uint64_t Gicv3Its::ReadRegister(Reg reg, uint32_t index) const {
  switch (reg) {
    case Reg::kCtlr:
      return kCtlrQuiescent | (is_enabled_ ? kCtlrEnabled : 0);
    case Reg::kIidr:
      return gicv3::kIidr;
    case Reg::kTyper:
      return kTyper;
    case Reg::kCommandBase:
      return command_base_;
    case Reg::kCommandWrite:
      return command_write_;
    case Reg::kCommandRead:
      return command_read_;
    case Reg::kTableBase:
      return index < kTableCount ? table_base_[index] : 0;
    case Reg::kIdentification:
      return gicv3::IdentificationByte(index, gicv3::kItsPidr0);
    case Reg::kTranslater:  // write-only
      return 0;
  }
  return 0;
}

// Bases may be written while the service is off only.
void Gicv3Its::WriteRegister(Reg reg, uint32_t index, uint64_t value) {
  switch (reg) {
    case Reg::kCtlr:
      is_enabled_ = (value & kCtlrEnabled) != 0;
      return RunCommands();
    case Reg::kCommandBase:
      if (is_enabled_) return;
      command_base_ = value & kCommandBaseMask;
      command_read_ = 0;
      return;
    case Reg::kCommandWrite:
      command_write_ = value & kCommandOffsetMask;
      return RunCommands();
    case Reg::kTableBase:
      if (is_enabled_ || index >= kTableCount) return;
      table_base_[index] = (value & ~kTableFixedMask) | kTableFixed[index];
      return;
    case Reg::kTranslater:
      return Translate(0, static_cast<uint32_t>(value));
    case Reg::kIidr:  // read-only
    case Reg::kTyper:
    case Reg::kCommandRead:
    case Reg::kIdentification:
      return;
  }
}

void Gicv3Its::RunCommands() {
  const uint64_t size = (ExtractBits(command_base_, 0, 8) + 1) * kCommandPageBytes;
  if (!is_enabled_ || (command_base_ & kValid) == 0 || command_write_ >= size) return;
  const GuestPhysAddr queue(command_base_ & kAddressMask);
  while (command_read_ != command_write_) {
    CommandWords words;
    if (!dma_.Read(queue + command_read_, std::as_writable_bytes(std::span(words)))) return;
    Run(words);
    command_read_ = (command_read_ + kCommandBytes) % size;
  }
}

// s. 5.3.3 to 5.3.17.
void Gicv3Its::Run(const CommandWords& command) {
  const uint32_t device = DeviceOf(command[0]);
  const auto event = static_cast<uint32_t>(command[1]);
  const auto intid = static_cast<uint32_t>(command[1] >> 32);
  const auto collection = static_cast<uint32_t>(command[2] & 0xffff);
  switch (static_cast<Command>(command[0] & 0xff)) {
    case Command::kMapDevice:
      return MapDevice(command);
    case Command::kMapCollection:
      return MapCollection(command);
    case Command::kMapInterrupt:
      return MapEvent(device, event, intid, collection);
    case Command::kMapEvent:
      return MapEvent(device, event, event, collection);
    case Command::kMoveInterrupt:
      return MoveEvent(device, event, collection);
    case Command::kInterrupt:
      return SetPending(device, event, true);
    case Command::kClear:
      return SetPending(device, event, false);
    case Command::kDiscard:
      SetPending(device, event, false);
      return Store(EventPlace(device, event), 0);
    case Command::kMoveAll:
      return gic_.MoveAllLpis(TargetIn(command[2]), TargetIn(command[3]));
    case Command::kInvalidate:
    case Command::kInvalidateAll:
      return gic_.LpiConfigChanged();
    case Command::kSync:  // everything is done at once
      return;
  }
}

void Gicv3Its::MapDevice(const CommandWords& command) {
  const uint64_t valid = command[2] & kValid;
  const uint64_t bits = command[1] & kEventBitsMask;
  const uint64_t entry = valid | (command[2] & kEventTableMask) | bits;
  if (bits < kIdBits) Store(EntryPlace(kDeviceTable, DeviceOf(command[0])), valid != 0 ? entry : 0);
}

void Gicv3Its::MapCollection(const CommandWords& command) {
  const uint64_t entry = (command[2] & kValid) | (TargetIn(command[2]) & kTargetMask);
  Store(EntryPlace(kCollectionTable, command[2] & 0xffff), (command[2] & kValid) != 0 ? entry : 0);
}

void Gicv3Its::MapEvent(uint32_t device, uint32_t event, uint32_t intid, uint32_t collection) {
  if (intid < gicv3::kFirstLpi || intid >= uint32_t{1} << gicv3::kIntidBits) return;
  Store(EventPlace(device, event), kValid | uint64_t{collection} << kCollectionShift | intid);
}

void Gicv3Its::MoveEvent(uint32_t device, uint32_t event, uint32_t collection) {
  const std::optional<Event> found = FindEvent(device, event);
  if (!found) return;
  const auto from = TargetOf(found->collection);
  const auto to = TargetOf(collection);
  Store(found->place, kValid | uint64_t{collection} << kCollectionShift | found->intid);
  if (from && to) gic_.MoveLpi(*from, *to, found->intid);
}

void Gicv3Its::Translate(uint32_t device, uint32_t event) {
  if (is_enabled_) SetPending(device, event, true);
}

void Gicv3Its::SetPending(uint32_t device, uint32_t event, bool pending) {
  const std::optional<Event> found = FindEvent(device, event);
  if (!found) return;
  const auto target = TargetOf(found->collection);
  if (target) gic_.SetLpiPending(*target, found->intid, pending);
}

// s. 5.2.1: flat, or in two levels of pages.
std::optional<GuestPhysAddr> Gicv3Its::EntryPlace(uint32_t table, uint64_t id) const {
  const uint64_t base = table_base_[table];
  if ((base & kValid) == 0 || id >= uint64_t{1} << kIdBits) return std::nullopt;
  const uint64_t page_bytes = kTablePageBytes[ExtractBits(base, kTablePageSizeShift, 2)];
  const uint64_t size = (ExtractBits(base, 0, 8) + 1) * page_bytes;
  const GuestPhysAddr start(AlignDown(base & kTableAddressMask, page_bytes));
  if ((base & kIndirect) == 0) {
    if ((id + 1) * kEntryBytes > size) return std::nullopt;
    return start + id * kEntryBytes;
  }
  const uint64_t entries_in_page = page_bytes / kEntryBytes;
  const uint64_t page = id / entries_in_page;
  if ((page + 1) * kEntryBytes > size) return std::nullopt;
  const auto first = dma_.Load<uint64_t>(start + page * kEntryBytes);
  if (!first || (*first & kValid) == 0) return std::nullopt;
  return GuestPhysAddr(*first & kAddressMask) + id % entries_in_page * kEntryBytes;
}

std::optional<GuestPhysAddr> Gicv3Its::EventPlace(uint32_t device, uint32_t event) const {
  const auto place = EntryPlace(kDeviceTable, device);
  if (!place) return std::nullopt;
  const auto entry = dma_.Load<uint64_t>(*place);
  if (!entry || (*entry & kValid) == 0) return std::nullopt;
  if (event >= uint64_t{2} << (*entry & kEventBitsMask)) return std::nullopt;
  return GuestPhysAddr(*entry & kEventTableMask) + uint64_t{event} * kEntryBytes;
}

std::optional<Gicv3Its::Event> Gicv3Its::FindEvent(uint32_t device, uint32_t event) const {
  const auto place = EventPlace(device, event);
  const auto entry = place ? dma_.Load<uint64_t>(*place) : std::nullopt;
  if (!entry || (*entry & kValid) == 0) return std::nullopt;
  return Event{*place, static_cast<uint32_t>(*entry),
               static_cast<uint32_t>(ExtractBits(*entry, kCollectionShift, 16))};
}

std::optional<uint64_t> Gicv3Its::TargetOf(uint32_t collection) const {
  const auto place = EntryPlace(kCollectionTable, collection);
  const auto entry = place ? dma_.Load<uint64_t>(*place) : std::nullopt;
  if (!entry || (*entry & kValid) == 0) return std::nullopt;
  return *entry & kTargetMask;
}

// A table that is not memory keeps nothing: the guest's loss.
void Gicv3Its::Store(std::optional<GuestPhysAddr> place, uint64_t entry) {
  if (!place) return;
  [[maybe_unused]] const bool is_written = dma_.Write(*place, std::as_bytes(std::span(&entry, 1)));
}

void Gicv3Its::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "enabled", is_enabled_);
  visitor.Field(2, "command_base", command_base_);
  visitor.Field(3, "command_write", command_write_);
  visitor.Field(4, "command_read", command_read_);
  visitor.Field(5, "device_table", table_base_[kDeviceTable]);
  visitor.Field(6, "collection_table", table_base_[kCollectionTable]);
}

absl::Status Gicv3Its::AfterRestore() {
  command_base_ &= kCommandBaseMask;
  command_write_ &= kCommandOffsetMask;
  command_read_ &= kCommandOffsetMask;
  if (command_read_ >= (ExtractBits(command_base_, 0, 8) + 1) * kCommandPageBytes) {
    return absl::InvalidArgumentError("gicv3_its: the command queue is read behind its end");
  }
  for (uint32_t i = 0; i < kTableCount; ++i) {
    table_base_[i] = (table_base_[i] & ~kTableFixedMask) | kTableFixed[i];
  }
  return absl::OkStatus();
}

}  // namespace emu
