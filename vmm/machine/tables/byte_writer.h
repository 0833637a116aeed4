// Little-endian bytes, one field after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace emu::tables {

class ByteWriter {
 public:
  // The low `width_bytes` bytes of `value`.
  ByteWriter& Little(uint64_t value, size_t width_bytes);
  ByteWriter& U8(uint8_t value) { return Little(value, 1); }
  ByteWriter& U16(uint16_t value) { return Little(value, 2); }
  ByteWriter& U32(uint32_t value) { return Little(value, 4); }
  ByteWriter& U64(uint64_t value) { return Little(value, 8); }
  ByteWriter& Zeros(size_t count);
  ByteWriter& Bytes(std::span<const std::byte> bytes);
  // Cut or filled with zeros to `width_bytes`.
  ByteWriter& Text(std::string_view text, size_t width_bytes);

  size_t size() const { return bytes_.size(); }
  const std::vector<std::byte>& bytes() const { return bytes_; }
  std::vector<std::byte> Take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace emu::tables
