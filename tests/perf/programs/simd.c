/* Loops that a compiler makes vectors of, where the processor has them (built with -O3). */
#include "bench.h"

enum { kElements = 8192 };

static float single_a[kElements], single_b[kElements];
static double double_a[kElements], double_b[kElements];
static uint8_t byte_a[kElements], byte_b[kElements];
static int16_t short_a[kElements], short_b[kElements];
static uint32_t word_a[kElements];

static void fill(void) {
  uint64_t seed = 7;
  for (int i = 0; i < kElements; ++i) {
    const uint64_t bits = next_random(&seed);
    single_a[i] = single_b[i] = (float)(bits & 1023);
    double_a[i] = double_b[i] = (double)(bits >> 40);
    byte_a[i] = (uint8_t)bits;
    byte_b[i] = (uint8_t)(bits >> 8);
    short_a[i] = (int16_t)(bits >> 16);
    short_b[i] = (int16_t)(bits >> 32);
    word_a[i] = (uint32_t)(bits >> 5);
  }
}

static uint64_t axpy_single(uint64_t repeats) {
  fill();
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < kElements; ++i) single_a[i] = single_a[i] * 0.5f + single_b[i];
  }
  return bits_of((double)single_a[77]);
}

static uint64_t axpy_double(uint64_t repeats) {
  fill();
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < kElements; ++i) double_a[i] = double_a[i] * 0.5 + double_b[i];
  }
  return bits_of(double_a[77]);
}

static uint64_t average_bytes(uint64_t repeats) {
  fill();
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < kElements; ++i) byte_a[i] = (uint8_t)((byte_a[i] + byte_b[i] + 1) / 2);
    byte_a[repeats % kElements] ^= 0x5a;
  }
  return byte_a[1] + 256u * byte_a[4000];
}

static uint64_t clamp_bytes(uint64_t repeats) {
  fill();
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < kElements; ++i) {
      const int sum = byte_a[i] + byte_b[i];
      byte_a[i] = (uint8_t)(sum > 255 ? 255 : sum);
    }
    byte_a[repeats % kElements] = 0;
  }
  return byte_a[1] + 256u * byte_a[4000];
}

static uint64_t dot_shorts(uint64_t repeats) {
  fill();
  int64_t total = 0;
  for (; repeats > 0; --repeats) {
    int32_t sum = 0;
    for (int i = 0; i < kElements; ++i) sum += (short_a[i] >> 4) * (short_b[i] >> 4);
    short_a[repeats % kElements] ^= 1;
    total += sum;
  }
  return (uint64_t)total;
}

static uint64_t mix_words(uint64_t repeats) {
  fill();
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < kElements; ++i) {
      uint32_t x = word_a[i];
      x ^= x << 13;
      x ^= x >> 17;
      word_a[i] = x ^ (x << 5);
    }
  }
  return word_a[9] ^ word_a[kElements - 1];
}

int main(int argc, char** argv) {
  static const struct kernel kernels[] = {
      {"simd-axpy-single", axpy_single, kElements * 1e-6, "Melem/s"},
      {"simd-axpy-double", axpy_double, kElements * 1e-6, "Melem/s"},
      {"simd-average-u8", average_bytes, kElements * 1e-6, "Melem/s"},
      {"simd-clamp-u8", clamp_bytes, kElements * 1e-6, "Melem/s"},
      {"simd-dot-s16", dot_shorts, kElements * 1e-6, "Melem/s"},
      {"simd-mix-u32", mix_words, kElements * 1e-6, "Melem/s"},
  };
  return run_kernels(kernels, COUNT_OF(kernels), argc, argv);
}
