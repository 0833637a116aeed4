#include "daemon/agent/clone_greeter.h"

#include <chrono>
#include <set>
#include <string>
#include <thread>

#include "vmm/base/log.h"

namespace emu::daemon {
namespace {

using emud::v1::Vm;

// One whose agent is not there at once is told by the next link.
constexpr std::chrono::milliseconds kPatience(0);
constexpr std::chrono::hours kUnlessAwaked(1);

}  // namespace

CloneGreeter::CloneGreeter(VmTable& vms, Agents& agents) : vms_(vms), agents_(agents) {
  std::thread([this] { Main(); }).detach();
}

void CloneGreeter::Main() {
  while (true) {
    const VmRecords::Snapshot now = vms_.records().List();
    std::set<std::string> known;
    for (const VmPtr& vm : now.vms) {
      known.insert(vm->uid());
      LookAt(*vm);
    }
    std::erase_if(greeted_, [&known](const auto& row) { return !known.contains(row.first); });
    vms_.records().WaitForRevisionAbove(now.revision, kUnlessAwaked);
  }
}

void CloneGreeter::LookAt(const Vm& vm) {
  if (vm.state() != Vm::RUNNING || vm.generation_id().empty()) return;
  std::string& greeted = greeted_[vm.uid()];
  if (greeted == vm.generation_id()) return;
  greeted = vm.generation_id();
  // In a thread of its own: a guest may take seconds to answer, or not answer.
  std::thread([this, name = vm.name()] {
    const auto link = agents_.Open(name, kPatience, [] { return false; });
    LogInfo("clone-greeted", {{"vm", name}, {"has_agent", link.ok()}});
  }).detach();
}

}  // namespace emu::daemon
