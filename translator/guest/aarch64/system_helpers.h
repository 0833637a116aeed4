// System instructions as helpers of translated code (see HelperFunction). Where an argument is
// named `code`, it is the instruction.
#pragma once

#include "translator/guest/guest_isa.h"

namespace emu::translator::aarch64 {

// Pairs of doublewords: a address, c code; they set the registers themselves.
uint64_t LoadExclusivePairHelper(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t StoreExclusivePairHelper(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t CompareSwapPairHelper(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);

uint64_t ReadRegisterHelper(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);   // c code
uint64_t WriteRegisterHelper(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);  // b value
uint64_t WritePstate(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);          // c code
uint64_t SystemOperation(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);      // b value
uint64_t InstructionBarrier(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
// Returns whether the run loop has something to do before the next instruction.
uint64_t DataBarrier(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t ClearExclusive(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t ExceptionReturn(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);  // its target
// Returns whether to wait for an interrupt.
uint64_t CallFirmware(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t WaitForInterrupt(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t WaitForEvent(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t SendEvent(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
// Before the one instruction of a step, c 1, or 2 for a load exclusive; and after it.
uint64_t BeginStep(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t RaiseStep(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);

}  // namespace emu::translator::aarch64
