#include <array>

#include "translator/guest/guest_isa.h"
#include "translator/guest/riscv64/guest_riscv64.h"

namespace emu::translator {

const GuestIsa* FindGuestIsa(std::string_view arch) {
  static const riscv64::GuestRiscv64 kRiscv64;
  static const std::array<const GuestIsa*, 1> kGuests = {&kRiscv64};
  for (const GuestIsa* guest : kGuests) {
    if (guest->name() == arch) return guest;
  }
  return nullptr;
}

}  // namespace emu::translator
