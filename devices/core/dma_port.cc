#include "devices/core/dma_port.h"

#include <algorithm>

namespace emu {

bool DmaPort::AppendSpans(GuestPhysAddr address, uint64_t size, Access access,
                          std::vector<iovec>& spans) {
  while (size > 0) {
    const uint64_t length = std::min(size, kPageSize - address.PageOffset());
    // A device that only reads promises so; iovec has no const.
    std::byte* page = access == Access::kDeviceWrites
                          ? memory_.PageForWrite(address)
                          : const_cast<std::byte*>(memory_.PageForRead(address));
    if (page == nullptr) return false;
    std::byte* start = page + address.PageOffset();
    if (!spans.empty() &&
        static_cast<std::byte*>(spans.back().iov_base) + spans.back().iov_len == start) {
      spans.back().iov_len += length;
    } else {
      spans.push_back({start, length});
    }
    if (address + length < address) return size == length;
    address = address + length;
    size -= length;
  }
  return true;
}

}  // namespace emu
