// Arm Power State Coordination Interface 1.1 (DEN 0022D), s. 5, and SMC Calling Convention 1.1
// (DEN 0028C), s. 7: the calls of the 32-bit convention; of those that take addresses there is one
// of the 64-bit convention too.
#pragma once

#include <cstdint>

namespace emu::psci {

inline constexpr uint32_t kConvention64 = 0x4000'0000;

enum class Function : uint32_t {
  kSmcccVersion = 0x8000'0000,
  kSmcccFeatures = 0x8000'0001,
  kVersion = 0x8400'0000,
  kCpuSuspend = 0x8400'0001,
  kCpuOff = 0x8400'0002,
  kCpuOn = 0x8400'0003,
  kAffinityInfo = 0x8400'0004,
  kMigrateInfoType = 0x8400'0006,
  kSystemOff = 0x8400'0008,
  kSystemReset = 0x8400'0009,
  kFeatures = 0x8400'000a,
};

inline constexpr uint32_t kVersion = 0x0001'0001;
inline constexpr uint32_t kSmcccVersion = 0x0001'0001;
inline constexpr uint32_t kMigrateNotRequired = 2;
inline constexpr uint64_t kAffinityOn = 0, kAffinityOff = 1;

enum class Error : int64_t {
  kNotSupported = -1,
  kInvalidParameters = -2,
  kAlreadyOn = -4,
  kInvalidAddress = -9,
};

}  // namespace emu::psci
