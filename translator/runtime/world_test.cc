#include "translator/runtime/world.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
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

TEST(WorldTest, NobodyEntersWhileTheWorldIsStopped) {
  World world([] {});
  std::atomic<bool> has_entered = false;
  std::thread vcpu;
  world.Stop([&] {
    vcpu = std::thread([&] {
      world.Enter();
      has_entered = true;
      world.Leave();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_FALSE(has_entered);
  });
  vcpu.join();
  EXPECT_TRUE(has_entered);
}

TEST(WorldTest, NobodyIsKickedOutOfAnEmptyWorld) {
  int kicks = 0;
  bool is_stopped = false;
  World world([&kicks] { ++kicks; });
  world.Enter();
  world.Leave();
  world.Stop([&is_stopped] { is_stopped = true; });
  EXPECT_TRUE(is_stopped);
  EXPECT_EQ(kicks, 0);
}

TEST(WorldTest, ThoseWhoStopTheWorldTakeTurns) {
  World world([] {});
  std::atomic<int> stopped = 0;
  std::vector<std::thread> stoppers;
  stoppers.reserve(4);
  for (int stopper = 0; stopper < 4; ++stopper) {
    stoppers.emplace_back([&] {
      for (int round = 0; round < 100; ++round) {
        world.Stop([&] {
          EXPECT_EQ(++stopped, 1);
          std::this_thread::sleep_for(std::chrono::microseconds(50));
          --stopped;
        });
      }
    });
  }
  for (std::thread& stopper : stoppers) stopper.join();
}

}  // namespace
}  // namespace emu::translator
