// What user_program.c needs to know of A64: its calls and its signals' contexts, as Linux has them.
#ifndef EMU_TESTS_GUEST_AARCH64_RANDOM_USER_CONTEXT_H_
#define EMU_TESTS_GUEST_AARCH64_RANDOM_USER_CONTEXT_H_

#include "tests/guest/user_mode/signal_stack.h"

struct SignalContext {
  uint64_t flags;
  uint64_t link;
  struct SignalStack stack;
  uint64_t mask;
  uint8_t unused[120];
  __attribute__((aligned(16))) uint64_t fault_address;
  uint64_t x[31];
  uint64_t sp;
  uint64_t pc;
  uint64_t pstate;
  // The first of the records behind them, where no wider vectors are.
  __attribute__((aligned(16))) uint32_t record;
  uint32_t record_bytes;
  uint32_t fpsr;
  uint32_t fpcr;
  uint64_t v[64];
};

static long Call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
  register uint64_t x0 __asm__("x0") = a;
  register uint64_t x1 __asm__("x1") = b;
  register uint64_t x2 __asm__("x2") = c;
  register uint64_t x3 __asm__("x3") = d;
  register uint64_t x4 __asm__("x4") = (uint64_t)-1;
  register uint64_t x5 __asm__("x5") = 0;
  register long x8 __asm__("x8") = number;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8)
                   : "memory");
  return (long)x0;
}
static void RaiseTrap(void) { __asm__ volatile("brk #0"); }
static void SynchronizeCode(uint64_t address, uint64_t bytes) {
  enum { kLeastLine = 16 };
  for (uint64_t at = address; at < address + bytes; at += kLeastLine) {
    __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0" ::"r"(at) : "memory");
  }
  __asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

// The words are those of `Registers` (random_block.h): x, sp, pc, nzcv, v, fpcr, fpsr.
enum { kFlagBits = 0xf0000000u, kFloatRecord = 0x46508001 };
static void TakeRegisters(const struct SignalContext* context, uint64_t* words) {
  if (context->record != kFloatRecord) __builtin_trap();
  Copy(words, context->x, sizeof(context->x));
  words[31] = context->sp;
  words[32] = context->pc;
  words[33] = context->pstate & kFlagBits;
  Copy(words + 34, context->v, sizeof(context->v));
  words[98] = context->fpcr;
  words[99] = context->fpsr;
}
static void GiveRegisters(struct SignalContext* context, const uint64_t* words) {
  Copy(context->x, words, sizeof(context->x));
  context->sp = words[31];
  context->pc = words[32];
  context->pstate = (context->pstate & ~(uint64_t)kFlagBits) | words[33];
  Copy(context->v, words + 34, sizeof(context->v));
  context->fpcr = (uint32_t)words[98];
  context->fpsr = (uint32_t)words[99];
}

#endif  // EMU_TESTS_GUEST_AARCH64_RANDOM_USER_CONTEXT_H_
