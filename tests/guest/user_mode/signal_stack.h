// What the user_context.h of every guest needs. C.
#ifndef EMU_TESTS_GUEST_USER_MODE_SIGNAL_STACK_H_
#define EMU_TESTS_GUEST_USER_MODE_SIGNAL_STACK_H_

#include <stdint.h>

struct SignalStack {
  uint64_t base;
  uint32_t flags;
  uint64_t size;
};

static void Copy(void* to, const void* from, uint64_t bytes) {
  uint64_t* out = to;
  const uint64_t* in = from;
  for (uint64_t i = 0; i < bytes / 8; ++i) out[i] = in[i];
}

#endif  // EMU_TESTS_GUEST_USER_MODE_SIGNAL_STACK_H_
