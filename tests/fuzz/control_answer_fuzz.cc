// What a VM process that has been taken over sends to the daemon: whatever comes, its watcher ends
// when the process does. An input is a row of packets: a byte with the length in units of 4, then
// the packet.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>

#include "daemon/vm_process.h"
#include "tests/fuzz/fuzz_target.h"

namespace emu::fuzz {
namespace {

constexpr std::chrono::seconds kPatience(20);

void AppendPacket(const vm::v1::ControlMessage& message, std::vector<std::string>& seeds) {
  std::string packet = message.SerializeAsString();
  packet.resize((packet.size() + 3) / 4 * 4, '\0');
  seeds.push_back(static_cast<char>(packet.size() / 4) + packet);
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const vm::v1::State state :
       {vm::v1::RUNNING, vm::v1::PAUSED, vm::v1::STOPPED, vm::v1::SUSPENDING, vm::v1::SUSPENDED}) {
    vm::v1::ControlMessage message;
    message.mutable_event()->mutable_state_changed()->set_state(state);
    AppendPacket(message, seeds);
  }
  vm::v1::ControlMessage console;
  console.mutable_event()->mutable_console_advanced()->set_head(4096);
  AppendPacket(console, seeds);
  for (const uint64_t seq : {uint64_t{1}, uint64_t{9}}) {
    vm::v1::ControlMessage hello;
    hello.set_seq(seq);
    hello.mutable_response()->set_protocol(1);
    hello.mutable_response()->set_uid("uid");
    hello.mutable_response()->mutable_sandbox()->add_missing(vm::v1::LANDLOCK);
    AppendPacket(hello, seeds);
    vm::v1::ControlMessage registers;
    registers.set_seq(seq);
    registers.mutable_response()->mutable_registers()->add_registers()->set_name("pc");
    AppendPacket(registers, seeds);
  }
  return seeds;
}

void TryInput(std::string_view input) {
  int control[2];
  int monitor[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, control) != 0 || pipe(monitor) != 0) {
    Fail("no sockets");
  }
  const UniqueFd hostile(control[0]);
  UniqueFd life(monitor[1]);  // closed, it is as if the monitor had died
  const auto process = std::make_shared<daemon::VmProcess>(
      daemon::VmDirectory("/nowhere"), UniqueFd(control[1]), UniqueFd(monitor[0]), UniqueFd());
  std::promise<void> ended;
  process->Watch({.on_state = [](const vm::v1::Event::StateChanged&) {},
                  .on_console = [] {},
                  .on_save = [](const vm::v1::Event::SaveAdvanced&) {},
                  .on_hello = [](const vm::v1::Response& answer) { (void)answer.sandbox(); },
                  .on_end = [&ended] { ended.set_value(); }});
  while (!input.empty()) {
    const size_t length =
        std::min<size_t>(size_t{static_cast<uint8_t>(input[0])} * 4, input.size() - 1);
    if (send(hostile.get(), input.data() + 1, length, MSG_NOSIGNAL) < 0) break;
    input.remove_prefix(1 + length);
  }
  (void)process->Call(daemon::HelloRequest(), std::chrono::milliseconds(0));
  life.Reset();
  if (ended.get_future().wait_for(kPatience) != std::future_status::ready) {
    Fail("the watcher does not end");
  }
}

}  // namespace emu::fuzz
