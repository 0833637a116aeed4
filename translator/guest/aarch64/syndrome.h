// Exceptions in numbers: GuestFault::cause is what ESR_EL1 will hold, GuestFault::value the FAR.
// Arm ARM D19.2.37.
#pragma once

#include <cstdint>

namespace emu::translator::aarch64 {

enum class ExceptionClass : uint8_t {
  kUnknown = 0x00,
  kWait = 0x01,
  kFloatTrap = 0x07,
  kIllegalState = 0x0e,
  kSvc = 0x15,
  kSystemTrap = 0x18,
  kFetchAbortLower = 0x20,
  kFetchAbort = 0x21,
  kPcAlignment = 0x22,
  kDataAbortLower = 0x24,
  kDataAbort = 0x25,
  kSpAlignment = 0x26,
  kStepLower = 0x32,
  kStep = 0x33,
  kBrk = 0x3c,
};

inline constexpr uint32_t kClassShift = 26;
inline constexpr uint64_t kIssWrite = 1 << 6;        // WnR
inline constexpr uint64_t kIssMaintenance = 1 << 8;  // CM
// Of a step: whether an instruction was, and whether it was a load exclusive.
inline constexpr uint64_t kStepSyndrome = 0x22, kIssStepped = 1 << 24,
                          kIssSteppedExclusive = 1 << 6;
// Fault status codes, ISS bits 5:0; a level is added to those of translation.
inline constexpr uint64_t kAddressSize = 0x00, kTranslationFault = 0x04, kAccessFlag = 0x08,
                          kPermission = 0x0c, kExternal = 0x10, kExternalOnWalk = 0x14,
                          kAlignment = 0x21;

// With IL, the bit that says 32: all A64 instructions are so long.
constexpr uint64_t Syndrome(ExceptionClass kind, uint64_t iss = 0) {
  return static_cast<uint64_t>(kind) << kClassShift | uint64_t{1} << 25 | iss;
}
constexpr ExceptionClass ClassOf(uint64_t syndrome) {
  return static_cast<ExceptionClass>(syndrome >> kClassShift & 0x3f);
}
inline constexpr uint64_t kUndefined = Syndrome(ExceptionClass::kUnknown);
// No exception at all: the fetch address has a tag to be taken off (Arm ARM, BranchAddr).
inline constexpr uint64_t kTaggedFetch = ~uint64_t{0};

}  // namespace emu::translator::aarch64
