// The generic timers, their interrupts by the GIC, WFI, ISR_EL1.

  .include "privileged.inc"

.equ VIRTUAL_TIMER, 27
.equ PHYSICAL_TIMER, 30

.macro TIMER kind, intid
  // Far away, then over.
  ldr x0, =1 << 60
  msr cnt\kind\()_cval_el0, x0
  mov x0, #1
  msr cnt\kind\()_ctl_el0, x0
  mrs x1, cnt\kind\()_ctl_el0
  SAYS "\kind: enabled, not due", 1, x1
  mrs x1, isr_el1
  SAYS "\kind: nothing pending", 0, x1
  msr cnt\kind\()_cval_el0, xzr
  mrs x1, cnt\kind\()_ctl_el0
  SAYS "\kind: due", 5, x1
1:
  mrs x1, isr_el1                           // the interrupt may take its time
  cbz x1, 1b
  SAYS "\kind: an IRQ is pending", 1 << 7, x1
  mov x0, #3
  msr cnt\kind\()_ctl_el0, x0
  mrs x1, cnt\kind\()_ctl_el0
  SAYS "\kind: due and masked", 7, x1
2:
  mrs x1, isr_el1
  cbnz x1, 2b

  // TVAL, signed.
  mov x0, #-5
  msr cnt\kind\()_tval_el0, x0
  mrs x1, cnt\kind\()_ctl_el0
  SAYS "\kind: due by TVAL", 7, x1
  ldr x0, =0x7fffffff
  msr cnt\kind\()_tval_el0, x0
  mrs x1, cnt\kind\()_ctl_el0
  SAYS "\kind: not due by TVAL", 3, x1
  mrs x1, cnt\kind\()_tval_el0
  lsr x1, x1, #24
  SAYS "\kind: TVAL", 0x7f, x1

  // By itself, after 1 ms, out of WFI with interrupts masked.
  ldr x0, =62500
  msr cnt\kind\()_tval_el0, x0
  mrs x2, cnt\kind\()_cval_el0
  mov x0, #1
  msr cnt\kind\()_ctl_el0, x0
3:
  wfi
  mrs x1, cnt\kind\()_ctl_el0
  tbz x1, #2, 3b
  isb
  mrs x1, cntvct_el0
  cmp x1, x2
  cset x1, hs
  SAYS "\kind: WFI has waited", 1, x1

  // Taken, at EL0.
  GO 0x340, nothing
  SAYS "\kind: the vector", 0x480, x14
  SAYS "\kind: ELR", nothing, x12
  SAYS "\kind: SPSR", 0x340, x13
  mrs x0, S3_0_C12_C12_0                    // ICC_IAR1_EL1
  SAYS "\kind: INTID", \intid, x0
  msr cnt\kind\()_ctl_el0, xzr
  msr S3_0_C12_C12_1, x0                    // ICC_EOIR1_EL1
  isb
  mrs x0, S3_0_C12_C12_0
  SAYS "\kind: nothing more", 1023, x0
  // And at EL1, when the mask opens.
  mov x0, #1
  msr cnt\kind\()_ctl_el0, x0
  ldr x15, =4f
  msr daifclr, #2
5:
  b 5b
4:
  ldr x15, =unexpected
  SAYS "\kind: the vector of EL1", 0x280, x14
  msr cnt\kind\()_ctl_el0, xzr
  mrs x0, S3_0_C12_C12_0
  msr S3_0_C12_C12_1, x0
.endm

nothing:
  b nothing

BEGIN
  mrs x0, cntfrq_el0
  SAYS "CNTFRQ", 62500000, x0
  mrs x1, cntvct_el0
  isb
  mrs x2, cntvct_el0
  cmp x2, x1
  cset x3, hs
  SAYS "time does not go back", 1, x3

  // The GIC: this processor's redistributor is awake, both timers in group 1 and enabled.
  ldr x0, =GICD
  mov w1, #0x12                             // ARE, group 1
  str w1, [x0]
  ldr x0, =GICR
  str wzr, [x0, #0x14]                      // WAKER
1:
  ldr w1, [x0, #0x14]
  tbnz w1, #2, 1b
  add x0, x0, #0x10000
  mov w1, #-1
  str w1, [x0, #0x80]                       // IGROUPR0
  ldr w1, =1 << VIRTUAL_TIMER | 1 << PHYSICAL_TIMER
  str w1, [x0, #0x100]                      // ISENABLER0
  mov x0, #7
  msr S3_0_C12_C12_5, x0                    // ICC_SRE_EL1
  mov x0, #0xff
  msr S3_0_C4_C6_0, x0                      // ICC_PMR_EL1
  mov x0, #1
  msr S3_0_C12_C12_7, x0                    // ICC_IGRPEN1_EL1
  isb
  TIMER v, VIRTUAL_TIMER
  TIMER p, PHYSICAL_TIMER
END
