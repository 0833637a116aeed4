// What a disk should hold, beside one that does.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/disks/qemu_img.h"

namespace emu::disks {

// Asks an image for what a guest might, and remembers what must be there. The image may be another
// one each time.
class ModelDisk {
 public:
  ModelDisk(Bytes contents, uint64_t seed) : contents_(std::move(contents)), random_(seed) {}

  const Bytes& contents() const { return contents_; }
  uint64_t Below(uint64_t end) { return end == 0 ? 0 : random_() % end; }

  // One request, of up to `most` bytes, in whole sectors unless it is small.
  void Ask(DiskImage& image, uint64_t most) {
    const uint64_t size = std::max<uint64_t>(512, Below(most) & ~uint64_t{511});
    const uint64_t offset = Below(contents_.size() / 512 - size / 512 + 1) * 512;
    const std::span<uint8_t> expected(&contents_[offset], size);
    switch (Below(10)) {
      case 0:
      case 1: {
        Bytes got(size);
        ASSERT_TRUE(ReadAt(image, offset, got));
        ASSERT_TRUE(std::ranges::equal(got, expected)) << "read of " << size << " at " << offset;
        return;
      }
      case 2:
        return Discard(image, offset, expected);
      case 3:
        ASSERT_TRUE(image.WriteZeroes(
            offset, size,
            Below(2) == 0 ? DiskImage::ZeroMode::kMayUnmap : DiskImage::ZeroMode::kKeepAllocated));
        std::ranges::fill(expected, 0);
        return;
      case 4:
        ASSERT_TRUE(image.Flush());
        return;
      default:
        for (uint8_t& byte : expected) byte = static_cast<uint8_t>(random_());
        ASSERT_TRUE(WriteAt(image, offset, expected));
    }
  }

  void ExpectIn(DiskImage& image) const {
    ASSERT_EQ(image.size_bytes(), contents_.size());
    const Bytes got = ReadAll(image);
    const auto differs = std::ranges::mismatch(got, contents_).in1;
    ASSERT_TRUE(differs == got.end()) << "differs at " << differs - got.begin();
  }

 private:
  // What was there, or zeroes.
  void Discard(DiskImage& image, uint64_t offset, std::span<uint8_t> expected) {
    ASSERT_TRUE(image.Discard(offset, expected.size()));
    Bytes got(expected.size());
    ASSERT_TRUE(ReadAt(image, offset, got));
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_TRUE(got[i] == expected[i] || got[i] == 0) << "discarded " << offset + i;
    }
    std::ranges::copy(got, expected.begin());
  }

  Bytes contents_;
  std::mt19937_64 random_;
};

}  // namespace emu::disks
