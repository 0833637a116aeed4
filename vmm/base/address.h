// Guest addresses as types that never convert into each other or into host pointers.
#pragma once

#include <compare>
#include <cstdint>

namespace emu {

inline constexpr uint64_t kPageShift = 12;
inline constexpr uint64_t kPageSize = uint64_t{1} << kPageShift;
inline constexpr uint64_t kPageOffsetMask = kPageSize - 1;

// An address of one address space of the guest, in bytes.
template <typename Tag>
struct GuestAddr {
  uint64_t value = 0;

  constexpr GuestAddr() = default;
  explicit constexpr GuestAddr(uint64_t address) : value(address) {}

  constexpr GuestAddr PageBase() const { return GuestAddr(value & ~kPageOffsetMask); }
  constexpr uint64_t PageNumber() const { return value >> kPageShift; }
  constexpr uint64_t PageOffset() const { return value & kPageOffsetMask; }

  constexpr auto operator<=>(const GuestAddr&) const = default;
  // Wraps modulo 2^64, as guest arithmetic does.
  friend constexpr GuestAddr operator+(GuestAddr a, uint64_t bytes) {
    return GuestAddr(a.value + bytes);
  }
  friend constexpr uint64_t operator-(GuestAddr a, GuestAddr b) { return a.value - b.value; }
};

struct GuestPhysTag {};
struct GuestVirtTag {};
using GuestPhysAddr = GuestAddr<GuestPhysTag>;
using GuestVirtAddr = GuestAddr<GuestVirtTag>;

inline namespace literals {
constexpr GuestPhysAddr operator""_gpa(unsigned long long value) { return GuestPhysAddr(value); }
constexpr GuestVirtAddr operator""_gva(unsigned long long value) { return GuestVirtAddr(value); }
}  // namespace literals

}  // namespace emu
