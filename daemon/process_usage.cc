#include "daemon/process_usage.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace emu::daemon {

std::optional<ProcessUsage> ReadProcessUsage(uint32_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string line;
  if (pid == 0 || !std::getline(file, line)) return std::nullopt;
  // proc(5): the name in parentheses may hold anything; utime is field 14, rss, in pages, 24.
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  uint64_t user_ticks = 0;
  uint64_t system_ticks = 0;
  fields >> user_ticks >> system_ticks;
  for (int field = 16; field < 24; ++field) fields >> skipped;
  uint64_t resident_pages = 0;
  if (!(fields >> resident_pages)) return std::nullopt;
  const auto ticks_per_second = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  const auto page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return ProcessUsage{
      std::chrono::milliseconds((user_ticks + system_ticks) * 1000 / ticks_per_second),
      resident_pages * page_bytes};
}

}  // namespace emu::daemon
