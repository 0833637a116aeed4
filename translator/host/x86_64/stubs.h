// The code that every block shares: entry, leave, lookups and the ways into the runtime. It stands
// at the start of the code cache.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "translator/guest/guest_isa.h"
#include "translator/host/x86_64/registers.h"

namespace emu::translator::x86_64 {

// Absolute addresses of the stubs.
struct Stubs {
  uint64_t enter;   // LeaveReason(VcpuFrame*, const void* code), C calling convention
  uint64_t leave;   // jumped to with the LeaveReason in eax
  uint64_t lookup;  // jumped to with the target in rdx: leaves with kLookup
  uint64_t stale;   // called: leaves with kStale and the return address as the site
  uint64_t link;    // called: leaves with kLink and the return address as the site
  // Called with the address in rdx and, for stores, the value in rax; by log2 of the size. All
  // registers but rax (a load's result) survive. They look for the address in the TLB first: a
  // group of accesses that lies on two pages comes here each time.
  std::array<uint64_t, 4> load, store;
  // Called with the address in rdx and the span in eax: its host address in rax, or 0, as always if
  // it lies on two pages. In the own space, and in the other.
  std::array<uint64_t, 2> translate_read, translate_write;
  // Called with `arguments` in the frame and a descriptor in rax: the result in rax.
  uint64_t operation, helper;
};

// Writes them for execution at `address`; `code` is empty and initialized with that base.
Stubs WriteStubs(asmjit::CodeHolder& code, uint64_t address, MemoryAccess access);

}  // namespace emu::translator::x86_64
