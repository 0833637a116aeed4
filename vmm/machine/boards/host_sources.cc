#include "vmm/machine/boards/host_sources.h"

#include <time.h>

#include "devices/virtio/entropy.h"

namespace emu {

uint64_t HostWallClockNs() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

absl::StatusOr<std::vector<std::byte>> RandomSeed(size_t size_bytes) {
  std::vector<std::byte> seed(size_bytes);
  if (!virtio::FillFromHost(seed)) return absl::InternalError("the host gave no random seed");
  return seed;
}

}  // namespace emu
