# mstatus.FS: off, initial, clean, dirty; the counters beside it.

  .include "privileged.inc"

.macro FS name, state
  csrr a1, mstatus
  srli a2, a1, 63
  srli a1, a1, 13
  andi a1, a1, 3
  SAYS "\name", \state, a1
  SAYS "SD with it", (\state + 1) / 4, a2
.endm
.macro CLEAN
  CLEAR mstatus, 3 << 13
  SET mstatus, 2 << 13
.endm

  .balign 4
reads_fcsr:
  csrr a1, fcsr
adds:
  fadd.d f0, f0, f0
  ecall
loads:
  .half 0x2108, 1                           # c.fld f10, 0(a0); c.nop

BEGIN
  OPEN_PMP
  CLEAN
  FS "clean", 2
  fmv.x.d a0, f1
  fclass.d a0, f1
  la a0, scratch
  fsd f1, 0(a0)
  FS "after moves out of f registers", 2
  fmv.d.x f1, zero
  FS "after a move into one", 3
  CLEAN
  fld f1, 0(a0)
  FS "after a load", 3
  CLEAN
  flw f1, 0(a0)
  FS "after a load of a single", 3
  CLEAN
  fadd.s f1, f1, f1
  FS "after an addition", 3
  CLEAN
  csrwi fflags, 0
  FS "after a write of fflags", 3
  CLEAN
  csrwi frm, 0
  FS "after a write of frm", 3
  CLEAN
  csrr a1, fcsr
  FS "after a read of fcsr", 2
  li a1, 0x3ff0000000000000
  fmv.d.x f2, a1
  fmv.d.x f3, zero
  csrwi fflags, 0
  CLEAN
  fdiv.d f4, f2, f3
  FS "after a division by zero", 3
  csrr a1, fflags
  SAYS "its flag", 8, a1
  # A context switch: out with the flags, and in again.
  csrwi fcsr, 0
  CLEAN
  GO U, adds
  FS "after an addition of U", 3

  CLEAR mstatus, 3 << 13
  FS "off", 0
  GO U, reads_fcsr
  TRAPPED "fcsr while off", 2, 0x003025f3
  GO S, adds
  TRAPPED "an addition while off", 2, 0x02007053
  la a0, scratch
  GO S, loads
  TRAPPED "a short load while off", 2, 0x2108
  FS "still off", 0
  SET mstatus, 1 << 13
  GO S, adds
  TRAPPED "an addition while initial", 9, 0
  FS "makes it dirty", 3

  # mcycle and minstret count, stop, and take values.
  PUT mcountinhibit, 5
  PUT mcycle, 1000
  PUT minstret, 2000
  csrr a1, mcycle
  SAYS "mcycle stands", 1000, a1
  csrr a1, minstret
  SAYS "minstret stands", 2000, a1
  csrw mcountinhibit, zero
  csrr a1, mcycle
1:
  csrr a2, mcycle
  beq a1, a2, 1b
  sltu a1, a1, a2
  SAYS "mcycle goes on", 1, a1
  csrr a1, time
1:
  csrr a2, time
  beq a1, a2, 1b
  sltu a1, a1, a2
  SAYS "time goes on", 1, a1
END
