#include "devices/backend/qcow2/count_format.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "vmm/base/test_seed.h"

namespace emu::qcow2 {
namespace {

TEST(CountFormatTest, CountsOfEveryWidthLeaveTheirNeighboursAlone) {
  std::mt19937_64 random(TestSeed());
  for (uint32_t order = 0; order <= kMaxRefcountOrder; ++order) {
    Header header;
    header.cluster_bits = 9;
    header.refcount_order = order;
    const CountFormat format(header);
    std::vector<std::byte> block(header.cluster_bytes());
    std::vector<uint64_t> model(header.counts_per_block());
    for (int i = 0; i < 10000; ++i) {
      const uint64_t index = random() % model.size();
      model[index] = random() & format.most();
      format.Set(block, index, model[index]);
    }
    for (uint64_t index = 0; index < model.size(); ++index) {
      ASSERT_EQ(format.Get(block, index), model[index]) << order << " " << index;
    }
  }
}

// s. "Refcount table": bit 0 is the least significant; wider ones are big-endian.
TEST(CountFormatTest, LiesAsSpecified) {
  Header header;
  std::vector<std::byte> block(header.cluster_bytes());
  header.refcount_order = 1;
  CountFormat(header).Set(block, 1, 3);
  EXPECT_EQ(block[0], std::byte{0x0c});
  header.refcount_order = 4;
  CountFormat(header).Set(block, 1, 0x1234);
  EXPECT_EQ(block[2], std::byte{0x12});
  EXPECT_EQ(block[3], std::byte{0x34});
}

}  // namespace
}  // namespace emu::qcow2
