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

}  // namespace emu
