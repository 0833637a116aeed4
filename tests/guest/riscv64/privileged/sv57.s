# Sv57: five levels, leaves on each, and which addresses are its own.

  .include "privileged.inc"

  PAGE_TABLES root, top, upper, middle, leaf, page

.macro SV57 root
  la t0, \root
  srli t0, t0, 12
  li t1, 10 << 60
  or t0, t0, t1
  csrw satp, t0
  sfence.vma
.endm

BEGIN
  OPEN_PMP
  li a2, 111
  la t0, page
  sd a2, 0(t0)
  # Indices 3, 2, 141, 43, 7.
.equ VIRTUAL, 3 << 48 | 2 << 39 | 141 << 30 | 43 << 21 | 7 << 12
  POINT root, 3, top
  POINT top, 2, upper
  POINT upper, 141, middle
  POINT middle, 43, leaf
  la t1, page
  ENTRY leaf, 7, PTE_RW
  MAP root, 0, 0, PTE_RWX                   # 256 TiB
  POINT root, 511, top
  MAP top, 511, 0, PTE_RW                   # 512 GiB
  MAP upper, 511, 0x80000000, PTE_RW
  SV57 root
  csrr a1, satp
  srli a1, a1, 60
  SAYS "satp.MODE", 10, a1

  li a0, VIRTUAL
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "through five levels", 111, a1
  li a0, VIRTUAL + 0x1000
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  la a0, page
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "through 256 TiB", 111, a1
  la a0, page
  li a1, 0xffffff8000000000
  add a0, a0, a1
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "through 512 GiB at the top", 111, a1
  la a0, page
  li a1, (3 << 48 | 2 << 39 | 511 << 30) - 0x80000000
  add a0, a0, a1
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "through a gigapage", 111, a1
  li a0, 0x0100000000000000
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  li a0, 0xfeffffffffffffff
  ACCESS S, STORE_PAGE, "sb a1, 0(a0)"
  # Entry 256 of the root maps the first address of the upper half.
  li a0, 0xff00000000000000
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  MAP root, 256, 0, PTE_RW
  sfence.vma
  la a0, page
  li a1, 0xff00000000000000
  add a0, a0, a1
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "through the first address of the upper half", 111, a1
  # In Sv39 the same root means another thing, and so it does in Sv57 again.
  SV39 root
  li a0, VIRTUAL
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  SV57 root
  li a0, VIRTUAL
  ACCESS S, 0, "ld a1, 0(a0)"

  # ASIDs have 15 bits.
  li a1, 0xffff << 44
  csrs satp, a1
  csrr a2, satp
  csrc satp, a1
  and a2, a2, a1
  SAYS "satp.ASID", 0x7fff << 44, a2
END
