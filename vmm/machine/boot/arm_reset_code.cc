#include "vmm/machine/boot/arm_reset_code.h"

#include <cstdint>
#include <span>

namespace emu::boot {
namespace {

// Arm ARM (DDI 0487), s. C6.2: LDR (literal), MOV (register), BR.
constexpr uint32_t LoadLiteral(uint32_t target, uint32_t distance_bytes) {
  return 0x5800'0000 | distance_bytes / 4 << 5 | target;
}
constexpr uint32_t MoveZero(uint32_t target) { return 0xaa1f'03e0 | target; }
constexpr uint32_t BranchTo(uint32_t source) { return 0xd61f'0000 | source << 5; }

struct ResetRom {
  uint32_t code[6];
  uint64_t fdt;
  uint64_t start;
};
static_assert(offsetof(ResetRom, fdt) == 24 && offsetof(ResetRom, start) == 32);

}  // namespace

std::vector<std::byte> ArmResetCode(GuestPhysAddr start, GuestPhysAddr fdt) {
  const ResetRom rom = {
      .code = {LoadLiteral(0, offsetof(ResetRom, fdt)), MoveZero(1), MoveZero(2), MoveZero(3),
               LoadLiteral(4, offsetof(ResetRom, start) - 16), BranchTo(4)},
      .fdt = fdt.value,
      .start = start.value,
  };
  const auto bytes = std::as_bytes(std::span(&rom, 1));
  return {bytes.begin(), bytes.end()};
}

}  // namespace emu::boot
