#include "devices/virtio/console.h"

#include <algorithm>

#include "devices/virtio/chain_io.h"

namespace emu::virtio {

using namespace console;

void Console::Receive(std::span<const std::byte> bytes) {
  const size_t room = kMaxBacklogBytes - std::min(kMaxBacklogBytes, backlog_.size());
  bytes = bytes.first(std::min(room, bytes.size()));
  backlog_.insert(backlog_.end(), bytes.begin(), bytes.end());
  FillBuffers();
}

void Console::Notify(uint32_t index) {
  if (index == kReceiveQueue) return FillBuffers();
  ServeAll(index, [this](const DescriptorChain& chain) { return Transmit(chain); });
}

uint32_t Console::Transmit(const DescriptorChain& chain) {
  std::vector<iovec> spans;
  const uint64_t size = std::min(TotalBytes(chain.readable), kMaxRequestBytes);
  if (SpansOf(host().dma(), chain.readable, 0, size, DmaPort::Access::kDeviceReads, spans)) {
    for (const iovec& span : spans) {
      stream_.Write({static_cast<const std::byte*>(span.iov_base), span.iov_len});
    }
  }
  return 0;
}

void Console::VisitState(StateVisitor& visitor) {
  std::vector<std::byte> backlog(backlog_.begin(), backlog_.end());
  visitor.Field(1, "backlog", backlog);
  if (visitor.IsReading()) backlog_.assign(backlog.begin(), backlog.end());
}

absl::Status Console::AfterRestore() {
  if (backlog_.size() <= kMaxBacklogBytes) return absl::OkStatus();
  return absl::InvalidArgumentError("virtio console: backlog holds more than 1 MiB");
}

void Console::FillBuffers() {
  if (!host().IsLive()) return;
  Queue& queue = host().queue(kReceiveQueue);
  do {
    while (!backlog_.empty()) {
      const auto chain = queue.Pop();
      if (!chain) break;
      const uint64_t size = std::min<uint64_t>(TotalBytes(chain->writable), backlog_.size());
      const std::vector<std::byte> bytes(backlog_.begin(),
                                         backlog_.begin() + static_cast<ptrdiff_t>(size));
      const bool written = WriteSegments(host().dma(), chain->writable, 0, bytes);
      if (written)
        backlog_.erase(backlog_.begin(), backlog_.begin() + static_cast<ptrdiff_t>(size));
      queue.Push(chain->head, written ? static_cast<uint32_t>(size) : 0);
    }
  } while (queue.AskForNotification() && !backlog_.empty());
  host().Flush(kReceiveQueue);
}

}  // namespace emu::virtio
