#include "vmm/snapshot/frozen_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <random>
#include <thread>

#include "vmm/base/test_seed.h"

namespace emu::snapshot {
namespace {

constexpr GuestPhysAddr kRam = 0x8000'0000_gpa;
constexpr GuestPhysAddr kRom = 0x1000_gpa;
constexpr uint64_t kRamBytes = 4 * kChunkBytes + 3 * kPageSize;

class FrozenMemoryTest : public testing::Test {
 protected:
  FrozenMemoryTest() {
    EXPECT_TRUE(memory_.AddRegion(kRam, kRamBytes, MemoryKind::kRam).ok());
    EXPECT_TRUE(memory_.AddRegion(kRom, 2 * kPageSize, MemoryKind::kRom).ok());
  }
  void Store(GuestPhysAddr at, uint64_t value) {
    ASSERT_TRUE(memory_.Write(at, std::as_bytes(std::span(&value, 1))));
  }
  // What was there, of all pages; those of zeroes are made such.
  std::vector<std::byte> TakeRam(FrozenMemory& frozen) {
    std::vector<std::byte> ram(kRamBytes, std::byte{0});
    std::vector<std::byte> buffer(kChunkBytes);
    std::vector<bool> is_zero;
    while (const auto chunk = frozen.Next()) {
      frozen.Take(*chunk, std::span(buffer).first(chunk->size_bytes), is_zero);
      order_.push_back(chunk->number);
      if (chunk->base < kRam) continue;
      for (size_t page = 0; page < is_zero.size(); ++page) {
        if (is_zero[page]) continue;
        std::copy_n(buffer.begin() + static_cast<ptrdiff_t>(page * kPageSize), kPageSize,
                    ram.begin() + static_cast<ptrdiff_t>(chunk->base - kRam + page * kPageSize));
      }
    }
    return ram;
  }
  std::vector<std::byte> Ram() {
    std::vector<std::byte> ram(kRamBytes);
    EXPECT_TRUE(memory_.Read(kRam, ram));
    return ram;
  }

  GuestMemory memory_;
  std::vector<uint64_t> order_;
};

TEST_F(FrozenMemoryTest, WhatIsTakenIsWhatWasThereWhateverIsWrittenMeanwhile) {
  std::mt19937_64 random(TestSeed());
  for (int i = 0; i < 500; ++i) Store(kRam + random() % (kRamBytes / 8) * 8, random());
  const std::vector<std::byte> before = Ram();
  FrozenMemory frozen(memory_);
  for (int i = 0; i < 500; ++i) Store(kRam + random() % (kRamBytes / 8) * 8, random());
  // A page that is all zero now, and was not; and the other way round.
  const std::vector<std::byte> zeroes(kChunkBytes);
  ASSERT_TRUE(memory_.Write(kRam + kChunkBytes, zeroes));
  EXPECT_TRUE(TakeRam(frozen) == before);
}

TEST_F(FrozenMemoryTest, AWriteIsCopiedOnceAndNoneAfterItsChunkWasTaken) {
  FrozenMemory frozen(memory_);
  EXPECT_FALSE(memory_.IsWritable(kRam));
  Store(kRam, 1);
  EXPECT_TRUE(memory_.IsWritable(kRam));
  EXPECT_FALSE(memory_.IsWritable(kRam + kPageSize));
  TakeRam(frozen);
  EXPECT_TRUE(memory_.IsWritable(kRam + kPageSize));
  EXPECT_FALSE(memory_.IsWithheld(kRom, WithholdReason::kSnapshot));
}

TEST_F(FrozenMemoryTest, LoadersOfRomAreSeen) {
  const std::array<std::byte, 1> byte = {std::byte{7}};
  ASSERT_TRUE(memory_.WriteRom(kRom, byte));
  FrozenMemory frozen(memory_);
  ASSERT_TRUE(memory_.WriteRom(kRom, std::array<std::byte, 1>{}));
  std::vector<std::byte> bytes(2 * kPageSize);
  std::vector<bool> is_zero;
  frozen.Take(*frozen.Next(), bytes, is_zero);
  EXPECT_EQ(bytes[0], std::byte{7});
}

TEST_F(FrozenMemoryTest, OtherReasonsStay) {
  memory_.Withhold(kRam, WithholdReason::kCode);
  {
    FrozenMemory frozen(memory_);
    TakeRam(frozen);
  }
  EXPECT_TRUE(memory_.IsWithheld(kRam, WithholdReason::kCode));
}

TEST_F(FrozenMemoryTest, WhatIsGivenUpWithholdsNothing) {
  { FrozenMemory frozen(memory_); }
  for (uint64_t at = 0; at < kRamBytes; at += kPageSize) {
    ASSERT_TRUE(memory_.IsWritable(kRam + at));
  }
}

TEST_F(FrozenMemoryTest, TheChunkThatTakesMostRoomComesFirstWhenRoomIsScarce) {
  FrozenMemory frozen(memory_, /*room_pages=*/8);
  Store(kRam + kChunkBytes, 1);
  for (uint64_t page = 0; page < 4; ++page) Store(kRam + 3 * kChunkBytes + page * kPageSize, 1);
  TakeRam(frozen);
  EXPECT_EQ(order_, (std::vector<uint64_t>{3, 0, 0, 1, 2, 4}));  // ROM has one chunk, too
}

TEST_F(FrozenMemoryTest, WritersWaitWhileThereIsNoRoom) {
  FrozenMemory frozen(memory_, /*room_pages=*/2);
  Store(kRam, 1);
  Store(kRam + kPageSize, 1);
  std::atomic<bool> is_written = false;
  std::thread writer([&] {
    Store(kRam + kChunkBytes, 1);
    is_written = true;
  });
  // It has its chance; what would be a mistake is seen now and then.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(is_written);
  EXPECT_EQ(TakeRam(frozen), std::vector<std::byte>(kRamBytes));
  writer.join();
  EXPECT_TRUE(is_written);
}

TEST_F(FrozenMemoryTest, WithoutAnyRoomWritersWaitForTheirPage) {
  FrozenMemory frozen(memory_, /*room_pages=*/0);
  std::thread writer([&] { Store(kRam + kChunkBytes, 1); });
  std::vector<std::byte> bytes(kChunkBytes);
  std::vector<bool> is_zero;
  frozen.Take(*frozen.Next(), std::span(bytes).first(2 * kPageSize), is_zero);  // ROM
  for (int chunk = 0; chunk < 2; ++chunk) frozen.Take(*frozen.Next(), bytes, is_zero);
  writer.join();  // though there are more
  EXPECT_TRUE(std::ranges::all_of(is_zero, std::identity()));
}

TEST_F(FrozenMemoryTest, WritersThatWaitGoOnWhenItIsGivenUp) {
  std::thread writer;
  {
    FrozenMemory frozen(memory_, /*room_pages=*/1);
    Store(kRam, 1);
    writer = std::thread([&] { Store(kRam + kPageSize, 1); });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  writer.join();
  EXPECT_EQ(memory_.PageForRead(kRam + kPageSize)[0], std::byte{1});
}

// Several threads write their rounds over pages of their own, in order: what is taken is of one
// instant only if it is for each of them.
TEST_F(FrozenMemoryTest, ManyWritersAreFrozenAsTheyWere) {
  constexpr int kWriters = 3;
  constexpr uint64_t kPagesEach = 600;
  std::atomic<bool> is_over = false;
  std::vector<std::byte> before;
  std::vector<std::thread> writers;
  Store(kRam + 5 * kPageSize, 0x1234);
  for (int round = 0; round < 5; ++round) {
    before = Ram();
    FrozenMemory frozen(memory_, /*room_pages=*/64);
    is_over = false;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] {
        for (uint64_t value = 1; !is_over; ++value) {
          for (uint64_t page = 0; page < kPagesEach; ++page) {
            Store(kRam + (page * kWriters + static_cast<uint64_t>(i)) * kPageSize + 64, value);
          }
        }
      });
    }
    EXPECT_TRUE(TakeRam(frozen) == before);
    is_over = true;
    for (std::thread& writer : writers) writer.join();
    writers.clear();
  }
}

}  // namespace
}  // namespace emu::snapshot
