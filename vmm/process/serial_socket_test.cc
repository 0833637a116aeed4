#include "vmm/process/serial_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace emu {
namespace {

class SerialSocketTest : public testing::Test {
 protected:
  SerialSocketTest() {
    port_.SetHandlers({.receive =
                           [this](std::span<const std::byte> bytes) {
                             const size_t taken = std::min(room_, bytes.size());
                             room_ -= taken;
                             // SAFETY: bytes as characters.
                             received_.append(reinterpret_cast<const char*>(bytes.data()), taken);
                             return taken;
                           },
                       .has_room = {},
                       .connection = [this](bool is_open) { told_.push_back(is_open); }});
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~SerialSocketTest() override {
    loop_.Stop();
    thread_.join();
    port_.SetHandlers({});
  }

  // On the loop's thread, whose all else is.
  template <typename Work>
  auto OnLoop(Work work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    loop_.Post([&task] { task(); });
    return task.get_future().get();
  }
  template <typename Condition>
  void Await(Condition condition) {
    while (!OnLoop(condition)) std::this_thread::yield();
  }
  void SetGuestOpen(bool is_open) {
    OnLoop([&] { port_.SetGuestOpen(is_open); });
    OnLoop([] {});
  }
  bool Connect() {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds) != 0) abort();
    old_far_ = std::exchange(far_, UniqueFd(fds[1]));
    return OnLoop([&] { return port_.Connect(UniqueFd(fds[0])); });
  }
  void Come(std::string_view text) {
    ASSERT_EQ(send(far_.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  bool IsFarEndClosed() {
    char byte;
    return recv(far_.get(), &byte, 1, 0) == 0;
  }

  IoLoop loop_;
  UniqueFd far_;
  UniqueFd old_far_;
  SerialSocket port_{loop_, "test"};
  std::thread thread_;
  size_t room_ = 1000;
  std::string received_;
  std::vector<bool> told_;
};

TEST_F(SerialSocketTest, NobodyConnectsToAClosedPort) {
  EXPECT_FALSE(Connect());
  EXPECT_TRUE(IsFarEndClosed());
}

TEST_F(SerialSocketTest, AGuestThatClosesEndsTheConnection) {
  SetGuestOpen(true);
  ASSERT_TRUE(Connect());
  SetGuestOpen(false);
  EXPECT_TRUE(IsFarEndClosed());
  EXPECT_FALSE(OnLoop([this] { return bool{told_.back()}; }));
}

TEST_F(SerialSocketTest, ANewConnectionEndsTheOldAndTheGuestHearsOfIt) {
  SetGuestOpen(true);
  ASSERT_TRUE(Connect());
  OnLoop([this] { told_.clear(); });
  ASSERT_TRUE(Connect());
  EXPECT_EQ(OnLoop([this] { return told_; }), (std::vector<bool>{false, true}));
}

TEST_F(SerialSocketTest, WhatFoundNoRoomComesAgainFromThereOn) {
  SetGuestOpen(true);
  ASSERT_TRUE(Connect());
  OnLoop([this] { room_ = 4; });
  Come("abcdef");
  Await([this] { return received_.size() == 4; });
  OnLoop([this] { room_ = 1000; });
  port_.ResumeReceiving();
  Await([this] { return received_.size() == 6; });
  EXPECT_EQ(received_, "abcdef");
}

TEST_F(SerialSocketTest, NothingOfAnOldConnectionComesToTheNext) {
  SetGuestOpen(true);
  ASSERT_TRUE(Connect());
  OnLoop([this] { room_ = 4; });
  Come("abcdef");
  Await([this] { return received_.size() == 4; });
  OnLoop([this] { room_ = 1000; });
  ASSERT_TRUE(Connect());
  Come("gh");
  Await([this] { return received_.size() == 6; });
  EXPECT_EQ(received_, "abcdgh");
}

TEST_F(SerialSocketTest, AnEndIsHeardOfWhileBytesWaitForRoom) {
  SetGuestOpen(true);
  ASSERT_TRUE(Connect());
  OnLoop([this] { room_ = 4; });
  Come("abcdef");
  Await([this] { return received_.size() == 4; });
  far_.Reset();
  Await([this] { return !told_.back(); });
}

}  // namespace
}  // namespace emu
