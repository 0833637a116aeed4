# Fetches: rights of pages, instructions across pages, and what mtval says then.

  .include "privileged.inc"

  PAGE_TABLES root, middle, leaf, first, second, gap, third

.equ VIRTUAL, 0x40000000
.equ ADDI, 0x00160613                       # addi a2, a2, 1
.equ ECALL, 0x00000073
.equ C_ADDI, 0x0605                         # c.addi a2, 1

.macro PAGES first_flags, second_flags
  la t1, first
  ENTRY leaf, 0, \first_flags
  la t1, third
  ENTRY leaf, 1, \second_flags
  sfence.vma
.endm
.macro FETCHED name, cause, offset
  SAYS "\name", \cause, t0
  SAYS "mtval", VIRTUAL + \offset, t1
.endm
.macro RUN mode, offset
  li a2, 0
  GO \mode, VIRTUAL + \offset
.endm

BEGIN
  OPEN_PMP
  IDENTITY root
  POINT root, 1, middle
  POINT middle, 0, leaf
  SV39 root

  # first: ...; addi across the end; third: the rest of it, ecall.
  la t0, first
  li t1, ADDI
  sw t1, 0(t0)
  li t1, ECALL
  sw t1, 4(t0)
  la t0, first + 4092
  li t1, C_ADDI
  sh t1, 0(t0)
  li t1, ADDI
  sh t1, 2(t0)
  srli t1, t1, 16
  la t0, third
  sh t1, 0(t0)
  li t1, ECALL
  sw t1, 4(t0)
  li t1, C_ADDI
  sh t1, 2(t0)
  fence.i

  PAGES PTE_V | PTE_X | PTE_AD, PTE_V | PTE_X | PTE_AD
  RUN S, 0
  TRAPPED "code of an execute-only page", 9, 0
  SAYS "ran", 1, a2
  RUN S, 4092
  TRAPPED "code across pages", 9, 0
  SAYS "ran", 3, a2
  RUN U, 0
  FETCHED "a page of S for U", FETCH_PAGE, 0
  PAGES PTE_V | PTE_X | PTE_AD, 0
  RUN S, 4092
  FETCHED "the second half is not mapped", FETCH_PAGE, 4096
  SAYS "what came before ran", 1, a2
  SAYS "mepc is where the instruction begins", VIRTUAL + 4094, t6
  PAGES PTE_V | PTE_X | PTE_AD, PTE_RW
  RUN S, 4094
  FETCHED "the second half may not be executed", FETCH_PAGE, 4096
  PAGES 0, PTE_V | PTE_X | PTE_AD
  RUN S, 4094
  FETCHED "the first half is not mapped", FETCH_PAGE, 4094
  PAGES PTE_RW, PTE_V | PTE_X | PTE_AD
  RUN S, 0
  FETCHED "a page without X", FETCH_PAGE, 0
  SET mstatus, MXR | SUM
  RUN S, 0
  FETCHED "a page without X, with MXR", FETCH_PAGE, 0
  PAGES PTE_RWX | PTE_U, PTE_RWX | PTE_U
  RUN S, 0
  FETCHED "a page of U for S, with SUM", FETCH_PAGE, 0
  CLEAR mstatus, MXR | SUM
  RUN U, 0
  TRAPPED "a page of U for U", 8, 0
  SAYS "ran", 1, a2
  # The same address, another page.
  la t1, third
  ENTRY leaf, 0, PTE_RWX
  sfence.vma
  li a2, 0
  GO S, VIRTUAL + 2
  TRAPPED "another page at the same address", 9, 0
  SAYS "ran", 1, a2
  SAYS "up to here", VIRTUAL + 4, t6
  PAGES PTE_RWX, PTE_RWX
  RUN S, 0
  SAYS "the first page again", 1, a2
  SAYS "up to here", VIRTUAL + 4, t6
  # Accessed.
  SET menvcfg, 1 << 61
  PAGES PTE_V | PTE_X, PTE_V | PTE_X
  RUN S, 0
  la t0, leaf
  ld a1, 0(t0)
  andi a1, a1, 0xff
  SAYS "a fetch sets A", PTE_V | PTE_X | PTE_A, a1
  CLEAR menvcfg, 1 << 61
  PAGES PTE_V | PTE_X, PTE_V | PTE_X
  RUN S, 0
  FETCHED "without ADUE it faults", FETCH_PAGE, 0
  # Nothing is there.
  MAP leaf, 0, 0x50000000, PTE_RWX
  sfence.vma
  RUN S, 0
  FETCHED "no memory", FETCH_ACCESS, 0
  # A device is no place for code, and no address is out of reach.
  MAP leaf, 0, 0x10000000, PTE_RWX
  sfence.vma
  RUN S, 0
  FETCHED "the UART", FETCH_ACCESS, 0
  li a1, 0x4000000000
  GO S, 0, 0x4000000000
  SAYS "an address that is no sign extension", FETCH_PAGE, t0
  SAME "mtval", t1, a1
END
