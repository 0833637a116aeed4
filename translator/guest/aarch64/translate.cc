#include "translator/guest/aarch64/translate.h"

#include <algorithm>
#include <cstring>

#include "translator/guest/aarch64/decoder.h"
#include "translator/guest/aarch64/lifter.h"

namespace emu::translator::aarch64 {

namespace {

// A load exclusive, which a step tells of: L of the class's encoding (Arm ARM C4.1.94.25).
bool IsLoadExclusive(uint32_t code) { return (code & 0x3fc0'0000) == 0x0840'0000; }

}  // namespace

bool Translate(const TranslateRequest& request, ir::Builder& builder) {
  Lifter lifter(builder, Mode::FromHash(request.mode));
  const int64_t start = request.page_offset;
  const int64_t end = start + static_cast<int64_t>(request.code.size());
  const bool is_misaligned = start % kInstructionBytes != 0;
  lifter.page_end = end;
  lifter.next = start;
  builder.StartBlock(builder.NewBlock());
  if (lifter.mode.step_is_due) {
    builder.Insn(request.page_offset, kInstructionBytes);
    lifter.CallHelper(HelperId::kRaiseStep);
    builder.GotoGuest(start);
    return true;
  }
  if (is_misaligned || lifter.mode.illegal) {
    // Arm ARM D1.3.5.1: neither is about the instruction, which is not looked at.
    builder.Insn(request.page_offset, kInstructionBytes);
    builder.Raise(
        Syndrome(is_misaligned ? ExceptionClass::kPcAlignment : ExceptionClass::kIllegalState),
        builder.Pc(start));
    return true;
  }

  // One instruction may be handed over by halves (see TranslateRequest::crosses_page).
  if (request.code.size() < kInstructionBytes) return false;
  const uint32_t most = lifter.mode.steps ? 1 : request.max_instructions;
  for (uint32_t count = 0; count < most; ++count) {
    lifter.offset = lifter.next;
    if (lifter.offset >= end) break;
    if (count > 0 && std::ranges::binary_search(request.stops, lifter.offset)) break;
    std::memcpy(&lifter.code, request.code.data() + (lifter.offset - start), kInstructionBytes);
    lifter.next = lifter.offset + kInstructionBytes;
    builder.Insn(static_cast<uint32_t>(lifter.offset), kInstructionBytes);
    if (lifter.mode.steps) {
      lifter.CallHelper(HelperId::kBeginStep, {}, lifter.I64(IsLoadExclusive(lifter.code) ? 2 : 1));
    }
    const Encoding* encoding = Decode(lifter.code);
    if (encoding == nullptr) {
      lifter.Undefined();
    } else {
      lifter.row = static_cast<uint32_t>(encoding - Encodings().data());
      encoding->lift(lifter);
    }
    if (!builder.InBlock()) return true;
  }
  builder.GotoGuest(lifter.next);
  return true;
}

}  // namespace emu::translator::aarch64
