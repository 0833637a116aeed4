// SM4's round function for the helpers of Zksed.
#pragma once

#include <cstdint>

#include "translator/guest/guest_isa.h"

namespace emu::translator::riscv64 {

// a: rs1; b: rs2; c: which byte of rs2.
uint64_t Sm4ed(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t Sm4ks(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);

}  // namespace emu::translator::riscv64
