// A FwCfg and requests to it, for tests of all devices: memory at random hardly ever is a request.
#pragma once

#include <vector>

#include "devices/core/device_test_bench.h"
#include "devices/firmware/fw_cfg.h"

namespace emu {

// The device's registers; before the address of a request is written, there is one, which the
// address chooses.
class FwCfgCommands final : public MmioHandler {
 public:
  FwCfgCommands(FwCfg& device, GuestMemory& memory) : device_(device), memory_(memory) {
    device.AddFile("etc/file", std::vector<std::byte>(100, std::byte{7}));
  }

  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override {
    return device_.MmioRead(offset, width_bytes, value);
  }
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override {
    if (offset == 8) {
      width_bytes = 2;
      value = __builtin_bswap16(value % 0x28);
    }
    if (offset == 0x10) value = value % 2;  // a half that leads nowhere, or the right one
    if (offset == 0x14) {
      constexpr uint8_t kControls[] = {2, 4, 8, 10, 12, 18};
      const uint8_t request[] = {0,    uint8_t(value >> 8 & 0x2f),
                                 0,    kControls[value % 6],
                                 0,    0,
                                 0,    uint8_t(value >> 16),
                                 0,    0,
                                 0,    0,
                                 0x80, 0,
                                 0x40, 0};
      if (!memory_.Write(kRequest, std::as_bytes(std::span(request)))) abort();
      value = __builtin_bswap32(static_cast<uint32_t>(kRequest.value));
    }
    return device_.MmioWrite(offset, width_bytes, value);
  }

  static std::vector<uint64_t> Registers() { return {0x0, 0x8, 0x10, 0x14}; }

 private:
  static constexpr GuestPhysAddr kRequest = DeviceTestBench::kRam + 0x5000;

  FwCfg& device_;
  GuestMemory& memory_;
};

}  // namespace emu
