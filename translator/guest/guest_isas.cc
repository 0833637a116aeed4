#include <array>
#include <span>
#include <string>

#include "translator/guest/aarch64/guest_aarch64.h"
#include "translator/guest/guest_isa.h"
#include "translator/guest/riscv64/guest_riscv64.h"

namespace emu::translator {
namespace {

std::span<const GuestIsa* const> Guests() {
  static const riscv64::GuestRiscv64 kRiscv64;
  static const aarch64::GuestAarch64 kAarch64;
  static const std::array<const GuestIsa*, 2> kGuests = {&kRiscv64, &kAarch64};
  return kGuests;
}

}  // namespace

const GuestIsa* FindGuestIsa(std::string_view arch) {
  for (const GuestIsa* guest : Guests()) {
    if (guest->name() == arch) return guest;
  }
  return nullptr;
}

std::string KnownGuestIsas() {
  std::string names;
  for (const GuestIsa* guest : Guests()) {
    if (!names.empty()) names += ", ";
    names += guest->name();
  }
  return names;
}

}  // namespace emu::translator
