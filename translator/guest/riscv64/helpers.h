// The functions that translated RISC-V code calls, by number.
#pragma once

#include <cstdint>
#include <span>

#include "translator/guest/guest_isa.h"

namespace emu::translator::riscv64 {

enum class HelperId : uint32_t {
  kCsrAccess,
  kMret,
  kSret,
  kWfi,
  kFenceI,
  kSfenceVma,
  kSfenceInvalOrder,
  kCboZero,
  kCboCheck,
  kWrsCheck,
  kFclass16,
  kFclass32,
  kFclass64,
  kFcvtmod,
  kSm4ed,
  kSm4ks,
};

// Ordered by HelperId.
std::span<const Helper> Helpers();

}  // namespace emu::translator::riscv64
