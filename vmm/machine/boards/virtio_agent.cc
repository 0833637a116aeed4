#include "vmm/machine/boards/virtio_agent.h"

#include "absl/strings/str_format.h"
#include "devices/virtio/serial_port.h"
#include "vmm/machine/boards/pci_root.h"

namespace emu {
namespace {

// As the agent looks for it.
constexpr char kPortName[] = "dev.emud.agent.0";

// The port calls without a lock.
void Plug(virtio::SerialPort& serial, BytePort& port, std::mutex& device_mutex) {
  port.SetHandlers({.receive =
                        [&serial, &device_mutex](std::span<const std::byte> bytes) {
                          std::lock_guard lock(device_mutex);
                          return serial.Receive(bytes);
                        },
                    .has_room =
                        [&serial, &device_mutex] {
                          std::lock_guard lock(device_mutex);
                          serial.NotePortHasRoom();
                        },
                    .connection =
                        [&serial, &device_mutex](bool is_open) {
                          std::lock_guard lock(device_mutex);
                          serial.SetConnection(is_open);
                        }});
}

}  // namespace

absl::Status AddAgentPort(const BoardParts& parts, VirtioDisks& devices) {
  BytePort* const port = parts.config.agent;
  if (port == nullptr) return absl::OkStatus();
  if (devices.pci.size() >= PciRoot::kRoom) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "there is no room for the agent beside %d other devices on PCI; take some away",
        devices.pci.size()));
  }
  auto serial = std::make_unique<virtio::SerialPort>(*port, kPortName);
  Plug(*serial, *port, parts.address_space.device_mutex());
  devices.pci.push_back(std::move(serial));
  return absl::OkStatus();
}

}  // namespace emu
