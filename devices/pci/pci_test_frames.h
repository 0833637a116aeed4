// A PCI function in one range of addresses, for tests of all devices.
#pragma once

#include <vector>

#include "devices/pci/function.h"
#include "devices/pci/pci_spec.h"
#include "vmm/base/bits.h"

namespace emu {

// Its configuration, then the BARs of a virtio device: MSI-X, and the transport's structures.
class PciFrames final : public MmioHandler {
 public:
  static constexpr uint64_t kMsix = 0x1000, kStructures = 0x2000, kSize = 0x6000;
  // Where the control word is, as the capability is the first one.
  static constexpr uint64_t kMsixControl = pci::kHeaderEnd + pci::kMsixControl;

  explicit PciFrames(pci::Function& function) : function_(function) {}

  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override {
    if (offset >= kStructures) {
      return function_.BarRead(4, offset - kStructures, width_bytes, value);
    }
    if (offset >= kMsix) return function_.BarRead(1, offset - kMsix, width_bytes, value);
    if (!IsConfig(offset, width_bytes)) return AccessResult::kBadAccess;
    *value = function_.ConfigRead(static_cast<uint32_t>(offset), width_bytes);
    return AccessResult::kOk;
  }
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override {
    if (offset >= kStructures) {
      return function_.BarWrite(4, offset - kStructures, width_bytes, value);
    }
    if (offset >= kMsix) return function_.BarWrite(1, offset - kMsix, width_bytes, value);
    if (!IsConfig(offset, width_bytes)) return AccessResult::kBadAccess;
    function_.ConfigWrite(static_cast<uint32_t>(offset), width_bytes, static_cast<uint32_t>(value));
    return AccessResult::kOk;
  }

  // Those that a driver uses.
  static std::vector<uint64_t> Registers() {
    return {pci::kCommand,        kMsixControl,        kMsix + 0x08,       kMsix + 0x0c,
            kMsix + 0x18,         kMsix + 0x1c,        kMsix + 0x20,       kStructures + 0x00,
            kStructures + 0x04,   kStructures + 0x08,  kStructures + 0x0c, kStructures + 0x10,
            kStructures + 0x14,   kStructures + 0x16,  kStructures + 0x18, kStructures + 0x1a,
            kStructures + 0x1c,   kStructures + 0x20,  kStructures + 0x28, kStructures + 0x30,
            kStructures + 0x1000, kStructures + 0x2000};
  }

 private:
  static bool IsConfig(uint64_t offset, uint32_t width_bytes) {
    return offset < pci::kConfigBytes && width_bytes <= 4 && IsAligned(offset, width_bytes);
  }

  pci::Function& function_;
};

}  // namespace emu
