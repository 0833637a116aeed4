// The PCI bus of a board: a host bridge, and virtio functions from slot 1 on.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "devices/core/fdt_node.h"
#include "devices/pci/host_bridge.h"
#include "devices/virtio/pci_transport.h"
#include "vmm/machine/board.h"
#include "vmm/machine/boards/pci_layout.h"
#include "vmm/machine/boards/virtio_disks.h"

namespace emu {

class PciRoot {
 public:
  static constexpr uint32_t kRoom = pci::kSlots - 1;

  // Snapshot numbers: `first_number` is the bridge's, slot n's function has the n-th behind it.
  // `devices` are at most kRoom.
  PciRoot(GuestMemory& memory, VirtioDevices devices, const PciLayout& layout,
          uint32_t first_number, std::array<InterruptLine, pci::kPins> pins,
          pci::HostBridge::Controller controller);

  absl::Status Map(AddressSpace& address_space);
  void AppendTo(std::vector<Board::NamedDevice>& devices);

 private:
  const PciLayout layout_;
  const uint32_t first_number_;
  pci::HostBridge bridge_;
  std::vector<std::unique_ptr<virtio::PciTransport>> functions_;  // from slot 1 on
};

// What the device tree must know of a board's interrupts to describe its bus.
struct PciFdtInputs {
  uint32_t controller;  // the handle of the one that the pins lead to
  // Behind the handle: its unit address, if it has one, and its description of pin n.
  std::function<std::vector<uint32_t>(uint32_t pin)> interrupt;
  std::optional<uint32_t> message_controller;  // the handle of the one that takes messages
};

// As "pci-host-ecam-generic" of Linux Documentation/devicetree/bindings/pci/host-generic-pci.yaml.
void AddPciHost(FdtNode& parent, const PciLayout& layout, const PciFdtInputs& inputs);

}  // namespace emu
