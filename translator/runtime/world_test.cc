#include "translator/runtime/world.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace emu::translator {
namespace {

TEST(WorldTest, NobodyIsInsideWhileTheWorldIsStopped) {
  std::atomic<bool> leave = false;
  std::atomic<bool> done = false;
  std::atomic<int> inside = 0;
  World world([&leave] { leave = true; });
  std::vector<std::thread> vcpus;
  vcpus.reserve(3);
  for (int vcpu = 0; vcpu < 3; ++vcpu) {
    vcpus.emplace_back([&] {
      while (!done) {
        world.Enter();
        ++inside;
        while (!leave && !done) std::this_thread::yield();
        --inside;
        world.Leave();
      }
    });
  }
  for (int round = 0; round < 100; ++round) {
    world.Stop([&] {
      EXPECT_EQ(inside, 0);
      leave = false;
    });
  }
  done = true;
  for (std::thread& vcpu : vcpus) vcpu.join();
}

}  // namespace
}  // namespace emu::translator
