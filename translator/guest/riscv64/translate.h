// RV64 instructions to IR.
#pragma once

#include "translator/guest/guest_isa.h"
#include "translator/ir/builder.h"

namespace emu::translator::riscv64 {

// As GuestIsa::Translate. A conditional branch leaves the translation on its taken side only; a
// forward jump inside the page is followed.
bool Translate(const TranslateRequest& request, ir::Builder& builder);

}  // namespace emu::translator::riscv64
