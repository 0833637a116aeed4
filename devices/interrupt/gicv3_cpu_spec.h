// Arm GICv3 and GICv4 (IHI 0069H), s. 12.2: the CPU interface's system registers, as a processor
// without EL2 and EL3 sees them.
#pragma once

#include <cstdint>

#include "devices/interrupt/gic_cpu_interface.h"

namespace emu::gicv3 {

// As MRS and MSR encode them: op0, op1, CRn, CRm, op2 in 2, 3, 4, 4 and 3 bits.
constexpr uint32_t SystemRegister(uint32_t op0, uint32_t op1, uint32_t crn, uint32_t crm,
                                  uint32_t op2) {
  return op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
}

enum class CpuReg : uint32_t {
  kPmr = SystemRegister(3, 0, 4, 6, 0),
  kIar0 = SystemRegister(3, 0, 12, 8, 0),
  kEoir0 = SystemRegister(3, 0, 12, 8, 1),
  kHppir0 = SystemRegister(3, 0, 12, 8, 2),
  kBpr0 = SystemRegister(3, 0, 12, 8, 3),
  kAp0r0 = SystemRegister(3, 0, 12, 8, 4),
  kAp1r0 = SystemRegister(3, 0, 12, 9, 0),
  kDir = SystemRegister(3, 0, 12, 11, 1),
  kRpr = SystemRegister(3, 0, 12, 11, 3),
  kSgi1r = SystemRegister(3, 0, 12, 11, 5),
  kAsgi1r = SystemRegister(3, 0, 12, 11, 6),
  kSgi0r = SystemRegister(3, 0, 12, 11, 7),
  kIar1 = SystemRegister(3, 0, 12, 12, 0),
  kEoir1 = SystemRegister(3, 0, 12, 12, 1),
  kHppir1 = SystemRegister(3, 0, 12, 12, 2),
  kBpr1 = SystemRegister(3, 0, 12, 12, 3),
  kCtlr = SystemRegister(3, 0, 12, 12, 4),
  kSre = SystemRegister(3, 0, 12, 12, 5),
  kIgrpen0 = SystemRegister(3, 0, 12, 12, 6),
  kIgrpen1 = SystemRegister(3, 0, 12, 12, 7),
};

inline constexpr uint64_t kIntidMask = 0xff'ffff;

inline constexpr uint64_t kCtlrCommonBinaryPoint = 1, kCtlrSplitEnd = 2;  // CBPR, EOImode
// PRIbits, IDbits (16), A3V.
inline constexpr uint64_t kCtlrFixed = (gic::kPriorityBits - 1) << 8 | 1 << 15;
inline constexpr uint64_t kSreFixed = 7;  // system registers only; no bypass

inline constexpr uint64_t kSgiToAllOthers = uint64_t{1} << 40;   // IRM
inline constexpr uint64_t kSgiAffinities = 0xff'f0ff'00ff'0000;  // Aff3, RS, Aff2, Aff1
inline constexpr uint32_t kSgiIntidShift = 24;

}  // namespace emu::gicv3
