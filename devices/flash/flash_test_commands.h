// A CfiFlash behind one register for each command, for tests of all devices: words at random are
// hardly ever commands.
#pragma once

#include <vector>

#include "devices/flash/cfi_flash.h"
#include "vmm/base/address.h"

namespace emu {

// A write to command n's register writes that command to a word of the flash that the value says.
class FlashCommands final : public MmioHandler {
 public:
  static constexpr uint8_t kCommands[] = {0x20, 0x40, 0x50, 0x60, 0x70, 0x90,
                                          0x98, 0xd0, 0xd0, 0xe8, 0xe8, 0xff};
  static constexpr uint64_t kArray = 0x1000;
  static constexpr uint64_t kArrayBytes = 4 * kPageSize;

  explicit FlashCommands(CfiFlash& flash) : flash_(flash) {}

  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override {
    return flash_.MmioRead(offset % kArrayBytes, width_bytes, value);
  }
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override {
    if (offset >= kArray) return flash_.MmioWrite(offset - kArray, width_bytes, value);
    return flash_.MmioWrite(value % 0x100 * 4, 4, kCommands[offset / 4 % std::size(kCommands)]);
  }

  // Those that a driver uses.
  static std::vector<uint64_t> Registers() {
    std::vector<uint64_t> registers = {kArray,         kArray + 4,      kArray + 8,
                                       kArray + 0x200, kArray + 0x1000, kArray + 0x2000};
    for (uint64_t i = 0; i < std::size(kCommands); ++i) registers.push_back(4 * i);
    return registers;
  }

 private:
  CfiFlash& flash_;
};

}  // namespace emu
