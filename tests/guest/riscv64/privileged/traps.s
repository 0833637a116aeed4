# Exceptions and interrupts: where they go, and what the registers say then.

  .include "privileged.inc"

  .balign 4
call_of_environment:
  ecall
undefined:
  .word 0xffffffff
undefined_short:
  .half 0x9c7d, 1                           # 16 bits, reserved; c.nop
breakpoint:
  ebreak
misaligned_amo:
  li a0, 0x80000001
  amoadd.w a1, a1, (a0)
misaligned_lr:
  li a0, 0x80000004
  lr.d a1, (a0)
reads_mstatus:
  csrr a1, mstatus
reads_satp:
  csrr a1, satp
returns:
  sret
returns_far:
  mret
waits:
  wfi
  ecall
fences:
  sfence.vma
  ecall
reads_time:
  csrr a1, time
  ecall
nothing:
  j nothing

  # In S-mode: what was told, in a2..a5, and back to M.
  .balign 4
supervisor_trap:
  csrr a2, scause
  csrr a3, stval
  csrr a4, sepc
  csrr a5, sstatus
  ecall

BEGIN
  OPEN_PMP
  GO U, call_of_environment
  TRAPPED "ecall of U", 8, 0
  GO S, call_of_environment
  TRAPPED "ecall of S", 9, 0
  la a1, call_of_environment
  SAME "mepc of an ecall", t6, a1
  csrr a1, mstatus
  srli a1, a1, 11
  andi a1, a1, 3
  SAYS "MPP after a trap of S", 1, a1
  GO M, call_of_environment
  TRAPPED "ecall of M", 11, 0

  GO U, undefined
  TRAPPED "an undefined instruction", 2, 0xffffffff
  GO S, undefined_short
  TRAPPED "an undefined short instruction", 2, 0x9c7d
  la a1, undefined_short
  SAME "mepc of an undefined short instruction", t6, a1
  GO U, breakpoint
  la a1, breakpoint
  SAYS "ebreak", 3, t0
  SAME "mtval of ebreak", t1, a1
  GO U, misaligned_amo
  TRAPPED "amoadd.w at 1", 6, 0x80000001
  GO U, misaligned_lr
  TRAPPED "lr.d at 4", 4, 0x80000004

  GO S, reads_mstatus
  TRAPPED "mstatus of S", 2, 0x300025f3
  GO U, reads_satp
  TRAPPED "satp of U", 2, 0x180025f3
  GO U, returns
  TRAPPED "sret of U", 2, 0x10200073
  GO S, returns_far
  TRAPPED "mret of S", 2, 0x30200073
  GO U, waits
  TRAPPED "wfi of U", 2, 0x10500073
  GO U, fences
  TRAPPED "sfence.vma of U", 2, 0x12000073

  # TVM, TW, TSR.
  GO S, fences
  TRAPPED "sfence.vma of S", 9, 0
  SET mstatus, 7 << 20
  GO S, fences
  TRAPPED "sfence.vma with TVM", 2, 0x12000073
  GO S, reads_satp
  TRAPPED "satp with TVM", 2, 0x180025f3
  GO S, waits
  TRAPPED "wfi with TW", 2, 0x10500073
  GO S, returns
  TRAPPED "sret with TSR", 2, 0x10200073
  CLEAR mstatus, 7 << 20

  # Counters by mcounteren and scounteren.
  csrw mcounteren, zero
  csrw scounteren, zero
  GO S, reads_time
  TRAPPED "time of S, closed", 2, 0xc01025f3
  PUT mcounteren, 2
  GO S, reads_time
  TRAPPED "time of S, open", 9, 0
  GO U, reads_time
  TRAPPED "time of U, closed", 2, 0xc01025f3
  PUT scounteren, 2
  GO U, reads_time
  TRAPPED "time of U, open", 8, 0
  csrw mcounteren, zero
  GO U, reads_time
  TRAPPED "time of U, closed by M", 2, 0xc01025f3

  # Delegation.
  la t0, supervisor_trap
  csrw stvec, t0
  PUT medeleg, 1 << 8 | 1 << 2
  CLEAR sstatus, 1 << 8
  SET sstatus, 1 << 1
  GO U, call_of_environment
  SAYS "after a delegated ecall, the ecall of S", 9, t0
  SAYS "scause", 8, a2
  SAYS "stval", 0, a3
  la a1, call_of_environment
  SAME "sepc", a4, a1
  andi a1, a5, 0x122
  SAYS "SPP, SPIE and SIE after a trap of U", 0x20, a1
  GO S, undefined
  SAYS "a delegated exception of S", 2, a2
  SAYS "its stval", 0xffffffff, a3
  andi a1, a5, 0x122
  SAYS "SPP, SPIE and SIE after a trap of S", 0x100, a1
  li a2, -1
  GO M, undefined
  TRAPPED "an exception of M stays there", 2, 0xffffffff
  SAYS "and S hears nothing", -1, a2
  csrw medeleg, zero

  # Interrupts: SSI by hand.
  csrw mideleg, zero
  PUT mie, 2
  PUT mip, 2
  CLEAR mstatus, 8
  nop
  SAYS "a pending interrupt with MIE off", 0, zero
  GO U, nothing
  SAYS "an interrupt of U into M", 0x8000000000000001, t0
  SAYS "its mtval", 0, t1
  la a1, nothing
  SAME "its mepc", t6, a1
  PUT mideleg, 2
  CLEAR sstatus, 2
  GO U, nothing
  SAYS "a delegated interrupt of U, SIE off", 0x8000000000000001, a2
  SAYS "came to M by ecall", 9, t0
  li a2, -1
  GO S, call_of_environment
  SAYS "a delegated interrupt of S, SIE off", -1, a2
  SET mstatus, 1 << 5 | 1 << 1              # SPIE, SIE
  GO S, nothing
  SAYS "a delegated interrupt of S, SIE on", 0x8000000000000001, a2
  csrw sie, zero
  csrr a1, mie
  SAYS "sie is part of mie", 0, a1
  PUT sie, 2
  csrr a1, sip
  SAYS "sip shows what is delegated", 2, a1
  csrw mideleg, zero
  csrr a1, sip
  SAYS "sip hides what is not", 0, a1

  # Vectored.
  la t0, vectors
  ori t0, t0, 1
  csrw mtvec, t0
  la t2, 1f
  SET mstatus, 8
  nop
1:
  SAYS "the interrupt's own vector", 1, a1
  csrr a1, mstatus
  srli a1, a1, 3
  andi a1, a1, 0x11
  SAYS "MIE and MPIE after an interrupt", 0x10, a1
  csrw mip, zero
  la t2, 1f
  ecall
1:
  SAYS "exceptions go to the base", 0, a1
  la t0, unexpected_trap
  csrw mtvec, t0
END

  .balign 4
vectors:
  j 0f
  j 1f
  j 2f
0:
  li a1, 0
  jr t2
1:
  li a1, 1
  jr t2
2:
  li a1, 2
  jr t2
