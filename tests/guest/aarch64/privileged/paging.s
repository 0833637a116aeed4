// Translation with 4 KiB granules: who may do what to a page, access flag and dirty state, levels,
// both halves, tags, PAN and UAO, AT, TLBI.

  .arch armv8.4-a
  .include "privileged.inc"

  PAGE_TABLES 4096, root, middle, leaf, page, other_page

// Entry 0 of `leaf` maps VIRTUAL; what EL0 executes of this program lies ALIAS above.
.equ VIRTUAL, 0x80000000
.equ ALIAS, 0x80000000
.equ TCR, TCR_BASE | 25

.macro LEAF value, address=page
  RAW leaf, 0, \address + (\value)
  FLUSH
.endm
// The syndromes of a load and a store of EL1, and of EL0's; 0: none.
.macro RIGHTS flags, load, store, user_load, user_store
  LEAF PAGE | AF | (\flags)
  ldr x0, =VIRTUAL + 8
  ACCESS DATA * !!\load, \load, "ldr x1, [x0]"
  ACCESS DATA * !!\store, \store | WNR, "str x1, [x0]"
  ACCESS DATA * !!\user_load, \user_load, "ldtr x1, [x0]"
  ACCESS DATA * !!\user_store, \user_store | WNR, "sttr x1, [x0]"
.endm
.equ DENIED, PERMISSION + 3

svc_1:
  svc #1
user_load:
  ldr x1, [x0]
  svc #0
user_store:
  str x1, [x0]
  svc #0

BEGIN
  RAW root, 0, BLOCK | AF
  RAW root, 1, 0x40000000 + BLOCK | AF | UXN
  RAW root, 2, middle + TABLE
  RAW root, 3, 0x40000000 + BLOCK | AF | FOR_EL0 | READ_ONLY
  RAW middle, 0, leaf + TABLE
  MMU_ON TCR, root

  RIGHTS 0, 0, 0, DENIED, DENIED
  RIGHTS FOR_EL0, 0, 0, 0, 0
  RIGHTS READ_ONLY, 0, DENIED, DENIED, DENIED
  RIGHTS READ_ONLY | FOR_EL0, 0, DENIED, 0, DENIED
  msr pan, #1
  RIGHTS 0, 0, 0, DENIED, DENIED
  msr pan, #1
  RIGHTS FOR_EL0, DENIED, DENIED, 0, 0
  // PAN alone changes, without a flush.
  msr pan, #0
  ACCESS 0, 0, "ldr x1, [x0]"
  msr pan, #1
  ACCESS DATA, DENIED, "ldr x1, [x0]"
  msr pan, #0
  msr uao, #1
  ACCESS 0, 0, "ldtr x1, [x0]"
  LEAF PAGE | AF
  ACCESS 0, 0, "sttr x1, [x0]"
  msr uao, #0
  ACCESS DATA, DENIED | WNR, "sttr x1, [x0]"
  // A register writes UAO, too, an exception clears it, and its return brings it back.
  mov x1, #1 << 23
  msr uao, x1
  ACCESS 0, 0, "sttr x1, [x0]"
  ldr x1, =EL1H | 1 << 23
  ldr x2, =1f
  msr uao, xzr
  msr spsr_el1, x1
  msr elr_el1, x2
  eret
  .ltorg
1:
  ACCESS 0, 0, "ldtr x1, [x0]"
  ldr x15, =1f
  svc #0
1:
  ldr x15, =unexpected
  ACCESS DATA, DENIED, "ldtr x1, [x0]"
  // Neighbours in one block, of which EL0 alone, or EL1 alone, may do one.
  LEAF PAGE | AF | FOR_EL0
  msr pan, #1
  ldtr x1, [x0]
  ldtr x2, [x0, #8]
  ACCESS DATA, DENIED, "ldr x3, [x0]"
  msr pan, #0
  LEAF PAGE | AF
  ldr x1, [x0]
  ldr x2, [x0, #8]
  str x1, [x0]
  ACCESS DATA, DENIED | WNR, "sttr x1, [x0]"

  // EL0 itself.
  LEAF PAGE | AF | FOR_EL0 | READ_ONLY
  GO EL0, user_load, ALIAS
  TOOK "a load of EL0", 0x15, 0, user_load + ALIAS + 8
  GO EL0, user_store, ALIAS
  TOOK "a store of EL0", DATA_LOWER, DENIED | WNR, user_store + ALIAS
  SAYS "its FAR", VIRTUAL + 8, x11
  GO EL0, user_load
  TOOK "EL0 fetches what is not for it", FETCH_LOWER, PERMISSION + 1, user_load

  // Fetches.
  ldr x1, =svc_1
  ldr w2, [x1]
  ldr x1, =page
  str w2, [x1]
  dsb ish
  ic iallu
  dsb ish
  isb
  LEAF PAGE | AF
  GO EL1H, VIRTUAL
  TOOK "a page of EL1", 0x15, 1, VIRTUAL + 4, 0x200
  LEAF PAGE | AF | PXN
  GO EL1H, VIRTUAL
  TOOK "PXN", FETCH, DENIED, VIRTUAL, 0x200
  LEAF PAGE | AF | FOR_EL0
  GO EL1H, VIRTUAL
  TOOK "a page that EL0 may write, fetched by EL1", FETCH, DENIED, VIRTUAL, 0x200
  GO EL0, VIRTUAL
  TOOK "the same by EL0", 0x15, 1, VIRTUAL + 4
  LEAF PAGE | AF | FOR_EL0 | UXN
  GO EL0, VIRTUAL
  TOOK "UXN", FETCH_LOWER, DENIED, VIRTUAL
  LEAF PAGE | AF | FOR_EL0 | READ_ONLY
  GO EL1H, VIRTUAL
  TOOK "a page that EL0 may read, fetched by EL1", 0x15, 1, VIRTUAL + 4, 0x200

  // What tables above forbid.
  RAW middle, 0, leaf + TABLE | 1 << 62
  RIGHTS FOR_EL0, 0, DENIED, 0, DENIED
  RAW middle, 0, leaf + TABLE | 1 << 61
  RIGHTS FOR_EL0, 0, 0, DENIED, DENIED
  RAW middle, 0, leaf + TABLE | 1 << 60
  LEAF PAGE | AF | FOR_EL0 | READ_ONLY
  GO EL0, VIRTUAL
  TOOK "UXNTable", FETCH_LOWER, DENIED, VIRTUAL
  RAW middle, 0, leaf + TABLE | 1 << 59
  LEAF PAGE | AF
  GO EL1H, VIRTUAL
  TOOK "PXNTable", FETCH, DENIED, VIRTUAL, 0x200
  PUT tcr_el1, TCR | 1 << 41                // HPD0
  FLUSH
  GO EL1H, VIRTUAL
  TOOK "PXNTable with HPD", 0x15, 1, VIRTUAL + 4, 0x200
  PUT tcr_el1, TCR
  RAW middle, 0, leaf + TABLE

  // Access flag and dirty state, by software and by the processor.
  LEAF PAGE
  ldr x0, =VIRTUAL
  ACCESS DATA, ACCESS_FLAG + 3, "ldr x1, [x0]"
  ACCESS DATA, ACCESS_FLAG + 3 | WNR, "str x1, [x0]"
  PUT tcr_el1, TCR | TCR_HA
  FLUSH
  ACCESS 0, 0, "ldr x1, [x0]"
  ldr x2, =leaf
  ldr x3, [x2]
  and x3, x3, #0xfff
  SAYS "the processor sets AF", PAGE | AF, x3
  LEAF PAGE | AF | READ_ONLY | DBM
  ACCESS DATA, DENIED | WNR, "str x1, [x0]"
  PUT tcr_el1, TCR | TCR_HA | TCR_HD
  LEAF PAGE | READ_ONLY | DBM
  ACCESS 0, 0, "ldr x1, [x0]"
  ldr x3, [x2]
  and x3, x3, #0xfff
  SAYS "a load leaves it clean", PAGE | AF | READ_ONLY, x3
  ACCESS 0, 0, "str x1, [x0]"
  ldr x3, [x2]
  and x3, x3, #0xfff
  SAYS "a store makes it dirty", PAGE | AF, x3
  LEAF PAGE | AF | READ_ONLY
  ACCESS DATA, DENIED | WNR, "str x1, [x0]"
  PUT tcr_el1, TCR

  // Levels.
  ldr x0, =0x100000000
  ACCESS DATA, TRANSLATION + 1, "ldr x1, [x0]"
  ldr x0, =VIRTUAL + 0x200000
  ACCESS DATA, TRANSLATION + 2 | WNR, "str x1, [x0]"
  ldr x0, =VIRTUAL + 0x1000
  ACCESS DATA, TRANSLATION + 3, "ldr x1, [x0]"
  ldr x0, =1 << 39
  ACCESS DATA, TRANSLATION, "ldr x1, [x0]"
  ldr x0, =-8
  ACCESS DATA, TRANSLATION, "ldr x1, [x0]"
  RAW leaf, 1, page + BLOCK | AF             // reserved at level 3
  FLUSH
  ldr x0, =VIRTUAL + 0x1000
  ACCESS DATA, TRANSLATION + 3, "ldr x1, [x0]"
  RAW middle, 1, 0x40000000 + BLOCK | AF
  FLUSH
  ldr x0, =VIRTUAL + 0x200000 + 0x100000
  ACCESS 0, 0, "ldr x1, [x0]"
  RAW middle, 2, 0x7ffffffff000 + TABLE
  FLUSH
  ldr x0, =VIRTUAL + 0x400000
  ACCESS DATA, 0x14 + 3, "ldr x1, [x0]"      // on the walk
  PUT tcr_el1, (TCR) & ~(7 << 32)            // 32-bit addresses out
  FLUSH
  ACCESS DATA, 2, "ldr x1, [x0]"             // address size
  PUT tcr_el1, TCR
  FLUSH
  // An access over the end of a page faults in the second one.
  LEAF PAGE | AF
  RAW leaf, 1, 0
  FLUSH
  ldr x0, =VIRTUAL + 0x1000
  mov x1, x0
  ACCESS DATA, TRANSLATION + 3, "ldr x2, [x1, #-4]"
  LEAF PAGE | AF | FOR_EL0
  ldtr x2, [x1, #-16]
  ldtr x3, [x1, #-8]
  ACCESS DATA, TRANSLATION + 3, "ldtr x2, [x1, #-4]"
  ACCESS DATA, TRANSLATION + 3 | WNR, "sttr x2, [x1, #-4]"
  RAW leaf, 1, other_page + PAGE | AF | FOR_EL0
  FLUSH
  ldr x2, =0x1122334455667788
  sttr x2, [x1, #-4]
  ldtr x3, [x1, #-4]
  SAME "over the end of a page", x3, x2
  ldtrsw x3, [x1]
  SAYS "its end", 0x11223344, x3
  // They have to be aligned as others have to.
  PUT sctlr_el1, SCTLR_ONES | SCTLR_SPAN | SCTLR_M | SCTLR_A
  ldr x0, =VIRTUAL + 4
  ACCESS DATA, ALIGNMENT, "ldtr x2, [x0]"
  ACCESS DATA, ALIGNMENT | WNR, "sttr x2, [x0]"
  PUT sctlr_el1, SCTLR_ONES | SCTLR_SPAN | SCTLR_M
  RAW leaf, 1, 0
  LEAF PAGE | AF

  // The other half, and tags.
  PUT ttbr1_el1, root
  PUT tcr_el1, (TCR | 25 << 16 | 2 << 30) & ~(1 << 23)
  FLUSH
  ldr x1, =page
  mov x2, #0x1234
  str x2, [x1, #16]
  ldr x0, =0xffffff8000000010 + VIRTUAL
  ldr x3, [x0]
  SAYS "the upper half", 0x1234, x3
  ldr x0, =0xfffffe8000000000
  ACCESS DATA, TRANSLATION, "ldr x1, [x0]"
  ldr x0, =0x5a00000000000010 + VIRTUAL
  ACCESS DATA, TRANSLATION, "ldr x1, [x0]"
  PUT tcr_el1, TCR | TCR_TBI0
  FLUSH
  ldr x3, [x0]
  SAYS "a tagged address", 0x1234, x3
  ldr x0, =0x5a00000000001000 + VIRTUAL
  ACCESS DATA, TRANSLATION + 3, "ldr x1, [x0]"
  GO EL1H, VIRTUAL, 0x3c00000000000000
  TOOK "a tagged fetch", 0x15, 1, VIRTUAL + 4, 0x200
  PUT tcr_el1, TCR

  // AT.
  ldr x0, =VIRTUAL + 0x18
  LEAF PAGE | AF | READ_ONLY
  at s1e1r, x0
  isb
  mrs x1, par_el1
  ubfx x1, x1, #12, #36
  ldr x2, =page
  lsr x2, x2, #12
  SAME "AT S1E1R", x1, x2
  at s1e1w, x0
  isb
  mrs x1, par_el1
  and x1, x1, #0x7f
  SAYS "AT S1E1W of what is read only", 1 | DENIED << 1, x1
  at s1e0r, x0
  isb
  mrs x1, par_el1
  and x1, x1, #0x7f
  SAYS "AT S1E0R of what is EL1's", 1 | DENIED << 1, x1

  // TLBI: by address, by address and any ASID, by ASID, all.
  ldr x0, =other_page
  mov x1, #0x77
  str x1, [x0, #24]
  ldr x0, =page
  mov x1, #0x66
  str x1, [x0, #24]
  ldr x0, =VIRTUAL + 24
  ldr x9, =VIRTUAL >> 12
  .irp way, vae1, vaae1is, vale1is, vaale1os, aside1, vmalle1is, rvae1, rvaale1is
  LEAF PAGE | AF
  ldr x1, [x0]
  RAW leaf, 0, other_page + PAGE | AF
  dsb ishst
  .ifc \way, vmalle1is
  tlbi \way
  .else
  .ifc \way, aside1
  tlbi \way, xzr
  .else
  // Of what names a range, one that has the page in it: two granules of 4 KiB.
  .ifc \way, rvae1
  orr x9, x9, #1 << 46
  .endif
  tlbi \way, x9
  .endif
  .endif
  dsb ish
  isb
  ldr x2, [x0]
  SAYS "after TLBI \way", 0x77, x2
  SAYS "before it", 0x66, x1
  .endr
  // The last page of 32; a range in 16 KiB granules.
  FLUSH
  RAW leaf, 31, page + PAGE | AF
  dsb ishst
  ldr x3, =VIRTUAL + 31 * 4096 + 24
  ldr x1, [x3]
  SAYS "the last page of a range", 0x66, x1
  RAW leaf, 31, other_page + PAGE | AF
  dsb ishst
  ldr x9, =VIRTUAL >> 12 | 15 << 39 | 1 << 46
  tlbi rvae1is, x9
  dsb ish
  isb
  ldr x2, [x3]
  SAYS "after TLBI of a range", 0x77, x2
  LEAF PAGE | AF
  ldr x1, [x0]
  RAW leaf, 0, other_page + PAGE | AF
  dsb ishst
  ldr x9, =VIRTUAL >> 14 | 2 << 46
  tlbi rvale1, x9
  dsb ish
  isb
  ldr x2, [x0]
  SAYS "after TLBI of a range of 16 KiB granules", 0x77, x2
  // Of a block that the TLB has in pieces.
  RAW middle, 0, 0x40400000 + BLOCK | AF
  FLUSH
  ldr x0, =page - 0x40400000 + VIRTUAL + 24
  ldr x1, [x0]
  ldr x2, =page - 0x40400000 + VIRTUAL + 0x100018
  ldr x3, [x2]
  RAW middle, 0, 0
  dsb ishst
  ldr x9, =VIRTUAL >> 12
  tlbi vae1, x9
  dsb ish
  isb
  ACCESS DATA, TRANSLATION + 2, "ldr x1, [x0]"
  mov x0, x2
  ACCESS DATA, TRANSLATION + 2, "ldr x1, [x0]"

  // Spaces by ASID: a switch of TTBR0 is seen after an ISB, without TLBI.
  RAW middle, 0, leaf + TABLE
  LEAF PAGE | AF
  ldr x0, =VIRTUAL + 24
  ldr x1, [x0]
  SAYS "one space", 0x66, x1
  PUT ttbr0_el1, second_root + (1 << 48)
  ldr x1, [x0]
  SAYS "another", 0x77, x1
  PUT ttbr0_el1, root
  ldr x1, [x0]
  SAYS "and the first again", 0x66, x1
  MMU_OFF
END

  .data
  .balign 4096
second_root:
  .quad BLOCK | AF, 0x40000000 + BLOCK | AF, second_table + TABLE
  .balign 4096
second_table:
  .quad third_table + TABLE
  .balign 4096
third_table:
  .quad other_page + PAGE | AF
  .balign 4096
