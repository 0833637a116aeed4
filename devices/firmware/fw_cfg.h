// Items that a machine has for its firmware.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "devices/core/device.h"
#include "devices/core/dma_port.h"
#include "devices/firmware/fw_cfg_spec.h"
#include "vmm/base/address_space.h"

namespace emu {

// QEMU's fw_cfg in memory, with DMA. Items are made with the machine, from its configuration alone,
// and never change: they are no part of a snapshot.
class FwCfg final : public Device, public MmioHandler {
 public:
  explicit FwCfg(GuestMemory& memory);

  void AddItem(uint16_t key, std::vector<std::byte> bytes) { items_[key] = std::move(bytes); }
  // `name` of at most 55 bytes; in the order in which they are added.
  void AddFile(std::string_view name, std::vector<std::byte> bytes);

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  void Select(uint16_t key);
  // What follows in the selected item; behind its end, and of an item that is not there, nothing.
  std::span<const std::byte> Rest() const;
  uint64_t ReadData(uint32_t width_bytes);
  void RunDma(GuestPhysAddr request);
  bool Transfer(uint32_t control, GuestPhysAddr target, uint64_t length);

  DmaPort dma_;
  std::map<uint16_t, std::vector<std::byte>> items_;
  uint16_t selected_ = 0;
  uint64_t offset_ = 0;    // in the selected item
  uint32_t dma_high_ = 0;  // of the address, until the lower half comes
};

}  // namespace emu
