// Exclusive and atomic accesses, alone and of four processors.

  .include "privileged.inc"

.equ ROUNDS, 3000
.equ CPUS, 4

  .bss
  .balign 64
by_exclusive: .zero 64
by_pair: .zero 64
by_atomic: .zero 64
by_swap: .zero 64
lock: .zero 64
by_lock: .zero 64
ended: .zero 64
  .text

// All processors: each way of counting ROUNDS times.
counts:
  ldr x1, =by_exclusive
  ldr x2, =by_pair
  ldr x3, =by_atomic
  ldr x4, =by_swap
  ldr x5, =lock
  ldr x6, =by_lock
  ldr x7, =ROUNDS
1:
  ldxr x8, [x1]
  add x8, x8, #1
  stxr w9, x8, [x1]
  cbnz w9, 1b
2:
  ldxp x8, x10, [x2]
  add x8, x8, #1
  add x10, x10, #2
  stxp w9, x8, x10, [x2]
  cbnz w9, 2b
  mov x8, #1
  ldadd x8, x9, [x3]
  ldr x8, [x4]
3:
  add x10, x8, #1
  mov x9, x8
  cas x9, x10, [x4]
  cmp x9, x8
  mov x8, x9
  b.ne 3b
  mov w8, #1
4:
  ldaxr w9, [x5]
  cbnz w9, 5f
  stxr w9, w8, [x5]
  cbnz w9, 4b
  ldr x8, [x6]
  add x8, x8, #1
  str x8, [x6]
  stlr wzr, [x5]
  subs x7, x7, #1
  b.ne 1b
  ldr x1, =ended
  mov x8, #1
  ldaddal x8, x9, [x1]
  sev
  ret
5:
  wfe
  b 4b
returned:
  svc #0
other:
  bl counts
  ldr x0, =PSCI_CPU_OFF
  hvc #0
  b .
  .ltorg

.macro COUNTED name, symbol, expected, offset=0
  ldr x0, =\symbol
  ldr x1, [x0, #\offset]
  SAYS "\name", \expected, x1
.endm

BEGIN
  ldr x0, =scratch
  // A store without a load, after CLREX, after an exception's return, elsewhere, twice.
  stxr w1, x2, [x0]
  SAYS "a store exclusive without a load", 1, x1
  ldxr x1, [x0]
  clrex
  stxr w1, x2, [x0]
  SAYS "after CLREX", 1, x1
  ldxr x1, [x0]
  mov x2, #5
  stxr w1, x2, [x0]
  SAYS "after a load", 0, x1
  ldr x2, [x0]
  SAYS "what it stored", 5, x2
  stxr w1, x2, [x0]
  SAYS "a second time", 1, x1
  ldxr x1, [x0]
  ldr x3, =scratch + 64
  stxr w1, x2, [x3]
  SAYS "elsewhere", 1, x1
  ldxp x1, x2, [x0]
  clrex
  stxp w1, x2, x2, [x0]
  SAYS "a pair after CLREX", 1, x1
  ldxr x4, [x0]
  GO EL1H, returned
  stxr w1, x2, [x0]
  SAYS "after an exception return", 1, x1

  mov x5, #1
1:
  mov x1, x5
  ldr x2, =other
  mov x3, #0
  ldr x0, =PSCI_CPU_ON
  hvc #0
  SAYS "CPU_ON", 0, x0
  add x5, x5, #1
  cmp x5, #CPUS
  b.ne 1b
  bl counts
  ldr x1, =ended
2:
  ldar x2, [x1]
  cmp x2, #CPUS
  b.ne 2b
  COUNTED "LDXR and STXR", by_exclusive, CPUS * ROUNDS
  COUNTED "LDXP and STXP, low", by_pair, CPUS * ROUNDS
  COUNTED "LDXP and STXP, high", by_pair, 2 * CPUS * ROUNDS, 8
  COUNTED "LDADD", by_atomic, CPUS * ROUNDS
  COUNTED "CAS", by_swap, CPUS * ROUNDS
  COUNTED "a lock of LDAXR and STLR", by_lock, CPUS * ROUNDS
END
