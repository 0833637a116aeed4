# Svnapot: 64 KiB by sixteen entries that are alike, and the encodings that are reserved.

  .include "privileged.inc"

  .bss
  .balign 65536
pages: .zero 65536
  PAGE_TABLES root, middle, leaf

.equ VIRTUAL, 0x40000000
.equ NAPOT, 1 << 63

# Entry `index` of `leaf`: `address` of memory, its PPN's low bits replaced by `pattern`.
.macro NAPOT_ENTRY index, pattern, flags
  la t1, pages
  srli t1, t1, 12
  ori t1, t1, \pattern
  slli t1, t1, 10
  ori t1, t1, \flags
  li t0, NAPOT
  or t1, t1, t0
  la t0, leaf
  li t3, 8 * (\index)
  add t0, t0, t3
  sd t1, 0(t0)
.endm

BEGIN
  OPEN_PMP
  IDENTITY root
  POINT root, 1, middle
  POINT middle, 0, leaf
  .set index, 0
  .rept 16
  NAPOT_ENTRY index, 8, PTE_V | PTE_R | PTE_W
  .set index, index + 1
  .endr
  # Different contents on each page.
  la t0, pages
  li t1, 0
1:
  sd t1, 16(t0)
  li t2, 4096
  add t0, t0, t2
  addi t1, t1, 1
  li t2, 16
  bne t1, t2, 1b
  SV39 root

  SET menvcfg, 1 << 61                      # ADUE
  .set index, 0
  .rept 16
  li a0, VIRTUAL + 16 + 4096 * index
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "a page of sixteen", index, a1
  .set index, index + 1
  .endr
  li a0, VIRTUAL + 16 + 65536
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  # Each entry has its own accessed and dirty bits.
  li a0, VIRTUAL + 16 + 4096 * 5
  li a1, 555
  ACCESS S, 0, "sd a1, 0(a0)"
  la t0, pages + 16 + 4096 * 5
  ld a1, 0(t0)
  SAYS "what a store left", 555, a1
  la t0, leaf
  ld a1, 8 * 5(t0)
  andi a1, a1, 0xff
  SAYS "the entry stored through", PTE_RW, a1
  ld a1, 8 * 6(t0)
  andi a1, a1, 0xff
  SAYS "its neighbour", PTE_RW & ~PTE_D, a1

  # One address is enough to fence all sixteen.
  .set index, 0
  .rept 16
  RAW leaf, index, 0
  .set index, index + 1
  .endr
  li a0, VIRTUAL + 4096 * 3
  sfence.vma a0
  li a0, VIRTUAL + 4096 * 9
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  li a0, VIRTUAL + 4096 * 15
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"

  # Reserved: other sizes, pointers, superpages.
  li a0, VIRTUAL
  .irp pattern, 0, 1, 4, 12, 9
  NAPOT_ENTRY 0, \pattern, PTE_RW
  sfence.vma
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  .endr
  NAPOT_ENTRY 0, 8, PTE_RW
  sfence.vma
  ACCESS S, 0, "ld a1, 0(a0)"
  la t0, middle
  ld t1, 0(t0)
  li t3, NAPOT
  or t1, t1, t3
  sd t1, 0(t0)
  sfence.vma
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
  RAW root, 1, (0x80000000 >> 2) | 8 << 10 | NAPOT | PTE_RW
  sfence.vma
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
END
