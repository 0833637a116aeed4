#include "translator/guest/aarch64/decoder.h"

#include <vector>

namespace emu::translator::aarch64 {
namespace {

// Rows by the bits 31:21, which tell most.
constexpr uint32_t kBucketShift = 21;
constexpr uint32_t kBuckets = 1u << (32 - kBucketShift);

class Index {
 public:
  Index() : buckets_(kBuckets) {
    for (const Encoding& encoding : Encodings()) {
      for (uint32_t bucket = 0; bucket < kBuckets; ++bucket) {
        const uint32_t mask = encoding.mask >> kBucketShift;
        if ((bucket & mask) == encoding.match >> kBucketShift) {
          buckets_[bucket].push_back(&encoding);
        }
      }
    }
  }

  const Encoding* Find(uint32_t code) const {
    for (const Encoding* encoding : buckets_[code >> kBucketShift]) {
      if ((code & encoding->mask) == encoding->match) return encoding;
    }
    return nullptr;
  }

 private:
  std::vector<std::vector<const Encoding*>> buckets_;
};

}  // namespace

const Encoding* Decode(uint32_t code) {
  static const Index kIndex;
  return kIndex.Find(code);
}

}  // namespace emu::translator::aarch64
