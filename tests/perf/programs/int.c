/* Integer work: arithmetic, tables, sorting, text. */
#include "bench.h"

static uint64_t collatz(uint64_t repeats) {
  uint64_t steps = 0;
  for (; repeats > 0; --repeats) {
    for (uint64_t start = 1; start <= 1000; ++start) {
      for (uint64_t n = start + (repeats & 7); n > 1; ++steps) n = n & 1 ? 3 * n + 1 : n >> 1;
    }
  }
  return steps;
}

static uint64_t crc(uint64_t repeats) {
  static uint32_t table[256];
  static uint8_t data[4096];
  uint64_t seed = 1;
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  for (size_t i = 0; i < sizeof(data); ++i) data[i] = (uint8_t)next_random(&seed);
  uint32_t sum = ~0u;
  for (; repeats > 0; --repeats) {
    for (size_t i = 0; i < sizeof(data); ++i) sum = table[(sum ^ data[i]) & 255] ^ (sum >> 8);
  }
  return sum;
}

enum { kKeys = 1024 };

static void sift(uint32_t* keys, size_t root, size_t count) {
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && keys[child] < keys[child + 1]) ++child;
    if (keys[root] >= keys[child]) return;
    const uint32_t key = keys[root];
    keys[root] = keys[child];
    keys[child] = key;
  }
}

static uint64_t heapsort_keys(uint64_t repeats) {
  static uint32_t keys[kKeys];
  uint64_t seed = 2, sum = 0;
  for (; repeats > 0; --repeats) {
    for (size_t i = 0; i < kKeys; ++i) keys[i] = (uint32_t)next_random(&seed);
    for (size_t i = kKeys / 2; i-- > 0;) sift(keys, i, kKeys);
    for (size_t end = kKeys; end-- > 1;) {
      const uint32_t largest = keys[0];
      keys[0] = keys[end];
      keys[end] = largest;
      sift(keys, 0, end);
    }
    sum = sum * 31 + keys[kKeys / 3];
  }
  return sum;
}

static uint64_t power_modulo(uint64_t repeats) {
  const uint64_t modulus = 0xffffffffffffffc5u;
  uint64_t result = 3;
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 1000; ++i) {
      /* modulus = 2^64 - 59: the high half comes back times 59. */
      const unsigned __int128 product = (unsigned __int128)result * (result + (uint64_t)i);
      const unsigned __int128 folded =
          (unsigned __int128)(uint64_t)(product >> 64) * 59 + (uint64_t)product;
      uint64_t low = (uint64_t)folded;
      const uint64_t high = (uint64_t)(folded >> 64) * 59;
      low += high;
      result = low < high ? low + 59 : low >= modulus ? low - modulus : low;
    }
  }
  return result;
}

static uint64_t greatest_divisor(uint64_t repeats) {
  uint64_t seed = 4, sum = 0;
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 100; ++i) {
      uint64_t a = next_random(&seed) >> 20, b = (next_random(&seed) >> 24) | 1;
      while (b != 0) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
      }
      sum += a;
    }
  }
  return sum;
}

static uint64_t count_words(uint64_t repeats) {
  static const char text[] =
      "it was the best of times it was the worst of times it was the age of wisdom it was the age "
      "of foolishness it was the epoch of belief it was the epoch of incredulity";
  static struct { char word[16]; uint32_t count; } table[256];
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) {
    for (const char* at = text; *at != 0;) {
      char word[16] = {0};
      size_t length = 0;
      uint32_t hash = 2166136261u;
      while (*at != 0 && *at != ' ') {
        hash = (hash ^ (uint8_t)*at) * 16777619u;
        word[length++] = *at++;
      }
      if (*at == ' ') ++at;
      uint32_t slot = hash & 255;
      while (table[slot].count != 0 && strcmp(table[slot].word, word) != 0) slot = (slot + 1) & 255;
      if (table[slot].count++ == 0) memcpy(table[slot].word, word, sizeof(word));
      sum += slot;
    }
  }
  return sum;
}

static uint64_t life(uint64_t repeats) {
  /* 64 x 64 cells on a torus, a row in a word. */
  uint64_t rows[64], next[64], seed = 5, sum = 0;
  for (int i = 0; i < 64; ++i) rows[i] = next_random(&seed) & next_random(&seed);
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 64; ++i) {
      uint64_t ones = 0, twos = 0, fours = 0;
      for (int dy = -1; dy <= 1; ++dy) {
        const uint64_t row = rows[(i + dy) & 63];
        const uint64_t around[3] = {row << 1 | row >> 63, row, row >> 1 | row << 63};
        for (int dx = 0; dx < 3; ++dx) {
          if (dy == 0 && dx == 1) continue;
          const uint64_t carry = ones & around[dx];
          ones ^= around[dx];
          fours |= twos & carry;
          twos ^= carry;
        }
      }
      next[i] = twos & ~fours & (ones | rows[i]);
    }
    memcpy(rows, next, sizeof(rows));
    sum = sum * 3 + rows[7];
  }
  return sum;
}

int main(int argc, char** argv) {
  static const struct kernel kernels[] = {
      {"int-collatz", collatz, 1e-3, "Mstart/s"},
      {"int-crc", crc, 4096e-6, "MB/s"},
      {"int-heapsort", heapsort_keys, kKeys * 1e-6, "Mkey/s"},
      {"int-power", power_modulo, 1e-3, "Mmul/s"},
      {"int-divisor", greatest_divisor, 1e-1, "kpair/s"},
      {"int-words", count_words, 32e-6, "Mword/s"},
      {"int-life", life, 4096e-6, "Mcell/s"},
  };
  return run_kernels(kernels, COUNT_OF(kernels), argc, argv);
}
