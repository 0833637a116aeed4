// What a daemon, or who has taken its place, sends to a VM process: whatever comes, the VM goes on
// answering others. An input is a row of packets: a byte with the length in units of 4, odd if a
// descriptor comes along, then the packet.
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

#include "tests/fuzz/fuzz_target.h"
#include "vmm/machine/testing/boot_file_builder.h"
#include "vmm/machine/testing/fake_translator.h"
#include "vmm/process/control_service.h"
#include "vmm/process/control_socket.h"

namespace emu::fuzz {
namespace {

constexpr int kAnswerSeconds = 20;

// A VM that executes nothing, served on a thread of its own.
class Served {
 public:
  Served() {
    UniqueFd file(memfd_create("ring", 0));
    const uint64_t magic = kConsoleRingMagic;
    if (ftruncate(file.get(), sizeof(ConsoleRingLayout)) != 0 ||
        pwrite(file.get(), &magic, sizeof(magic), 0) != sizeof(magic)) {
      Fail("no console ring");
    }
    ring_ = *ConsoleRing::Map(std::move(file));
    MachineConfig config;
    config.arch = "riscv64";
    config.memory_bytes = 64 << 20;
    config.firmware = boot::FileOf("firmware");
    driver_ = *StateDriver::Create(std::move(config), *ring_, loop_, &FakeTranslator::New);
    address_.sun_family = AF_UNIX;  // the kernel chooses an abstract name
    UniqueFd listener(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0));
    size_ = sizeof(address_);
    if (bind(listener.get(), generic(), sizeof(sa_family_t)) != 0 ||
        listen(listener.get(), 8) != 0 || getsockname(listener.get(), generic(), &size_) != 0) {
      Fail("no socket");
    }
    service_ =
        std::make_unique<ControlService>("uid", std::move(listener), *driver_, *ring_, loop_);
    driver_->SetObserver(
        [this](VmState state, std::optional<GuestExit>) { service_->NoteState(state); });
    std::thread([this] { loop_.Run(); }).detach();
  }

  UniqueFd Connect() {
    UniqueFd peer(socket(AF_UNIX, SOCK_SEQPACKET, 0));
    const timeval patience = {kAnswerSeconds, 0};
    setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(peer.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(peer.get(), generic(), size_) != 0) Fail("nobody accepts");
    return peer;
  }

 private:
  // SAFETY: the sockets' own way of passing addresses.
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&address_); }

  IoLoop loop_;
  std::unique_ptr<ConsoleRing> ring_;
  std::unique_ptr<StateDriver> driver_;
  std::unique_ptr<ControlService> service_;
  sockaddr_un address_ = {};
  socklen_t size_ = 0;
};

bool SendPacket(int peer, std::string_view packet, bool with_descriptor) {
  const UniqueFd passed(memfd_create("passed", 0));
  const int number = passed.get();
  iovec bytes = {const_cast<char*>(packet.data()), packet.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control = {};
  msghdr header = {};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  if (with_descriptor) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(part), &number, sizeof(number));
  }
  return sendmsg(peer, &header, MSG_NOSIGNAL) >= 0;
}

std::string Hello(uint64_t seq) {
  vm::v1::ControlMessage message;
  message.set_seq(seq);
  message.mutable_request()->mutable_hello()->set_protocol_min(1);
  message.mutable_request()->mutable_hello()->set_protocol_max(1);
  return message.SerializeAsString();
}

void ExpectAnswer(const UniqueFd& peer) {
  constexpr uint64_t kSeq = 77;
  if (!SendPacket(peer.get(), Hello(kSeq), false)) Fail("Hello can't be sent");
  std::string packet(64 * 1024, '\0');
  vm::v1::ControlMessage message;
  for (;;) {
    const ssize_t size = recv(peer.get(), packet.data(), packet.size(), 0);
    if (size <= 0 || !message.ParseFromArray(packet.data(), static_cast<int>(size))) {
      Fail("Hello is not answered");
    }
    if (message.has_response() && message.seq() == kSeq) break;
  }
  if (message.response().uid() != "uid") Fail("Hello is answered wrongly");
}

void AppendPacket(std::string packet, bool with_descriptor, std::string& input) {
  packet.resize((packet.size() + 3) / 4 * 4, '\0');
  input += static_cast<char>(packet.size() / 4 << 1 | (with_descriptor ? 1 : 0));
  input += packet;
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds = {""};
  AppendPacket(Hello(1), false, seeds[0]);
  const auto add = [&seeds](void (*fill)(vm::v1::Request&), bool with_descriptor = false) {
    vm::v1::ControlMessage message;
    message.set_seq(seeds.size());
    fill(*message.mutable_request());
    seeds.emplace_back();
    AppendPacket(message.SerializeAsString(), with_descriptor, seeds.back());
  };
  using vm::v1::Request;
  add([](Request& request) { request.mutable_start(); });
  add([](Request& request) { request.mutable_pause(); });
  add([](Request& request) { request.mutable_resume(); });
  add([](Request& request) { request.mutable_reset(); });
  add([](Request& request) { request.mutable_stop(); });
  add([](Request& request) { request.mutable_console_input()->set_data("typed"); });
  add([](Request& request) { request.mutable_read_registers()->set_vcpu(0); });
  add([](Request& request) {
    request.mutable_read_memory()->set_address(0x8000'0000);
    request.mutable_read_memory()->set_size_bytes(64);
    request.mutable_read_memory()->set_physical(true);
  });
  add([](Request& request) { request.mutable_read_device()->set_index(1); });
  add([](Request& request) { request.mutable_read_stats(); });
  add([](Request& request) { request.mutable_attach_gdb(); }, true);
  add([](Request& request) { request.mutable_connect_nic()->set_index(0); }, true);
  add([](Request& request) { request.mutable_start_trace()->set_stages("guest,ir"); }, true);
  // Without a file: one that is suspended answers nothing but Hello any more.
  add([](Request& request) { request.mutable_suspend(); });
  return seeds;
}

void TryInput(std::string_view input) {
  static Served& served = *new Served;  // its threads run to the end
  const UniqueFd hostile = served.Connect();
  while (!input.empty()) {
    const auto head = static_cast<uint8_t>(input[0]);
    const size_t length = std::min<size_t>(static_cast<size_t>(head >> 1) * 4, input.size() - 1);
    if (!SendPacket(hostile.get(), input.substr(1, length), (head & 1) != 0)) break;
    input.remove_prefix(1 + length);
  }
  ExpectAnswer(served.Connect());
}

}  // namespace emu::fuzz
