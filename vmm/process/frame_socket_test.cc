#include "vmm/process/frame_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <thread>

namespace emu {
namespace {

using Packet = std::vector<std::byte>;

class FrameSocketTest : public testing::Test {
 protected:
  FrameSocketTest() : port_(loop_, UniqueFd(Pair()), 9000) {}
  ~FrameSocketTest() override { port_.SetHandlers({}); }

  // Of a new pair: the far end is kept, the near one returned.
  int Pair() {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds) != 0) abort();
    far_.Reset(fds[1]);
    return fds[0];
  }
  void Come(size_t size) {
    const Packet packet(size);
    ASSERT_EQ(send(far_.get(), packet.data(), size, MSG_NOSIGNAL), static_cast<ssize_t>(size));
  }
  // Runs the loop until `condition` holds; it is looked at after each thing that happens.
  void RunUntil(std::function<bool()> condition) {
    stop_when_ = std::move(condition);
    loop_.Run();
  }
  void Look() {
    if (stop_when_ && stop_when_()) loop_.Stop();
  }
  void Plug() {
    port_.SetHandlers({.receive =
                           [this](std::span<const std::byte> packet) {
                             if (accepts_) received_.push_back(packet.size());
                             ++offered_;
                             Look();
                             return accepts_;
                           },
                       .has_room =
                           [this] {
                             ++room_;
                             Look();
                           },
                       .link =
                           [this](bool is_up) {
                             links_.push_back(is_up);
                             Look();
                           }});
  }

  IoLoop loop_;
  UniqueFd far_;
  FrameSocket port_;
  std::function<bool()> stop_when_;
  bool accepts_ = true;
  int offered_ = 0;
  int room_ = 0;
  std::vector<size_t> received_;
  std::vector<bool> links_;
};

TEST_F(FrameSocketTest, TellsOfTheLinkAndThatItIsGone) {
  Plug();
  far_.Reset();
  RunUntil([this] { return links_.size() == 2; });
  EXPECT_EQ(links_, (std::vector<bool>{true, false}));
  EXPECT_TRUE(port_.Send({}, {}));  // lost, as there is nobody
}

TEST_F(FrameSocketTest, ANewConnectionTakesThePlaceOfTheOld) {
  Plug();
  far_.Reset();
  RunUntil([this] { return links_.size() == 2; });
  port_.Connect(UniqueFd(Pair()));
  EXPECT_EQ(links_.back(), true);
  EXPECT_TRUE(port_.Send({}, {}));
  char packet[100];
  EXPECT_EQ(recv(far_.get(), packet, sizeof(packet), 0), 12);
}

TEST_F(FrameSocketTest, AFrameThatFindsNoRoomIsOfferedAgain) {
  Plug();
  accepts_ = false;
  Come(100);
  Come(200);
  loop_.Post([this] {
    // After the first offer: what comes waits.
    loop_.Post([this] {
      accepts_ = true;
      port_.ResumeReceiving();
    });
  });
  RunUntil([this] { return received_.size() == 2; });
  EXPECT_EQ(received_, (std::vector<size_t>{100, 200}));
}

TEST_F(FrameSocketTest, AFullSocketSaysSoAndCallsWhenItHasRoom) {
  Plug();
  Packet bytes(60'000);
  const iovec span = {bytes.data(), bytes.size()};
  int sent = 0;
  while (port_.Send({}, {&span, 1})) ++sent;
  EXPECT_GT(sent, 0);
  std::thread reader([this, sent] {
    std::vector<char> packet(70'000);
    for (int count = 0; count < sent;) {
      count += recv(far_.get(), packet.data(), packet.size(), 0) > 0 ? 1 : 0;
    }
  });
  RunUntil([this] { return room_ > 0; });
  reader.join();
  EXPECT_TRUE(port_.Send({}, {&span, 1}));
}

}  // namespace
}  // namespace emu
