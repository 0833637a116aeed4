#include "devices/backend/qcow2/count_format.h"

#include "vmm/base/bits.h"

namespace emu::qcow2 {

uint64_t CountFormat::Get(std::span<const std::byte> block, uint64_t index) const {
  uint64_t value = 0;
  for (const std::byte byte : block.subspan(ByteOf(index), width_bytes())) {
    value = value << 8 | std::to_integer<uint64_t>(byte);
  }
  return order_ < 3 ? ExtractBits(value, LowBit(index), uint32_t{1} << order_) : value;
}

void CountFormat::Set(std::span<std::byte> block, uint64_t index, uint64_t count) const {
  const std::span<std::byte> bytes = block.subspan(ByteOf(index), width_bytes());
  if (order_ < 3) {
    const auto mask = static_cast<std::byte>(most() << LowBit(index));
    bytes[0] = (bytes[0] & ~mask) | static_cast<std::byte>(count << LowBit(index));
    return;
  }
  for (size_t i = bytes.size(); i-- > 0; count >>= 8) bytes[i] = static_cast<std::byte>(count);
}

}  // namespace emu::qcow2
