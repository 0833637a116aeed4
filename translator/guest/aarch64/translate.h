// A64 code to IR.
#pragma once

#include "translator/guest/guest_isa.h"

namespace emu::translator::aarch64 {

// See GuestIsa::Translate.
bool Translate(const TranslateRequest& request, ir::Builder& builder);

}  // namespace emu::translator::aarch64
