#include "devices/pci/host_bridge.h"

#include "vmm/base/bits.h"
#include "vmm/base/endian.h"

namespace emu::pci {
namespace {

constexpr Identity kIdentity = {.vendor = 0x1b36,  // Red Hat
                                .device = 0x0008,  // "QEMU PCIe Host bridge"
                                .revision = 0,
                                .class_code = 0x060000,
                                .subsystem_vendor = 0x1af4,
                                .subsystem = 0x1100,
                                .has_pin = false};

// Which register of which function an offset into the configuration names.
struct ConfigPlace {
  uint32_t bus, slot, function, offset;

  explicit ConfigPlace(uint64_t at)
      : bus(static_cast<uint32_t>(at >> kEcamBusShift)),
        slot(at >> kEcamSlotShift & (kSlots - 1)),
        function(at >> kEcamFunctionShift & (kFunctionsPerSlot - 1)),
        offset(at & (kEcamFunctionBytes - 1)) {}
};

bool IsConfigAccess(uint64_t offset, uint32_t width_bytes) {
  return width_bytes <= 4 && IsAligned(offset, width_bytes);
}

}  // namespace

HostBridge::HostBridge(GuestMemory& memory, std::array<InterruptLine, kPins> pins,
                       Controller controller)
    : dma_(memory),
      pins_(std::move(pins)),
      controller_(std::move(controller)),
      config_(kIdentity),
      ecam_(*this) {}

Slot HostBridge::MakeSlot(uint32_t slot) {
  return {.pin = InterruptLine([this, slot](bool level) { SetPin(slot, level); }),
          .messages = [this, slot](uint64_t address, uint32_t data) {
            if (controller_(slot * kFunctionsPerSlot, address, data)) return;
            std::array<std::byte, sizeof(data)> bytes;
            StoreLittle(std::span(bytes), data);
            (void)dma_.Write(GuestPhysAddr(address), bytes);  // nobody there: lost, as on a bus
          }};
}

MmioHandler& HostBridge::AddWindow(GuestPhysAddr base) {
  return *windows_.emplace_back(std::make_unique<Window>(*this, base));
}

void HostBridge::SetPin(uint32_t slot, bool level) {
  const uint32_t bit = uint32_t{1} << slot;
  asserted_ = level ? asserted_ | bit : asserted_ & ~bit;
  bool any = false;
  for (uint32_t other = slot % kPins; other < kSlots; other += kPins) {
    any = any || (asserted_ >> other & 1) != 0;
  }
  pins_[slot % kPins].Set(any);
}

void HostBridge::Reset() { config_.Reset(); }

// Functions drive their pins again, each for itself.
absl::Status HostBridge::AfterRestore() {
  for (InterruptLine& pin : pins_) pin.Redrive();
  return absl::OkStatus();
}

AccessResult HostBridge::Ecam::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  *value = kNobody & WidthMask(width_bytes);
  if (!IsConfigAccess(offset, width_bytes)) return AccessResult::kBadAccess;
  const ConfigPlace place(offset);
  if (place.bus != 0 || place.function != 0 || place.offset >= kConfigBytes) {
    return AccessResult::kOk;
  }
  if (place.slot == 0) {
    *value = bridge_.config_.Read(place.offset, width_bytes);
  } else if (Function* const function = bridge_.functions_[place.slot]) {
    *value = function->ConfigRead(place.offset, width_bytes);
  }
  return AccessResult::kOk;
}

AccessResult HostBridge::Ecam::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  if (!IsConfigAccess(offset, width_bytes)) return AccessResult::kBadAccess;
  const ConfigPlace place(offset);
  if (place.bus != 0 || place.function != 0 || place.offset >= kConfigBytes) {
    return AccessResult::kOk;
  }
  const auto narrow = static_cast<uint32_t>(value);
  if (place.slot == 0) {
    bridge_.config_.Write(place.offset, width_bytes, narrow);
  } else if (Function* const function = bridge_.functions_[place.slot]) {
    function->ConfigWrite(place.offset, width_bytes, narrow);
  }
  return AccessResult::kOk;
}

AccessResult HostBridge::Window::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  for (Function* const function : bridge_.functions_) {
    if (function == nullptr) continue;
    if (const auto target = function->config().Find(base_.value + offset)) {
      return function->BarRead(target->bar, target->offset, width_bytes, value);
    }
  }
  *value = kNobody & WidthMask(width_bytes);
  return AccessResult::kOk;
}

AccessResult HostBridge::Window::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  for (Function* const function : bridge_.functions_) {
    if (function == nullptr) continue;
    if (const auto target = function->config().Find(base_.value + offset)) {
      return function->BarWrite(target->bar, target->offset, width_bytes, value);
    }
  }
  return AccessResult::kOk;
}

}  // namespace emu::pci
