// Where things are on aarch64's `virt` board. QEMU hw/arm/virt.c has the same map.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "devices/firmware/fw_cfg_spec.h"
#include "devices/interrupt/gicv2m.h"
#include "devices/interrupt/gicv3_spec.h"
#include "vmm/base/address.h"
#include "vmm/machine/boards/flash_layout.h"
#include "vmm/machine/boards/pci_layout.h"

namespace emu::aarch64_virt {

enum class Place : uint8_t {
  kFlash,
  kVariables,
  kGicDistributor,
  kGicCpuInterface,  // of version 2, as are its messages
  kGicMessages,
  kGicIts,
  kGicRedistributors,
  kUart0,
  kRtc,
  kFwCfg,
  kGpio,
  kVirtio,
  kPcieMemory,
  kPcieIo,
  kDram,
  kPcieEcam,
  kHighPcieMemory,
};

struct MapRow {
  Place place;
  GuestPhysAddr base;
  uint64_t size;  // kDram's comes from the configuration
};

inline constexpr uint32_t kMaxCpus = 8;
inline constexpr uint32_t kVirtioSlots = 32;
inline constexpr uint64_t kVirtioSlotSize = 0x200;

inline constexpr std::array<MapRow, 17> kMap = {{
    {Place::kFlash, 0x0_gpa, 0x400'0000},             // code: reads are memory's
    {Place::kVariables, 0x400'0000_gpa, 0x400'0000},  // firmware's, reads are not
    {Place::kGicDistributor, 0x800'0000_gpa, 0x1'0000},
    {Place::kGicCpuInterface, 0x801'0000_gpa, 0x1'0000},
    {Place::kGicMessages, 0x802'0000_gpa, gicv2m::kMmioSize},
    {Place::kGicIts, 0x808'0000_gpa, 0x2'0000},
    {Place::kGicRedistributors, 0x80a'0000_gpa, kMaxCpus* gicv3::kRedistributorStride},
    {Place::kUart0, 0x900'0000_gpa, 0x1000},
    {Place::kRtc, 0x901'0000_gpa, 0x1000},
    {Place::kFwCfg, 0x902'0000_gpa, fw_cfg::kMmioSize},
    {Place::kGpio, 0x903'0000_gpa, 0x1000},
    {Place::kVirtio, 0xa00'0000_gpa, kVirtioSlots* kVirtioSlotSize},
    {Place::kPcieMemory, 0x1000'0000_gpa, 0x2eff'0000},
    {Place::kPcieIo, 0x3eff'0000_gpa, 0x1'0000},
    {Place::kDram, 0x4000'0000_gpa, 0},
    {Place::kPcieEcam, 0x40'1000'0000_gpa, 0x1000'0000},
    {Place::kHighPcieMemory, 0x80'0000'0000_gpa, 0x80'0000'0000},
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

constexpr PciLayout::Range RangeAt(Place place) { return {At(place).base, At(place).size}; }
inline constexpr PciLayout kPciPlaces = {.ecam = RangeAt(Place::kPcieEcam),
                                         .io = RangeAt(Place::kPcieIo),
                                         .memory = RangeAt(Place::kPcieMemory),
                                         .memory64 = RangeAt(Place::kHighPcieMemory)};

// Shared interrupts, counted from INTID 32.
inline constexpr uint32_t kUart0Irq = 1;
inline constexpr uint32_t kRtcIrq = 2;
inline constexpr uint32_t kPcieIrq = 3;  // pin A; then one by one
inline constexpr uint32_t kGpioIrq = 7;
inline constexpr uint32_t kVirtioIrq = 16;   // slot 0; then one by one
inline constexpr uint32_t kMessageIrq = 48;  // the first of GICv2's
inline constexpr uint32_t kMessageIrqs = 64;
inline constexpr uint32_t kSharedIntid = 32;  // the first

// A processor's own: INTIDs of its timers.
inline constexpr uint32_t kVirtualTimerIntid = 27;
inline constexpr uint32_t kPhysicalTimerIntid = 30;

// Interrupt inputs of a processor, and its outputs.
inline constexpr uint32_t kIrqInput = 0;
inline constexpr uint32_t kFiqInput = 1;
inline constexpr uint32_t kPhysicalTimerOutput = 0;
inline constexpr uint32_t kVirtualTimerOutput = 1;

inline constexpr uint32_t kPowerButtonPin = 3;

// Kernels lie 2 MiB aligned; what is below belongs to who loads them, as on QEMU.
inline constexpr GuestPhysAddr kKernelBase = At(Place::kDram).base + 0x20'0000;

}  // namespace emu::aarch64_virt
