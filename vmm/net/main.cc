// emu-net: the network of one VM, in a process of its own.
//
//   emu-net serve   started by the daemon or by `emu-vm run`, its NetConfig behind descriptor 3
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "net/v1/net_control.pb.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/net/jail.h"
#include "vmm/net/net_process.h"
#include "vmm/process/sandbox.h"

namespace emu::net {
namespace {

constexpr int kConfigFd = 3;

absl::Status Serve() {
  ::net::v1::NetConfig config;
  if (!config.ParseFromFileDescriptor(kConfigFd)) {
    return absl::InternalError("the network's config can't be read");
  }
  close(kConfigFd);
  RETURN_IF_ERROR(LeaveHost(config));
  if (config.has_boot_server()) config.mutable_boot_server()->set_folder(kKeptFolder);
  ASSIGN_OR_RETURN(const auto process, NetProcess::Create(config));
  RETURN_IF_ERROR(FilterSystemCalls());
  process->Run();
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == "--version") {
    std::puts("emu-net " EMU_VERSION);
    return 0;
  }
  if (verb != "serve") {
    std::fputs("Usage: emu-net is started by emud and by emu-vm run --net user\n",
               verb == "--help" ? stdout : stderr);
    return verb == "--help" ? 0 : 2;
  }
  InitializeLogging(LogLevel::kInfo);
  const absl::Status status = Serve();
  if (!status.ok()) LogError("network-failed", {{"error", status.message()}});
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace emu::net

int main(int argc, char** argv) { return emu::net::Main(argc, argv); }
