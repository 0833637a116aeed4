// A guest for gdb: processor 0 computes and may be told to end, the others count. Bare metal, M mode.
typedef unsigned long u64;

volatile u64 result;
volatile u64 rounds;
volatile u64 counts[8];
volatile u64 quit;
double ratio = 0.5;

__asm__(
    ".text\n"
    ".globl _start\n"
    "_start:\n"
    "  csrr a0, mhartid\n"
    "  la sp, stacks\n"
    "  addi t0, a0, 1\n"
    "  slli t0, t0, 12\n"
    "  add sp, sp, t0\n"
    "  li t0, 0x2000\n"  // mstatus.FS
    "  csrs mstatus, t0\n"
    "  j run\n"
    ".bss\n"
    ".align 12\n"
    "stacks: .space 0x8000\n"
    ".text\n");

__attribute__((noinline)) u64 square(u64 number) {
  u64 product = number * number;
  return product;
}

__attribute__((noinline)) void count(u64 processor) {
  counts[processor]++;
}

void run(u64 processor) {
  for (;;) {
    if (processor != 0) {
      count(processor);
      continue;
    }
    result = square(rounds % 1000);
    rounds++;
    ratio *= 1.5;
    if (quit) *(volatile unsigned*)0x100000 = 0x5555;
  }
}
