// Bits of the control and status registers that more than one file looks at.
#pragma once

#include <cstdint>

namespace emu::translator::riscv64 {

// mstatus, RISC-V Privileged 20240411 s. 3.1.6.
inline constexpr uint64_t kStatusSie = 1ull << 1;
inline constexpr uint64_t kStatusMie = 1ull << 3;
inline constexpr uint64_t kStatusSpie = 1ull << 5;
inline constexpr uint64_t kStatusMpie = 1ull << 7;
inline constexpr uint64_t kStatusSpp = 1ull << 8;
inline constexpr uint32_t kStatusMppShift = 11;
inline constexpr uint64_t kStatusMpp = 3ull << kStatusMppShift;
inline constexpr uint64_t kStatusFs = 3ull << 13;
inline constexpr uint64_t kStatusMprv = 1ull << 17;
inline constexpr uint64_t kStatusSum = 1ull << 18;
inline constexpr uint64_t kStatusMxr = 1ull << 19;
inline constexpr uint64_t kStatusTvm = 1ull << 20;
inline constexpr uint64_t kStatusTw = 1ull << 21;
inline constexpr uint64_t kStatusTsr = 1ull << 22;
inline constexpr uint64_t kStatusUxl64 = 2ull << 32;
inline constexpr uint64_t kStatusSxl64 = 2ull << 34;
inline constexpr uint64_t kStatusSd = 1ull << 63;

// mip and mie, s. 3.1.9.
inline constexpr uint64_t kInterruptSsi = 1ull << 1;
inline constexpr uint64_t kInterruptMsi = 1ull << 3;
inline constexpr uint64_t kInterruptSti = 1ull << 5;
inline constexpr uint64_t kInterruptMti = 1ull << 7;
inline constexpr uint64_t kInterruptSei = 1ull << 9;
inline constexpr uint64_t kInterruptMei = 1ull << 11;
inline constexpr uint64_t kSupervisorInterrupts = kInterruptSsi | kInterruptSti | kInterruptSei;
inline constexpr uint64_t kMachineInterrupts = kInterruptMsi | kInterruptMti | kInterruptMei;

// menvcfg and senvcfg, s. 3.1.18 and 10.1.10.
inline constexpr uint64_t kEnvFiom = 1ull << 0;
inline constexpr uint64_t kEnvCbie = 3ull << 4;
inline constexpr uint64_t kEnvCbcfe = 1ull << 6;
inline constexpr uint64_t kEnvCbze = 1ull << 7;
inline constexpr uint64_t kEnvAdue = 1ull << 61;
inline constexpr uint64_t kEnvPbmte = 1ull << 62;
inline constexpr uint64_t kEnvStce = 1ull << 63;

inline constexpr uint64_t kCounterTime = 1ull << 1;  // TM of mcounteren and scounteren

// satp, s. 10.1.11.
inline constexpr uint32_t kSatpModeShift = 60;
inline constexpr uint64_t kSatpBare = 0;
inline constexpr uint64_t kSatpSv39 = 8;
inline constexpr uint64_t kSatpSv48 = 9;
inline constexpr uint64_t kSatpSv57 = 10;
inline constexpr uint64_t kSatpPpn = (1ull << 44) - 1;
// ASIDLEN is 15: with one bit more, SpaceKey would not fit into 64.
inline constexpr uint64_t kSatpAsid = ((1ull << 15) - 1) << 44;

// mcause without its interrupt bit, s. 3.1.15.
enum Cause : uint64_t {
  kCauseFetchMisaligned = 0,
  kCauseFetchAccess = 1,
  kCauseIllegalInstruction = 2,
  kCauseLoadMisaligned = 4,
  kCauseLoadAccess = 5,
  kCauseStoreMisaligned = 6,
  kCauseStoreAccess = 7,
  kCauseUserEcall = 8,
  kCauseSupervisorEcall = 9,
  kCauseMachineEcall = 11,
  kCauseFetchPage = 12,
  kCauseLoadPage = 13,
  kCauseStorePage = 15,
};
inline constexpr uint64_t kCauseInterrupt = 1ull << 63;

// The `time` counter: 10 MHz.
inline constexpr uint64_t kNsPerTick = 100;

}  // namespace emu::translator::riscv64
