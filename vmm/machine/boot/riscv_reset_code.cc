#include "vmm/machine/boot/riscv_reset_code.h"

#include <cstdint>
#include <span>

namespace emu::boot {
namespace {

enum class Reg : uint32_t { kZero = 0, kT0 = 5, kA0 = 10, kA1 = 11, kA2 = 12 };

constexpr uint32_t kCsrMhartid = 0xf14;

// The I format: RISC-V Unprivileged 20240411 s. 2.3.
constexpr uint32_t IType(uint32_t immediate, Reg source, uint32_t funct3, Reg target,
                         uint32_t opcode) {
  return immediate << 20 | static_cast<uint32_t>(source) << 15 | funct3 << 12 |
         static_cast<uint32_t>(target) << 7 | opcode;
}
constexpr uint32_t AuipcZero(Reg target) { return static_cast<uint32_t>(target) << 7 | 0x17; }
constexpr uint32_t Addi(Reg target, Reg source, uint32_t immediate) {
  return IType(immediate, source, 0, target, 0x13);
}
constexpr uint32_t Csrr(Reg target, uint32_t csr) {
  return IType(csr, Reg::kZero, 2, target, 0x73);
}
constexpr uint32_t Ld(Reg target, Reg base, uint32_t offset) {
  return IType(offset, base, 3, target, 0x03);
}
constexpr uint32_t Jr(Reg target) { return IType(0, target, 0, Reg::kZero, 0x67); }

struct ResetRom {
  uint32_t code[6];
  uint64_t start;
  uint64_t fdt;
  // OpenSBI include/sbi/fw_dynamic.h, struct fw_dynamic_info, version 2.
  struct FwDynamicInfo {
    uint64_t magic;
    uint64_t version;
    uint64_t next_address;
    uint64_t next_mode;
    uint64_t options;
    uint64_t boot_hart;
  } info;
};
constexpr uint32_t kStartOffset = offsetof(ResetRom, start);
constexpr uint32_t kFdtOffset = offsetof(ResetRom, fdt);
constexpr uint32_t kInfoOffset = offsetof(ResetRom, info);
static_assert(kStartOffset == 24 && kFdtOffset == 32 && kInfoOffset == 40);

constexpr uint64_t kInfoMagic = 0x4942534f;  // "OSBI"
constexpr uint64_t kNextModeSupervisor = 1;

}  // namespace

std::vector<std::byte> RiscvResetCode(const RiscvBootTargets& targets) {
  const ResetRom rom = {
      .code = {AuipcZero(Reg::kT0), Addi(Reg::kA2, Reg::kT0, kInfoOffset),
               Csrr(Reg::kA0, kCsrMhartid), Ld(Reg::kA1, Reg::kT0, kFdtOffset),
               Ld(Reg::kT0, Reg::kT0, kStartOffset), Jr(Reg::kT0)},
      .start = targets.start.value,
      .fdt = targets.fdt.value,
      .info = {.magic = kInfoMagic,
               .version = 2,
               .next_address = targets.next.value,
               .next_mode = kNextModeSupervisor,
               .options = 0,
               .boot_hart = 0},
  };
  const auto bytes = std::as_bytes(std::span(&rom, 1));
  return {bytes.begin(), bytes.end()};
}

}  // namespace emu::boot
