#include "vmm/process/io_worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <vector>

namespace emu {
namespace {

TEST(IoWorkerTest, RunsWorkInOrderOnAThreadOfItsOwn) {
  std::vector<int> order;
  std::atomic<bool> elsewhere = true;
  {
    IoWorker worker;
    for (int i = 0; i < 100; ++i) {
      worker.Post([&, i, poster = std::this_thread::get_id()] {
        order.push_back(i);
        if (std::this_thread::get_id() == poster) elsewhere = false;
      });
    }
  }
  EXPECT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_TRUE(elsewhere);
}

TEST(IoWorkerTest, DrainWaitsForWorkAndForWhatThatPosts) {
  IoWorker worker;
  std::atomic<int> done = 0;
  worker.Post([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ++done;
    worker.Post([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ++done;
    });
  });
  worker.Drain();
  EXPECT_EQ(done, 2);
  worker.Drain();
}

}  // namespace
}  // namespace emu
