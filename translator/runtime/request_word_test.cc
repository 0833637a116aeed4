#include "translator/runtime/request_word.h"

#include <gtest/gtest.h>
#include <time.h>

#include <atomic>
#include <thread>

namespace emu::translator {
namespace {

uint64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

TEST(RequestWordTest, BitsStayUntilTheyAreTaken) {
  RequestWord word;
  EXPECT_TRUE(word.IsEmpty());
  word.Set(1);
  word.Set(4);
  EXPECT_EQ(word.Take(4), 5u);
  EXPECT_FALSE(word.IsEmpty());
  EXPECT_EQ(word.Take(), 4u);
  EXPECT_TRUE(word.IsEmpty());
}

TEST(RequestWordTest, ABitThatIsThereIsNotWaitedFor) {
  RequestWord word;
  word.Set(2);
  word.Wait();
  EXPECT_EQ(word.Take(), 2u);
}

TEST(RequestWordTest, AMomentEndsTheWait) {
  RequestWord word;
  const uint64_t until = NowNs() + 20'000'000;
  while (NowNs() < until) word.Wait(until);
  EXPECT_TRUE(word.IsEmpty());
  word.Wait(1);  // long past
}

// A wake-up that is lost ends this in its timeout.
TEST(RequestWordTest, NoBitIsMissed) {
  RequestWord asks;
  RequestWord answers;
  constexpr int kTurns = 20'000;
  std::thread other([&] {
    for (int turn = 0; turn < kTurns; ++turn) {
      while (asks.Take() == 0) asks.Wait();
      answers.Set(1);
    }
  });
  for (int turn = 0; turn < kTurns; ++turn) {
    asks.Set(1);
    while (answers.Take() == 0) answers.Wait();
  }
  other.join();
}

}  // namespace
}  // namespace emu::translator
