#include "daemon/agent/agent_link.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <thread>
#include <vector>

namespace emu::daemon {
namespace {

using agent::Frame;
using agent::Header;
using agent::Kind;
using std::chrono::steady_clock;

// Somebody at the guest's end, who answers each frame as `answer` has it.
class Guest {
 public:
  using Send = std::function<void(const Header&)>;
  explicit Guest(std::function<void(const Frame&, const Send&)> answer) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) abort();
    near_.Reset(fds[0]);
    far_.Reset(fds[1]);
    thread_ = std::thread([this, answer = std::move(answer)] { Main(answer); });
  }
  ~Guest() {
    Hang();
    thread_.join();
  }
  void Hang() { shutdown(far_.get(), SHUT_RDWR); }
  UniqueFd TakeNearEnd() { return std::move(near_); }
  void Say(const Header& header) {
    std::vector<std::byte> bytes;
    agent::AppendFrame(header, {}, bytes);
    (void)!send(far_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  void SayBytes(std::string_view bytes) {
    (void)!send(far_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

 private:
  void Main(const std::function<void(const Frame&, const Send&)>& answer) {
    agent::FrameReader reader;
    std::vector<std::byte> packet(64 << 10);
    ssize_t size = 0;
    while ((size = recv(far_.get(), packet.data(), packet.size(), 0)) > 0) {
      reader.Read(std::span(packet).first(static_cast<size_t>(size)), [&](const Frame& frame) {
        answer(frame, [this](const Header& header) { Say(header); });
      });
    }
  }

  UniqueFd near_, far_;
  std::thread thread_;
};

void Echo(const Frame& frame, const Guest::Send& send) {
  send({.kind = frame.header.kind, .id = frame.header.id, .value = agent::kVersion});
}

TEST(AgentLinkTest, AHelloThatIsLostIsSaidAgain) {
  int heard = 0;
  Guest guest([&heard](const Frame& frame, const Guest::Send& send) {
    if (++heard > 1) Echo(frame, send);
  });
  EXPECT_TRUE(AgentLink::Open(guest.TakeNearEnd()).ok());
}

TEST(AgentLinkTest, AnotherVersionIsNotSpokenWith) {
  Guest guest([](const Frame& frame, const Guest::Send& send) {
    send({.kind = Kind::kHello, .id = frame.header.id, .value = agent::kVersion + 1});
  });
  EXPECT_TRUE(absl::IsFailedPrecondition(AgentLink::Open(guest.TakeNearEnd()).status()));
}

TEST(AgentLinkTest, FramesGoToWhoHasAskedAndNobodyElse) {
  Guest guest(Echo);
  const auto link = AgentLink::Open(guest.TakeNearEnd());
  ASSERT_TRUE(link.ok());
  const auto one = (*link)->Listen(1), two = (*link)->Listen(2);
  guest.SayBytes("garbage");
  guest.SayBytes(std::string_view("\0\5\5\0", 4));
  guest.Say({.kind = Kind::kOutput, .id = 3});
  guest.Say({.kind = Kind::kOutput, .id = 2, .offset = 7});
  const auto frame = two->Next(steady_clock::now() + std::chrono::seconds(60));
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->header.offset, 7u);
  EXPECT_FALSE(one->Next(steady_clock::now()).has_value());
}

TEST(AgentLinkTest, WhoeverWaitsHearsOfTheEnd) {
  Guest guest(Echo);
  const auto link = AgentLink::Open(guest.TakeNearEnd());
  ASSERT_TRUE(link.ok());
  const auto inbox = (*link)->Listen(1);
  guest.Hang();
  EXPECT_FALSE(inbox->Next(steady_clock::now() + std::chrono::seconds(60)).has_value());
  EXPECT_TRUE(inbox->is_link_broken());
  EXPECT_FALSE((*link)->Send({}).ok());
  EXPECT_TRUE((*link)->Listen(2)->is_link_broken());
}

TEST(AgentLinkTest, WhatNobodyReadsIsBounded) {
  Guest guest(Echo);
  const auto link = AgentLink::Open(guest.TakeNearEnd());
  ASSERT_TRUE(link.ok());
  const auto inbox = (*link)->Listen(1);
  for (int i = 0; i < 20'000; ++i) guest.Say({.kind = Kind::kOutput, .id = 1});
  const absl::StatusOr<Frame> answer = (*link)->Ask({.kind = Kind::kInfo, .id = 2});
  ASSERT_TRUE(answer.ok());
  int waiting = 0;
  while (inbox->Next(steady_clock::now()).has_value()) ++waiting;
  EXPECT_LE(waiting, 4096);
}

}  // namespace
}  // namespace emu::daemon
