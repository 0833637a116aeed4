#include "vmm/net/net_process.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <random>
#include <thread>

#include "devices/backend/packet_port.h"
#include "vmm/base/test_seed.h"

namespace emu::net {
namespace {

using ::net::v1::Forward;
using ::net::v1::Request;
using ::net::v1::Response;

class NetProcessTest : public testing::Test {
 protected:
  NetProcessTest() {
    ::net::v1::NetConfig config;
    config.set_uid("the-vm");
    config.set_mtu(1500);
    config.set_frames_fd(OtherEnd(frames_));
    config.set_control_fd(OtherEnd(control_));
    auto made = NetProcess::Create(config);
    if (!made.ok()) abort();
    process_ = *std::move(made);
    thread_ = std::thread([this] { process_->Run(); });
  }
  ~NetProcessTest() override {
    frames_.Reset();  // its end
    thread_.join();
  }
  static int OtherEnd(UniqueFd& own) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) != 0) abort();
    own.Reset(fds[0]);
    return fds[1];
  }

  Response Ask(const Request& request) {
    const std::string packet = request.SerializeAsString();
    EXPECT_GE(send(control_.get(), packet.data(), packet.size(), 0), 0);
    char answer[4096];
    const ssize_t size = recv(control_.get(), answer, sizeof(answer), 0);
    Response response;
    EXPECT_TRUE(size > 0 && response.ParseFromArray(answer, static_cast<int>(size)));
    return response;
  }
  static Request AddForward(Forward::Protocol protocol, uint32_t host_port) {
    Request request;
    Forward& forward = *request.mutable_add_forward()->mutable_forward();
    forward.set_protocol(protocol);
    forward.set_host_port(host_port);
    forward.set_guest_port(80);
    return request;
  }
  static Request Hello() {
    Request request;
    request.mutable_hello();
    return request;
  }

  UniqueFd frames_;
  UniqueFd control_;
  std::unique_ptr<NetProcess> process_;
  std::thread thread_;
};

TEST_F(NetProcessTest, ForwardsComeAndGoWithAPortOfTheirOwn) {
  for (const auto protocol : {Forward::TCP, Forward::UDP}) {
    Response response = Ask(AddForward(protocol, 0));
    ASSERT_EQ(response.code(), 0) << response.message();
    const uint32_t port = response.added().host_port();
    EXPECT_NE(port, 0u);
    EXPECT_EQ(response.added().host_address(), "127.0.0.1");
    EXPECT_EQ(response.forwards_size(), 1);

    response = Ask(AddForward(protocol, port));
    EXPECT_EQ(response.code(), static_cast<int>(absl::StatusCode::kAlreadyExists));

    Request remove;
    *remove.mutable_remove_forward()->mutable_forward() =
        AddForward(protocol, port).add_forward().forward();
    EXPECT_EQ(Ask(remove).code(), 0);
    EXPECT_EQ(Ask(remove).code(), static_cast<int>(absl::StatusCode::kNotFound));
    EXPECT_EQ(Ask(AddForward(protocol, port)).code(), 0);
    EXPECT_EQ(Ask(remove).forwards_size(), 0);
  }
}

TEST_F(NetProcessTest, ForwardsOfNoSenseAreRefused) {
  Request request = AddForward(Forward::TCP, 65536);
  EXPECT_EQ(Ask(request).code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  request = AddForward(Forward::TCP, 0);
  request.mutable_add_forward()->mutable_forward()->set_guest_port(0);
  EXPECT_EQ(Ask(request).code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  request = AddForward(Forward::TCP, 0);
  request.mutable_add_forward()->mutable_forward()->set_host_address("localhost");
  EXPECT_EQ(Ask(request).code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  request.mutable_add_forward()->mutable_forward()->set_host_address("192.0.2.77");
  EXPECT_EQ(Ask(request).code(), static_cast<int>(absl::StatusCode::kUnavailable));
}

TEST_F(NetProcessTest, AnswersWhoLooksForTheGatewayAndKnowsHimThen) {
  EXPECT_EQ(Ask(Hello()).guest_address(), "");
  // A header without anything; then RFC 826: who has 10.0.2.2? 10.0.2.15 asks.
  std::vector<uint8_t> packet(sizeof(FrameHeader));
  for (const int byte :
       {255, 255, 255, 255, 255, 255, 2, 0,  0, 0, 0,  1, 8, 6, 0, 1, 8, 0,  6, 4, 0,
        1,   2,   0,   0,   0,   0,   1, 10, 0, 2, 15, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2}) {
    packet.push_back(static_cast<uint8_t>(byte));
  }
  ASSERT_GE(send(frames_.get(), packet.data(), packet.size(), 0), 0);
  // There may be others before it: the network tells of itself, too.
  std::vector<uint8_t> answer(2048);
  const uint8_t reply[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 2};
  do {
    ASSERT_GT(recv(frames_.get(), answer.data(), answer.size(), 0), 0);
  } while (std::memcmp(&answer[sizeof(FrameHeader) + 12], reply, sizeof(reply)) != 0);
  EXPECT_EQ(answer[0], kChecksumIsValid);
  EXPECT_EQ(Ask(Hello()).guest_address(), "10.0.2.15");
}

TEST_F(NetProcessTest, NoFrameDoesHarm) {
  std::mt19937_64 random(TestSeed());
  const int types[][2] = {{8, 0}, {8, 6}, {0x86, 0xdd}, {0x88, 0xf8}};
  for (int count = 0; count < 20'000; ++count) {
    std::vector<uint8_t> packet(1 + random() % 200);  // none is the end
    for (uint8_t& byte : packet) byte = static_cast<uint8_t>(random() % 3 == 0 ? random() : 0);
    if (packet.size() > 80) {
      uint8_t* const frame = packet.data() + sizeof(FrameHeader);
      const auto& type = types[random() % 4];
      frame[12] = static_cast<uint8_t>(type[0]);
      frame[13] = static_cast<uint8_t>(type[1]);
      frame[14] = static_cast<uint8_t>(type[0] == 8 ? 0x45 : 0x60);
      // To the network itself: nothing of this leaves the machine.
      const uint8_t gateway[] = {10, 0, 2, 2};
      std::memcpy(frame + 14 + 16, gateway, sizeof(gateway));
      frame[14 + 9] = static_cast<uint8_t>(random() % 20);
    }
    if (send(frames_.get(), packet.data(), packet.size(), MSG_NOSIGNAL) < 0) break;
    char ignored[2048];
    while (recv(frames_.get(), ignored, sizeof(ignored), MSG_DONTWAIT) > 0) {
    }
  }
  EXPECT_EQ(Ask(Hello()).uid(), "the-vm");
}

}  // namespace
}  // namespace emu::net
