// What qemu_user_engine.cc hands to user_program.c and gets back, through its standard files. C.
#ifndef EMU_TESTS_GUEST_RISCV64_RANDOM_USER_BATCH_H_
#define EMU_TESTS_GUEST_RISCV64_RANDOM_USER_BATCH_H_

#include <stdint.h>

enum { kBatchPageBytes = 4096, kBatchDataPages = 16, kBatchCodePages = 2 };
enum { kBatchUnmapped = 0, kBatchReadOnly = 1, kBatchWritable = 2 };

// Once, first.
struct BatchHeader {
  uint64_t code;  // where the code pages go
  uint64_t data;  // where the data pages go
  uint8_t kinds[kBatchDataPages];
  uint8_t initial[kBatchDataPages * kBatchPageBytes];
};

struct BatchRegisters {
  uint64_t x[32];  // x[0] is the pc
  uint64_t f[32];
  uint64_t fcsr;
};

// Then blocks, to the end of the file.
struct BatchBlock {
  struct BatchRegisters registers;
  uint8_t code[kBatchCodePages * kBatchPageBytes];
};

// One for each block; behind it the pages that are writable.
struct BatchOutcome {
  struct BatchRegisters registers;
  uint64_t signal;
};

#endif  // EMU_TESTS_GUEST_RISCV64_RANDOM_USER_BATCH_H_
