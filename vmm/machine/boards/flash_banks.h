// The two banks of flash on a board: code that runs in place, and what it remembers.
#pragma once

#include "absl/status/statusor.h"
#include "devices/core/fdt_node.h"
#include "devices/flash/cfi_flash.h"
#include "vmm/base/guest_memory.h"
#include "vmm/machine/board.h"
#include "vmm/machine/boards/flash_layout.h"

namespace emu {

// The code's: memory to whoever reads it or runs in it.
absl::Status AddFlashMemory(const FlashLayout& layout, GuestMemory& memory);

// A store over the configuration's file, which keeps its descriptor. FlashStore::Open's errors.
absl::StatusOr<FlashStore> OpenVariables(const BoardParts& parts, const FlashLayout& layout);

class FlashBanks {
 public:
  FlashBanks(const FlashLayout& layout, FlashStore variables)
      : layout_(layout), variables_(std::move(variables)) {}

  absl::Status Map(AddressSpace& address_space);
  Device& variables() { return variables_; }

 private:
  // Stores are lost.
  class WriteProtection final : public MmioHandler {
   public:
    AccessResult MmioRead(uint64_t, uint32_t, uint64_t*) override { return AccessResult::kOk; }
    AccessResult MmioWrite(uint64_t, uint32_t, uint64_t) override { return AccessResult::kOk; }
  };

  const FlashLayout layout_;
  WriteProtection code_;
  CfiFlash variables_;
};

void AddFlash(FdtNode& parent, const FlashLayout& layout);

}  // namespace emu
