#include "vmm/machine/boards/pci_root.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "devices/virtio/net_spec.h"
#include "vmm/base/status_macros.h"

namespace emu {
namespace {

// As QEMU's functions show themselves.
constexpr uint32_t kStorageClass = 0x010000, kNetworkClass = 0x020000;

uint32_t ClassOf(const virtio::VirtioDevice& device) {
  return device.device_id() == virtio::net::kDeviceId ? kNetworkClass : kStorageClass;
}

// IEEE 1275 PCI bus binding, s. 2.2.1: the highest cell of an address.
constexpr uint32_t kIoSpace = 0x0100'0000, kMemorySpace = 0x0200'0000, kMemory64Space = 0x0300'0000;
constexpr uint32_t kSlotCellShift = 11;
constexpr uint32_t kPinMask = 7;

uint32_t High(uint64_t value) { return static_cast<uint32_t>(value >> 32); }
uint32_t Low(uint64_t value) { return static_cast<uint32_t>(value); }

}  // namespace

PciRoot::PciRoot(GuestMemory& memory, VirtioDevices devices, const PciLayout& layout,
                 uint32_t first_number, std::array<InterruptLine, pci::kPins> pins,
                 pci::HostBridge::Controller controller)
    : layout_(layout),
      first_number_(first_number),
      bridge_(memory, std::move(pins), std::move(controller)) {
  uint32_t slot = 1;
  for (auto& device : devices) {
    const uint32_t class_code = ClassOf(*device);
    functions_.push_back(std::make_unique<virtio::PciTransport>(memory, bridge_.MakeSlot(slot),
                                                                class_code, std::move(device)));
    bridge_.Plug(slot++, *functions_.back());
  }
}

absl::Status PciRoot::Map(AddressSpace& address_space) {
  RETURN_IF_ERROR(
      address_space.MapMmio(layout_.ecam.base, layout_.ecam.size, "pci-ecam", bridge_.ecam()));
  const std::pair<const char*, PciLayout::Range> windows[] = {
      {"pci-io", layout_.io}, {"pci-memory", layout_.memory}, {"pci-memory64", layout_.memory64}};
  for (const auto& [name, range] : windows) {
    RETURN_IF_ERROR(
        address_space.MapMmio(range.base, range.size, name, bridge_.AddWindow(range.base)));
  }
  return absl::OkStatus();
}

void PciRoot::AppendTo(std::vector<Board::NamedDevice>& devices) {
  devices.push_back({"pci", first_number_, &bridge_});
  for (uint32_t i = 0; i < functions_.size(); ++i) {
    devices.push_back({absl::StrCat("pci", i + 1), first_number_ + 1 + i, functions_[i].get()});
  }
}

void AddPciHost(FdtNode& parent, const PciLayout& layout, const PciFdtInputs& inputs) {
  FdtNode host = parent.Child(absl::StrFormat("pcie@%x", layout.ecam.base.value));
  host.String("compatible", "pci-host-ecam-generic").String("device_type", "pci");
  host.Cells("#address-cells", {3}).Cells("#size-cells", {2}).Cells("#interrupt-cells", {1});
  const auto buses = static_cast<uint32_t>(layout.ecam.size >> pci::kEcamBusShift);
  host.Cells("linux,pci-domain", {0}).Cells("bus-range", {0, buses - 1}).Empty("dma-coherent");
  host.Reg(layout.ecam.base.value, layout.ecam.size);

  std::vector<uint32_t> ranges;
  const auto add = [&ranges](uint32_t space, uint64_t bus_address, const PciLayout::Range& range) {
    ranges.insert(ranges.end(), {space, High(bus_address), Low(bus_address), High(range.base.value),
                                 Low(range.base.value), High(range.size), Low(range.size)});
  };
  add(kIoSpace, 0, layout.io);
  add(kMemorySpace, layout.memory.base.value, layout.memory);
  add(kMemory64Space, layout.memory64.base.value, layout.memory64);
  host.Cells("ranges", ranges);

  // With each slot the pins move on by one; after four slots they are the same again.
  std::vector<uint32_t> map;
  for (uint32_t slot = 0; slot < pci::kPins; ++slot) {
    for (uint32_t pin = 0; pin < pci::kPins; ++pin) {
      map.insert(map.end(), {slot << kSlotCellShift, 0, 0, pin + 1, inputs.controller});
      const std::vector<uint32_t> interrupt = inputs.interrupt((slot + pin) % pci::kPins);
      map.insert(map.end(), interrupt.begin(), interrupt.end());
    }
  }
  host.Cells("interrupt-map-mask", {(pci::kPins - 1) << kSlotCellShift, 0, 0, kPinMask});
  host.Cells("interrupt-map", map);
  if (inputs.message_controller) {
    host.Cells("msi-map", {0, *inputs.message_controller, 0, 0x1'0000});
  }
}

}  // namespace emu
