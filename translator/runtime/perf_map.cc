#include "translator/runtime/perf_map.h"

#include <unistd.h>

#include <string>

#include "absl/strings/str_format.h"

namespace emu::translator {
namespace {

// A line that can't be written is a symbol that perf does not show.
void Write(int file, const std::string& line) {
  [[maybe_unused]] const ssize_t written = write(file, line.data(), line.size());
}

}  // namespace

void PerfMap::Add(const void* code, uint64_t bytes, GuestPhysAddr start, uint64_t pc) {
  if (file_ < 0) return;
  // SAFETY: only the number is used.
  Write(file_, absl::StrFormat("%x %x guest_%x_at_%x\n", reinterpret_cast<uintptr_t>(code), bytes,
                               pc, start.value));
}

void PerfMap::AddStubs(const void* code, uint64_t bytes) {
  if (file_ < 0) return;
  // SAFETY: as above.
  Write(file_, absl::StrFormat("%x %x emu_stubs\n", reinterpret_cast<uintptr_t>(code), bytes));
}

}  // namespace emu::translator
