# The accessed bit of a page, set by one hart's walks while another changes bits of the same entry:
# no change is lost.

.equ MORE_HARTS, 1
  .include "privileged.inc"

.equ VIRTUAL, 0x40000000
.equ ADUE, 1 << 61
.equ PTE_SOFTWARE, 256                      # of the two bits that are software's

  PAGE_TABLES root, middle, leaf, page

  .bss
  .balign 64
turns_left: .zero 64
lost: .zero 64
start: .zero 64
  .text

# Hart 1 sets and clears a bit; the old value has to be what it left.
other_harts:
  la a0, start
1:
  ld a1, 0(a0)
  beqz a1, 1b
  la a0, leaf
  la a1, turns_left
  li a2, PTE_SOFTWARE
  li a3, ~PTE_SOFTWARE
  li a6, 0
2:
  amoor.d a4, a2, (a0)
  and a4, a4, a2
  snez a4, a4
  add a6, a6, a4                            # a clear was lost
  amoand.d a4, a3, (a0)
  and a4, a4, a2
  seqz a4, a4
  add a6, a6, a4                            # a set was lost
  ld a5, 0(a1)
  bnez a5, 2b
  la a1, lost
  sd a6, 8(a1)
  fence
  li a5, 1
  sd a5, 0(a1)
1:
  wfi
  j 1b

BEGIN
  OPEN_PMP
  SET menvcfg, ADUE
  POINT root, 1, middle
  POINT middle, 0, leaf
  la t1, page
  ENTRY leaf, 0, PTE_V | PTE_R | PTE_W
  SV39 root
  la t0, turns_left
  li s0, 300000
  sd s0, 0(t0)
  fence
  la t0, start
  sd s0, 0(t0)

  # Without A, a load walks and sets it.
  la s1, leaf
  la s2, turns_left
  li s3, ~PTE_A
  li s4, VIRTUAL
  li s5, 0                                  # how often A was not set
  CLEAR mstatus, MPP
  li s6, S << 11 | MPRV
1:
  amoand.d zero, s3, (s1)
  sfence.vma s4, zero
  csrs mstatus, s6
  ld a1, 0(s4)
  csrc mstatus, s6
  ld a1, 0(s1)
  andi a1, a1, PTE_A
  seqz a1, a1
  add s5, s5, a1
  addi s0, s0, -1
  bnez s0, 1b
  sd zero, 0(s2)
  la a0, lost
2:
  ld a1, 0(a0)
  beqz a1, 2b
  fence
  ld a1, 8(a0)
  SAYS "changes of the other hart that were lost", 0, a1
  SAYS "walks that did not set A", 0, s5
END
