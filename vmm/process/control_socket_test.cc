#include "vmm/process/control_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>

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

TEST_F(ControlSocketTest, DescriptorsComeWithTheirPacket) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  std::string packet = vm::v1::ControlMessage().SerializeAsString() + "\x08\x01";  // seq 1
  iovec bytes = {packet.data(), packet.size()};
  const int passed[] = {writing.get(), writing.get()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(passed))] = {};
  msghdr header = {};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof(control);
  cmsghdr* const part = CMSG_FIRSTHDR(&header);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(passed));
  std::memcpy(CMSG_DATA(part), passed, sizeof(passed));
  ASSERT_GT(sendmsg(left_.get(), &header, 0), 0);
  writing.Reset();

  std::vector<UniqueFd> received;
  ASSERT_TRUE(ReceiveControl(right_.get(), &received).ok());
  ASSERT_EQ(received.size(), 2u);
  char byte;
  for (const UniqueFd& end : received) {
    ASSERT_EQ(write(end.get(), "x", 1), 1);
    EXPECT_EQ(read(reading.get(), &byte, 1), 1);
  }
  received.clear();
  EXPECT_EQ(read(reading.get(), &byte, 1), 0);  // nobody holds the writing end
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
