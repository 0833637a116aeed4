#include "devices/virtio/entropy.h"

#include <errno.h>
#include <sys/random.h>

#include <algorithm>

#include "devices/virtio/chain_io.h"

namespace emu::virtio {

void Entropy::Notify(uint32_t index) {
  ServeAll(index, [this](const DescriptorChain& chain) -> uint32_t {
    std::vector<std::byte> bytes(std::min(TotalBytes(chain.writable), entropy::kMaxRequestBytes));
    const bool filled = source_(bytes) && WriteSegments(host().dma(), chain.writable, 0, bytes);
    return filled ? static_cast<uint32_t>(bytes.size()) : 0;
  });
}

bool FillFromHost(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = getrandom(bytes.data(), bytes.size(), 0);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return true;
}

}  // namespace emu::virtio
