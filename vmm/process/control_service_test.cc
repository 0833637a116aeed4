#include "vmm/process/control_service.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>
#include <thread>
#include <vector>

#include "vmm/machine/testing/boot_file_builder.h"
#include "vmm/machine/testing/fake_translator.h"
#include "vmm/process/control_socket.h"

namespace emu {
namespace {

// A VM that executes nothing, served on a thread of the test, and a daemon's end of its socket.
class ControlServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    UniqueFd ring_file(memfd_create("ring", 0));
    ASSERT_EQ(ftruncate(ring_file.get(), sizeof(ConsoleRingLayout)), 0);
    const uint64_t magic = kConsoleRingMagic;
    ASSERT_EQ(pwrite(ring_file.get(), &magic, sizeof(magic), 0), 8);
    ring_ = *ConsoleRing::Map(std::move(ring_file));
    MachineConfig config;
    config.arch = "riscv64";
    config.memory_bytes = 64 << 20;
    config.firmware = boot::FileOf("firmware");
    driver_ = *StateDriver::Create(std::move(config), *ring_, loop_, &FakeTranslator::New);

    sockaddr_un address = {};  // the kernel chooses an abstract name
    address.sun_family = AF_UNIX;
    UniqueFd listener(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(bind(listener.get(), generic, sizeof(sa_family_t)), 0);
    ASSERT_EQ(listen(listener.get(), 8), 0);
    socklen_t size = sizeof(address);
    ASSERT_EQ(getsockname(listener.get(), generic, &size), 0);
    peer_.Reset(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    ASSERT_EQ(connect(peer_.get(), generic, size), 0);

    service_ =
        std::make_unique<ControlService>("uid", std::move(listener), *driver_, *ring_, loop_);
    driver_->SetObserver(
        [this](VmState state, std::optional<GuestExit>) { service_->NoteState(state); });
    thread_ = std::thread([this] { loop_.Run(); });
  }
  void StopLoop() {
    loop_.Stop();
    if (thread_.joinable()) thread_.join();
  }
  void TearDown() override {
    StopLoop();
    driver_.reset();
    service_.reset();
  }

  void Ask(uint64_t seq, void (*fill)(vm::v1::Request&)) {
    vm::v1::ControlMessage message;
    message.set_seq(seq);
    fill(*message.mutable_request());
    ASSERT_TRUE(SendControl(peer_.get(), message).ok());
  }
  bool SendWith(const vm::v1::ControlMessage& message, std::vector<int> passed) {
    std::string packet = message.SerializeAsString();
    iovec bytes = {packet.data(), packet.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> control = {};
    msghdr header = {};
    header.msg_iov = &bytes;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(passed.size() * sizeof(int));
    cmsghdr* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(passed.size() * sizeof(int));
    std::memcpy(CMSG_DATA(part), passed.data(), passed.size() * sizeof(int));
    return sendmsg(peer_.get(), &header, 0) >= 0;
  }
  // What comes next; nothing if it takes seconds or the connection has ended.
  std::optional<vm::v1::ControlMessage> Next() {
    pollfd poll_fd = {peer_.get(), POLLIN, 0};
    if (poll(&poll_fd, 1, 5000) <= 0) return std::nullopt;
    auto message = ReceiveControl(peer_.get());
    if (!message.ok()) return std::nullopt;
    return *std::move(message);
  }
  // Until the socket has no room for one note more.
  void FloodWithConsoleNotes() {
    for (int i = 0; i < 2000; ++i) {
      service_->NoteConsoleAdvanced();
      std::atomic<bool> done = false;
      loop_.Post([&done] { done = true; });
      while (!done) std::this_thread::yield();
    }
  }

  IoLoop loop_;
  std::unique_ptr<ConsoleRing> ring_;
  std::unique_ptr<StateDriver> driver_;
  std::unique_ptr<ControlService> service_;
  UniqueFd peer_;
  std::thread thread_;
};

TEST_F(ControlServiceTest, AFloodedConsoleLosesNoAnswerAndNoState) {
  std::vector<uint64_t> answered;
  vm::v1::State state = vm::v1::STATE_UNSPECIFIED;
  const auto read_until = [&](size_t answers, vm::v1::State wanted) {
    while (answered.size() < answers || state != wanted) {
      const auto message = Next();
      ASSERT_TRUE(message.has_value()) << "the VM fell silent after " << answered.size();
      if (message->has_response()) answered.push_back(message->seq());
      if (message->event().has_state_changed()) state = message->event().state_changed().state();
    }
  };
  Ask(1, [](vm::v1::Request& request) { request.mutable_start(); });
  // Nothing is owed when the flood begins: that would keep the next request out.
  read_until(1, vm::v1::RUNNING);
  FloodWithConsoleNotes();
  Ask(2, [](vm::v1::Request& request) { request.mutable_pause(); });
  Ask(3, [](vm::v1::Request& request) { request.mutable_hello(); });
  // Not read before the pause is done and its answer has met the full socket.
  while (driver_->state() != VmState::kPaused) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  read_until(3, vm::v1::PAUSED);
  EXPECT_EQ(answered, (std::vector<uint64_t>{1, 2, 3}));
}

TEST_F(ControlServiceTest, ASuspensionIsAnsweredWhenItIsDone) {
  Ask(1, [](vm::v1::Request& request) { request.mutable_start(); });
  Ask(2, [](vm::v1::Request& request) { request.mutable_suspend(); });
  vm::v1::ControlMessage message;
  message.set_seq(3);
  message.mutable_request()->mutable_suspend();
  const UniqueFd full(open("/dev/full", O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(SendWith(message, {full.get()}));
  std::map<uint64_t, int> codes;
  while (codes.size() < 3) {
    const auto answer = Next();
    ASSERT_TRUE(answer.has_value());
    if (answer->has_response()) codes[answer->seq()] = answer->response().code();
  }
  EXPECT_EQ(codes[2], static_cast<int>(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(codes[3], static_cast<int>(absl::StatusCode::kResourceExhausted));
}

TEST_F(ControlServiceTest, SnapshotsAreAnsweredWhileTheVmRuns) {
  const auto answer_to = [this](uint64_t seq) {
    for (;;) {
      const auto message = Next();
      if (!message.has_value()) return vm::v1::Response();
      if (message->has_response() && message->seq() == seq) return message->response();
    }
  };
  Ask(1, [](vm::v1::Request& request) { request.mutable_start(); });
  Ask(2, [](vm::v1::Request& request) { request.mutable_snapshot(); });
  EXPECT_EQ(answer_to(2).code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  vm::v1::ControlMessage message;
  message.set_seq(3);
  message.mutable_request()->mutable_snapshot();
  const UniqueFd parent(memfd_create("parent", 0));
  ASSERT_TRUE(SendWith(message, {parent.get()}));
  const vm::v1::Response first = answer_to(3);
  EXPECT_EQ(first.code(), 0) << first.message();
  EXPECT_EQ(first.state(), vm::v1::RUNNING);
  EXPECT_EQ(first.saved().source_uids_size(), 0);

  message.set_seq(4);
  const UniqueFd child(memfd_create("child", 0));
  ASSERT_TRUE(SendWith(message, {child.get(), parent.get()}));
  const vm::v1::Response second = answer_to(4);
  EXPECT_EQ(second.code(), 0) << second.message();
  ASSERT_EQ(second.saved().source_uids_size(), 1);
  EXPECT_EQ(second.saved().source_uids(0), first.saved().uid());
}

TEST_F(ControlServiceTest, TheLastAnswerComesBeforeTheEnd) {
  FloodWithConsoleNotes();
  Ask(7, [](vm::v1::Request& request) { request.mutable_hello(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  StopLoop();
  bool answered = false;
  std::thread reader([&] {
    while (const auto message = Next()) answered |= message->has_response();
  });
  service_->FlushBeforeClosing();
  driver_.reset();
  service_.reset();
  reader.join();
  EXPECT_TRUE(answered);
}

TEST_F(ControlServiceTest, ANoteOfTheConsoleComesAfterAFlood) {
  FloodWithConsoleNotes();
  const std::byte text[7] = {};
  ring_->Write(text);
  service_->NoteConsoleAdvanced();
  uint64_t head = 0;
  while (head != sizeof(text)) {
    const auto message = Next();
    ASSERT_TRUE(message.has_value());
    head = message->event().console_advanced().head();
  }
}

}  // namespace
}  // namespace emu
