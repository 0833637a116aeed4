#include "translator/guest/aarch64/vector_unit.h"

#include "translator/guest/aarch64/encodings.h"
#include "translator/guest/aarch64/exceptions.h"

namespace emu::translator::aarch64 {

void VectorUnit::Undefined() { RaiseUndefined(context); }

uint64_t Execute(GuestContext& context, uint64_t row, uint64_t, uint64_t code) {
  VectorUnit unit(context, static_cast<uint32_t>(code));
  Encodings()[row].execute(unit);
  return 0;
}

}  // namespace emu::translator::aarch64
