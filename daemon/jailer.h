// The daemon's part of a VM's sandbox: its control groups, and what this host allows.
#pragma once

#include <mutex>
#include <string>

#include "daemon/cgroups.h"
#include "emud/v1/host.pb.h"
#include "emud/v1/vm.pb.h"
#include "vm/v1/vm_control.pb.h"

namespace emu::daemon {

// Every thread.
class Jailer {
 public:
  struct Options {
    std::string vm_program;
    bool requires_sandbox = false;  // a VM that can't have every step is refused
  };
  explicit Jailer(Options options) : options_(std::move(options)), cgroups_(Cgroups::Find()) {}

  const std::string& vm_program() const { return options_.vm_program; }
  // It lies beside the other.
  std::string net_program() const {
    return options_.vm_program.substr(0, options_.vm_program.rfind('/') + 1) + "emu-net";
  }
  bool requires_sandbox() const { return options_.requires_sandbox; }

  // Groups of the VM `uid`, as far as the host has them.
  VmCgroups MakeCgroups(const std::string& uid, const CgroupLimits& limits) const;

  // What a VM gets here: tried the first time, with a process that leaves at once.
  void Describe(emud::v1::Host& host);

 private:
  vm::v1::Response::Sandbox Try() const;

  const Options options_;
  const Cgroups cgroups_;
  std::once_flag tried_;
  vm::v1::Response::Sandbox host_sandbox_;  // written once, in Describe
};

// Into what the API shows: a Vm or a Host.
template <typename Shown>
void ShowSandbox(const vm::v1::Response::Sandbox& sandbox, Shown& shown) {
  shown.set_sandbox_level(sandbox.missing().empty() ? emud::v1::Sandbox::FULL
                                                    : emud::v1::Sandbox::PARTIAL);
  shown.clear_sandbox_missing();
  for (const int step : sandbox.missing()) {
    shown.add_sandbox_missing(static_cast<emud::v1::Sandbox::Step>(step));
  }
}

// What a VM of this spec may take; `flash_bytes` of the guest's memory are beside its RAM.
CgroupLimits LimitsOf(const emud::v1::VmSpec& spec, uint64_t flash_bytes);

}  // namespace emu::daemon
