// What a guest-physical address leads to: memory, or a device. The slow path of every vCPU and all
// MMIO go through here.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "vmm/base/address.h"
#include "vmm/base/guest_memory.h"
#include "vmm/base/log.h"

namespace emu {

// What became of an access that the guest made. Never an error of ours: a guest may touch anything.
enum class AccessResult : uint8_t {
  kOk,
  kNoDevice,   // nothing there: the vCPU raises its access fault
  kBadAccess,  // a device is there but not for this width or offset; reads give 0, writes drop
};

// The MMIO face of a device. `offset` is relative to the mapped range, `width_bytes` is 1, 2, 4, 8.
// Called on a vCPU thread or the I/O loop with the machine's device lock held.
class MmioHandler {
 public:
  virtual ~MmioHandler() = default;
  virtual AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) = 0;
  virtual AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) = 0;

  // The same by processor `cpu`, for devices that show each its own registers.
  virtual AccessResult MmioReadBy(uint32_t /*cpu*/, uint64_t offset, uint32_t width_bytes,
                                  uint64_t* value) {
    return MmioRead(offset, width_bytes, value);
  }
  virtual AccessResult MmioWriteBy(uint32_t /*cpu*/, uint64_t offset, uint32_t width_bytes,
                                   uint64_t value) {
    return MmioWrite(offset, width_bytes, value);
  }
};

// Thread-safe after the last Map: ranges are fixed before any vCPU runs. The device lock is taken
// inside Read and Write, around the handler.
class AddressSpace {
 public:
  explicit AddressSpace(GuestMemory& memory);
  ~AddressSpace();

  GuestMemory& memory() { return memory_; }

  // INVALID_ARGUMENT if the range overlaps RAM or another device. Over ROM a device sees the stores
  // only; without one ROM refuses them, as QEMU's does. `handler` outlives this.
  absl::Status MapMmio(GuestPhysAddr base, uint64_t size, std::string name, MmioHandler& handler);

  // Accesses of 1, 2, 4 or 8 bytes, little-endian, inside one page; memory or device. By processor
  // `cpu`.
  AccessResult Read(GuestPhysAddr address, uint32_t width_bytes, uint64_t* value, uint32_t cpu = 0);
  AccessResult Write(GuestPhysAddr address, uint32_t width_bytes, uint64_t value, uint32_t cpu = 0);

  // What the guest has done at each mapped range, in order of addresses.
  struct IoCounters {
    std::string name;
    GuestPhysAddr base;
    uint64_t reads;
    uint64_t writes;
    uint64_t refused;  // of both
  };
  std::vector<IoCounters> io_counters();

  // The lock that every device runs under. Lock order: device lock, then locks of
  // translator and GuestMemory; never the other way round.
  std::mutex& device_mutex() { return device_mutex_; }

 private:
  struct MmioRange;

  MmioRange* FindRange(GuestPhysAddr address);
  void LogRefused(const MmioRange* range, GuestPhysAddr address, uint32_t width_bytes);

  GuestMemory& memory_;
  std::mutex device_mutex_;
  std::vector<MmioRange> ranges_;  // ordered by base, disjoint
  LogRateLimiter refused_log_;
};

}  // namespace emu
