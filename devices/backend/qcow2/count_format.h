// How the counts of a refcount block lie in it: 1 to 64 bits each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vmm/disk_files/qcow2_header.h"

namespace emu::qcow2 {

class CountFormat {
 public:
  explicit CountFormat(const Header& header) : order_(header.refcount_order) {}

  // The largest.
  uint64_t most() const {
    return order_ == kMaxRefcountOrder ? UINT64_MAX : (uint64_t{1} << (1 << order_)) - 1;
  }
  // `index` is within the block.
  uint64_t Get(std::span<const std::byte> block, uint64_t index) const;
  // `count` is at most most().
  void Set(std::span<std::byte> block, uint64_t index, uint64_t count) const;
  // The byte of the block that a count begins in.
  uint64_t ByteOf(uint64_t index) const { return (index << order_) / 8; }
  // How many bytes a count reaches over, at least one.
  uint64_t width_bytes() const { return order_ < 3 ? 1 : uint64_t{1} << (order_ - 3); }

 private:
  // Of a count that is narrower than a byte: s. "Refcount table", the least significant come first.
  uint32_t LowBit(uint64_t index) const { return static_cast<uint32_t>(index << order_) & 7; }

  uint32_t order_;
};

}  // namespace emu::qcow2
