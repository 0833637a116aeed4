#include "translator/runtime/code_cache.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace emu::translator {
namespace {

class CodeCacheTest : public testing::Test {
 protected:
  CodeCacheTest() : cache_(*CodeCache::Create(1)) {}

  // Appends blocks until none of that size fits; returns where they are.
  std::vector<const std::byte*> FillSegment(size_t block_bytes) {
    const std::vector<std::byte> block(block_bytes, std::byte{0xcc});
    std::vector<const std::byte*> places;
    while (cache_->Fits(block_bytes)) {
      places.push_back(cache_->next());
      cache_->Append(block);
    }
    return places;
  }

  std::unique_ptr<CodeCache> cache_;
};

// The permissions of this process's mapping at `address`, as /proc/self/maps writes them.
std::string PermissionsAt(const void* address) {
  std::ifstream maps("/proc/self/maps");
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  for (std::string line; std::getline(maps, line);) {
    size_t at = 0;
    const uintptr_t first = std::stoull(line, &at, 16);
    const uintptr_t end = std::stoull(line.substr(at + 1), nullptr, 16);
    if (wanted >= first && wanted < end) return line.substr(line.find(' ') + 1, 4);
  }
  return "";
}

TEST_F(CodeCacheTest, NoPageIsBothWritableAndExecutable) {
  const std::byte* const last = cache_->SegmentStart(15) + cache_->segment_bytes() - 1;
  for (const std::byte* code : {cache_->stubs(), cache_->next(), last}) {
    EXPECT_EQ(PermissionsAt(code), "r-xs");
    EXPECT_EQ(PermissionsAt(cache_->Writable(code)), "rw-s");
  }
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    EXPECT_EQ(line.find("rwx"), std::string::npos) << line;
  }
}

TEST_F(CodeCacheTest, WhatIsWrittenIsSeenWhereItRuns) {
  const std::array<std::byte, 3> block = {std::byte{1}, std::byte{2}, std::byte{3}};
  const std::byte* const place = cache_->next();
  cache_->Append(block);
  EXPECT_EQ(std::memcmp(place, block.data(), block.size()), 0);
  *cache_->Writable(place + 1) = std::byte{9};
  EXPECT_EQ(place[1], std::byte{9});
}

TEST_F(CodeCacheTest, TheStubsStandBeforeTheFirstSegment) {
  const std::array<std::byte, 2> stubs = {std::byte{0x90}, std::byte{0xc3}};
  cache_->WriteStubs(stubs);
  EXPECT_EQ(cache_->stubs()[1], std::byte{0xc3});
  EXPECT_EQ(cache_->stubs() + CodeCache::kStubBytes, cache_->SegmentStart(0));
  EXPECT_EQ(cache_->next(), cache_->SegmentStart(0));
}

TEST_F(CodeCacheTest, BlocksAreAlignedAndStayInsideTheirSegment) {
  const std::vector<const std::byte*> places = FillSegment(1000);
  ASSERT_FALSE(places.empty());
  for (const std::byte* place : places) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(place) % 8, 0u);
    EXPECT_GE(place, cache_->SegmentStart(0));
    EXPECT_LE(place + 1000, cache_->SegmentStart(0) + cache_->segment_bytes());
  }
}

TEST_F(CodeCacheTest, ABlockAsLargeAsASegmentFillsIt) {
  EXPECT_TRUE(cache_->Fits(cache_->segment_bytes()));
  EXPECT_FALSE(cache_->Fits(cache_->segment_bytes() + 1));
  FillSegment(cache_->segment_bytes());
  EXPECT_FALSE(cache_->Fits(1));
}

TEST_F(CodeCacheTest, FreshSegmentsAreTakenInOrderUntilTheCacheIsFull) {
  uint32_t taken = 1;
  EXPECT_EQ(cache_->taken_segments(), taken);
  while (cache_->TakeFreshSegment()) {
    EXPECT_EQ(cache_->next(), cache_->SegmentStart(taken++));
  }
  EXPECT_EQ(taken, 16u);
  EXPECT_EQ(taken * cache_->segment_bytes(), size_t{1} << 20);
}

TEST_F(CodeCacheTest, TheOldestSegmentIsEvictedFirst) {
  while (cache_->TakeFreshSegment()) {
  }
  for (uint32_t round = 0; round < 40; ++round) {
    EXPECT_EQ(cache_->following_segment(), round % 16);
    cache_->Reuse(cache_->following_segment());
    EXPECT_EQ(cache_->next(), cache_->SegmentStart(round % 16));
  }
}

TEST_F(CodeCacheTest, ASegmentMayBeReusedBeforeAllAreTaken) {
  cache_->TakeFreshSegment();
  cache_->Reuse(0);
  EXPECT_EQ(cache_->following_segment(), 1u);
  EXPECT_TRUE(cache_->TakeFreshSegment());
  EXPECT_EQ(cache_->next(), cache_->SegmentStart(2));
}

TEST_F(CodeCacheTest, ALargeCacheHasSegmentsOfOneMebibyte) {
  const auto large = CodeCache::Create(64);
  ASSERT_TRUE(large.ok()) << large.status();
  EXPECT_EQ((*large)->segment_bytes(), size_t{1} << 20);
}

}  // namespace
}  // namespace emu::translator
