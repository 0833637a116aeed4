#include "client/forward.h"

#include <vector>

#include "absl/strings/str_split.h"
#include "client/number.h"

namespace emu::client {
namespace {

const char* NameOf(const emud::v1::Forward& forward) {
  return forward.protocol() == emud::v1::Forward::UDP ? "udp" : "tcp";
}

}  // namespace

bool ParseForward(const std::string& text, emud::v1::Forward& forward, std::string& error) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  const size_t count = parts.size();
  uint64_t host_port = 0;
  uint64_t guest_port = 0;
  if ((count != 3 && count != 4) || (parts[0] != "tcp" && parts[0] != "udp") ||
      !ParseNumber(parts[count - 2], host_port) || !ParseNumber(parts[count - 1], guest_port) ||
      host_port > UINT16_MAX || guest_port > UINT16_MAX) {
    error = "forward " + text + ": give one like tcp:8080:80 or udp:0.0.0.0:0:53";
    return false;
  }
  forward.set_protocol(parts[0] == "udp" ? emud::v1::Forward::UDP : emud::v1::Forward::TCP);
  if (count == 4) forward.set_host_address(parts[1]);
  forward.set_host_port(static_cast<uint32_t>(host_port));
  forward.set_guest_port(static_cast<uint32_t>(guest_port));
  return true;
}

std::string ForwardText(const emud::v1::Forward& forward) {
  std::string text = NameOf(forward);
  if (!forward.host_address().empty()) text += ":" + forward.host_address();
  return text + ":" + std::to_string(forward.host_port()) + ":" +
         std::to_string(forward.guest_port());
}

std::string ForwardTable(const emud::v1::Vm& vm) {
  std::string text;
  for (const emud::v1::NicStatus& nic : vm.nics()) {
    for (const auto& forward : nic.forwards()) {
      const emud::v1::Forward& wanted = forward.wanted();
      text += ForwardText(wanted) + "  ";
      text += forward.host_port() == 0
                  ? "not open: " + forward.error()
                  : wanted.host_address() + ":" + std::to_string(forward.host_port()) + " -> " +
                        std::to_string(wanted.guest_port());
      text += "\n";
    }
  }
  if (!vm.nics().empty()) return text;
  for (const emud::v1::Nic& nic : vm.spec().nics()) {  // of one without a process
    for (const emud::v1::Forward& forward : nic.forwards()) {
      text += ForwardText(forward) + "  not open: the VM is not running\n";
    }
  }
  return text;
}

}  // namespace emu::client
