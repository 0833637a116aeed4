# Accesses across two pages of which one faults: the address of the fault, and no byte of the store.

  .include "privileged.inc"

  PAGE_TABLES root, middle, leaf, first, second, gap, third

.equ VIRTUAL, 0x40000000

# Pages `first` and `second` with these flags, the bytes around the seam as the pattern.
.macro PAGES first_flags, second_flags
  la t1, first
  ENTRY leaf, 0, \first_flags
  la t1, third
  ENTRY leaf, 1, \second_flags
  li t1, 0x0807060504030201
  la t0, first + 4088
  sd t1, 0(t0)
  la t0, third
  sd t1, 0(t0)
  sfence.vma
.endm
.macro UNCHANGED
  la t0, first + 4088
  ld a1, 0(t0)
  SAYS "the end of the first page", 0x0807060504030201, a1
  la t0, third
  ld a1, 0(t0)
  SAYS "the start of the second page", 0x0807060504030201, a1
.endm

BEGIN
  OPEN_PMP
  IDENTITY root
  POINT root, 1, middle
  POINT middle, 0, leaf
  SV39 root

  PAGES PTE_RW, PTE_RW
  li a0, VIRTUAL + 4091
  ACCESS S, 0, "ld a1, 0(a0)"
  SAYS "a load across pages", 0x0302010807060504, a1
  li a1, 0x1817161514131211
  ACCESS S, 0, "sd a1, 0(a0)"
  la t0, first + 4088
  ld a1, 0(t0)
  SAYS "the end of the first page", 0x1514131211030201, a1
  la t0, third
  ld a1, 0(t0)
  SAYS "the start of the second page", 0x0807060504181716, a1
  PAGES PTE_RW, PTE_RW
  li a0, VIRTUAL + 4095
  ACCESS S, 0, "lh a1, 0(a0)"
  SAYS "a half across pages", 0x0108, a1
  li a0, VIRTUAL + 4093
  ACCESS S, 0, "lw a1, 0(a0)"
  SAYS "a word across pages", 0x01080706, a1

  # The second page faults.
  li a1, -1
  PAGES PTE_RW, PTE_V | PTE_R | PTE_AD
  li a0, VIRTUAL + 4091
  ACCESS S, STORE_PAGE, "sd a1, 0(a0)", 5
  UNCHANGED
  li a1, -1
  li a0, VIRTUAL + 4095
  ACCESS S, STORE_PAGE, "sh a1, 0(a0)", 1
  UNCHANGED
  PAGES PTE_RW, 0
  li a1, -1
  li a0, VIRTUAL + 4094
  ACCESS S, STORE_PAGE, "sw a1, 0(a0)", 2
  UNCHANGED
  li a1, 77
  ACCESS S, LOAD_PAGE, "lw a1, 0(a0)", 2
  SAYS "the register of a load that faults", 77, a1
  ACCESS S, STORE_PAGE, "fsd f0, 0(a0)", 2
  UNCHANGED
  # The first does: its own address, and the second stays clean.
  PAGES PTE_V | PTE_R | PTE_AD, PTE_V | PTE_R | PTE_W
  li a1, -1
  li a0, VIRTUAL + 4091
  ACCESS S, STORE_PAGE, "sd a1, 0(a0)"
  UNCHANGED
  la t0, leaf
  ld a1, 8(t0)
  andi a1, a1, 0xff
  SAYS "the second page's flags", PTE_V | PTE_R | PTE_W, a1
  # Again, with both in the TLB.
  PAGES PTE_RW, PTE_RW
  ACCESS S, 0, "sd zero, 0(a0)"
  PAGES PTE_RW, PTE_V | PTE_R | PTE_AD
  li a0, VIRTUAL + 4096
  ACCESS S, 0, "ld a1, 0(a0)"
  li a0, VIRTUAL
  ACCESS S, 0, "sd a1, 0(a0)"
  li a1, -1
  li a0, VIRTUAL + 4089
  ACCESS S, STORE_PAGE, "sd a1, 0(a0)", 7
  UNCHANGED
  # The second page is no memory.
  la t1, first
  ENTRY leaf, 0, PTE_RW
  MAP leaf, 1, 0x18000000, PTE_RW
  sfence.vma
  li a0, VIRTUAL + 4092
  ACCESS S, LOAD_ACCESS, "ld a1, 0(a0)", 4
  # The end of the address space wraps into page 0, which is not mapped.
  li a0, -3
  ACCESS S, LOAD_PAGE, "ld a1, 0(a0)"
END
