// Logging by keys: LogInfo("vm-started", {{"vm", name}, {"pid", pid}}) writes
//   2026-01-31T12:00:00.000Z info vm-started vm=web1 pid=42
// to standard error. Every function here is for every thread. No logging backend leaks out of this
// header.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace emu {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

// One key and its value; values with blanks are quoted by the logger.
class LogField {
 public:
  LogField(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  LogField(std::string_view key, const char* value) : key_(key), value_(value) {}
  LogField(std::string_view key, const std::string& value) : key_(key), value_(value) {}
  LogField(std::string_view key, absl::string_view value)
      : key_(key), value_(value.data(), value.size()) {}
  LogField(std::string_view key, bool value) : key_(key), value_(value ? "true" : "false") {}
  template <std::integral T>
  LogField(std::string_view key, T value) : key_(key), value_(std::to_string(value)) {}

  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }

 private:
  std::string_view key_;
  std::string value_;
};

// The value written as 0x1f.
LogField HexField(std::string_view key, uint64_t value);

// Messages below `level` are dropped from now on; the default is kInfo. The first call also
// prepares the backend, so that later messages need no system call but write: call it before a
// system call filter is installed.
void InitializeLogging(LogLevel level);

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

inline void LogDebug(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kDebug, event, fields);
}
inline void LogInfo(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kInfo, event, fields);
}
inline void LogWarning(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kWarning, event, fields);
}
inline void LogError(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kError, event, fields);
}

// For messages that a guest can trigger: `if (limiter_.Allow()) LogWarning(...)`. Lets a burst
// through, then `per_second` a second; lock-free.
class LogRateLimiter {
 public:
  explicit constexpr LogRateLimiter(uint32_t burst = 10, uint32_t per_second = 1)
      : burst_(burst), per_second_(per_second) {}

  [[nodiscard]] bool Allow();
  // The same at a given time on a monotonic clock.
  [[nodiscard]] bool AllowAt(int64_t now_ns);
  // How many were refused so far.
  uint64_t suppressed() const { return suppressed_.load(std::memory_order_relaxed); }

 private:
  const uint32_t burst_;
  const uint32_t per_second_;
  // The time at which the bucket would be full again (generic cell rate algorithm): one word says
  // it all, so one compare-exchange decides.
  std::atomic<int64_t> full_at_ns_{0};
  std::atomic<uint64_t> suppressed_{0};
};

}  // namespace emu
