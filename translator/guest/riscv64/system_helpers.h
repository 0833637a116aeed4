// System instructions as helpers of translated code (see HelperFunction). Each checks that the
// instruction is legal now and raises an illegal-instruction exception otherwise. `encoding` is the
// instruction as it stands in memory, 16 or 32 bits: what mtval receives.
#pragma once

#include <cstdint>

#include "translator/guest/guest_isa.h"

namespace emu::translator::riscv64 {

// a: CSR number | operation << 12 (0 write, 1 set, 2 clear) | no_read << 14 | no_write << 15;
// b: operand; c: encoding. Returns the old value.
uint64_t CsrAccess(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);

// Arguments unused. Mret and Sret return the new pc.
uint64_t Mret(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t Sret(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
uint64_t Wfi(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);  // the check only
uint64_t FenceI(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);

// sfence.vma and sinval.vma. a: address, b: ASID, c: (rs1 != x0) | (rs2 != x0) << 1 |
// encoding << 32.
uint64_t SfenceVma(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
// sfence.w.inval and sfence.inval.ir. c: encoding.
uint64_t SfenceInvalOrder(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);

// cbo.zero. a: address, c: encoding.
uint64_t CboZero(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
// cbo.inval, clean, flush: caches are coherent, so that only the checks remain. a: address, b: the
// instruction's bits 31:20 (0 inval, 1 clean, 2 flush), c: encoding.
uint64_t CboCheck(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
// wrs.nto and wrs.sto. c: encoding.
uint64_t WrsCheck(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);

}  // namespace emu::translator::riscv64
