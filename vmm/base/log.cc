#include "vmm/base/log.h"

#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

namespace emu {
namespace {

// "2026-01-31T12:00:00.000Z info text". By ourselves, as the C library would open its time zone
// file at the first conversion, even to UTC, and a VM process opens no path.
class LineFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(message.time);
    const auto midnight = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss time(now - midnight);
    char stamp[64];
    const int size = std::snprintf(
        stamp, sizeof(stamp), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    const spdlog::string_view_t level = spdlog::level::to_string_view(message.level);
    line.append(stamp, stamp + size);
    line.append(level.begin(), level.end());
    line.push_back(' ');
    line.append(message.payload.begin(), message.payload.end());
    line.push_back('\n');
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>();
  }
};

spdlog::logger& Backend() {
  // Never destroyed: threads may log while the process exits.
  static spdlog::logger& logger = *[] {
    auto* created = new spdlog::logger("emu", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    created->set_formatter(std::make_unique<LineFormatter>());
    return created;
  }();
  return logger;
}

spdlog::level::level_enum ToBackend(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

bool NeedsQuotes(std::string_view value) {
  return value.empty() || std::any_of(value.begin(), value.end(), [](unsigned char c) {
           return c <= ' ' || c == '"' || c == '=' || c == 0x7f;
         });
}

// Control characters are escaped: a value may come from a guest or a client.
void AppendValue(std::string_view value, std::string& line) {
  if (!NeedsQuotes(value)) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < ' ' || byte == 0x7f) {
      constexpr char kDigits[] = "0123456789abcdef";
      line += "\\x";
      line += kDigits[byte >> 4];
      line += kDigits[byte & 15];
    } else {
      line += c;
    }
  }
  line += '"';
}

}  // namespace

LogField HexField(std::string_view key, uint64_t value) {
  char text[2 + 16 + 1];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(value));
  return LogField(key, text);
}

void InitializeLogging(LogLevel level) { Backend().set_level(ToBackend(level)); }

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  spdlog::logger& backend = Backend();
  if (!backend.should_log(ToBackend(level))) return;
  std::string line(event);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key();
    line += '=';
    AppendValue(field.value(), line);
  }
  backend.log(ToBackend(level), spdlog::string_view_t(line.data(), line.size()));
}

bool LogRateLimiter::Allow() {
  return AllowAt(std::chrono::duration_cast<std::chrono::nanoseconds>(
                     std::chrono::steady_clock::now().time_since_epoch())
                     .count());
}

bool LogRateLimiter::AllowAt(int64_t now_ns) {
  const int64_t cost_ns = 1'000'000'000 / std::max<uint32_t>(per_second_, 1);
  const int64_t limit_ns = now_ns + cost_ns * burst_;
  int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
  while (true) {
    const int64_t next = std::max(full_at, now_ns) + cost_ns;
    if (next > limit_ns) {
      suppressed_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    if (full_at_ns_.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) return true;
  }
}

}  // namespace emu
