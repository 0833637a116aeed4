// Arm Generic Interrupt Controller Architecture Specification, GICv3 and GICv4 (IHI 0069H), chapter
// 12: a distributor and redistributors with one security state (GICD_CTLR.DS is one) and affinity
// routing only.
#pragma once

#include "devices/core/register_spec.h"
#include "devices/interrupt/gic_bank.h"

namespace emu::gicv3 {

inline constexpr uint32_t kFirstPpi = 16;
inline constexpr uint32_t kMaxCpus = 16;  // Aff0 of their affinities; the rest is zero
inline constexpr uint32_t kFirstSpecial = 1020;
inline constexpr uint32_t kFirstLpi = 8192;
inline constexpr uint32_t kIntidBits = 16;

inline constexpr uint64_t kDistributorSize = 0x1'0000;
inline constexpr uint64_t kRedistributorStride = 0x2'0000;  // RD_base and SGI_base

// The first are gic::BankReg's, here as in the redistributor.
enum class DistributorReg : uint32_t {
  kGroup,
  kSetEnable,
  kClearEnable,
  kSetPending,
  kClearPending,
  kSetActive,
  kClearActive,
  kPriority,
  kConfig,
  kCtlr,
  kTyper,
  kTyper2,
  kIidr,
  kTargets,
  kGroupModifier,
  kNonSecureAccess,
  kRouter,
  kIdentification,
};

// Arrays begin with INTID 0, whose first words are the redistributors'.
inline constexpr RegisterSpec kDistributorRegisters[] = {
    {static_cast<uint32_t>(DistributorReg::kCtlr), "GICD_CTLR", 0x0000, 4, 4},
    {static_cast<uint32_t>(DistributorReg::kTyper), "GICD_TYPER", 0x0004, 4, 4},
    {static_cast<uint32_t>(DistributorReg::kIidr), "GICD_IIDR", 0x0008, 4, 4},
    {static_cast<uint32_t>(DistributorReg::kTyper2), "GICD_TYPER2", 0x000c, 4, 4},
    {static_cast<uint32_t>(DistributorReg::kGroup), "GICD_IGROUPR", 0x0080, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kSetEnable), "GICD_ISENABLER", 0x0100, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kClearEnable), "GICD_ICENABLER", 0x0180, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kSetPending), "GICD_ISPENDR", 0x0200, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kClearPending), "GICD_ICPENDR", 0x0280, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kSetActive), "GICD_ISACTIVER", 0x0300, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kClearActive), "GICD_ICACTIVER", 0x0380, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kPriority), "GICD_IPRIORITYR", 0x0400, 4, 1, 256, 4},
    {static_cast<uint32_t>(DistributorReg::kTargets), "GICD_ITARGETSR", 0x0800, 4, 1, 256, 4},
    {static_cast<uint32_t>(DistributorReg::kConfig), "GICD_ICFGR", 0x0c00, 4, 4, 64, 4},
    {static_cast<uint32_t>(DistributorReg::kGroupModifier), "GICD_IGRPMODR", 0x0d00, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kNonSecureAccess), "GICD_NSACR", 0x0e00, 4, 4, 64, 4},
    {static_cast<uint32_t>(DistributorReg::kRouter), "GICD_IROUTER", 0x6000, 8, 4, 1020, 8},
    {static_cast<uint32_t>(DistributorReg::kIdentification), "GICD_PIDR", 0xffd0, 4, 4, 12, 4},
};
static_assert(RegistersAreDisjoint(kDistributorRegisters));

enum class RedistributorReg : uint32_t {
  kGroup,
  kSetEnable,
  kClearEnable,
  kSetPending,
  kClearPending,
  kSetActive,
  kClearActive,
  kPriority,
  kConfig,
  kCtlr,
  kIidr,
  kTyper,
  kWaker,
  kPropertyBase,
  kPendingBase,
  kSync,
  kIdentification,
  kGroupModifier,
  kNonSecureAccess,
  kSgiIdentification,
};

inline constexpr RegisterSpec kRedistributorRegisters[] = {
    {static_cast<uint32_t>(RedistributorReg::kCtlr), "GICR_CTLR", 0x00000, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kIidr), "GICR_IIDR", 0x00004, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kTyper), "GICR_TYPER", 0x00008, 8, 4},
    {static_cast<uint32_t>(RedistributorReg::kWaker), "GICR_WAKER", 0x00014, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kPropertyBase), "GICR_PROPBASER", 0x00070, 8, 4},
    {static_cast<uint32_t>(RedistributorReg::kPendingBase), "GICR_PENDBASER", 0x00078, 8, 4},
    {static_cast<uint32_t>(RedistributorReg::kSync), "GICR_SYNCR", 0x000c0, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kIdentification), "GICR_PIDR", 0x0ffd0, 4, 4, 12, 4},
    {static_cast<uint32_t>(RedistributorReg::kGroup), "GICR_IGROUPR0", 0x10080, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kSetEnable), "GICR_ISENABLER0", 0x10100, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kClearEnable), "GICR_ICENABLER0", 0x10180, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kSetPending), "GICR_ISPENDR0", 0x10200, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kClearPending), "GICR_ICPENDR0", 0x10280, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kSetActive), "GICR_ISACTIVER0", 0x10300, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kClearActive), "GICR_ICACTIVER0", 0x10380, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kPriority), "GICR_IPRIORITYR", 0x10400, 4, 1, 8, 4},
    {static_cast<uint32_t>(RedistributorReg::kConfig), "GICR_ICFGR", 0x10c00, 4, 4, 2, 4},
    {static_cast<uint32_t>(RedistributorReg::kGroupModifier), "GICR_IGRPMODR0", 0x10d00, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kNonSecureAccess), "GICR_NSACR", 0x10e00, 4, 4},
    {static_cast<uint32_t>(RedistributorReg::kSgiIdentification), "GICR_PIDR", 0x1ffd0, 4, 4, 12,
     4},
};
static_assert(RegistersAreDisjoint(kRedistributorRegisters));

inline constexpr uint32_t kCtlrAffinityRouting = 0x10, kCtlrOneSecurityState = 0x40;
// IDbits, A3V, No1N; LPIs; the number of banks less one.
inline constexpr uint32_t kDistributorTyper =
    (kIntidBits - 1) << 19 | 1 << 25 | 1 << 24 | 1 << 17 | (gic::kBankCount - 1);
inline constexpr uint32_t kIidr = 0x43b;  // Arm
inline constexpr uint64_t kRouterMask = 0xff'00ff'ffff;

inline constexpr uint32_t kRedistributorEnableLpis = 1;
inline constexpr uint32_t kRedistributorCanDisableLpis = 2;  // CES
inline constexpr uint32_t kWakerSleep = 2, kWakerChildrenAsleep = 4;
inline constexpr uint64_t kTyperPhysicalLpis = 1, kTyperLast = 0x10;
inline constexpr uint64_t kTyperCommonLpiAffinity = 1 << 24;  // Aff3
inline constexpr uint32_t kTyperNumberShift = 8, kTyperAffinityShift = 32;

// PIDR4 to PIDR7, PIDR0 to PIDR3, CIDR0 to CIDR3: Arm, architecture version 3 in PIDR2. PIDR0 is
// the frame's.
inline constexpr uint8_t kIdentification[12] = {0x44, 0, 0,    0,    0,    0xb4,
                                                0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1};
inline constexpr uint32_t kPidr0Index = 4;
inline constexpr uint8_t kDistributorPidr0 = 0x92, kRedistributorPidr0 = 0x93, kItsPidr0 = 0x94;

constexpr uint32_t IdentificationByte(uint32_t index, uint8_t pidr0) {
  return index == kPidr0Index ? pidr0 : kIdentification[index];
}

}  // namespace emu::gicv3
