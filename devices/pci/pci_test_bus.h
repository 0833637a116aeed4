// A bus and what a driver does to it, for tests.
#pragma once

#include <utility>
#include <vector>

#include "devices/core/device_test_bench.h"
#include "devices/pci/host_bridge.h"

namespace emu::pci {

// A host bridge whose pins show as levels and whose messages are kept.
class PciTestBus {
 public:
  static constexpr GuestPhysAddr kWindow{0x4000'0000};
  static constexpr uint64_t kController = 0xfee0'0000;  // messages to it interrupt

  PciTestBus()
      : bridge_(bench_.memory(),
                {DeviceTestBench::Wire(pins[0]), DeviceTestBench::Wire(pins[1]),
                 DeviceTestBench::Wire(pins[2]), DeviceTestBench::Wire(pins[3])},
                [this](uint32_t requester, uint64_t address, uint32_t data) {
                  if (address != kController) return false;
                  messages.emplace_back(requester, data);
                  return true;
                }),
        window_(bridge_.AddWindow(kWindow)) {}

  HostBridge& bridge() { return bridge_; }
  GuestMemory& memory() { return bench_.memory(); }

  static uint64_t ConfigOf(uint32_t slot, uint32_t offset) {
    return uint64_t{slot} << kEcamSlotShift | offset;
  }
  uint32_t Get(uint32_t slot, uint32_t offset, uint32_t width_bytes = 4) {
    return static_cast<uint32_t>(
        DeviceTestBench::Read(bridge_.ecam(), ConfigOf(slot, offset), width_bytes));
  }
  void Set(uint32_t slot, uint32_t offset, uint32_t value, uint32_t width_bytes = 4) {
    DeviceTestBench::Write(bridge_.ecam(), ConfigOf(slot, offset), value, width_bytes);
  }
  uint64_t Load(GuestPhysAddr address, uint32_t width_bytes = 4) {
    return DeviceTestBench::Read(window_, address - kWindow, width_bytes);
  }
  void Store(GuestPhysAddr address, uint64_t value, uint32_t width_bytes = 4) {
    DeviceTestBench::Write(window_, address - kWindow, value, width_bytes);
  }

  // Where the next capability with `id` at or behind the link at `from` is; 0 if there is none.
  uint32_t FindCapability(uint32_t slot, uint8_t id, uint32_t from = kCapabilities) {
    for (uint32_t at = Get(slot, from, 1); at != 0; at = Get(slot, at + 1, 1)) {
      if (Get(slot, at, 1) == id) return at;
    }
    return 0;
  }

  std::array<bool, kPins> pins = {};
  std::vector<std::pair<uint32_t, uint32_t>> messages;  // requester, data

 private:
  DeviceTestBench bench_;
  HostBridge bridge_;
  MmioHandler& window_;
};

}  // namespace emu::pci
