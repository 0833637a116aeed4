#include "vmm/process/control_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmm/base/unique_fd.h"

namespace emu {
namespace {

class ControlSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    int fds[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    left_.Reset(fds[0]);
    right_.Reset(fds[1]);
  }
  UniqueFd left_;
  UniqueFd right_;
};

TEST_F(ControlSocketTest, CarriesMessagesWhole) {
  vm::v1::ControlMessage sent;
  sent.set_seq(7);
  sent.mutable_request()->mutable_console_input()->set_data(std::string(32 * 1024, 'x'));
  ASSERT_TRUE(SendControl(left_.get(), sent).ok());
  const auto received = ReceiveControl(right_.get());
  ASSERT_TRUE(received.ok());
  EXPECT_EQ(received->SerializeAsString(), sent.SerializeAsString());
  EXPECT_TRUE(absl::IsUnavailable(ReceiveControl(right_.get()).status()));
}

TEST_F(ControlSocketTest, EndsAtGarbageAndAtTheEnd) {
  ASSERT_EQ(send(left_.get(), "\xff\xff\xff", 3, 0), 3);
  EXPECT_TRUE(absl::IsAborted(ReceiveControl(right_.get()).status()));
  left_.Reset();
  EXPECT_TRUE(absl::IsAborted(ReceiveControl(right_.get()).status()));
}

TEST_F(ControlSocketTest, SendNeverWaitsForAPeerThatDoesNotRead) {
  vm::v1::ControlMessage message;
  message.mutable_request()->mutable_console_input()->set_data(std::string(60 * 1024, 'x'));
  absl::Status status;
  for (int i = 0; i < 1000 && status.ok(); ++i) status = SendControl(left_.get(), message);
  EXPECT_TRUE(absl::IsUnavailable(status));
}

}  // namespace
}  // namespace emu
