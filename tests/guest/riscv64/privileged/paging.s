# Sv39: who may do what to a page, accessed and dirty bits, superpages, sfence.vma.

  .include "privileged.inc"

  PAGE_TABLES root, middle, leaf, other_leaf, page, other_page

# Entry 0 of `leaf` maps VIRTUAL.
.equ VIRTUAL, 0x40000000
.equ ADUE, 1 << 61

# The cause of a load, a store and (in MXR) ... for a page of these flags, with A and D set.
.macro RIGHTS flags, mode, load, store
  la t1, page
  ENTRY leaf, 0, \flags | PTE_AD
  sfence.vma
  li a0, VIRTUAL + 8
  ACCESS \mode, \load, "ld a1, 0(a0)"
  ACCESS \mode, \store, "sd a1, 0(a0)"
.endm

.macro PAGE flags
  la t1, page
  ENTRY leaf, 0, \flags
.endm
.macro FLAGS_ARE name, flags
  la t0, leaf
  ld a1, 0(t0)
  andi a1, a1, 0xff
  SAYS "\name", \flags, a1
.endm

BEGIN
  OPEN_PMP
  IDENTITY root
  POINT root, 1, middle
  POINT middle, 0, leaf
  SV39 root

  RIGHTS PTE_V | PTE_R, S, 0, STORE_PAGE
  RIGHTS PTE_V | PTE_R | PTE_W, S, 0, 0
  RIGHTS PTE_V | PTE_X, S, LOAD_PAGE, STORE_PAGE
  RIGHTS PTE_V | PTE_R | PTE_X, S, 0, STORE_PAGE
  RIGHTS PTE_V | PTE_R | PTE_W | PTE_X, S, 0, 0
  RIGHTS PTE_V | PTE_W, S, LOAD_PAGE, STORE_PAGE
  RIGHTS PTE_V | PTE_W | PTE_X, S, LOAD_PAGE, STORE_PAGE
  RIGHTS PTE_V, S, LOAD_PAGE, STORE_PAGE
  RIGHTS PTE_R | PTE_W, S, LOAD_PAGE, STORE_PAGE
  RIGHTS PTE_V | PTE_R | PTE_W, U, LOAD_PAGE, STORE_PAGE
  RIGHTS PTE_V | PTE_R | PTE_W | PTE_U, U, 0, 0
  RIGHTS PTE_V | PTE_R | PTE_U, U, 0, STORE_PAGE
  RIGHTS PTE_V | PTE_X | PTE_U, U, LOAD_PAGE, STORE_PAGE
  RIGHTS PTE_V | PTE_R | PTE_W | PTE_U, S, LOAD_PAGE, STORE_PAGE
  SET mstatus, SUM
  RIGHTS PTE_V | PTE_R | PTE_W | PTE_U, S, 0, 0
  RIGHTS PTE_V | PTE_R | PTE_W, U, LOAD_PAGE, STORE_PAGE
  CLEAR mstatus, SUM
  # Without an sfence.vma: the TLB must not carry SUM's rights over.
  la t1, page
  ENTRY leaf, 0, PTE_RW | PTE_U
  sfence.vma
  li a0, VIRTUAL
  ACCESS U, 0, "ld a1, 0(a0)"
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  SET mstatus, SUM
  ACCESS S, 0, "ld a1, 0(a0)"
  ACCESS S, 0, "sd a1, 0(a0)"
  CLEAR mstatus, SUM
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  ACCESS S, STORE_PAGE, "sd a1, 0(a0)"
  SET mstatus, MXR
  RIGHTS PTE_V | PTE_X, S, 0, STORE_PAGE
  RIGHTS PTE_V | PTE_X | PTE_U, U, 0, STORE_PAGE
  RIGHTS PTE_V | PTE_X | PTE_U, S, LOAD_PAGE, STORE_PAGE
  RIGHTS PTE_V, S, LOAD_PAGE, STORE_PAGE
  CLEAR mstatus, MXR
  PAGE PTE_V | PTE_X | PTE_AD
  sfence.vma
  SET mstatus, MXR
  ACCESS S, 0, "ld a1, 0(a0)"
  CLEAR mstatus, MXR
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"

  # Atomics and reservations: a store's causes, but for lr.
  li a0, VIRTUAL
  PAGE PTE_V | PTE_R | PTE_AD
  sfence.vma
  ACCESS S, STORE_PAGE, "amoadd.d a1, a1, (a0)"
  ACCESS S, 0, "lr.d a1, (a0)"
  PAGE PTE_V | PTE_X | PTE_AD
  sfence.vma
  ACCESS S, LOAD_PAGE, "lr.d a1, (a0)"
  ACCESS S, STORE_PAGE, "amoswap.w a1, a1, (a0)"
  ACCESS S, STORE_PAGE, "cbo.zero (a0)"

  # Svadu.
  SET menvcfg, ADUE
  PAGE PTE_V | PTE_R | PTE_W
  sfence.vma
  ACCESS S, 0, "ld a1, 0(a0)"
  FLAGS_ARE "a load sets A", PTE_V | PTE_R | PTE_W | PTE_A
  ACCESS S, 0, "ld a1, 0(a0)"
  FLAGS_ARE "another load sets no more", PTE_V | PTE_R | PTE_W | PTE_A
  ACCESS S, 0, "sb a1, 0(a0)"
  FLAGS_ARE "a store sets D", PTE_RW
  PAGE PTE_V | PTE_R | PTE_W
  sfence.vma
  ACCESS S, 0, "amoor.w a1, zero, (a0)"
  FLAGS_ARE "an atomic sets A and D", PTE_RW
  PAGE PTE_V | PTE_R
  sfence.vma
  ACCESS S, STORE_PAGE, "sd a1, 0(a0)"
  FLAGS_ARE "a store that faults sets nothing", PTE_V | PTE_R

  # Svade: the bits fault instead.
  CLEAR menvcfg, ADUE
  PAGE PTE_V | PTE_R | PTE_W
  sfence.vma
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  ACCESS S, STORE_PAGE, "sd a1, 0(a0)"
  PAGE PTE_V | PTE_R | PTE_W | PTE_A
  sfence.vma
  ACCESS S, 0, "ld a1, 0(a0)"
  ACCESS S, STORE_PAGE, "sd a1, 0(a0)"
  FLAGS_ARE "without ADUE nothing is set", PTE_V | PTE_R | PTE_W | PTE_A
  PAGE PTE_RW
  sfence.vma a0
  ACCESS S, 0, "sd a1, 0(a0)"
  SET menvcfg, ADUE

  # sfence.vma: the new page shows after it, by address and in all.
  li a2, 111
  la t0, page
  sd a2, 0(t0)
  li a2, 222
  la t0, other_page
  sd a2, 0(t0)
  PAGE PTE_RW
  sfence.vma
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "the page", 111, a1
  la t1, other_page
  ENTRY leaf, 0, PTE_RW
  sfence.vma a0, zero
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "the other page after sfence.vma of the address", 222, a1
  PAGE PTE_RW
  sfence.vma
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "the page after sfence.vma of all", 111, a1
  la t1, other_page
  ENTRY leaf, 0, PTE_RW
  sfence.w.inval
  sinval.vma a0, zero
  sfence.inval.ir
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "the other page after sinval.vma", 222, a1
  RAW leaf, 0, 0
  sfence.vma a0, zero
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  # A pointer that changes.
  la t1, page
  ENTRY other_leaf, 0, PTE_RW
  POINT middle, 0, other_leaf
  sfence.vma
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "by another table", 111, a1
  POINT middle, 0, leaf

  # Superpages; one sfence.vma of any address in one reaches all of it.
  MAP middle, 1, 0x80000000, PTE_RW
  sfence.vma
  la a1, page
  li a0, VIRTUAL + 0x200000 - 0x80000000
  add a0, a0, a1
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "through a megapage", 111, a1
  RAW middle, 1, 0
  li a2, VIRTUAL + 0x3ff000
  sfence.vma a2, zero
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  MAP middle, 1, 0x80001000, PTE_RW
  sfence.vma
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"       # misaligned
  MAP root, 5, 0x80000000, PTE_RW
  sfence.vma
  la a0, page
  li a1, 0xc0000000
  add a0, a0, a1
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "through a gigapage", 111, a1
  MAP root, 5, 0x80200000, PTE_RW
  sfence.vma
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  # A superpage gets its D.
  MAP middle, 1, 0x80000000, PTE_V | PTE_R | PTE_W
  sfence.vma
  li a0, VIRTUAL + 0x200000 + 0x100000
  ACCESS S, 0, "sd a1, 0(a0)"
  la t0, middle
  ld a1, 8(t0)
  andi a1, a1, 0xff
  SAYS "A and D of a megapage", PTE_RW, a1

  # Reserved: pointers with A, D or U, a pointer at the last level, high bits.
  PAGE PTE_RW
  la t1, leaf
  ENTRY middle, 0, PTE_V | PTE_A
  sfence.vma
  li a0, VIRTUAL
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  la t1, leaf
  ENTRY middle, 0, PTE_V | PTE_U
  sfence.vma
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  POINT middle, 0, leaf
  PAGE PTE_V
  sfence.vma
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  RAW leaf, 0, 1 << 54 | 0x80000000 >> 2 | PTE_RW
  sfence.vma
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  RAW leaf, 0, 1 << 63 | 0x80000000 >> 2 | PTE_RW
  sfence.vma
  ACCESS S, STORE_PAGE, "sd a1, 0(a0)"
  # Nothing is there: the walk itself, and the page.
  RAW root, 6, 0x18000000 >> 2 | PTE_V
  sfence.vma
  li a0, 0x180000000
  ACCESS S, LOAD_ACCESS, "ld a1, 0(a0)"
  ACCESS S, STORE_ACCESS, "sd a1, 0(a0)"
  MAP leaf, 0, 0x18000000, PTE_RW
  sfence.vma
  li a0, VIRTUAL
  ACCESS S, LOAD_ACCESS, "ld a1, 0(a0)"
  ACCESS S, STORE_ACCESS, "sd a1, 0(a0)"
  ACCESS S, STORE_ACCESS, "amoadd.w a1, a1, (a0)"
  # Addresses that are no sign extension.
  li a0, 0x4000000000
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  li a0, 0xffffffbfffffffff
  ACCESS S, STORE_PAGE, "sb a1, 0(a0)"

  # Two address spaces with different contents at the same address, and M, which has none.
  PAGE PTE_RW
  sfence.vma
  li a0, VIRTUAL
  ACCESS S, 0, "ld a1, 0(a0)"
  csrw satp, zero
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "an empty window of PCI", -1, a1
  SV39 root
  ACCESS S, 0, "ld a1, 0(a0)"
  ACCESS M, 0, "ld a1, 0(a0)"
  SAYS "the same from M", -1, a1
  # An unsupported mode leaves satp alone.
  csrr a1, satp
  li a2, 3 << 60
  csrw satp, a2
  csrr a2, satp
  SAME "satp after an unsupported mode", a2, a1
END
