// From virtual to physical addresses: the stage 1 translation of EL1&0 (Arm ARM chapter D8).
#pragma once

#include <optional>

#include "translator/guest/aarch64/cpu_state.h"
#include "translator/guest/guest_isa.h"
#include "vmm/base/address.h"

namespace emu::translator::aarch64 {

// See GuestIsa. A data access's result says nothing of execution, and a fetch's nothing of data.
WalkResult Walk(GuestContext& context, GuestVirtAddr address, AccessKind kind,
                DataSpace space = DataSpace::kOwn);
// The same for AT, at the EL and PAN given. A fault's syndrome is that of a data abort.
struct Viewer {
  uint8_t el;
  bool pan;
};
WalkResult WalkAs(GuestContext& context, GuestVirtAddr address, AccessKind kind, Viewer viewer);

// Where `address` leads for data, without regard to rights and without setting any bit.
std::optional<GuestPhysAddr> Peek(GuestContext& context, GuestVirtAddr address);

// Exact: every bit that a translation depends on, but memory, has its place or its number. The
// other space is that of unprivileged accesses.
uint64_t DataSpaceKey(const CpuState& state, DataSpace space);
uint64_t FetchSpaceKey(const CpuState& state);

// What system registers said last holds from here on: a context synchronization event.
void SynchronizeContext(GuestContext& context);

// Drops all cached translations, or those of the leaf that maps `address`, large or not.
void FlushTranslations(GuestContext& context, std::optional<GuestVirtAddr> address);

GuestFault MisalignedFault(GuestVirtAddr address, AccessKind kind);
GuestFault BusFault(GuestVirtAddr address, AccessKind kind);

}  // namespace emu::translator::aarch64
