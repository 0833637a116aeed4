// Guest data accesses in full: translation, page crossing, devices, atomics. The slow path behind
// the inline TLB and the only path of the interpreter.
#pragma once

#include <cstddef>
#include <cstdint>

#include "translator/guest/guest_isa.h"
#include "translator/memory/soft_tlb.h"
#include "vmm/base/address_space.h"

namespace emu::translator {

// For the vCPU's own thread. A false or null return is a guest fault, told by fault().
class DataAccess {
 public:
  DataAccess(const GuestIsa& isa, GuestContext& context, AddressSpace& address_space, SoftTlb& tlb)
      : isa_(isa), context_(context), address_space_(address_space), tlb_(tlb) {}

  enum class Alignment : uint8_t { kAny, kNatural };

  bool Load(uint64_t address, uint32_t bytes, Alignment alignment, uint64_t* value);
  bool Store(uint64_t address, uint32_t bytes, Alignment alignment, uint64_t value);
  // The host address of naturally aligned RAM for an atomic operation or a reservation; a device
  // or ROM there is an access fault.
  std::byte* HostForAtomic(uint64_t address, uint32_t bytes, AccessKind kind);
  // The host address of bytes that lie in one page of RAM and may be accessed so until the TLB
  // changes; nullptr otherwise, without a fault.
  std::byte* HostForSpan(uint64_t address, uint32_t bytes, AccessKind kind);

  const GuestFault& fault() const { return fault_; }

 private:
  // Where one access inside a page leads.
  struct Place {
    std::byte* host = nullptr;  // nullptr: a device, or nothing
    GuestPhysAddr physical;
  };
  bool Resolve(uint64_t address, uint32_t bytes, AccessKind kind, Place* place);
  bool LoadPart(const Place& place, uint64_t address, uint32_t bytes, uint64_t* value);
  bool StorePart(const Place& place, uint64_t address, uint32_t bytes, uint64_t value);
  bool BusFault(uint64_t address, AccessKind kind);

  const GuestIsa& isa_;
  GuestContext& context_;
  AddressSpace& address_space_;
  SoftTlb& tlb_;
  GuestFault fault_;
};

}  // namespace emu::translator
