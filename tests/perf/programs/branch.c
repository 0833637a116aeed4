/* Control flow: interpreters, indirect calls, recursion, branches nobody can foresee, much code. */
#include "bench.h"

/* A stack machine that sums i * i mod 7 for i below 1000. */
static uint64_t interpreter(uint64_t repeats) {
  enum { kPush, kLoad, kStore, kAdd, kMultiply, kModulo, kLess, kJumpIf, kHalt };
  static const uint8_t program[] = {
      kPush, 0, kStore, 0, kPush, 0, kStore, 1,                                    /* 0 */
      kLoad, 0, kLoad, 0, kMultiply, kPush, 7, kModulo, kLoad, 1, kAdd, kStore, 1, /* 8 */
      kLoad, 0, kPush, 1, kAdd, kStore, 0, kLoad, 0, kPush, 250, kLess, kJumpIf, 8, kHalt};
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) {
    uint64_t stack[8], variables[2] = {0, 0};
    int top = 0;
    for (const uint8_t* at = program;;) {
      switch (*at++) {
        case kPush: stack[top++] = *at++; break;
        case kLoad: stack[top++] = variables[*at++]; break;
        case kStore: variables[*at++] = stack[--top]; break;
        case kAdd: --top; stack[top - 1] += stack[top]; break;
        case kMultiply: --top; stack[top - 1] *= stack[top]; break;
        case kModulo: --top; stack[top - 1] %= stack[top]; break;
        case kLess: --top; stack[top - 1] = stack[top - 1] < stack[top]; break;
        case kJumpIf: at = stack[--top] ? program + *at : at + 1; break;
        case kHalt: goto halted;
      }
    }
  halted:
    sum += variables[1];
  }
  return sum;
}

struct shape {
  uint64_t (*area)(const struct shape*);
  uint64_t a, b;
};
static uint64_t rectangle(const struct shape* s) { return s->a * s->b; }
static uint64_t square(const struct shape* s) { return s->a * s->a; }
static uint64_t triangle(const struct shape* s) { return s->a * s->b / 2; }
static uint64_t line(const struct shape* s) { return s->a & 0; }

static uint64_t indirect(uint64_t repeats) {
  static struct shape shapes[256];
  uint64_t (*const kinds[])(const struct shape*) = {rectangle, square, triangle, line};
  uint64_t seed = 21, sum = 0;
  for (int i = 0; i < 256; ++i) {
    const uint64_t bits = next_random(&seed);
    shapes[i] = (struct shape){kinds[bits & 3], bits >> 50, bits >> 40 & 1023};
  }
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 256; ++i) sum += shapes[i].area(&shapes[i]);
  }
  return sum;
}

__attribute__((noinline, noclone)) static uint64_t paths(uint32_t x, uint32_t y) {
  return x == 0 || y == 0 ? 1 : paths(x - 1, y) + paths(x, y - 1);
}

static uint64_t recursion(uint64_t repeats) {
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) sum += paths(7, 7 + (repeats & 1));
  return sum;
}

__attribute__((noinline, noclone)) static uint64_t descend(uint64_t depth, uint64_t seed) {
  if (depth == 0) return seed;
  return descend(depth - 1, seed * 3 + depth) ^ depth;
}

static uint64_t deep(uint64_t repeats) {
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) sum += descend(500, sum);
  return sum;
}

static uint64_t unforeseen(uint64_t repeats) {
  uint64_t seed = 22, sum = 0;
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 1000; ++i) {
      const uint64_t bits = next_random(&seed);
      /* Volatile reads keep the compiler from turning branches into arithmetic. */
      volatile uint64_t* out = &sum;
      if (bits & 1) *out += 3;
      if (bits & 2) *out ^= bits;
      if (bits & 4) *out -= 5;
    }
  }
  return sum;
}

/* 1024 functions that differ. */
#define ONE(n) __attribute__((noinline)) static uint64_t f##n(uint64_t x) { \
    return (x ^ (0x##n * 2654435761u)) * (2 * 0x##n + 1) + (x >> (0x##n % 61)); }
#define EIGHT(n) ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7)
#define SIXTY_FOUR(n) EIGHT(n##0) EIGHT(n##1) EIGHT(n##2) EIGHT(n##3) EIGHT(n##4) EIGHT(n##5) \
  EIGHT(n##6) EIGHT(n##7)
SIXTY_FOUR(0) SIXTY_FOUR(1) SIXTY_FOUR(2) SIXTY_FOUR(3) SIXTY_FOUR(4) SIXTY_FOUR(5) SIXTY_FOUR(6)
SIXTY_FOUR(7) SIXTY_FOUR(8) SIXTY_FOUR(9) SIXTY_FOUR(a) SIXTY_FOUR(b) SIXTY_FOUR(c) SIXTY_FOUR(d)
SIXTY_FOUR(e) SIXTY_FOUR(f)
#undef ONE
#undef EIGHT
#undef SIXTY_FOUR
#define ONE(n) f##n,
#define EIGHT(n) ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7)
#define SIXTY_FOUR(n) EIGHT(n##0) EIGHT(n##1) EIGHT(n##2) EIGHT(n##3) EIGHT(n##4) EIGHT(n##5) \
  EIGHT(n##6) EIGHT(n##7)

static uint64_t much_code(uint64_t repeats) {
  static uint64_t (*const functions[])(uint64_t) = {
      SIXTY_FOUR(0) SIXTY_FOUR(1) SIXTY_FOUR(2) SIXTY_FOUR(3) SIXTY_FOUR(4) SIXTY_FOUR(5)
      SIXTY_FOUR(6) SIXTY_FOUR(7) SIXTY_FOUR(8) SIXTY_FOUR(9) SIXTY_FOUR(a) SIXTY_FOUR(b)
      SIXTY_FOUR(c) SIXTY_FOUR(d) SIXTY_FOUR(e) SIXTY_FOUR(f)};
  uint64_t value = 23;
  for (; repeats > 0; --repeats) {
    for (size_t i = 0; i < COUNT_OF(functions); ++i) value = functions[i * 389 % 1024](value);
  }
  return value;
}

int main(int argc, char** argv) {
  static const struct kernel kernels[] = {
      {"branch-interpreter", interpreter, 250 * 16e-6, "Mop/s"},
      {"branch-indirect", indirect, 256e-6, "Mcall/s"},
      {"branch-recursion", recursion, 6864e-6, "Mcall/s"},
      {"branch-deep", deep, 500e-6, "Mcall/s"},
      {"branch-unforeseen", unforeseen, 1e-3, "Mstep/s"},
      {"branch-much-code", much_code, 1024e-6, "Mcall/s"},
  };
  return run_kernels(kernels, COUNT_OF(kernels), argc, argv);
}
