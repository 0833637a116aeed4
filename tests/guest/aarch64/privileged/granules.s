// Translation with each granule and size of address space: where a walk begins, blocks and pages.

  .include "privileged.inc"

  PAGE_TABLES 65536, first, second, third, fourth, page

.equ VIRTUAL, 0x80000000

.macro CLEAR names:vararg
  .irp name, \names
  ldr x0, =\name
  ldr x1, =65536
1:
  str xzr, [x0], #8
  subs x1, x1, #8
  b.ne 1b
  .endr
.endm
.macro TABLES
  CLEAR first, second, third, fourth
.endm
// A load at VIRTUAL + `offset` finds what is in `page`; above it nothing is mapped, at level 3.
.macro WALKS name, tcr, root, page_bytes
  MMU_ON TCR_BASE | (\tcr), \root
  ldr x0, =VIRTUAL + \page_bytes - 8
  ldr x1, [x0]
  SAYS "\name", \page_bytes, x1
  add x0, x0, #8
  ACCESS DATA, TRANSLATION + 3, "ldr x1, [x0]"
  MMU_OFF
.endm

BEGIN
  ldr x0, =page
  ldr x1, =4096
  str x1, [x0, #4088]
  ldr x2, =16376
  ldr x1, =16384
  str x1, [x0, x2]
  ldr x2, =65528
  ldr x1, =65536
  str x1, [x0, x2]

  // 4 KiB: 48 bits from level 0, 39 from 1, 33 with a short table, 25 from level 3 do not reach.
  TABLES
  RAW first, 0, second + TABLE
  RAW second, 1, 0x40000000 + BLOCK | AF
  RAW second, 2, third + TABLE
  RAW third, 0, fourth + TABLE
  RAW fourth, 0, page + PAGE | AF
  WALKS "4 KiB, 48 bits", 16, first, 4096
  WALKS "4 KiB, 39 bits", 25, second, 4096
  WALKS "4 KiB, 33 bits", 31, second, 4096
  ldr x0, =1 << 33
  MMU_ON TCR_BASE | 31, second
  ACCESS DATA, TRANSLATION, "ldr x1, [x0]"
  MMU_OFF

  // 16 KiB: 48 bits from level 0 with two entries, 47 from 1, 36 from 2; blocks at level 2 alone.
  TABLES
  RAW first, 0, second + TABLE
  RAW second, 0, third + TABLE
  RAW third, 32, 0x40000000 + BLOCK | AF
  RAW third, 33, 0x42000000 + BLOCK | AF
  RAW third, 64, fourth + TABLE
  RAW fourth, 0, page + PAGE | AF
  WALKS "16 KiB, 48 bits", 2 << 14 | 16, first, 16384
  WALKS "16 KiB, 47 bits", 2 << 14 | 17, second, 16384
  WALKS "16 KiB, 36 bits", 2 << 14 | 28, third, 16384
  RAW second, 1, 0x40000000 + BLOCK | AF
  MMU_ON TCR_BASE | 2 << 14 | 17, second
  ldr x0, =1 << 36
  ACCESS DATA, TRANSLATION + 1, "ldr x1, [x0]"
  MMU_OFF

  // 64 KiB: 48 bits from level 1, 42 from 2; blocks of 512 MiB.
  TABLES
  RAW second, 0, third + TABLE
  RAW third, 2, 0x40000000 + BLOCK | AF
  RAW third, 4, fourth + TABLE
  RAW fourth, 0, page + PAGE | AF
  WALKS "64 KiB, 48 bits", 1 << 14 | 16, second, 65536
  WALKS "64 KiB, 42 bits", 1 << 14 | 22, third, 65536

  // In the upper half the granule has a field and a code of its own.
  MMU_ON TCR_BASE | 1 << 14 | 22, third
  PUT ttbr1_el1, third
  PUT tcr_el1, (TCR_BASE | 1 << 14 | 22 | 22 << 16 | 3 << 30) & ~(1 << 23)
  FLUSH
  ldr x0, =0xfffffc0000000000 + VIRTUAL + 65528
  ldr x1, [x0]
  SAYS "64 KiB in the upper half", 65536, x1
  MMU_OFF
END
