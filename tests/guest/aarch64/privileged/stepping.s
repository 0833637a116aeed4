// Software step (Arm ARM D2.12): one instruction at a time, and what SPSR says of it.

  .include "privileged.inc"

.equ SS, 1 << 21
.equ MDSCR_SS, 1 << 0
.equ MDSCR_KDE, 1 << 13
.equ STEP_LOWER, 0x32
.equ STEP, 0x33
.equ STEPPED, 1 << 24 | 0x22
.equ STEPPED_EXCLUSIVE, STEPPED | 1 << 6
// EL1 with debug exceptions open.
.equ EL1H_OPEN, 0x1c5

code:
  add x1, x1, #1
  add x1, x1, #2
  svc #3
jumps:
  b code
jumps_far:
  br x2
loads:
  ldr x3, [x0]
exclusive:
  ldxr x3, [x0]
breaks:
  brk #1
closes:
  msr daifset, #8
  svc #4

BEGIN
  PUT mdscr_el1, MDSCR_SS
  mov x1, #0
  GO EL0 | SS, code
  TOOK "one instruction", STEP_LOWER, STEPPED, code + 4
  SAYS "its SPSR", EL0, x13
  SAYS "what it did", 1, x1
  GO EL0 | SS, code + 4
  TOOK "the next", STEP_LOWER, STEPPED, code + 8
  SAYS "what both did", 3, x1
  GO EL0, code
  TOOK "none", STEP_LOWER, 0x22, code
  SAYS "what none did", 3, x1
  GO EL0 | SS, code + 8
  TOOK "svc", 0x15, 3, code + 12
  SAYS "its SPSR", EL0, x13
  GO EL0 | SS, jumps
  TOOK "a jump", STEP_LOWER, STEPPED, code
  ldr x2, =code + 4
  GO EL0 | SS, jumps_far
  TOOK "a jump to a register", STEP_LOWER, STEPPED, code + 4
  ldr x0, =0x70000000
  GO EL0 | SS, loads
  TOOK "a load that faults", DATA_LOWER, EXTERNAL, loads
  SAYS "its SPSR has SS", EL0 | SS, x13
  GO EL0 | SS, breaks
  TOOK "brk", 0x3c, 1, breaks
  SAYS "its SPSR has SS", EL0 | SS, x13
  ldr x0, =scratch
  GO EL0 | SS, loads
  TOOK "a load", STEP_LOWER, STEPPED, loads + 4
  GO EL0 | SS, exclusive
  TOOK "an exclusive load", STEP_LOWER, STEPPED_EXCLUSIVE, exclusive + 4
  // A loop, step by step, many times over the same code.
  mov x1, #0
  mov x5, #20
1:
  GO EL0 | SS, code
  subs x5, x5, #1
  b.ne 1b
  SAYS "twenty steps", 20, x1

  // EL1 is stepped with KDE alone, and while D is open.
  GO EL1H_OPEN | SS, code
  TOOK "EL1 without KDE", 0x15, 3, code + 12, 0x200
  PUT mdscr_el1, MDSCR_SS | MDSCR_KDE
  GO EL1H_OPEN | SS, code
  TOOK "EL1 with KDE", STEP, STEPPED, code + 4, 0x200
  GO EL1H | SS, code
  TOOK "EL1 with KDE and D", 0x15, 3, code + 12, 0x200
  GO EL1H_OPEN | SS, closes
  TOOK "an instruction that sets D", 0x15, 4, closes + 8, 0x200
  PUT mdscr_el1, 0
  GO EL0 | SS, code
  TOOK "not stepped", 0x15, 3, code + 12
  SAYS "its SPSR", EL0, x13
END
