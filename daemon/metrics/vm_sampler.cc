#include "daemon/metrics/vm_sampler.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/handlers/debug_handlers.h"
#include "daemon/process_usage.h"
#include "daemon/vm_states.h"
#include "google/protobuf/util/time_util.h"

namespace emu::daemon {

using emud::v1::Vm;
using emud::v1::VmUsage;

std::vector<VmUsage> VmSampler::Sample(const std::vector<VmPtr>& vms) {
  std::lock_guard lock(mutex_);
  std::erase_if(readings_,
                [this](const auto& row) { return vms_.records().Find(row.first) == nullptr; });
  std::vector<VmUsage> usages;
  usages.reserve(vms.size());
  const Clock::time_point deadline = Clock::now() + kLongestLook;
  for (const VmPtr& vm : vms) usages.push_back(SampleOne(*vm, deadline));
  return usages;
}

VmUsage VmSampler::SampleOne(const Vm& vm, Clock::time_point deadline) {
  VmUsage usage;
  usage.set_vm(vm.name());
  usage.set_vm_uid(vm.uid());
  usage.set_state(vm.state());
  usage.set_restart_count(vm.restart_count());
  if (const auto console = vms_.OpenConsole(vm.name()); console.ok()) {
    usage.set_console_bytes((*console)->head());
  }
  const std::optional<ProcessUsage> process = ReadProcessUsage(vm.pid());
  if (!process.has_value() || !HasProcess(vm.state())) return usage;
  *usage.mutable_cpu_time() =
      google::protobuf::util::TimeUtil::MillisecondsToDuration(process->cpu_time.count());
  usage.set_resident_bytes(process->resident_bytes);
  const Reading& reading = Read(vm, deadline);
  if (reading.has_answered) *usage.mutable_counters() = reading.counters;
  return usage;
}

const VmSampler::Reading& VmSampler::Read(const Vm& vm, Clock::time_point deadline) {
  Reading& reading = readings_[vm.uid()];
  if (reading.pid != vm.pid()) reading = {.until = {}, .pid = vm.pid(), .counters = {}};
  const Clock::time_point now = Clock::now();
  if (now < reading.until || now >= deadline) return reading;
  vm::v1::Request ask;
  ask.mutable_read_stats();
  const auto patience =
      std::min(kPatience, std::chrono::ceil<std::chrono::milliseconds>(deadline - now));
  const absl::StatusOr<vm::v1::Response> answer =
      vms_.Ask(vm.name(), "look into", std::move(ask), -1, patience);
  reading.has_answered = answer.ok();
  reading.until = Clock::now() + (answer.ok() ? Clock::duration(kFresh) : kSilence);
  if (answer.ok()) reading.counters = AsPublic<emud::v1::VmStats>(answer->stats());
  return reading;
}

}  // namespace emu::daemon
