#include "translator/guest/riscv64/decoder.h"

#include <array>
#include <vector>

namespace emu::translator::riscv64 {
namespace {

// Rows by what tells most: quadrant and funct3 for 16 bits, opcode and funct3 for 32.
constexpr uint32_t BucketOf(uint32_t code) {
  if (LengthOf(code) == 2) return (code & 3) << 3 | (code >> 13 & 7);
  return 32 + ((code >> 2 & 0x1f) << 3 | (code >> 12 & 7));
}
constexpr uint32_t kBuckets = 32 + 256;
constexpr uint32_t kBucketBits16 = 0xe003;
constexpr uint32_t kBucketBits32 = 0x707f;

class Index {
 public:
  Index() {
    for (const Encoding& encoding : Encodings()) {
      const uint32_t bits = encoding.length_bytes == 2 ? kBucketBits16 : kBucketBits32;
      const uint32_t open = bits & ~encoding.mask;
      // Every setting of the bucket bits that the row leaves open.
      uint32_t choice = 0;
      do {
        buckets_[BucketOf(encoding.match | choice)].push_back(&encoding);
        choice = (choice - open) & open;
      } while (choice != 0);
    }
  }

  const Encoding* Find(uint32_t code) const {
    for (const Encoding* encoding : buckets_[BucketOf(code)]) {
      if ((code & encoding->mask) == encoding->match) return encoding;
    }
    return nullptr;
  }

 private:
  std::array<std::vector<const Encoding*>, kBuckets> buckets_;
};

}  // namespace

const Encoding* Decode(uint32_t code) {
  static const Index kIndex;
  if (LengthOf(code) == 2) code &= 0xffff;
  return kIndex.Find(code);
}

}  // namespace emu::translator::riscv64
