# Sv48: four levels, leaves on each, and which addresses are its own.

  .include "privileged.inc"

  PAGE_TABLES root, upper, middle, leaf, page

BEGIN
  OPEN_PMP
  li a2, 111
  la t0, page
  sd a2, 0(t0)
  # Address 0x123_4560_0000: indices 2, 141, 43, 0.
.equ VIRTUAL, 2 << 39 | 141 << 30 | 43 << 21 | 7 << 12
  POINT root, 2, upper
  POINT upper, 141, middle
  POINT middle, 43, leaf
  la t1, page
  ENTRY leaf, 7, PTE_RW
  MAP root, 0, 0, PTE_RWX                   # 512 GiB
  POINT root, 511, upper
  MAP upper, 511, 0x80000000, PTE_RW
  la t0, root
  srli t0, t0, 12
  li t1, 9 << 60
  or t0, t0, t1
  csrw satp, t0
  sfence.vma
  csrr a1, satp
  srli a1, a1, 60
  SAYS "satp.MODE", 9, a1

  li a0, VIRTUAL
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "through four levels", 111, a1
  li a0, VIRTUAL + 0x1000
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  la a0, page
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "through 512 GiB", 111, a1
  la a0, page
  li a1, 0xffffffffc0000000 - 0x80000000
  add a0, a0, a1
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "through a gigapage at the top", 111, a1
  li a0, 0x0000800000000000
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  li a0, 0xffff7fffffffffff
  ACCESS S, STORE_PAGE, "sb a1, 0(a0)"
  # In Sv39 the same root means another thing.
  SV39 root
  li a0, VIRTUAL
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
END
