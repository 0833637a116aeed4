#include "vmm/machine/boards/virtio_nics.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "devices/virtio/net.h"
#include "vmm/machine/boards/pci_root.h"

namespace emu {
namespace {

// The port calls without a lock.
void Plug(virtio::Net& net, PacketPort& port, std::mutex& device_mutex) {
  port.SetHandlers({.receive =
                        [&net, &device_mutex](std::span<const std::byte> packet) {
                          std::lock_guard lock(device_mutex);
                          return net.Receive(packet);
                        },
                    .has_room =
                        [&net, &device_mutex] {
                          std::lock_guard lock(device_mutex);
                          net.NotePortHasRoom();
                        },
                    .link =
                        [&net, &device_mutex](bool is_up) {
                          std::lock_guard lock(device_mutex);
                          net.SetLink(is_up);
                        }});
}

}  // namespace

absl::Status AddNics(const BoardParts& parts, uint32_t mmio_room, VirtioDisks& devices) {
  for (const NicConfig& config : parts.config.nics) {
    const bool is_pci = config.bus == VirtioBus::kPci;
    VirtioDevices& bus = is_pci ? devices.pci : devices.mmio;
    if (bus.size() >= (is_pci ? PciRoot::kRoom : mmio_room)) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "nics: there is no room beside %d other devices; take some away", bus.size()));
    }
    const auto pairs =
        static_cast<uint16_t>(std::min<uint32_t>(parts.config.cpus, virtio::net::kMaxQueuePairs));
    auto net = std::make_unique<virtio::Net>(*config.port, config.mac, pairs);
    Plug(*net, *config.port, parts.address_space.device_mutex());
    bus.push_back(std::move(net));
  }
  return absl::OkStatus();
}

}  // namespace emu
