// The functions that translated A64 code calls, by number.
#pragma once

#include <cstdint>
#include <span>

#include "translator/guest/guest_isa.h"

namespace emu::translator::aarch64 {

enum class HelperId : uint32_t {
  kCrc32,
  kCrc32c,
  kLoadExclusivePair,
  kStoreExclusivePair,
  kCompareSwapPair,
  kReadRegister,
  kWriteRegister,
  kWritePstate,
  kSystemOperation,
  kInstructionBarrier,
  kDataBarrier,
  kClearExclusive,
  kExceptionReturn,
  kCallFirmware,
  kWaitForInterrupt,
  kWaitForEvent,
  kSendEvent,
  kBeginStep,
  kRaiseStep,
  kExecute,
};

// Ordered by HelperId.
std::span<const Helper> Helpers();

}  // namespace emu::translator::aarch64
