#include "translator/guest/riscv64/translate.h"

#include <algorithm>
#include <cstring>

#include "translator/guest/riscv64/decoder.h"
#include "translator/guest/riscv64/lifter.h"

namespace emu::translator::riscv64 {

bool Translate(const TranslateRequest& request, ir::Builder& builder) {
  Lifter lifter(builder, Mode::FromHash(request.mode));
  const int64_t start = request.page_offset;
  const int64_t end = start + static_cast<int64_t>(request.code.size());
  lifter.page_end = request.crosses_page ? start : end;
  lifter.next = start;

  for (uint32_t count = 0; count < request.max_instructions; ++count) {
    lifter.offset = lifter.next;
    if (count > 0 && std::ranges::binary_search(request.stops, lifter.offset)) break;
    const int64_t left = end - lifter.offset;
    uint32_t code = 0;
    if (left >= 2) {
      std::memcpy(&code, request.code.data() + (lifter.offset - start), left >= 4 ? 4 : 2);
    }
    lifter.length = LengthOf(code);
    if (left < lifter.length) {
      if (count == 0) return false;
      break;
    }
    if (count == 0) builder.StartBlock(builder.NewBlock());
    lifter.raw = lifter.code = lifter.length == 2 ? code & 0xffff : code;
    lifter.next = lifter.offset + lifter.length;
    builder.Insn(static_cast<uint32_t>(lifter.offset), lifter.length);
    const Encoding* encoding = Decode(lifter.code);
    if (encoding == nullptr) {
      lifter.Illegal();
    } else {
      encoding->lift(lifter);
    }
    if (!builder.InBlock()) return true;
  }
  builder.GotoGuest(lifter.next);
  return true;
}

}  // namespace emu::translator::riscv64
