// QEMU docs/specs/fw_cfg.rst: how a machine tells its firmware about itself; the registers are
// those of Linux Documentation/devicetree/bindings/arm/fw-cfg.yaml, on a little-endian machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "devices/core/register_spec.h"

namespace emu::fw_cfg {

enum class Reg : uint32_t { kData, kSelector, kDmaAddress };

// Selector and address are big-endian.
inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kData), "data", 0x00, 8, 1},
    {static_cast<uint32_t>(Reg::kSelector), "selector", 0x08, 2, 2},
    {static_cast<uint32_t>(Reg::kDmaAddress), "dma_address", 0x10, 8, 4},
};
static_assert(RegistersAreDisjoint(kRegisters));
inline constexpr uint64_t kMmioSize = 0x18;

inline constexpr uint64_t kDmaSignature = 0x5145'4d55'2043'4647;  // "QEMU CFG"

// Items.
inline constexpr uint16_t kSignature = 0x0000, kFeatures = 0x0001, kFileDirectory = 0x0019,
                          kFirstFile = 0x0020;
inline constexpr uint32_t kFeatureTraditional = 1, kFeatureDma = 2;

// An entry of the directory, behind its count; all big-endian.
inline constexpr size_t kEntryBytes = 64, kEntrySelector = 4, kEntryName = 8, kNameBytes = 56;

// A request by DMA: control, length, address; all big-endian.
inline constexpr size_t kDmaBytes = 16, kDmaLength = 4, kDmaTarget = 8;
inline constexpr uint32_t kDmaError = 1, kDmaRead = 2, kDmaSkip = 4, kDmaSelect = 8, kDmaWrite = 16;
inline constexpr uint32_t kDmaSelectorShift = 16;

}  // namespace emu::fw_cfg
