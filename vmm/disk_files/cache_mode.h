// How a disk uses the host's page cache, and when what a guest writes has to be on the host's disk.
// Names and meanings are QEMU's (manual, -drive cache=).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace emu {

enum class CacheMode : uint8_t { kWriteback, kNone, kWritethrough, kDirectsync, kUnsafe };

// By CacheMode.
inline constexpr std::array<std::string_view, 5> kCacheModeNames = {
    "writeback", "none", "writethrough", "directsync", "unsafe"};

inline std::optional<CacheMode> CacheModeOf(std::string_view name) {
  for (size_t i = 0; i < kCacheModeNames.size(); ++i) {
    if (kCacheModeNames[i] == name) return static_cast<CacheMode>(i);
  }
  return std::nullopt;
}

// Past the page cache.
constexpr bool IsDirect(CacheMode mode) {
  return mode == CacheMode::kNone || mode == CacheMode::kDirectsync;
}
// A write is answered when it is on the disk: the guest sees a disk without a cache.
constexpr bool WritesThrough(CacheMode mode) {
  return mode == CacheMode::kWritethrough || mode == CacheMode::kDirectsync;
}
// Flushes do nothing: a host that dies takes the disk's contents along.
constexpr bool IgnoresFlushes(CacheMode mode) { return mode == CacheMode::kUnsafe; }

}  // namespace emu
