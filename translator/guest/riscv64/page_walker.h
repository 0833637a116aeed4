// From virtual to physical addresses: Sv39, Sv48, Sv57 and bare, with physical memory protection.
#pragma once

#include <optional>

#include "translator/guest/guest_isa.h"
#include "translator/guest/riscv64/cpu_state.h"
#include "vmm/base/address.h"

namespace emu::translator::riscv64 {

// What loads and stores run as: mstatus.MPP where MPRV says so (RISC-V Privileged 20240411
// s. 3.1.6.3).
Privilege DataPrivilege(const CpuState& state);

// See GuestIsa. Where `whole_page` is false the permissions hold for the aligned 8 bytes at
// `address`; ask for the last byte, too, of an access that leaves them. A data access's result says
// nothing of execution, and a fetch's nothing of data.
WalkResult Walk(GuestContext& context, GuestVirtAddr address, AccessKind kind);

// Where `address` leads for data, without regard to rights and without setting any bit.
std::optional<GuestPhysAddr> Peek(GuestContext& context, GuestVirtAddr address);

// Exact: every bit that a translation depends on, but memory and the PMP registers, has its place.
uint64_t DataSpaceKey(const CpuState& state);
uint64_t FetchSpaceKey(const CpuState& state);

// Drops all cached translations, or those of the leaf that maps `address`, superpage or not.
void FlushTranslations(GuestContext& context);
void FlushTranslationsOf(GuestContext& context, GuestVirtAddr address);

GuestFault PageFault(GuestVirtAddr address, AccessKind kind);
GuestFault AccessFault(GuestVirtAddr address, AccessKind kind);
GuestFault MisalignedFault(GuestVirtAddr address, AccessKind kind);

}  // namespace emu::translator::riscv64
