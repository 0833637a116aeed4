/* One benchmark program is a table of kernels. For each it prints
 *
 *   CHECK name hex            what one repeat computes: the same on every emulator
 *   BENCH name value unit     units of work per second, the median of three slices
 *
 * Argument: the length of a slice in seconds (default 0.2). */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct kernel {
  const char* name;
  uint64_t (*run)(uint64_t repeats); /* depends on all the work done */
  double work_per_repeat;
  const char* unit;
};

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* splitmix64: the same data everywhere. */
static inline uint64_t next_random(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

static double time_of(const struct kernel* kernel, uint64_t repeats) {
  static volatile uint64_t sink;
  const double start = seconds_now();
  sink = kernel->run(repeats);
  (void)sink;
  return seconds_now() - start;
}

static int run_kernels(const struct kernel* kernels, size_t count, int argc, char** argv) {
  const double slice = argc > 1 ? atof(argv[1]) : 0.2;
  for (const struct kernel* kernel = kernels; kernel != kernels + count; ++kernel) {
    printf("CHECK %s %016llx\n", kernel->name, (unsigned long long)kernel->run(1));
    uint64_t repeats = 1;
    double taken;
    while ((taken = time_of(kernel, repeats)) < slice / 4) repeats *= 2;
    repeats = (uint64_t)((double)repeats * slice / taken) + 1;
    double rates[3];
    for (int i = 0; i < 3; ++i) {
      rates[i] = (double)repeats * kernel->work_per_repeat / time_of(kernel, repeats);
      for (int j = i; j > 0 && rates[j] < rates[j - 1]; --j) {
        const double swapped = rates[j];
        rates[j] = rates[j - 1];
        rates[j - 1] = swapped;
      }
    }
    printf("BENCH %s %.6g %s\n", kernel->name, rates[1], kernel->unit);
    fflush(stdout);
  }
  return 0;
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
