// Exceptions: where they go, what the registers say then, and how they return.

  .include "privileged.inc"

svc_17:
  svc #17
brk_5:
  brk #5
undefined:
  .inst 0x00000000
hvc_0:
  hvc #0
reads_sctlr:
  mrs x0, sctlr_el1
writes_el0_timer:
  msr cntv_ctl_el0, x0
  svc #0
reads_ctr:
  mrs x3, ctr_el0
  svc #0
masks:
  msr daifset, #2
  svc #0
zeroes:
  dc zva, x0
  svc #0
cleans:
  dc cvau, x0
  svc #0
waits:
  wfi
  svc #0
waits_for_event:
  wfe
  svc #0
reads_count:
  mrs x3, cntvct_el0
  svc #0
sets_spsel:
  msr spsel, #1
uses_sp:
  ldr x1, [sp]
  svc #0
sets_flags:
  mov x0, #1
  cmp x0, #2
  svc #0
leaves:
  eret
nothing:
  b nothing

BEGIN
  // Synchronous ones, and their vectors.
  GO EL0, svc_17
  TOOK "svc of EL0", 0x15, 17, svc_17 + 4
  SAYS "svc of EL0: SPSR", EL0, x13
  GO EL1T, svc_17
  TOOK "svc of EL1t", 0x15, 17, svc_17 + 4, 0x000
  SAYS "svc of EL1t: SPSR", EL1T, x13
  GO EL1H, svc_17
  TOOK "svc of EL1h", 0x15, 17, svc_17 + 4, 0x200
  mrs x0, currentel
  SAYS "CurrentEL", 4, x0
  mrs x0, spsel
  SAYS "SPSel after an exception", 1, x0
  mrs x0, daif
  SAYS "DAIF after an exception", 0x3c0, x0
  GO EL0, brk_5
  TOOK "brk", 0x3c, 5, brk_5
  GO EL0, undefined
  TOOK "an undefined instruction", 0, 0, undefined
  GO EL0, hvc_0
  TOOK "hvc of EL0", 0, 0, hvc_0
  GO EL0, leaves
  TOOK "eret of EL0", 0, 0, leaves

  // Registers and instructions that EL1 keeps.
  GO EL0, reads_sctlr
  TOOK "SCTLR_EL1 of EL0", 0, 0, reads_sctlr
  GO EL0, sets_spsel
  TOOK "SPSel of EL0", 0, 0, sets_spsel
  GO EL0, writes_el0_timer
  TOOK "a timer of EL0", 0x18, 3 << 20 | 1 << 17 | 3 << 14 | 14 << 10 | 0 << 5 | 3 << 1, writes_el0_timer
  PUT cntkctl_el1, 0x100
  GO EL0, writes_el0_timer
  TOOK "a timer of EL0 that may", 0x15, 0, writes_el0_timer + 8
  GO EL0, reads_count
  TOOK "the counter of EL0", 0x18, 3 << 20 | 2 << 17 | 3 << 14 | 14 << 10 | 3 << 5 | 0 << 1 | 1, reads_count
  PUT cntkctl_el1, 0x2
  GO EL0, reads_count
  TOOK "the counter of EL0 that may", 0x15, 0, reads_count + 8
  GO EL0, reads_ctr
  TOOK "CTR_EL0", 0x18, 3 << 20 | 1 << 17 | 3 << 14 | 0 << 10 | 3 << 5 | 0 << 1 | 1, reads_ctr
  GO EL0, masks
  TOOK "DAIFSet", 0x18, 0 << 20 | 6 << 17 | 3 << 14 | 4 << 10 | 31 << 5 | 2 << 1, masks
  ldr x0, =scratch
  GO EL0, zeroes
  TOOK "DC ZVA", 0x18, 1 << 20 | 1 << 17 | 3 << 14 | 7 << 10 | 0 << 5 | 4 << 1, zeroes
  GO EL0, cleans
  TOOK "DC CVAU", 0x18, 1 << 20 | 1 << 17 | 3 << 14 | 7 << 10 | 0 << 5 | 11 << 1, cleans
  GO EL0, waits
  TOOK "WFI", 0x01, 0x1e00000, waits
  GO EL0, waits_for_event
  TOOK "WFE", 0x01, 0x1e00001, waits_for_event
  PUT sctlr_el1, SCTLR_ONES | SCTLR_SPAN | SCTLR_UMA | SCTLR_DZE | SCTLR_UCT | SCTLR_UCI | SCTLR_NTWE
  GO EL0, reads_ctr
  TOOK "CTR_EL0 that may", 0x15, 0, reads_ctr + 8
  SAYS "CTR_EL0", 0xb444c004, x3
  GO EL0, masks
  TOOK "DAIFSet that may", 0x15, 0, masks + 8
  mov x1, #-1
  ldr x0, =scratch
  str x1, [x0, #56]
  GO EL0, zeroes
  TOOK "DC ZVA that may", 0x15, 0, zeroes + 8
  ldr x1, [x0, #56]
  SAYS "what DC ZVA zeroed", 0, x1
  GO EL0, cleans
  TOOK "DC CVAU that may", 0x15, 0, cleans + 8
  GO EL0, waits_for_event
  TOOK "WFE that may", 0x15, 0, waits_for_event + 8
  ACCESS 0, 0, "mrs x3, ctr_el0"
  PUT sctlr_el1, SCTLR_ONES | SCTLR_SPAN

  // Flags and masks come and go with SPSR.
  GO EL0, sets_flags
  SAYS "SPSR has the flags", 0x80000000 | EL0, x13
  GO 0xf0000000 | EL0, svc_17
  SAYS "flags that were returned to", 0xf0000000 | EL0, x13
  GO 0x60000000 | (1 << 23) | (1 << 22), svc_17
  SAYS "PAN, UAO and open masks", 0x60000000 | (1 << 23) | (1 << 22), x13
  mrs x0, uao
  SAYS "UAO after an exception", 0, x0
  msr pan, #0
  GO EL0, svc_17
  mrs x0, pan
  SAYS "PAN with SPAN", 0, x0
  PUT sctlr_el1, SCTLR_ONES
  GO EL0, svc_17
  mrs x0, pan
  SAYS "PAN without SPAN", 1 << 22, x0
  PUT sctlr_el1, SCTLR_ONES | SCTLR_SPAN

  // Illegal returns: to AArch32, to EL2.
  GO 0x1d0, svc_17
  TOOK "a return to AArch32", 0x0e, 0, svc_17, 0x200
  and x13, x13, #1 << 20
  SAYS "its SPSR has IL", 1 << 20, x13
  GO 0x3c9, svc_17
  TOOK "a return to EL2", 0x0e, 0, svc_17, 0x200

  // PC and SP out of line, data out of line and out of memory.
  GO EL0, svc_17 + 2
  TOOK "a PC out of line", 0x22, 0, svc_17 + 2
  SAYS "its FAR", svc_17 + 2, x11
  ldr x0, =stack + 8
  msr sp_el0, x0
  GO EL0, uses_sp
  TOOK "an SP out of line, unchecked", 0x15, 0, uses_sp + 8
  PUT sctlr_el1, SCTLR_ONES | SCTLR_SPAN | SCTLR_SA | SCTLR_SA0
  GO EL0, uses_sp
  TOOK "an SP out of line", 0x26, 0, uses_sp
  GO EL1T, uses_sp
  TOOK "EL1's SP_EL0 out of line", 0x26, 0, uses_sp, 0x000
  ldr x0, =scratch + 1
  ACCESS 0, 0, "ldr x1, [x0]"
  ACCESS DATA, ALIGNMENT, "ldxr x1, [x0]"
  ACCESS DATA, ALIGNMENT | WNR, "ldadd x1, x2, [x0]"
  ACCESS DATA, ALIGNMENT, "ldar w1, [x0]"
  ACCESS DATA, ALIGNMENT | WNR, "stlrh w1, [x0]"
  ACCESS 0, 0, "ldaxrb w1, [x0]"
  PUT sctlr_el1, SCTLR_ONES | SCTLR_SPAN | SCTLR_A
  ACCESS DATA, ALIGNMENT, "ldrh w1, [x0]"
  ACCESS DATA, ALIGNMENT | WNR, "str x1, [x0]"
  ACCESS 0, 0, "ldrb w1, [x0]"
  PUT sctlr_el1, SCTLR_ONES | SCTLR_SPAN
  ldr x0, =0x70000000
  ACCESS DATA, EXTERNAL, "ldr x1, [x0]"
  ACCESS DATA, EXTERNAL | WNR, "str x1, [x0]"
  GO EL0, 0x70000000
  TOOK "a fetch out of memory", FETCH_LOWER, EXTERNAL, 0x70000000
  SAYS "its FAR", 0x70000000, x11

  // What debuggers and kernels read.
  mrs x0, midr_el1
  SAYS "MIDR_EL1", 0x000f0e10, x0
  mrs x0, mpidr_el1
  SAYS "MPIDR_EL1", 0x80000000, x0
  mrs x0, isr_el1
  SAYS "ISR_EL1 with nothing pending", 0, x0
END
