# mtime and mtimecmp, Sstc, and waiting for them.

  .include "privileged.inc"

.equ SOON, 20000                            # 2 ms

.macro WAIT_FOR_TRAP
  la t0, wanted_trap
  csrw mtvec, t0
  la t2, .Lback\@
  SET mstatus, 8
.Lwait\@:
  wfi
  j .Lwait\@
.Lback\@:
  la t3, unexpected_trap
  csrw mtvec, t3
.endm

  .balign 4
spins:
  j spins
arms_and_waits:                             # in S, with Sstc: a0 is when
  csrw stimecmp, a0
1:
  csrr a1, sip
  andi a1, a1, 1 << 5
  beqz a1, 1b
  csrr a2, time
  ecall

BEGIN
  OPEN_PMP
  li s0, CLINT_MTIME
  li s1, CLINT_MTIMECMP
  ld a0, 0(s0)
  csrr a1, time
  ld a2, 0(s0)
  sltu a3, a1, a0
  SAYS "time is not before mtime", 0, a3
  sltu a3, a2, a1
  SAYS "nor behind it", 0, a3
  csrr a1, mip
  andi a1, a1, 1 << 7
  SAYS "MTIP before any comparison", 0, a1

  PUT mie, 1 << 7
  ld a0, 0(s0)
  li a1, SOON
  add a0, a0, a1
  sd a0, 0(s1)
  WAIT_FOR_TRAP
  SAYS "the machine timer", 0x8000000000000007, t0
  csrr a1, time
  sltu a1, a1, a0
  SAYS "did not come early", 0, a1
  csrr a1, mip
  andi a1, a1, 1 << 7
  SAYS "MTIP stays until mtimecmp moves", 1 << 7, a1
  li a1, -1
  sd a1, 0(s1)
  csrr a1, mip
  andi a1, a1, 1 << 7
  SAYS "MTIP goes at once", 0, a1
  # In the past: at once; into a loop of U without traps or system instructions.
  sd zero, 0(s1)
  GO U, spins
  SAYS "mtimecmp in the past", 0x8000000000000007, t0
  li a1, -1
  sd a1, 0(s1)
  ld a0, 0(s0)
  li a1, SOON
  add a0, a0, a1
  sd a0, 0(s1)
  GO U, spins
  SAYS "out of a loop of one instruction", 0x8000000000000007, t0
  csrr a1, time
  sltu a1, a1, a0
  SAYS "not early", 0, a1
  li a1, -1
  sd a1, 0(s1)
  csrw mie, zero
  # Half of mtimecmp at a time.
  li a1, -1
  sw a1, 4(s1)
  sw zero, 0(s1)
  lwu a1, 4(s1)
  SAYS "the upper half of mtimecmp", 0xffffffff, a1
  li a1, -1
  sd a1, 0(s1)

  # Sstc.
  li a0, 0
  GO S, arms_and_waits
  SAYS "stimecmp of S, closed", 2, t0
  # STIP is a bit of software's until Sstc takes it.
  li a1, 1 << 5
  csrs mip, a1
  csrr a2, mip
  andi a2, a2, 1 << 5
  SAYS "STIP by software", 1 << 5, a2
  PUT mcounteren, 2
  SET menvcfg, 1 << 63
  csrr a2, mip
  andi a2, a2, 1 << 5
  SAYS "STIP with Sstc", 0, a2
  csrr a1, menvcfg
  srli a1, a1, 63
  SAYS "menvcfg.STCE", 1, a1
  PUT mideleg, 1 << 5
  csrr a0, time
  li a1, SOON
  add a0, a0, a1
  GO S, arms_and_waits
  SAYS "stimecmp of S, open", 9, t0
  sltu a1, a2, a0
  SAYS "STIP did not come early", 0, a1
  csrr a1, mip
  andi a1, a1, 1 << 5
  SAYS "STIP in mip", 1 << 5, a1
  li a1, 1 << 5
  csrc mip, a1
  csrr a1, mip
  andi a1, a1, 1 << 5
  SAYS "mip cannot clear it", 1 << 5, a1
  li a1, -1
  csrw stimecmp, a1
  csrr a1, mip
  andi a1, a1, 1 << 5
  SAYS "stimecmp can", 0, a1
  # A wait ends by it, though not enabled globally.
  CLEAR mstatus, 8
  PUT mie, 1 << 5
  csrr a0, time
  li a1, SOON
  add a0, a0, a1
  csrw stimecmp, a0
  wfi
  csrr a1, mip
  andi a1, a1, 1 << 5
  SAYS "wfi ended by STIP", 1 << 5, a1
  # It ends at once while one is pending, but who waits in vain all the time is slowed down.
  csrr a0, time
  li a1, 64 + 6
1:
  wfi
  addi a1, a1, -1
  bnez a1, 1b
  csrr a1, time
  sub a1, a1, a0
  li a0, 31500                              # 50 us, and twice that, ... five times
  sltu a1, a1, a0
  SAYS "the last six waits in vain are short", 0, a1
  # To S, delegated, and M by the same where it is not.
  csrw mideleg, zero
  GO U, spins
  SAYS "STI into M", 0x8000000000000005, t0
  li a1, -1
  csrw stimecmp, a1
END
