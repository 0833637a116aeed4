#include "daemon/metrics/vm_metrics.h"

#include <map>
#include <string>
#include <string_view>

namespace emu::daemon {
namespace {

using emud::v1::DeviceStats;
using emud::v1::DiskStats;
using emud::v1::ExitStats;
using emud::v1::VcpuStats;
using emud::v1::VmUsage;
using Type = MetricsText::Type;

template <typename Getter>
double SumOfVcpus(const VmUsage& vm, const Getter& get) {
  uint64_t sum = 0;
  for (const VcpuStats& vcpu : vm.counters().vcpus()) sum += get(vcpu);
  return static_cast<double>(sum);
}

// One sample for each VM.
struct VmMetric {
  std::string_view name;
  Type type;
  std::string_view help;
  bool (*is_there)(const VmUsage&);
  double (*value)(const VmUsage&);
};

bool Always(const VmUsage&) { return true; }
bool HasProcess(const VmUsage& vm) { return vm.has_cpu_time(); }
bool HasCounters(const VmUsage& vm) { return vm.has_counters(); }
bool IsCounting(const VmUsage& vm) { return vm.counters().counting(); }

constexpr VmMetric kVmMetrics[] = {
    {"emud_vm_up", Type::kGauge, "Whether its process is there and answers.", Always,
     [](const VmUsage& vm) { return vm.has_counters() ? 1.0 : 0.0; }},
    {"emud_vm_restarts", Type::kGauge, "Restarts by its policy since somebody started it.", Always,
     [](const VmUsage& vm) { return static_cast<double>(vm.restart_count()); }},
    {"emud_vm_console_bytes_total", Type::kCounter, "Written to its console.", Always,
     [](const VmUsage& vm) { return static_cast<double>(vm.console_bytes()); }},
    {"emud_vm_cpu_seconds_total", Type::kCounter, "Processor time of its process.", HasProcess,
     [](const VmUsage& vm) {
       return static_cast<double>(vm.cpu_time().seconds()) +
              static_cast<double>(vm.cpu_time().nanos()) / 1e9;
     }},
    {"emud_vm_resident_bytes", Type::kGauge, "Resident memory of its process.", HasProcess,
     [](const VmUsage& vm) { return static_cast<double>(vm.resident_bytes()); }},
    {"emud_vm_guest_seconds_total", Type::kCounter, "Time that has passed for the guest.",
     HasCounters,
     [](const VmUsage& vm) { return static_cast<double>(vm.counters().guest_time_ns()) / 1e9; }},
    {"emud_vm_guest_instructions_total", Type::kCounter,
     "Guest instructions executed by compiled code; only while somebody has them counted "
     "(emuctl debug stats --count on), as that slows the guest down.",
     IsCounting,
     [](const VmUsage& vm) {
       return SumOfVcpus(vm, [](const VcpuStats& of) { return of.instructions_executed(); });
     }},
    {"emud_vm_instructions_interpreted_total", Type::kCounter,
     "Guest instructions executed, but not by compiled code.", HasCounters,
     [](const VmUsage& vm) {
       return SumOfVcpus(vm, [](const VcpuStats& of) { return of.instructions_interpreted(); });
     }},
    {"emud_vm_instructions_translated_total", Type::kCounter,
     "Guest instructions translated, each time one is.", HasCounters,
     [](const VmUsage& vm) {
       return static_cast<double>(vm.counters().code().instructions_translated());
     }},
    {"emud_vm_blocks_translated_total", Type::kCounter, "Blocks translated, each time one is.",
     HasCounters,
     [](const VmUsage& vm) {
       return SumOfVcpus(vm, [](const VcpuStats& of) { return of.blocks_translated(); });
     }},
    {"emud_vm_blocks", Type::kGauge, "Translated blocks there are.", HasCounters,
     [](const VmUsage& vm) { return static_cast<double>(vm.counters().code().blocks()); }},
    {"emud_vm_translation_seconds_total", Type::kCounter, "Host time spent translating.",
     HasCounters,
     [](const VmUsage& vm) {
       return static_cast<double>(vm.counters().code().translation_ns()) / 1e9;
     }},
    {"emud_vm_code_cache_bytes", Type::kGauge, "Size of the cache of compiled code.", HasCounters,
     [](const VmUsage& vm) { return static_cast<double>(vm.counters().code().cache_bytes()); }},
    {"emud_vm_code_cache_used_bytes", Type::kGauge, "Of it in use.", HasCounters,
     [](const VmUsage& vm) {
       return static_cast<double>(vm.counters().code().cache_used_bytes());
     }},
    {"emud_vm_code_cache_evictions_total", Type::kCounter,
     "Parts of the cache that were emptied for new code.", HasCounters,
     [](const VmUsage& vm) { return static_cast<double>(vm.counters().code().evictions()); }},
    {"emud_vm_tlb_misses_total", Type::kCounter,
     "Accesses that were not in the TLB; those to devices among them.", HasCounters,
     [](const VmUsage& vm) {
       return SumOfVcpus(vm, [](const VcpuStats& of) { return of.tlb().misses(); });
     }},
    {"emud_vm_tlb_flushes_total", Type::kCounter, "Times the whole TLB was emptied.", HasCounters,
     [](const VmUsage& vm) {
       return SumOfVcpus(vm, [](const VcpuStats& of) { return of.tlb().flushes(); });
     }},
    {"emud_vm_exceptions_total", Type::kCounter, "Exceptions taken by the guest.", HasCounters,
     [](const VmUsage& vm) {
       return SumOfVcpus(vm, [](const VcpuStats& of) { return of.exceptions(); });
     }},
    {"emud_vm_interrupts_total", Type::kCounter, "Interrupts taken by the guest.", HasCounters,
     [](const VmUsage& vm) {
       return SumOfVcpus(vm, [](const VcpuStats& of) { return of.interrupts(); });
     }},
};

// Why compiled code came back to the run loop, as the fields of ExitStats.
struct ExitCause {
  std::string_view name;
  uint64_t (ExitStats::*count)() const;
};
constexpr ExitCause kExitCauses[] = {
    {"lookup", &ExitStats::lookup},       {"link", &ExitStats::link},
    {"stale", &ExitStats::stale},         {"wait", &ExitStats::wait},
    {"exception", &ExitStats::exception}, {"fault", &ExitStats::fault},
    {"request", &ExitStats::request}};

struct DeviceMetric {
  std::string_view name;
  std::string_view help;
  uint64_t (DeviceStats::*count)() const;
};
constexpr DeviceMetric kDeviceMetrics[] = {
    {"emud_vm_device_reads_total", "Registers of the device read by the guest.",
     &DeviceStats::reads},
    {"emud_vm_device_writes_total", "Registers of the device written by the guest.",
     &DeviceStats::writes},
    {"emud_vm_device_refused_total", "Of both, that no register answered.", &DeviceStats::refused}};

struct DiskMetric {
  std::string_view name;
  std::string_view help;
  uint64_t (DiskStats::*count)() const;
};
constexpr DiskMetric kDiskMetrics[] = {
    {"emud_vm_disk_reads_total", "Reads done for the guest.", &DiskStats::reads},
    {"emud_vm_disk_read_bytes_total", "Read for the guest.", &DiskStats::read_bytes},
    {"emud_vm_disk_writes_total", "Writes done for the guest.", &DiskStats::writes},
    {"emud_vm_disk_written_bytes_total", "Written for the guest.", &DiskStats::written_bytes},
    {"emud_vm_disk_flushes_total", "Flushes done for the guest.", &DiskStats::flushes},
    {"emud_vm_disk_failed_total", "Requests of the guest that failed.", &DiskStats::failed}};

}  // namespace

void WriteVmMetrics(const std::vector<VmUsage>& vms, MetricsText& text) {
  std::map<emud::v1::Vm::State, int> states;
  for (const VmUsage& vm : vms) ++states[vm.state()];
  text.Family("emud_vms", Type::kGauge, "VMs there are, by state.");
  for (const auto& [state, count] : states) {
    text.Sample({{"state", emud::v1::Vm::State_Name(state)}}, count);
  }
  for (const VmMetric& metric : kVmMetrics) {
    text.Family(metric.name, metric.type, metric.help);
    for (const VmUsage& vm : vms) {
      if (metric.is_there(vm)) text.Sample({{"vm", vm.vm()}}, metric.value(vm));
    }
  }
  text.Family("emud_vm_exits_total", Type::kCounter,
              "Returns of compiled code to the run loop, by cause.");
  for (const VmUsage& vm : vms) {
    for (const ExitCause& cause : kExitCauses) {
      if (!vm.has_counters()) continue;
      text.Sample(
          {{"vm", vm.vm()}, {"cause", std::string(cause.name)}},
          SumOfVcpus(vm, [&cause](const VcpuStats& of) { return (of.exits().*cause.count)(); }));
    }
  }
  for (const DeviceMetric& metric : kDeviceMetrics) {
    text.Family(metric.name, Type::kCounter, metric.help);
    for (const VmUsage& vm : vms) {
      for (const DeviceStats& device : vm.counters().devices()) {
        text.Sample({{"vm", vm.vm()}, {"device", device.name()}},
                    static_cast<double>((device.*metric.count)()));
      }
    }
  }
  text.Family("emud_vm_disk_aio", Type::kGauge, "How the disk waits for the host: 1 at its way.");
  for (const VmUsage& vm : vms) {
    for (const DiskStats& disk : vm.counters().disks()) {
      text.Sample({{"vm", vm.vm()}, {"disk", disk.id()}, {"aio", disk.aio()}}, 1);
    }
  }
  for (const DiskMetric& metric : kDiskMetrics) {
    text.Family(metric.name, Type::kCounter, metric.help);
    for (const VmUsage& vm : vms) {
      for (const DiskStats& disk : vm.counters().disks()) {
        text.Sample({{"vm", vm.vm()}, {"disk", disk.id()}},
                    static_cast<double>((disk.*metric.count)()));
      }
    }
  }
}

}  // namespace emu::daemon
