/* Code that a program makes while it runs. */
#include <sys/mman.h>

#include "bench.h"

typedef uint64_t (*function)(uint64_t);

enum { kBytes = 1 << 20, kInstructions = 16 };

#if defined(__riscv)
enum { kAdd = 0x00050513, kImmediateShift = 20 };  /* addi a0, a0, 0 */
static const uint32_t kReturn = 0x00008067;
#elif defined(__aarch64__)
enum { kAdd = 0x91000000, kImmediateShift = 10 };  /* add x0, x0, 0 */
static const uint32_t kReturn = 0xd65f03c0;
#endif

/* To what it is given, add (n + i) % 2000, fifteen times, and return it. */
static size_t emit(uint32_t* at, uint32_t n) {
  for (uint32_t i = 0; i < kInstructions - 1; ++i) {
    at[i] = ((n + i) % 2000) << kImmediateShift | (uint32_t)kAdd;
  }
  at[kInstructions - 1] = kReturn;
  return kInstructions;
}

static void publish(void* begin, size_t size) {
  __builtin___clear_cache((char*)begin, (char*)begin + size);
}

static uint32_t* code(void) {
  static uint32_t* memory;
  if (memory == NULL) {
    memory = mmap(NULL, kBytes, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
                  -1, 0);
    memset(memory, 0, kBytes);
  }
  return memory;
}

static uint64_t rewrite(uint64_t repeats) {
  uint32_t* memory = code();
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) {
    const size_t size = emit(memory, (uint32_t)repeats) * sizeof(uint32_t);
    publish(memory, size);
    sum = ((function)memory)(sum);
  }
  return sum;
}

static uint64_t append(uint64_t repeats) {
  static size_t used;
  static uint32_t made;
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) {
    if ((used + kInstructions) * sizeof(uint32_t) > kBytes) used = 0;
    uint32_t* at = code() + used;
    used += emit(at, made++ % 7);
    publish(at, kInstructions * sizeof(uint32_t));
    for (int i = 0; i < 20; ++i) sum = ((function)at)(sum);
  }
  return sum != 0;
}

/* Data on the page of the code that runs. */
static uint64_t neighbour(uint64_t repeats) {
  uint32_t* memory = code();
  publish(memory, emit(memory, 1) * sizeof(uint32_t));
  volatile uint64_t* data = (volatile uint64_t*)(memory + 512);
  uint64_t sum = 0;
  *data = 0;
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 100; ++i) {
      *data += (uint64_t)i;
      sum = ((function)memory)(sum);
    }
  }
  return sum + *data;
}

/* Never writable and executable at once. */
static uint64_t alternate(uint64_t repeats) {
  static uint32_t* memory;
  if (memory == NULL) {
    memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) {
    mprotect(memory, 4096, PROT_READ | PROT_WRITE);
    const size_t size = emit(memory, (uint32_t)repeats) * sizeof(uint32_t);
    mprotect(memory, 4096, PROT_READ | PROT_EXEC);
    publish(memory, size);
    sum = ((function)memory)(sum);
  }
  return sum;
}

int main(int argc, char** argv) {
  static const struct kernel kernels[] = {
      {"jit-rewrite", rewrite, 1e-3, "kround/s"},
      {"jit-append", append, 1e-3, "kfunction/s"},
      {"jit-neighbour", neighbour, 1e-1, "kstore/s"},
      {"jit-alternate", alternate, 1e-3, "kround/s"},
  };
  return run_kernels(kernels, COUNT_OF(kernels), argc, argv);
}
