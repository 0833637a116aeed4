// What user_process.cc hands to user_program.c and gets back, through its standard files. C.
#ifndef EMU_TESTS_GUEST_USER_MODE_USER_BATCH_H_
#define EMU_TESTS_GUEST_USER_MODE_USER_BATCH_H_

#include <stdint.h>

enum { kBatchPageBytes = 4096, kBatchDataPages = 16, kBatchCodePages = 2 };
enum { kBatchUnmapped = 0, kBatchReadOnly = 1, kBatchWritable = 2 };
enum { kBatchRegisterWords = 100 };

// Once, first.
struct BatchHeader {
  uint64_t code;  // where the code pages go
  uint64_t data;  // where the data pages go
  uint8_t kinds[kBatchDataPages];
  uint8_t initial[kBatchDataPages * kBatchPageBytes];
};

// As the guest's user_context.h lays them out.
struct BatchRegisters {
  uint64_t words[kBatchRegisterWords];
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

#endif  // EMU_TESTS_GUEST_USER_MODE_USER_BATCH_H_
