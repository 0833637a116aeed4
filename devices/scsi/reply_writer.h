// The bytes of a reply, one field after another, big-endian.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace emu::scsi {

class ReplyWriter {
 public:
  ReplyWriter& Byte(uint8_t value) { return Big(value); }
  template <std::unsigned_integral T>
  ReplyWriter& Big(T value) {
    for (size_t left = sizeof(T); left-- > 0;) {
      bytes_.push_back(static_cast<std::byte>(value >> (8 * left)));
    }
    return *this;
  }
  ReplyWriter& Zeros(size_t count) {
    for (size_t i = 0; i < count; ++i) bytes_.push_back(std::byte{0});
    return *this;
  }
  // Filled up with spaces, or cut.
  ReplyWriter& Text(std::string_view text, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      bytes_.push_back(static_cast<std::byte>(i < text.size() ? text[i] : ' '));
    }
    return *this;
  }
  ReplyWriter& Bytes(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) bytes_.push_back(byte);
    return *this;
  }
  size_t size() const { return bytes_.size(); }
  std::vector<std::byte> Take() { return std::exchange(bytes_, {}); }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace emu::scsi
