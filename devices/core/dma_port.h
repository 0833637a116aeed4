// A device's way to guest memory: checked, page by page, through the write gate. It never reaches
// MMIO, so no device can be made to call another one or itself.
#pragma once

#include <sys/uio.h>

#include <array>
#include <atomic>
#include <concepts>
#include <optional>
#include <vector>

#include "vmm/base/endian.h"
#include "vmm/base/guest_memory.h"

namespace emu {

// Addresses and lengths come from the guest: every function may fail, and says so.
class DmaPort {
 public:
  explicit DmaPort(GuestMemory& memory) : memory_(memory) {}

  [[nodiscard]] bool Read(GuestPhysAddr address, std::span<std::byte> into) const {
    return memory_.Read(address, into);
  }
  [[nodiscard]] bool Write(GuestPhysAddr address, std::span<const std::byte> from) {
    return memory_.Write(address, from);
  }

  template <std::unsigned_integral T>
  std::optional<T> Load(GuestPhysAddr address) const {
    std::array<std::byte, sizeof(T)> bytes;
    if (!memory_.Read(address, bytes)) return std::nullopt;
    return LoadLittle<T>(bytes);
  }

  // One naturally aligned integer that the guest's processors use at the same time: a load-acquire
  // and a store-release.
  template <std::unsigned_integral T>
  std::optional<T> LoadShared(GuestPhysAddr address) const;
  template <std::unsigned_integral T>
  [[nodiscard]] bool StoreShared(GuestPhysAddr address, T value);

  // Appends host spans for [address, address + size) to `spans`; false if part of it is not there.
  enum class Access : uint8_t { kDeviceReads, kDeviceWrites };
  [[nodiscard]] bool AppendSpans(GuestPhysAddr address, uint64_t size, Access access,
                                 std::vector<iovec>& spans);

 private:
  GuestMemory& memory_;
};

template <std::unsigned_integral T>
std::optional<T> DmaPort::LoadShared(GuestPhysAddr address) const {
  const std::byte* page = memory_.PageForRead(address);
  if (page == nullptr || address.value % sizeof(T) != 0) return std::nullopt;
  // SAFETY: aligned, inside the page; atomic_ref wants a mutable object but only loads.
  auto* word = reinterpret_cast<T*>(const_cast<std::byte*>(page) + address.PageOffset());
  return std::atomic_ref<T>(*word).load(std::memory_order_acquire);
}

template <std::unsigned_integral T>
bool DmaPort::StoreShared(GuestPhysAddr address, T value) {
  if (address.value % sizeof(T) != 0) return false;
  std::byte* page = memory_.PageForWrite(address);
  if (page == nullptr) return false;
  // SAFETY: aligned, inside the page.
  auto* word = reinterpret_cast<T*>(page + address.PageOffset());
  std::atomic_ref<T>(*word).store(value, std::memory_order_release);
  return true;
}

}  // namespace emu
