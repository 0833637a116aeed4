// What user_program.c needs to know of RV64: its calls and its signals' contexts, as Linux has
// them.
#ifndef EMU_TESTS_GUEST_RISCV64_RANDOM_USER_CONTEXT_H_
#define EMU_TESTS_GUEST_RISCV64_RANDOM_USER_CONTEXT_H_

#include "tests/guest/user_mode/signal_stack.h"

struct SignalContext {
  uint64_t flags;
  uint64_t link;
  struct SignalStack stack;
  uint64_t mask;
  uint8_t unused[120];
  __attribute__((aligned(16))) uint64_t x[32];  // x[0] is the pc
  uint64_t f[32];
  uint32_t fcsr;
};

static long Call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
  register uint64_t a0 __asm__("a0") = a;
  register uint64_t a1 __asm__("a1") = b;
  register uint64_t a2 __asm__("a2") = c;
  register uint64_t a3 __asm__("a3") = d;
  register uint64_t a4 __asm__("a4") = (uint64_t)-1;
  register uint64_t a5 __asm__("a5") = 0;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall"
                   : "+r"(a0)
                   : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
                   : "memory");
  return (long)a0;
}
static void RaiseTrap(void) { __asm__ volatile("ebreak"); }
static void SynchronizeCode(uint64_t address, uint64_t bytes) {
  (void)address;
  (void)bytes;
  __asm__ volatile("fence.i" ::: "memory");
}

// The words are those of `Registers` (engine.h): x, f, fcsr.
static void TakeRegisters(const struct SignalContext* context, uint64_t* words) {
  Copy(words, context->x, sizeof(context->x));
  Copy(words + 32, context->f, sizeof(context->f));
  words[64] = context->fcsr;
}
static void GiveRegisters(struct SignalContext* context, const uint64_t* words) {
  Copy(context->x, words, sizeof(context->x));
  Copy(context->f, words + 32, sizeof(context->f));
  context->fcsr = (uint32_t)words[64];
}

#endif  // EMU_TESTS_GUEST_RISCV64_RANDOM_USER_CONTEXT_H_
