#include "daemon/handlers/host_handlers.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <fstream>
#include <string>

#include "daemon/guest_architectures.h"
#include "daemon/vm_files.h"
#include "daemon/vm_states.h"

namespace emu::daemon {
namespace {

uint64_t AvailableMemoryMib() {
  std::ifstream meminfo("/proc/meminfo");
  std::string key;
  uint64_t kib = 0;
  std::string unit;
  while (meminfo >> key >> kib) {
    if (key == "MemAvailable:") return kib >> 10;
    std::getline(meminfo, unit);
  }
  return 0;
}

}  // namespace

absl::StatusOr<emud::v1::ServerInfo> GetServerInfo(CallContext& call,
                                                   const emud::v1::GetServerInfoRequest&) {
  emud::v1::ServerInfo info;
  info.set_version(EMU_VERSION);
  for (const char* feature : {"vm",
                              "console",
                              "adoption",
                              "sandbox",
                              "debug",
                              "console-wait",
                              "console-keyboard",
                              "console-log",
                              "request-id",
                              "update",
                              "list-filter",
                              "watch",
                              "restart-policy",
                              "lifetime",
                              "tls",
                              "tokens",
                              "projects",
                              "roles",
                              "quotas",
                              "audit",
                              "jail",
                              "operations",
                              "vm-stats",
                              "images"}) {
    info.add_features(feature);
  }
  info.set_principal(call.caller.principal);
  info.set_max_cpus_per_vm(8);
  for (const GuestArchitecture& guest : kGuestArchitectures) {
    info.add_guest_archs(std::string(guest.name));
  }
  return info;
}

absl::StatusOr<emud::v1::Host> GetHost(CallContext& call, const emud::v1::GetHostRequest&) {
  emud::v1::Host host;
  utsname name = {};
  uname(&name);
  host.set_hostname(name.nodename);
  host.set_kernel(name.release);
  host.set_arch(name.machine);
  host.set_cpus(static_cast<uint32_t>(get_nprocs()));
  host.set_memory_mib(HostMemoryMib());
  host.set_memory_available_mib(AvailableMemoryMib());
  for (const VmPtr& vm : call.vms.records().List().vms) {
    if (!call.caller.Sees(vm->project())) continue;
    host.set_vms(host.vms() + 1);
    if (HasProcess(vm->state())) host.set_vms_running(host.vms_running() + 1);
  }
  call.vms.jailer().Describe(host);
  return host;
}

}  // namespace emu::daemon
