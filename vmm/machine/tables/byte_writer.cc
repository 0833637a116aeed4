#include "vmm/machine/tables/byte_writer.h"

namespace emu::tables {

ByteWriter& ByteWriter::Little(uint64_t value, size_t width_bytes) {
  for (size_t i = 0; i < width_bytes; ++i) {
    bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  return *this;
}

ByteWriter& ByteWriter::Zeros(size_t count) {
  bytes_.insert(bytes_.end(), count, std::byte{0});
  return *this;
}

ByteWriter& ByteWriter::Bytes(std::span<const std::byte> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

ByteWriter& ByteWriter::Text(std::string_view text, size_t width_bytes) {
  for (size_t i = 0; i < width_bytes; ++i) {
    U8(i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0});
  }
  return *this;
}

}  // namespace emu::tables
