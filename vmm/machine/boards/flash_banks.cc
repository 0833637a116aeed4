#include "vmm/machine/boards/flash_banks.h"

#include <fcntl.h>

#include "absl/strings/str_format.h"
#include "vmm/base/status_macros.h"

namespace emu {

absl::Status AddFlashMemory(const FlashLayout& layout, GuestMemory& memory) {
  return memory.AddRegion(layout.code, layout.bank_bytes, MemoryKind::kRom);
}

absl::StatusOr<FlashStore> OpenVariables(const BoardParts& parts, const FlashLayout& layout) {
  UniqueFd file;
  if (parts.config.variables.is_valid()) {
    file.Reset(fcntl(parts.config.variables.get(), F_DUPFD_CLOEXEC, 0));
  }
  return FlashStore::Open(std::move(file), parts.work, layout.bank_bytes, cfi_flash::kSectorBytes);
}

absl::Status FlashBanks::Map(AddressSpace& address_space) {
  RETURN_IF_ERROR(address_space.MapMmio(layout_.code, layout_.bank_bytes, "flash0", code_));
  return address_space.MapMmio(layout_.variables, layout_.bank_bytes, "flash1", variables_);
}

void AddFlash(FdtNode& parent, const FlashLayout& layout) {
  FdtNode flash = parent.Child(absl::StrFormat("flash@%x", layout.code.value));
  flash.String("compatible", "cfi-flash").Cells("bank-width", {cfi_flash::kBusBytes});
  const auto cell = [](uint64_t value) { return static_cast<uint32_t>(value); };
  flash.Cells("reg", {0, cell(layout.code.value), 0, cell(layout.bank_bytes), 0,
                      cell(layout.variables.value), 0, cell(layout.bank_bytes)});
}

}  // namespace emu
