#include "vmm/machine/boards/virtio_slots.h"

#include <fcntl.h>

#include <string>

#include "absl/strings/str_format.h"
#include "devices/backend/async_disk.h"
#include "devices/backend/inline_disk.h"
#include "devices/virtio/block.h"
#include "devices/virtio/console.h"
#include "devices/virtio/entropy.h"
#include "vmm/base/status_macros.h"

namespace emu {
namespace {

// The console and random numbers are always there.
constexpr uint32_t kFixedSlots = 2;

std::string NameOf(uint32_t slot) { return "virtio" + std::to_string(slot); }

std::unique_ptr<Disk> ToDisk(RawDisk image, const BoardParts& parts) {
  if (parts.work == nullptr) return std::make_unique<InlineDisk>(std::move(image));
  return std::make_unique<AsyncDisk>(std::move(image), *parts.work,
                                     parts.address_space.device_mutex());
}

}  // namespace

absl::StatusOr<VirtioSlots::Disks> VirtioSlots::OpenDisks(const BoardParts& parts, uint32_t count) {
  if (parts.config.disks.size() > count - kFixedSlots) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "disks: %d are too many; give at most %d", parts.config.disks.size(), count - kFixedSlots));
  }
  Disks disks;
  for (const DiskConfig& config : parts.config.disks) {
    // The configuration keeps its descriptor; the disk has its own.
    ASSIGN_OR_RETURN(
        RawDisk image,
        RawDisk::Open(UniqueFd(fcntl(config.file.get(), F_DUPFD_CLOEXEC, 0)),
                      config.readonly ? RawDisk::Mode::kReadOnly : RawDisk::Mode::kReadWrite));
    disks.push_back(std::make_unique<virtio::Block>(ToDisk(std::move(image), parts), config.id));
  }
  return disks;
}

VirtioSlots::VirtioSlots(GuestMemory& memory, ConsoleSwitch& console_switch, Disks disks,
                         Layout layout)
    : layout_(std::move(layout)) {
  CharStream& port = console_switch.AddPort();
  auto console = std::make_unique<virtio::Console>(port);
  port.SetReceiver(
      [console = console.get()](std::span<const std::byte> bytes) { console->Receive(bytes); });
  Disks devices;
  devices.push_back(std::move(console));
  devices.push_back(std::make_unique<virtio::Entropy>(&virtio::FillFromHost));
  for (auto& disk : disks) devices.push_back(std::move(disk));
  devices.resize(layout_.count);
  for (uint32_t slot = 0; slot < layout_.count; ++slot) {
    slots_.push_back(std::make_unique<virtio::MmioTransport>(memory, layout_.irq(slot),
                                                             std::move(devices[slot])));
  }
}

absl::Status VirtioSlots::Map(AddressSpace& address_space) {
  for (uint32_t slot = 0; slot < layout_.count; ++slot) {
    RETURN_IF_ERROR(address_space.MapMmio(layout_.base + slot * layout_.stride, layout_.stride,
                                          NameOf(slot), *slots_[slot]));
  }
  return absl::OkStatus();
}

void VirtioSlots::AppendTo(std::vector<Board::NamedDevice>& devices) {
  for (uint32_t slot = 0; slot < layout_.count; ++slot) {
    devices.push_back({NameOf(slot), layout_.first_number + slot, slots_[slot].get()});
  }
}

std::vector<uint32_t> VirtioSlots::occupied() const {
  std::vector<uint32_t> occupied;
  for (uint32_t slot = 0; slot < layout_.count; ++slot) {
    if (slots_[slot]->device() != nullptr) occupied.push_back(slot);
  }
  return occupied;
}

}  // namespace emu
