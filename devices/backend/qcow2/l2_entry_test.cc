#include "devices/backend/qcow2/l2_entry.h"

#include <gtest/gtest.h>

namespace emu::qcow2 {
namespace {

Header HeaderOf(uint32_t version, bool has_subclusters) {
  Header header;
  header.version = version;
  if (has_subclusters) header.incompatible = kIncompatibleExtendedL2;
  return header;
}

TEST(L2EntryTest, WhatIsSetIsRead) {
  for (const bool has_subclusters : {false, true}) {
    const L2EntryFormat format(HeaderOf(3, has_subclusters));
    Table table(0, 65536);
    const L2Entry data = {.host_offset = 0x50000, .is_copied = true, .allocated = format.all()};
    const L2Entry zero = {.host_offset = 0x60000, .is_copied = true, .zero = format.all()};
    format.Set(table, 3, data);
    format.Set(table, 4, zero);
    EXPECT_EQ(format.Get(table, 3), data);
    EXPECT_EQ(format.Get(table, 4), zero);
    EXPECT_EQ(format.Get(table, 5), L2Entry());
  }
}

TEST(L2EntryTest, ACompressedClusterHasAPlaceInSectors) {
  const L2EntryFormat format(HeaderOf(3, false));
  Table table(0, 65536);
  // Clusters of 64 KiB: the offset has 54 bits, above it the sectors beyond the first.
  table.Set(0, kEntryCompressed | uint64_t{2} << 54 | 0x50123);
  const std::optional<L2Entry> entry = format.Get(table, 0);
  ASSERT_TRUE(entry.has_value());
  EXPECT_TRUE(entry->is_compressed());
  EXPECT_EQ(format.Place(*entry).offset, 0x50123u);
  EXPECT_EQ(format.Place(*entry).bytes, 3 * 512u - 0x123);
}

TEST(L2EntryTest, WhatCannotBeIsRefused) {
  Table table(0, 65536);
  table.Set(0, kEntryCopied | 0x50200);
  EXPECT_FALSE(L2EntryFormat(HeaderOf(3, false)).Get(table, 0).has_value());
  table.Set(0, kEntryCopied | 0x50001);
  EXPECT_TRUE(L2EntryFormat(HeaderOf(3, false)).Get(table, 0).has_value());
  EXPECT_FALSE(L2EntryFormat(HeaderOf(2, false)).Get(table, 0).has_value());
  // A subcluster both with data and zero; data without a place.
  table.Set(0, kEntryCopied | 0x50000);
  table.Set(8, uint64_t{1} << 32 | 1);
  EXPECT_FALSE(L2EntryFormat(HeaderOf(3, true)).Get(table, 0).has_value());
  table.Set(0, 0);
  table.Set(8, 1);
  EXPECT_FALSE(L2EntryFormat(HeaderOf(3, true)).Get(table, 0).has_value());
}

}  // namespace
}  // namespace emu::qcow2
