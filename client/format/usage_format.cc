#include "client/format/usage_format.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "client/format/debug_format.h"
#include "client/format/message_format.h"
#include "google/protobuf/util/time_util.h"

namespace emu::client {
namespace {

using emud::v1::VmUsage;
using emud::v1::WatchVmStatsResponse;
using google::protobuf::util::TimeUtil;

// What grows, added up over processors and devices.
struct Totals {
  double cpu_seconds = 0;
  double guest_seconds = 0;
  double tlb_misses = 0;
  double exits = 0;
  double device_accesses = 0;
  double read_bytes = 0;
  double written_bytes = 0;
};

Totals TotalsOf(const VmUsage& vm) {
  Totals totals;
  totals.cpu_seconds = static_cast<double>(TimeUtil::DurationToMilliseconds(vm.cpu_time())) / 1e3;
  totals.guest_seconds = static_cast<double>(vm.counters().guest_time_ns()) / 1e9;
  for (const emud::v1::VcpuStats& vcpu : vm.counters().vcpus()) {
    const emud::v1::ExitStats& exits = vcpu.exits();
    totals.tlb_misses += static_cast<double>(vcpu.tlb().misses());
    totals.exits +=
        static_cast<double>(exits.lookup() + exits.link() + exits.stale() + exits.wait() +
                            exits.exception() + exits.fault() + exits.request());
  }
  for (const emud::v1::DeviceStats& device : vm.counters().devices()) {
    totals.device_accesses += static_cast<double>(device.reads() + device.writes());
  }
  for (const emud::v1::DiskStats& disk : vm.counters().disks()) {
    totals.read_bytes += static_cast<double>(disk.read_bytes());
    totals.written_bytes += static_cast<double>(disk.written_bytes());
  }
  return totals;
}

std::string Format(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

// 950, 1.2k, 3.4M
std::string Short(double value) {
  for (const char* unit : {"", "k", "M", "G"}) {
    if (value < 1000) return Format(value < 10 && *unit != 0 ? "%.1f" : "%.0f", value) + unit;
    value /= 1000;
  }
  return Format("%.0fT", value);
}

std::string MiB(double bytes) { return Format("%.1fM", bytes / (1 << 20)); }

struct Row {
  const VmUsage* vm;
  const VmUsage* before;  // null: no rates
  double cpu_share = 0;
};

std::vector<std::string> Cells(const Row& row, double seconds) {
  const VmUsage& vm = *row.vm;
  const emud::v1::CodeStats& code = vm.counters().code();
  std::vector<std::string> cells = {vm.vm(), emud::v1::Vm::State_Name(vm.state())};
  if (!vm.has_cpu_time()) {
    cells.resize(11, "-");
    return cells;
  }
  const bool has_rates = row.before != nullptr;
  const Totals now = TotalsOf(vm);
  const Totals then = has_rates ? TotalsOf(*row.before) : now;
  const auto rate = [&](double to, double from) {
    return has_rates ? Short(std::max(0.0, to - from) / seconds) : "-";
  };
  cells.push_back(has_rates ? Format("%.1f", 100 * row.cpu_share) : "-");
  cells.push_back(MiB(static_cast<double>(vm.resident_bytes())));
  if (!vm.has_counters()) {
    cells.resize(11, "-");
    return cells;
  }
  cells.push_back(std::to_string(code.blocks()));
  cells.push_back(MiB(static_cast<double>(code.cache_used_bytes())));
  cells.push_back(rate(now.exits, then.exits));
  cells.push_back(rate(now.tlb_misses, then.tlb_misses));
  cells.push_back(rate(now.device_accesses, then.device_accesses));
  cells.push_back(rate(now.read_bytes, then.read_bytes));
  cells.push_back(rate(now.written_bytes, then.written_bytes));
  return cells;
}

}  // namespace

std::string UsageTable(const VmUsage& vm) {
  std::string text = "vm          " + vm.vm() + ", " + emud::v1::Vm::State_Name(vm.state()) + "\n";
  if (!vm.has_cpu_time()) return text + "It has no process.\n";
  text += Format("cpu time    %.2f s\n", TotalsOf(vm).cpu_seconds);
  text += "memory      " + MiB(static_cast<double>(vm.resident_bytes())) + " resident\n";
  text += "console     " + std::to_string(vm.console_bytes()) + " bytes written\n";
  if (!vm.has_counters()) return text + "It does not answer.\n";
  return text + StatsTables(vm.counters());
}

std::string TopTable(const WatchVmStatsResponse& before, const WatchVmStatsResponse& now,
                     TopOrder order, size_t rows) {
  std::map<std::string, const VmUsage*> earlier;
  for (const VmUsage& vm : before.vms()) earlier[vm.vm_uid()] = &vm;
  const double seconds = std::max(
      1e-3,
      static_cast<double>(TimeUtil::DurationToMilliseconds(now.time() - before.time())) / 1e3);
  std::vector<Row> found;
  for (const VmUsage& vm : now.vms()) {
    Row row = {&vm, nullptr};
    const auto it = earlier.find(vm.vm_uid());
    // A process that is new has taken less than the one before.
    if (it != earlier.end() && it->second->has_cpu_time() &&
        it->second->cpu_time() <= vm.cpu_time()) {
      row.before = it->second;
      row.cpu_share = (TotalsOf(vm).cpu_seconds - TotalsOf(*row.before).cpu_seconds) / seconds;
    }
    found.push_back(row);
  }
  std::stable_sort(found.begin(), found.end(), [order](const Row& left, const Row& right) {
    if (order == TopOrder::kCpu) return left.cpu_share > right.cpu_share;
    if (order == TopOrder::kMemory) return left.vm->resident_bytes() > right.vm->resident_bytes();
    return left.vm->vm() < right.vm->vm();
  });
  if (rows != 0 && found.size() > rows) found.resize(rows);
  std::vector<std::vector<std::string>> table;
  table.reserve(found.size());
  for (const Row& row : found) table.push_back(Cells(row, seconds));
  return ToTable({"NAME", "STATE", "CPU%", "MEMORY", "BLOCKS", "CACHE", "EXITS/S", "TLB-MISS/S",
                  "DEVICE/S", "READ-B/S", "WRITE-B/S"},
                 table);
}

}  // namespace emu::client
