// Bits of the system registers that more than one file reads (Arm ARM chapter D19).
#pragma once

#include <cstdint>

namespace emu::translator::aarch64 {

// SCTLR_EL1.
inline constexpr uint64_t kSctlrM = 1 << 0, kSctlrA = 1 << 1, kSctlrSa = 1 << 3, kSctlrSa0 = 1 << 4,
                          kSctlrUma = 1 << 9, kSctlrDze = 1 << 14, kSctlrUct = 1 << 15,
                          kSctlrNtwi = 1 << 16, kSctlrNtwe = 1 << 18, kSctlrWxn = 1 << 19,
                          kSctlrSpan = 1 << 23, kSctlrUci = 1 << 26;
// Bits 29, 28, 22, 20 and 11, which are ones where nothing of them is implemented, and SPAN.
inline constexpr uint64_t kSctlrReset = 0x30d0'0800;

// DAIF and SPSR.
inline constexpr uint64_t kMaskFiq = 1 << 6, kMaskIrq = 1 << 7, kDaifMask = 0xf << 6;
inline constexpr uint64_t kMaskDebug = 1 << 9;
// MDSCR_EL1.
inline constexpr uint64_t kMdscrStep = 1 << 0, kMdscrKernel = 1 << 13;
inline constexpr uint64_t kSpsrSs = 1 << 21, kSpsrIl = 1 << 20, kSpsrPan = 1 << 22,
                          kSpsrUao = 1 << 23;
inline constexpr uint32_t kNzcvShift = 28;
// FPCR: what changes results beyond rounding: AHP, DN, FZ.
inline constexpr uint64_t kFpcrOdd = 7 << 24;
// FPSR's bits that are no exceptions of IEEE 754: QC, IDC.
inline constexpr uint64_t kFpsrQc = 1 << 27, kFpsrIdc = 1 << 7;

// The processor's inputs, as Vcpu::SetInterrupt numbers them.
inline constexpr uint32_t kInputIrq = 0, kInputFiq = 1;
// Its outputs, as ProcessorPort::SetOutput does.
inline constexpr uint32_t kOutputPhysicalTimer = 0, kOutputVirtualTimer = 1;
inline constexpr uint8_t kOutputsUnknown = 4;  // what was told is the restored devices' to know

// The generic timers count at 62.5 MHz.
inline constexpr uint64_t kCounterHz = 62'500'000;
inline constexpr uint64_t kNsPerTick = 16;
inline constexpr uint64_t kTimerEnable = 1, kTimerMasked = 2, kTimerStatus = 4;

}  // namespace emu::translator::aarch64
