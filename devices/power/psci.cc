#include "devices/power/psci.h"

#include <optional>

namespace emu {

using namespace psci;

namespace {

constexpr uint64_t kSuccess = 0;

constexpr uint64_t ToAnswer(Error error) { return static_cast<uint64_t>(error); }

// The function that a call means; nothing if there is none.
constexpr std::optional<Function> FunctionOf(uint32_t id) {
  switch (static_cast<Function>(id)) {
    case Function::kSmcccVersion:
    case Function::kSmcccFeatures:
    case Function::kVersion:
    case Function::kCpuSuspend:
    case Function::kCpuOff:
    case Function::kCpuOn:
    case Function::kAffinityInfo:
    case Function::kMigrateInfoType:
    case Function::kSystemOff:
    case Function::kSystemReset:
    case Function::kFeatures:
      return static_cast<Function>(id);
  }
  if ((id & kConvention64) == 0) return std::nullopt;
  const auto function = static_cast<Function>(id & ~kConvention64);
  const bool takes_addresses = function == Function::kCpuSuspend || function == Function::kCpuOn ||
                               function == Function::kAffinityInfo;
  return takes_addresses ? std::optional(function) : std::nullopt;
}

constexpr uint64_t Supports(uint64_t id) {
  return FunctionOf(static_cast<uint32_t>(id)) ? kSuccess : ToAnswer(Error::kNotSupported);
}

}  // namespace

Psci::Answer Psci::Call(uint32_t cpu, const std::array<uint64_t, 4>& registers) {
  const auto id = static_cast<uint32_t>(registers[0]);
  const std::optional<Function> function = FunctionOf(id);
  if (!function) return {ToAnswer(Error::kNotSupported), false};
  const uint64_t mask = (id & kConvention64) != 0 ? UINT64_MAX : UINT32_MAX;
  const uint64_t first = registers[1] & mask;
  const uint64_t second = registers[2] & mask;
  const uint64_t third = registers[3] & mask;
  switch (*function) {
    case Function::kSmcccVersion:
      return {kSmcccVersion, false};
    case Function::kVersion:
      return {kVersion, false};
    case Function::kSmcccFeatures:
    case Function::kFeatures:
      return {Supports(first), false};
    case Function::kCpuSuspend:
      return {kSuccess, true};
    case Function::kCpuOn:
      return {PowerOn(first, second, third), false};
    case Function::kAffinityInfo:
      return {AffinityInfo(first, second), false};
    case Function::kMigrateInfoType:
      return {kMigrateNotRequired, false};
    case Function::kCpuOff:
      PowerOff(cpu);
      return {kSuccess, false};
    case Function::kSystemOff:  // this and the next never come back to their caller
      PowerOff(cpu);
      actions_.request(Request::kPowerOff);
      return {kSuccess, false};
    case Function::kSystemReset:
      PowerOff(cpu);
      actions_.request(Request::kReset);
      return {kSuccess, false};
  }
  return {ToAnswer(Error::kNotSupported), false};
}

void Psci::PowerOff(uint32_t cpu) {
  on_ &= ~(uint32_t{1} << cpu);
  actions_.power_off(cpu);
}

uint64_t Psci::PowerOn(uint64_t target, uint64_t pc, uint64_t context) {
  if (target >= cpu_count_) return ToAnswer(Error::kInvalidParameters);
  if (IsOn(target)) return ToAnswer(Error::kAlreadyOn);
  if (pc % 4 != 0) return ToAnswer(Error::kInvalidAddress);
  on_ |= uint32_t{1} << target;
  actions_.power_on(static_cast<uint32_t>(target), pc, context);
  return kSuccess;
}

// s. 5.7: about processors only, as 1.0 and later allow, never about clusters.
uint64_t Psci::AffinityInfo(uint64_t target, uint64_t lowest_level) const {
  if (target >= cpu_count_ || lowest_level != 0) return ToAnswer(Error::kInvalidParameters);
  return IsOn(target) ? kAffinityOn : kAffinityOff;
}

}  // namespace emu
