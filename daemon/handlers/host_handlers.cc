#include "daemon/handlers/host_handlers.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <fstream>
#include <string>
#include <vector>

#include "daemon/guest_architectures.h"
#include "daemon/handlers/begin_once.h"
#include "daemon/handlers/grace_period.h"
#include "daemon/handlers/mutation.h"
#include "daemon/host_drain.h"
#include "daemon/vm_files.h"
#include "daemon/vm_states.h"

namespace emu::daemon {
namespace {

// For a guest that is asked to power off, where the request says nothing.
constexpr int64_t kGraceSeconds = 60;
constexpr char kAllVms[] = "all VMs";

std::vector<VmPtr> VmsThat(CallContext& call, bool (*are_meant)(const emud::v1::Vm&)) {
  std::vector<VmPtr> vms = call.vms.records().List().vms;
  std::erase_if(vms, [&](const VmPtr& vm) { return !are_meant(*vm); });
  return vms;
}

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
  host.set_draining(call.vms.drain().is_on());
  call.vms.jailer().Describe(host);
  return host;
}

absl::StatusOr<emud::v1::Operation> DrainHost(CallContext& call,
                                              const emud::v1::DrainHostRequest& request) {
  RETURN_IF_ERROR(GracePeriodOf(request).status());
  return BeginOnce(call, request, [&](const RequestOrigin& origin) -> absl::StatusOr<OperationPtr> {
    RETURN_IF_ERROR(call.vms.drain().Set(true));
    emud::v1::OperationMetadata wanted;
    wanted.set_verb(emud::v1::DRAIN);
    wanted.set_target(kAllVms);
    *wanted.mutable_grace_period() = request.grace_period();
    if (!request.has_grace_period()) {
      wanted.mutable_grace_period()->set_seconds(kGraceSeconds);
    }
    const auto have_processes = [](const emud::v1::Vm& vm) { return HasProcess(vm.state()); };
    return call.operations.Begin(wanted, VmsThat(call, have_processes), origin);
  });
}

absl::StatusOr<emud::v1::Operation> UndrainHost(CallContext& call,
                                                const emud::v1::UndrainHostRequest& request) {
  return BeginOnce(call, request, [&](const RequestOrigin& origin) -> absl::StatusOr<OperationPtr> {
    RETURN_IF_ERROR(call.vms.drain().Set(false));
    emud::v1::OperationMetadata wanted;
    wanted.set_verb(emud::v1::START);
    wanted.set_target(kAllVms);
    return call.operations.Begin(wanted, VmsThat(call, IsDrained), origin);
  });
}

}  // namespace emu::daemon
