// Where things are on riscv64's `virt` board. QEMU hw/riscv/virt.c has the same map.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "vmm/base/address.h"

namespace emu::riscv64_virt {

enum class Place : uint8_t {
  kMrom,
  kTest,
  kRtc,
  kClint,
  kPlic,
  kUart0,
  kVirtio,
  kFwCfg,
  kFlash,
  kPcieEcam,
  kDram,
};

struct MapRow {
  Place place;
  GuestPhysAddr base;
  uint64_t size;  // kDram's comes from the configuration
};

inline constexpr uint32_t kVirtioSlots = 8;
inline constexpr uint64_t kVirtioSlotSize = 0x1000;

inline constexpr std::array<MapRow, 11> kMap = {{
    {Place::kMrom, 0x1000_gpa, 0xf000},
    {Place::kTest, 0x10'0000_gpa, 0x1000},
    {Place::kRtc, 0x10'1000_gpa, 0x1000},
    {Place::kClint, 0x200'0000_gpa, 0x1'0000},
    {Place::kPlic, 0xc00'0000_gpa, 0x60'0000},
    {Place::kUart0, 0x1000'0000_gpa, 0x100},
    {Place::kVirtio, 0x1000'1000_gpa, kVirtioSlots* kVirtioSlotSize},
    {Place::kFwCfg, 0x1010'0000_gpa, 0x18},            // reserved
    {Place::kFlash, 0x2000'0000_gpa, 0x400'0000},      // reserved
    {Place::kPcieEcam, 0x3000'0000_gpa, 0x1000'0000},  // reserved
    {Place::kDram, 0x8000'0000_gpa, 0},
}};

constexpr const MapRow& At(Place place) { return kMap[static_cast<size_t>(place)]; }

constexpr bool MapIsOrderedAndDisjoint() {
  for (size_t i = 0; i < kMap.size(); ++i) {
    if (static_cast<size_t>(kMap[i].place) != i) return false;
    if (i > 0 && kMap[i - 1].base + kMap[i - 1].size > kMap[i].base) return false;
  }
  return true;
}
static_assert(MapIsOrderedAndDisjoint());

// Sources of the PLIC.
inline constexpr uint32_t kVirtioIrq = 1;  // slot 0; then one by one
inline constexpr uint32_t kUart0Irq = 10;
inline constexpr uint32_t kRtcIrq = 11;

// Bits of mip that Vcpu::SetInterrupt takes.
inline constexpr uint32_t kMachineSoftware = 3;
inline constexpr uint32_t kMachineTimer = 7;
inline constexpr uint32_t kSupervisorExternal = 9;
inline constexpr uint32_t kMachineExternal = 11;

inline constexpr uint32_t kTimebaseHz = 10'000'000;
// OpenSBI's load address, and where it expects the next stage.
inline constexpr GuestPhysAddr kFirmwareBase = At(Place::kDram).base;
inline constexpr GuestPhysAddr kKernelBase = kFirmwareBase + 0x20'0000;

}  // namespace emu::riscv64_virt
