// Integers in bytes of a stated order, at any alignment.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>

namespace emu {

static_assert(std::endian::native == std::endian::little, "hosts are little-endian");

// `bytes` holds at least sizeof(T) bytes.
template <std::unsigned_integral T>
T LoadLittle(std::span<const std::byte> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

template <std::unsigned_integral T>
void StoreLittle(std::span<std::byte> bytes, T value) {
  std::memcpy(bytes.data(), &value, sizeof(T));
}

template <std::unsigned_integral T>
T SwapBytes(T value) {
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
  return value;
}

template <std::unsigned_integral T>
T LoadBig(std::span<const std::byte> bytes) {
  return SwapBytes(LoadLittle<T>(bytes));
}

template <std::unsigned_integral T>
void StoreBig(std::span<std::byte> bytes, T value) {
  StoreLittle(bytes, SwapBytes(value));
}

}  // namespace emu
