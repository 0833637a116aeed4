// PSCI: processors on and off.

  .include "privileged.inc"

.macro CALL function
  ldr x0, =\function
  hvc #0
.endm

.equ VIRTUAL_TIMER, 27
.equ SECONDS_PENDING, GICR + 0x20000 + 0x10000 + 0x200  // GICR_ISPENDR0

  .bss
  .balign 8
arrived: .zero 8
seen: .zero 40
  .text
second:
  ldr x1, =seen
  str x0, [x1]
  mrs x2, mpidr_el1
  str x2, [x1, #8]
  mrs x2, currentel
  str x2, [x1, #16]
  mrs x2, sctlr_el1
  and x2, x2, #1
  str x2, [x1, #24]
  ldr x3, =SECONDS_PENDING
  ldr w2, [x3]
  str x2, [x1, #32]
  // It leaves with its timer due, and told.
  msr cntv_cval_el0, xzr
  mov x2, #1
  msr cntv_ctl_el0, x2
1:
  ldr w2, [x3]
  tbz w2, #VIRTUAL_TIMER, 1b
  ldr x1, =arrived
  ldr x2, [x1]
  add x2, x2, #1
  stlr x2, [x1]
  CALL PSCI_CPU_OFF
  b .
  .ltorg

.macro TURN_ON context, count
  mov x1, #1
  ldr x2, =second
  ldr x3, =\context
  CALL PSCI_CPU_ON
  SAYS "CPU_ON", 0, x0
  ldr x1, =arrived
1:
  ldar x2, [x1]
  cmp x2, #\count
  b.ne 1b
2:
  mov x1, #1
  mov x2, #0
  CALL PSCI_AFFINITY_INFO
  cbz x0, 2b
  SAYS "it is off again", 1, x0
  ldr x1, =seen
  ldr x2, [x1]
  SAYS "its context", \context, x2
  ldr x2, [x1, #32]
  SAYS "no interrupt is left of what it did before", 0, x2
.endm

BEGIN
  CALL PSCI_VERSION
  lsr x0, x0, #16
  SAYS "PSCI 1.x", 1, x0
  mov x1, #0
  mov x2, #0
  CALL PSCI_AFFINITY_INFO
  SAYS "the first is on", 0, x0
  mov x1, #1
  mov x2, #0
  CALL PSCI_AFFINITY_INFO
  SAYS "the second is off", 1, x0
  mov x1, #7
  ldr x2, =second
  CALL PSCI_CPU_ON
  SAYS "one that is not there", -2, x0
  mov x1, #0
  CALL PSCI_CPU_ON
  SAYS "one that is on", -4, x0
  mov x1, #1
  mov x2, #2
  CALL PSCI_CPU_ON
  SAYS "an address out of line", -9, x0
  TURN_ON 0x123456789abcdef0, 1
  ldr x1, =seen
  ldr x2, [x1, #8]
  SAYS "its MPIDR", 0x80000001, x2
  ldr x2, [x1, #16]
  SAYS "its EL", 4, x2
  ldr x2, [x1, #24]
  SAYS "its MMU is off", 0, x2
  TURN_ON 77, 2
  // By SMC, too.
  ldr x0, =PSCI_VERSION
  smc #0
  lsr x0, x0, #16
  SAYS "PSCI by SMC", 1, x0
  ldr x0, =0x84001234
  hvc #0
  SAYS "an unknown function", -1, x0
END
