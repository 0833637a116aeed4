// Code that is written while it runs: by its own processor, and by another.

  .include "privileged.inc"

.equ ROUNDS, 200

  .bss
  .balign 64
written: .zero 8
done: .zero 8
  .text
  .balign 4096
patched:
  mov x0, #0
  ret
  .balign 4096

// x1: what `patched` is to return from now on.
patch:
  ldr x2, =0xd2800000                       // mov x0, #imm
  orr w2, w2, w1, lsl #5
  ldr x3, =patched
  str w2, [x3]
  tbz x1, #0, 1f                            // every other time as CTR_EL0.IDC and DIC allow
  dc cvau, x3
  dsb ish
  ic ivau, x3
1:
  dsb ish
  isb
  ret

// The other processor: waits for a number, executes it, tells that it was right.
other:
  mov x5, #1
1:
  ldr x1, =written
2:
  ldar x2, [x1]
  cmp x2, x5
  b.ne 2b
  isb
  bl patched
  cmp x0, x5
  b.ne 3f
  ldr x1, =done
  stlr x5, [x1]
  add x5, x5, #1
  cmp x5, #ROUNDS
  b.ls 1b
3:
  ldr x1, =done
  mov x2, #-1
  cmp x5, #ROUNDS
  b.hi 4f
  stlr x2, [x1]
4:
  ldr x0, =PSCI_CPU_OFF
  hvc #0
  b .
  .ltorg

BEGIN
  mov x5, #0
1:
  add x5, x5, #1
  mov x1, x5
  bl patch
  bl patched
  SAME "its own code", x0, x5
  cmp x5, #ROUNDS
  b.ne 1b

  mov x1, #1
  ldr x2, =other
  ldr x0, =PSCI_CPU_ON
  hvc #0
  mov x5, #0
2:
  add x5, x5, #1
  mov x1, x5
  bl patch
  ldr x1, =written
  stlr x5, [x1]
  ldr x1, =done
3:
  ldar x2, [x1]
  cmn x2, #1
  b.eq 4f
  cmp x2, x5
  b.ne 3b
4:
  SAME "the other's code", x2, x5
  cmp x5, #ROUNDS
  b.ne 2b
END
