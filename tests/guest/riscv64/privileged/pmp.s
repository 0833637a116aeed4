# Physical memory protection, down to regions of eight bytes: loads, stores, walks.

  .include "privileged.inc"

  PAGE_TABLES root, middle, leaf, page, next_page

# Entry `n` (0..7): these eight bits of pmpcfg0.
.macro CONFIG n, bits
  li t0, 0xff << (8 * \n)
  csrc pmpcfg0, t0
  li t0, (\bits) << (8 * \n)
  csrs pmpcfg0, t0
.endm
.equ R, 1
.equ W, 2
.equ X, 4
.equ TOR, 1 << 3
.equ NA4, 2 << 3
.equ NAPOT, 3 << 3
.equ LOCKED, 1 << 7

# The aligned 8 bytes at a0 + `offset` are entry 0.
.macro EIGHT offset, bits
  addi t0, a0, \offset
  srli t0, t0, 2
  csrw pmpaddr0, t0
  CONFIG 0, NAPOT | \bits
.endm

code:
  ecall

BEGIN
  # Nobody but M without an entry.
  la a0, page
  ACCESS S, LOAD_ACCESS, "ld a1, 0(a0)"
  ACCESS U, STORE_ACCESS, "sd a1, 0(a0)"
  ACCESS M, 0, "sd a1, 0(a0)"
  GO S, code
  la a1, code
  SAYS "a fetch without an entry", FETCH_ACCESS, t0
  SAME "its address", t1, a1
  OPEN_PMP
  la a0, page
  ACCESS S, 0, "ld a1, 0(a0)"

  # Eight bytes without rights in a page that has all.
  EIGHT 64, 0
  ACCESS S, 0, "ld a1, 56(a0)"
  ACCESS S, LOAD_ACCESS, "ld a1, 64(a0)", 64
  ACCESS S, 0, "ld a1, 72(a0)"
  ACCESS S, 0, "sd a1, 56(a0)"
  ACCESS S, STORE_ACCESS, "sd a1, 64(a0)", 64
  ACCESS S, 0, "sd a1, 72(a0)"
  ACCESS S, LOAD_ACCESS, "lb a1, 71(a0)", 71
  ACCESS S, LOAD_ACCESS, "lw a1, 68(a0)", 68
  addi a0, a0, 64
  ACCESS S, STORE_ACCESS, "amoadd.w a1, a1, (a0)"
  ACCESS S, LOAD_ACCESS, "lr.d a1, (a0)"
  addi a0, a0, -64
  ACCESS U, LOAD_ACCESS, "lhu a1, 66(a0)", 66
  ACCESS M, 0, "sd a1, 64(a0)"
  # Not aligned: into the region, and out of it. No byte lands.
  li a1, 0x0807060504030201
  sd a1, 56(a0)
  sd a1, 64(a0)
  sd a1, 72(a0)
  li a1, -1
  ACCESS S, LOAD_ACCESS, "lw a2, 62(a0)", 64
  ACCESS S, STORE_ACCESS, "sd a1, 60(a0)", 64
  ACCESS S, STORE_ACCESS, "sh a1, 63(a0)", 64
  ACCESS S, STORE_ACCESS, "sd a1, 70(a0)", 70
  ACCESS S, LOAD_ACCESS, "ld a2, 71(a0)", 71
  ld a1, 56(a0)
  SAYS "before the region", 0x0807060504030201, a1
  ld a1, 64(a0)
  SAYS "the region", 0x0807060504030201, a1
  ld a1, 72(a0)
  SAYS "behind the region", 0x0807060504030201, a1
  # A part of the page open, the rest closed.
  CONFIG 0, 0
  csrw pmpcfg2, zero
  EIGHT 64, R | W
  ACCESS S, 0, "ld a1, 64(a0)"
  ACCESS S, 0, "sd a1, 64(a0)"
  ACCESS S, LOAD_ACCESS, "ld a1, 56(a0)", 56
  ACCESS S, LOAD_ACCESS, "ld a1, 72(a0)", 72
  ACCESS S, STORE_ACCESS, "sd a1, 0(a0)"
  ACCESS S, LOAD_ACCESS, "ld a1, 65(a0)", 72
  EIGHT 64, R
  ACCESS S, 0, "ld a1, 64(a0)"
  ACCESS S, STORE_ACCESS, "sd a1, 64(a0)", 64
  # Its last bytes and the next page's first.
  OPEN_PMP
  li t1, 4080
  add a0, a0, t1
  EIGHT 8, 0
  ACCESS S, 0, "ld a1, 0(a0)"
  ACCESS S, LOAD_ACCESS, "ld a1, 8(a0)", 8
  ACCESS S, LOAD_ACCESS, "ld a1, 1(a0)", 8
  ACCESS S, LOAD_ACCESS, "ld a1, 12(a0)", 12
  ACCESS S, 0, "ld a1, 16(a0)"
  EIGHT 16, 0
  ACCESS S, 0, "ld a1, 8(a0)"
  ACCESS S, LOAD_ACCESS, "ld a1, 12(a0)", 16
  ACCESS S, STORE_ACCESS, "sd a1, 12(a0)", 16

  # Top of range; the first entry that matches decides.
  la a0, page
  CONFIG 0, 0
  addi t0, a0, 128
  srli t0, t0, 2
  csrw pmpaddr0, t0
  addi t0, a0, 256
  srli t0, t0, 2
  csrw pmpaddr1, t0
  CONFIG 1, TOR | R
  ACCESS S, 0, "sd a1, 120(a0)"
  ACCESS S, STORE_ACCESS, "sd a1, 128(a0)", 128
  ACCESS S, 0, "ld a1, 128(a0)"
  ACCESS S, STORE_ACCESS, "sd a1, 248(a0)", 248
  ACCESS S, 0, "sd a1, 256(a0)"
  addi t0, a0, 136
  srli t0, t0, 2
  csrw pmpaddr2, t0
  CONFIG 2, NAPOT | R | W
  ACCESS S, STORE_ACCESS, "sd a1, 136(a0)", 136
  CONFIG 1, 0
  CONFIG 2, NAPOT
  ACCESS S, LOAD_ACCESS, "ld a1, 136(a0)", 136
  ACCESS S, 0, "ld a1, 128(a0)"
  CONFIG 2, 0

  # Locked entries bind M, too; this one is for good.
  la a0, page
  addi t0, a0, 512
  srli t0, t0, 2
  csrw pmpaddr3, t0
  CONFIG 3, NAPOT | R | LOCKED
  ACCESS M, 0, "ld a1, 512(a0)"
  ACCESS M, STORE_ACCESS, "sd a1, 512(a0)", 512
  ACCESS M, 0, "sd a1, 504(a0)"
  ACCESS S, STORE_ACCESS, "sd a1, 512(a0)", 512
  csrr a1, pmpaddr3
  csrw pmpaddr3, zero
  csrr a2, pmpaddr3
  SAME "pmpaddr of a locked entry", a2, a1
  CONFIG 3, 0
  ACCESS M, STORE_ACCESS, "sd a1, 512(a0)", 512
  # NA4 does not exist with a grain of eight; write without read is reserved.
  CONFIG 4, NA4 | R
  csrr a1, pmpcfg0
  srli a1, a1, 32
  andi a1, a1, 0x18
  SAYS "NA4 stays off", 0, a1

  # Walks: tables must be readable, and writable to set A.
  la t1, page
  ENTRY leaf, 0, PTE_V | PTE_R | PTE_W
  POINT root, 1, middle
  POINT middle, 0, leaf
  SV39 root
  la t0, leaf
  srli t0, t0, 2
  csrw pmpaddr0, t0
  CONFIG 0, NAPOT
  li a0, 0x40000000
  ACCESS S, LOAD_ACCESS, "ld a1, 0(a0)"
  ACCESS S, STORE_ACCESS, "sd a1, 0(a0)"
  CONFIG 0, NAPOT | R
  ACCESS S, LOAD_ACCESS, "ld a1, 0(a0)"
  CONFIG 0, NAPOT | R | W
  ACCESS S, 0, "ld a1, 0(a0)"
  ACCESS S, 0, "sd a1, 0(a0)"
  # The page behind the tables, by its physical address.
  ACCESS S, STORE_ACCESS, "sd a1, 512(a0)", 512
  csrw satp, zero
END
