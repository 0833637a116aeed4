// Where things are on riscv64's `virt` board. QEMU hw/riscv/virt.c has the same map.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "devices/firmware/fw_cfg_spec.h"
#include "vmm/base/address.h"
#include "vmm/base/bits.h"
#include "vmm/machine/boards/flash_layout.h"
#include "vmm/machine/boards/pci_layout.h"

namespace emu::riscv64_virt {

enum class Place : uint8_t {
  kMrom,
  kTest,
  kRtc,
  kClint,
  kPcieIo,
  kPlic,
  kUart0,
  kVirtio,
  kFwCfg,
  kFlash,
  kVariables,
  kPcieEcam,
  kPcieMemory,
  kDram,
};

struct MapRow {
  Place place;
  GuestPhysAddr base;
  uint64_t size;  // kDram's comes from the configuration
};

inline constexpr uint32_t kVirtioSlots = 8;
inline constexpr uint64_t kVirtioSlotSize = 0x1000;

inline constexpr std::array<MapRow, 14> kMap = {{
    {Place::kMrom, 0x1000_gpa, 0xf000},
    {Place::kTest, 0x10'0000_gpa, 0x1000},
    {Place::kRtc, 0x10'1000_gpa, 0x1000},
    {Place::kClint, 0x200'0000_gpa, 0x1'0000},
    {Place::kPcieIo, 0x300'0000_gpa, 0x1'0000},
    {Place::kPlic, 0xc00'0000_gpa, 0x60'0000},
    {Place::kUart0, 0x1000'0000_gpa, 0x100},
    {Place::kVirtio, 0x1000'1000_gpa, kVirtioSlots* kVirtioSlotSize},
    {Place::kFwCfg, 0x1010'0000_gpa, fw_cfg::kMmioSize},
    {Place::kFlash, 0x2000'0000_gpa, 0x200'0000},      // code: reads are memory's
    {Place::kVariables, 0x2200'0000_gpa, 0x200'0000},  // firmware's, reads are not
    {Place::kPcieEcam, 0x3000'0000_gpa, 0x1000'0000},
    {Place::kPcieMemory, 0x4000'0000_gpa, 0x4000'0000},
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

inline constexpr FlashLayout kFlashLayout = {.code = At(Place::kFlash).base,
                                             .variables = At(Place::kVariables).base,
                                             .bank_bytes = At(Place::kFlash).size};

// Sources of the PLIC.
inline constexpr uint32_t kVirtioIrq = 1;  // slot 0; then one by one
inline constexpr uint32_t kUart0Irq = 10;
inline constexpr uint32_t kRtcIrq = 11;
inline constexpr uint32_t kPcieIrq = 32;  // pin A; then one by one

// Another window for PCI's memory, behind RAM: at a multiple of its size.
inline constexpr uint64_t kHighPcieMemorySize = 0x4'0000'0000;

constexpr PciLayout PciPlaces(GuestPhysAddr ram_end) {
  const auto range = [](Place place) { return PciLayout::Range{At(place).base, At(place).size}; };
  return {.ecam = range(Place::kPcieEcam),
          .io = range(Place::kPcieIo),
          .memory = range(Place::kPcieMemory),
          .memory64 = {GuestPhysAddr(AlignUp(ram_end.value, kHighPcieMemorySize)),
                       kHighPcieMemorySize}};
}

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
