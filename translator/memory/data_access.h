// Guest data accesses in full: translation, page crossing, devices, atomics. The slow path behind
// the inline TLB and the only path of the interpreter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "translator/guest/guest_isa.h"
#include "translator/memory/soft_tlb.h"
#include "translator/memory/watchpoints.h"
#include "vmm/base/address_space.h"

namespace emu::translator {

// For the vCPU's own thread. A false or null return is a guest fault, told by fault(), or a
// watchpoint that was hit, told by TakeWatchHit(); nothing has been accessed then.
class DataAccess {
 public:
  DataAccess(const GuestIsa& isa, GuestContext& context, AddressSpace& address_space, SoftTlb& tlb,
             const Watchpoints& watchpoints)
      : isa_(isa),
        context_(context),
        address_space_(address_space),
        tlb_(tlb),
        watchpoints_(watchpoints) {}

  enum class Alignment : uint8_t { kAny, kNatural };

  bool Load(uint64_t address, uint32_t bytes, Alignment alignment, uint64_t* value,
            DataSpace space = DataSpace::kOwn);
  bool Store(uint64_t address, uint32_t bytes, Alignment alignment, uint64_t value,
             DataSpace space = DataSpace::kOwn);
  // Whether `bytes` bytes, at most a page, may be accessed so; accesses none.
  bool Probe(uint64_t address, uint32_t bytes, AccessKind kind);
  // The host address of naturally aligned RAM for an atomic operation or a reservation; a device
  // or ROM there is an access fault.
  std::byte* HostForAtomic(uint64_t address, uint32_t bytes, AccessKind kind);
  // The host address of bytes that lie in one page of RAM and may be accessed so until the TLB
  // changes; nullptr otherwise, without a fault.
  std::byte* HostForSpan(uint64_t address, uint32_t bytes, AccessKind kind,
                         DataSpace space = DataSpace::kOwn);

  const GuestFault& fault() const { return fault_; }
  std::optional<DebugStop> TakeWatchHit() { return std::exchange(watch_hit_, std::nullopt); }
  // Parts of accesses that found no entry in the TLB, since it was made.
  uint64_t misses() const { return misses_; }

 private:
  // Where one access inside a page leads.
  struct Place {
    std::byte* host = nullptr;  // nullptr: a device, or nothing
    GuestPhysAddr physical;
  };
  bool Resolve(uint64_t address, uint32_t bytes, AccessKind kind, Place* place,
               DataSpace space = DataSpace::kOwn);
  bool LoadPart(const Place& place, uint64_t address, uint32_t bytes, uint64_t* value);
  bool StorePart(const Place& place, uint64_t address, uint32_t bytes, uint64_t value);
  bool BusFault(uint64_t address, AccessKind kind);
  // Notes a watchpoint that the access hits.
  bool IsWatched(uint64_t address, uint32_t bytes, bool reads, bool writes) {
    return !watchpoints_.empty() && FindWatchpoint(address, bytes, reads, writes);
  }
  bool FindWatchpoint(uint64_t address, uint32_t bytes, bool reads, bool writes);

  const GuestIsa& isa_;
  GuestContext& context_;
  AddressSpace& address_space_;
  SoftTlb& tlb_;
  const Watchpoints& watchpoints_;
  GuestFault fault_;
  std::optional<DebugStop> watch_hit_;
  uint64_t misses_ = 0;
};

}  // namespace emu::translator
