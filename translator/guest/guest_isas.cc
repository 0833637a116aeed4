#include <array>

#include "translator/guest/aarch64/guest_aarch64.h"
#include "translator/guest/guest_isa.h"
#include "translator/guest/riscv64/guest_riscv64.h"

namespace emu::translator {

const GuestIsa* FindGuestIsa(std::string_view arch) {
  static const riscv64::GuestRiscv64 kRiscv64;
  static const aarch64::GuestAarch64 kAarch64;
  static const std::array<const GuestIsa*, 2> kGuests = {&kAarch64, &kRiscv64};
  for (const GuestIsa* guest : kGuests) {
    if (guest->name() == arch) return guest;
  }
  return nullptr;
}

}  // namespace emu::translator
