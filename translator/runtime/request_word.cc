#include "translator/runtime/request_word.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace emu::translator {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;

}  // namespace

void RequestWord::Wait(uint64_t host_ns) {
  const timespec until = {.tv_sec = static_cast<time_t>(host_ns / kNsPerSecond),
                          .tv_nsec = static_cast<long>(host_ns % kNsPerSecond)};
  is_awaited_.store(true);
  // The kernel looks whether the word is still 0 (futex(2), FUTEX_WAIT_BITSET). Not std::atomic's
  // wait, which knows no time.
  syscall(SYS_futex, &bits_, FUTEX_WAIT_BITSET_PRIVATE, 0, host_ns == kNever ? nullptr : &until,
          nullptr, FUTEX_BITSET_MATCH_ANY);
  is_awaited_.store(false);
}

void RequestWord::Wake() { syscall(SYS_futex, &bits_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

}  // namespace emu::translator
