// What the processor is and has, as its ID registers say (Arm ARM D19.2). About a Neoverse N1, as
// far as it is there; EL2, EL3, AArch32 and the PMU are absent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "translator/guest/guest_isa.h"

namespace emu::translator::aarch64 {

// Software's own implementer code, so that no erratum of a real core is worked around.
inline constexpr uint64_t kMidr = 0x000f'0e10;

namespace feature {
constexpr uint64_t At(uint32_t position, uint64_t value) { return value << position; }
}  // namespace feature

// EL0 and EL1 in AArch64 only; FP and AdvSIMD with half precision; no speculation that a guest
// would have to guard against (CSV2, CSV3).
inline constexpr uint64_t kPfr0 = feature::At(0, 1) | feature::At(4, 1) | feature::At(16, 1) |
                                  feature::At(20, 1) | feature::At(56, 1) | feature::At(60, 1);
// Beside that: a GIC by system registers.
inline constexpr uint64_t kPfr0Gic = feature::At(24, 1);
// Armv8 debug with the two breakpoints and watchpoints that there must be, and no PMU.
inline constexpr uint64_t kDfr0 = feature::At(0, 6) | feature::At(12, 1) | feature::At(20, 1);
// AES with PMULL, SHA-1, SHA-256, CRC32, atomics, rounding multiply-add (RDM), dot product, TLBI by
// range and for the outer shareable domain.
inline constexpr uint64_t kIsar0 = feature::At(4, 2) | feature::At(8, 1) | feature::At(12, 1) |
                                   feature::At(16, 1) | feature::At(20, 2) | feature::At(28, 1) |
                                   feature::At(44, 1) | feature::At(56, 2);
// DC CVAP, LDAPR, SB.
inline constexpr uint64_t kIsar1 = feature::At(0, 1) | feature::At(20, 1) | feature::At(36, 1);
// 48-bit physical addresses, 16-bit ASIDs, granules of 4, 16 and 64 KiB.
inline constexpr uint64_t kMmfr0 = feature::At(0, 5) | feature::At(4, 2) | feature::At(20, 1);
// Hardware access flag and dirty state, hierarchical permissions off, PAN with AT.
inline constexpr uint64_t kMmfr1 = feature::At(0, 2) | feature::At(12, 1) | feature::At(20, 2);
// CnP, UAO.
inline constexpr uint64_t kMmfr2 = feature::At(0, 1) | feature::At(4, 1);
// Lines of 64 bytes; for instructions neither data need be cleaned (IDC) nor they be invalidated
// (DIC).
inline constexpr uint64_t kCacheType = feature::At(0, 4) | feature::At(14, 3) | feature::At(16, 4) |
                                       feature::At(20, 4) | feature::At(24, 4) |
                                       feature::At(28, 1) | feature::At(29, 1) | feature::At(31, 1);

// For the device tree's cpu nodes (dt-schema arm/cpus.yaml).
std::vector<Translator::CpuProperty> DescribeProcessor();

}  // namespace emu::translator::aarch64
