// What shows that a VM is used.
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "daemon/process_usage.h"
#include "daemon/vm_table.h"

namespace emu::daemon {

std::shared_ptr<const void> VmTable::Attach(const std::string& uid) {
  const EntryPtr entry = FindByUid(uid);
  return entry == nullptr ? nullptr : entry->attached;
}

std::optional<VmActivity> VmTable::ActivityOf(const std::string& uid) {
  const EntryPtr entry = FindByUid(uid);
  const VmPtr vm = records_.Find(uid);
  if (entry == nullptr || vm == nullptr) return std::nullopt;
  const std::optional<ProcessUsage> usage = ReadProcessUsage(vm->pid());
  const absl::StatusOr<std::shared_ptr<ConsoleReader>> console = OpenConsole(vm->name());
  if (!usage.has_value() || !console.ok()) return std::nullopt;
  VmActivity activity;
  activity.time = std::chrono::steady_clock::now();
  activity.cpu_time = usage->cpu_time;
  activity.console_bytes = (*console)->head();
  activity.is_attached = entry->attached.use_count() > 1;
  std::lock_guard lock(mutex_);
  activity.inputs = entry->inputs;
  return activity;
}

}  // namespace emu::daemon
