#include "vmm/machine/boards/virtio_slots.h"

#include <string>

#include "devices/virtio/console.h"
#include "devices/virtio/entropy.h"
#include "vmm/base/status_macros.h"

namespace emu {
namespace {

std::string NameOf(uint32_t slot) { return "virtio" + std::to_string(slot); }

}  // namespace

VirtioSlots::VirtioSlots(GuestMemory& memory, ConsoleSwitch& console_switch, VirtioDevices others,
                         Layout layout)
    : layout_(std::move(layout)) {
  CharStream& port = console_switch.AddPort();
  auto console = std::make_unique<virtio::Console>(port);
  port.SetReceiver(
      [console = console.get()](std::span<const std::byte> bytes) { console->Receive(bytes); });
  VirtioDevices devices;
  devices.push_back(std::move(console));
  devices.push_back(std::make_unique<virtio::Entropy>(&virtio::FillFromHost));
  for (auto& other : others) devices.push_back(std::move(other));
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
