/* Memory: streams, latency, many pages, unaligned words, atomics. */
#include <stdatomic.h>

#include "bench.h"

enum { kPage = 4096, kMiB = 1 << 20 };

static uint8_t* fresh(size_t size) {
  uint8_t* memory = aligned_alloc(kPage, size);
  memset(memory, 1, size);
  return memory;
}

static uint64_t stream(uint64_t repeats) {
  static double *a, *b, *c;
  enum { kCount = kMiB };
  if (a == NULL) {
    a = (double*)fresh(sizeof(double) * kCount);
    b = (double*)fresh(sizeof(double) * kCount);
    c = (double*)fresh(sizeof(double) * kCount);
    for (int i = 0; i < kCount; ++i) b[i] = i, c[i] = 3;
  }
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < kCount; ++i) a[i] = b[i] + 2.5 * c[i];
  }
  return bits_of(a[kCount - 1]);
}

/* One cycle through all cache lines of `size` bytes, in random order. */
static void** make_chain(size_t size) {
  const size_t count = size / 64;
  uint8_t* memory = fresh(size);
  uint32_t* order = malloc(count * sizeof(uint32_t));
  uint64_t seed = 11;
  for (size_t i = 0; i < count; ++i) order[i] = (uint32_t)i;
  for (size_t i = count - 1; i > 0; --i) {
    const size_t other = next_random(&seed) % i;
    const uint32_t swapped = order[i];
    order[i] = order[other];
    order[other] = swapped;
  }
  for (size_t i = 0; i < count; ++i) {
    *(void**)(memory + 64 * (size_t)order[i]) = memory + 64 * (size_t)order[(i + 1) % count];
  }
  free(order);
  return (void**)memory;
}

static uint64_t follow(void** chain, uint64_t loads) {
  void** at = chain;
  for (; loads > 0; --loads) at = *at;
  return (uint64_t)((uint8_t*)at - (uint8_t*)chain);
}

static uint64_t chase_near(uint64_t repeats) {
  static void** chain;
  if (chain == NULL) chain = make_chain(16 << 10);
  return follow(chain, repeats * 10000);
}

static uint64_t chase_far(uint64_t repeats) {
  static void** chain;
  if (chain == NULL) chain = make_chain(16 * kMiB);
  return follow(chain, repeats * 10000);
}

static uint64_t scatter(uint64_t repeats) {
  static uint64_t* words;
  enum { kCount = 2 * kMiB };
  if (words == NULL) words = (uint64_t*)fresh(sizeof(uint64_t) * kCount);
  memset(words, 0, kPage);
  uint64_t seed = 12, last = 0;
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 10000; ++i) {
      const uint64_t bits = next_random(&seed);
      last = words[bits % kCount] ^= bits;
    }
  }
  return last != 0;
}

static uint64_t touch_pages(uint64_t repeats) {
  static uint8_t* memory;
  enum { kPages = 4096 };
  if (memory == NULL) memory = fresh((size_t)kPages * kPage);
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) {
    for (size_t i = 0; i < kPages; ++i) sum += memory[i * kPage + (i & 63) * 64];
  }
  return sum;
}

static uint64_t copy_large(uint64_t repeats) {
  static uint8_t *from, *to;
  if (from == NULL) from = fresh(4 * kMiB), to = fresh(4 * kMiB);
  for (; repeats > 0; --repeats) {
    memcpy(to, from, 4 * kMiB);
    from[repeats % kMiB] ^= (uint8_t)repeats;
  }
  return to[12345];
}

static uint64_t copy_small(uint64_t repeats) {
  static uint8_t from[2048], to[2048];
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 100; ++i) {
      from[i] = (uint8_t)repeats;
      memcpy(to, from, sizeof(to));
      __asm__ volatile("" : : "r"(to) : "memory");
    }
  }
  return to[99];
}

/* Two buffers whose addresses differ by a large power of two. */
static uint64_t copy_alias(uint64_t repeats) {
  static uint8_t* memory;
  if (memory == NULL) memory = aligned_alloc(64 * kMiB, 128 * kMiB);
  for (; repeats > 0; --repeats) {
    memory[5] = (uint8_t)repeats;
    for (int i = 0; i < kPage; i += 8) {
      *(volatile uint64_t*)(memory + 64 * kMiB + i) = *(volatile uint64_t*)(memory + i);
    }
  }
  return memory[64 * kMiB + 5];
}

static uint64_t set_large(uint64_t repeats) {
  static uint8_t* memory;
  if (memory == NULL) memory = fresh(4 * kMiB);
  for (; repeats > 0; --repeats) memset(memory, (int)repeats, 4 * kMiB);
  return memory[kMiB];
}

#if defined(__riscv)
#define LOAD "ld %0, 0(%1)"
#elif defined(__aarch64__)
#define LOAD "ldr %0, [%1]"
#endif
static uint64_t unaligned(uint64_t repeats) {
  static uint8_t memory[8192];
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) {
    /* Loads that the compiler may not take apart, a few of them across lines and pages. */
    for (int i = 0; i < 1000; ++i) {
      uint64_t word;
      const uint8_t* at = memory + 1 + i * 7;
      __asm__ volatile(LOAD : "=r"(word) : "r"(at) : "memory");
      sum += word;
    }
    memory[repeats % sizeof(memory)] ^= 1;
  }
  return sum != 0;
}

static uint64_t atomics(uint64_t repeats) {
  static _Atomic uint64_t counter, swapped;
  atomic_store(&counter, 0);
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 1000; ++i) {
      uint64_t expected = atomic_fetch_add(&counter, 1);
      atomic_compare_exchange_strong(&swapped, &expected, expected + 1);
    }
  }
  return atomic_load(&counter) & 1;
}

int main(int argc, char** argv) {
  static const struct kernel kernels[] = {
      {"mem-stream", stream, 24.0, "MiB/s"},
      {"mem-chase-16K", chase_near, 1e-2, "Mload/s"},
      {"mem-chase-16M", chase_far, 1e-2, "Mload/s"},
      {"mem-scatter-16M", scatter, 1e-2, "Mop/s"},
      {"mem-pages-16M", touch_pages, 4096e-6, "Mload/s"},
      {"mem-copy-4M", copy_large, 4.0, "MiB/s"},
      {"mem-copy-2K", copy_small, 2048e-4, "MB/s"},
      {"mem-copy-alias", copy_alias, 4096e-6, "MB/s"},
      {"mem-set-4M", set_large, 4.0, "MiB/s"},
      {"mem-unaligned", unaligned, 1e-3, "Mload/s"},
      {"mem-atomic", atomics, 2e-3, "Mop/s"},
  };
  return run_kernels(kernels, COUNT_OF(kernels), argc, argv);
}
