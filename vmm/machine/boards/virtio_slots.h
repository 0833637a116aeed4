// The virtio-mmio slots of a board: a console, random numbers, then disks and network cards; the
// rest is empty.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "devices/virtio/mmio_transport.h"
#include "vmm/machine/board.h"
#include "vmm/machine/boards/virtio_disks.h"
#include "vmm/machine/console_switch.h"

namespace emu {

class VirtioSlots {
 public:
  struct Layout {
    GuestPhysAddr base;
    uint64_t stride;  // in bytes; at most virtio::kMmioSize
    uint32_t count;
    uint32_t first_number;  // of slot 0 in snapshots; then one by one
    std::function<InterruptLine(uint32_t slot)> irq;
  };
  // What `count` slots have room for beside the console and random numbers, which are always there.
  static constexpr uint32_t RoomForOthers(uint32_t count) { return count - 2; }

  // `others`: as many as there is room for. The console gets a port of `console_switch`.
  VirtioSlots(GuestMemory& memory, ConsoleSwitch& console_switch, VirtioDevices others,
              Layout layout);

  absl::Status Map(AddressSpace& address_space);
  void AppendTo(std::vector<Board::NamedDevice>& devices);
  // Those that hold a device.
  std::vector<uint32_t> occupied() const;

 private:
  const Layout layout_;
  std::vector<std::unique_ptr<virtio::MmioTransport>> slots_;
};

}  // namespace emu
