// Arm Generic Interrupt Controller Architecture Specification, version 2.0 (IHI 0048B), chapter 4:
// a distributor and CPU interfaces without the Security Extensions, with both groups.
#pragma once

#include "devices/core/register_spec.h"
#include "devices/interrupt/gic_bank.h"

namespace emu::gicv2 {

inline constexpr uint32_t kSoftwareCount = 16;
inline constexpr uint32_t kMaxCpus = 8;
inline constexpr uint32_t kOtherGroup = 1022;  // group 1, for one who asked for group 0
inline constexpr uint32_t kIntidMask = 0x3ff;
inline constexpr uint32_t kSenderShift = 10;  // of a software interrupt in IAR

inline constexpr uint64_t kDistributorSize = 0x1000;
inline constexpr uint64_t kCpuInterfaceSize = 0x2000;

// The first are gic::BankReg's.
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
  kIidr,
  kTargets,
  kNonSecureAccess,
  kSoftware,
  kClearSenders,
  kSetSenders,
  kIdentification,
};

// The first words of arrays, with INTIDs 0 to 31, are of the processor that accesses them.
inline constexpr RegisterSpec kDistributorRegisters[] = {
    {static_cast<uint32_t>(DistributorReg::kCtlr), "GICD_CTLR", 0x000, 4, 4},
    {static_cast<uint32_t>(DistributorReg::kTyper), "GICD_TYPER", 0x004, 4, 4},
    {static_cast<uint32_t>(DistributorReg::kIidr), "GICD_IIDR", 0x008, 4, 4},
    {static_cast<uint32_t>(DistributorReg::kGroup), "GICD_IGROUPR", 0x080, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kSetEnable), "GICD_ISENABLER", 0x100, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kClearEnable), "GICD_ICENABLER", 0x180, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kSetPending), "GICD_ISPENDR", 0x200, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kClearPending), "GICD_ICPENDR", 0x280, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kSetActive), "GICD_ISACTIVER", 0x300, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kClearActive), "GICD_ICACTIVER", 0x380, 4, 4, 32, 4},
    {static_cast<uint32_t>(DistributorReg::kPriority), "GICD_IPRIORITYR", 0x400, 4, 1, 256, 4},
    {static_cast<uint32_t>(DistributorReg::kTargets), "GICD_ITARGETSR", 0x800, 4, 1, 256, 4},
    {static_cast<uint32_t>(DistributorReg::kConfig), "GICD_ICFGR", 0xc00, 4, 4, 64, 4},
    {static_cast<uint32_t>(DistributorReg::kNonSecureAccess), "GICD_NSACR", 0xe00, 4, 4, 64, 4},
    {static_cast<uint32_t>(DistributorReg::kSoftware), "GICD_SGIR", 0xf00, 4, 4},
    {static_cast<uint32_t>(DistributorReg::kClearSenders), "GICD_CPENDSGIR", 0xf10, 4, 1, 4, 4},
    {static_cast<uint32_t>(DistributorReg::kSetSenders), "GICD_SPENDSGIR", 0xf20, 4, 1, 4, 4},
    {static_cast<uint32_t>(DistributorReg::kIdentification), "GICD_PIDR", 0xfd0, 4, 4, 12, 4},
};
static_assert(RegistersAreDisjoint(kDistributorRegisters));

enum class CpuReg : uint32_t {
  kCtlr,
  kPmr,
  kBpr,
  kIar,
  kEoir,
  kRpr,
  kHppir,
  kAliasedBpr,
  kAliasedIar,
  kAliasedEoir,
  kAliasedHppir,
  kApr,
  kNonSecureApr,
  kIidr,
  kDir,
};

inline constexpr RegisterSpec kCpuRegisters[] = {
    {static_cast<uint32_t>(CpuReg::kCtlr), "GICC_CTLR", 0x00, 4, 4},
    {static_cast<uint32_t>(CpuReg::kPmr), "GICC_PMR", 0x04, 4, 4},
    {static_cast<uint32_t>(CpuReg::kBpr), "GICC_BPR", 0x08, 4, 4},
    {static_cast<uint32_t>(CpuReg::kIar), "GICC_IAR", 0x0c, 4, 4},
    {static_cast<uint32_t>(CpuReg::kEoir), "GICC_EOIR", 0x10, 4, 4},
    {static_cast<uint32_t>(CpuReg::kRpr), "GICC_RPR", 0x14, 4, 4},
    {static_cast<uint32_t>(CpuReg::kHppir), "GICC_HPPIR", 0x18, 4, 4},
    {static_cast<uint32_t>(CpuReg::kAliasedBpr), "GICC_ABPR", 0x1c, 4, 4},
    {static_cast<uint32_t>(CpuReg::kAliasedIar), "GICC_AIAR", 0x20, 4, 4},
    {static_cast<uint32_t>(CpuReg::kAliasedEoir), "GICC_AEOIR", 0x24, 4, 4},
    {static_cast<uint32_t>(CpuReg::kAliasedHppir), "GICC_AHPPIR", 0x28, 4, 4},
    {static_cast<uint32_t>(CpuReg::kApr), "GICC_APR", 0xd0, 4, 4, 4, 4},
    {static_cast<uint32_t>(CpuReg::kNonSecureApr), "GICC_NSAPR", 0xe0, 4, 4, 4, 4},
    {static_cast<uint32_t>(CpuReg::kIidr), "GICC_IIDR", 0xfc, 4, 4},
    {static_cast<uint32_t>(CpuReg::kDir), "GICC_DIR", 0x1000, 4, 4},
};
static_assert(RegistersAreDisjoint(kCpuRegisters));

inline constexpr uint32_t kIidr = 0x43b;  // Arm
inline constexpr uint32_t kTyperCpusShift = 5;

// GICC_CTLR: IAR takes group 1, too; group 0 is signalled as FIQ; one binary point for both groups;
// the end of an interrupt drops its priority only. Bypasses are kept and do nothing.
inline constexpr uint32_t kCtlrAckCtl = 1 << 2, kCtlrFiq = 1 << 3, kCtlrCommonBinaryPoint = 1 << 4,
                          kCtlrSplitEnd = 1 << 9;
// The rest, beside the groups that are let through.
inline constexpr uint32_t kCtlrOfOurs = kCtlrAckCtl | kCtlrFiq | 0xf << 5;
inline constexpr uint32_t kCpuIidr = 2 << 16 | 0x43b;

// GICD_SGIR: whom it goes to.
inline constexpr uint32_t kSgiTargetsShift = 16, kSgiFilterShift = 24;
inline constexpr uint32_t kSgiToListed = 0, kSgiToAllOthers = 1, kSgiToSelf = 2;

// PIDR4 to PIDR7, PIDR0 to PIDR3, CIDR0 to CIDR3: Arm, architecture version 2 in PIDR2.
inline constexpr uint8_t kIdentification[12] = {0x04, 0, 0,    0,    0x90, 0xb4,
                                                0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1};

}  // namespace emu::gicv2
