#include "daemon/console/consoles.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kTurnBytes = 256 * 1024;        // of one console before the next has its turn
constexpr std::chrono::milliseconds kPause(10);  // a tenth of a ring at 10 MiB/s
constexpr std::chrono::milliseconds kRefreshInterval(250);
constexpr std::chrono::seconds kWarningInterval(60);

// Copies what the log has not yet; true if there is more.
absl::StatusOr<bool> CopyToLog(const Console& console) {
  if (console.ring->head() <= console.log->end()) return false;
  const ConsoleReader::Bytes bytes = console.ring->Read(console.log->end(), kTurnBytes);
  if (bytes.data.empty()) return false;
  RETURN_IF_ERROR(console.log->Append(bytes.offset, bytes.data));
  return bytes.data.size() == kTurnBytes;
}

}  // namespace

ConsoleReader::Bytes Console::Read(uint64_t offset, size_t limit) const {
  ConsoleReader::Bytes from_ring = ring->Read(offset, limit);
  if (from_ring.offset <= offset) return from_ring;
  ConsoleReader::Bytes from_log = log->Read(offset, limit);
  const bool is_earlier = !from_log.data.empty() && from_log.offset < from_ring.offset;
  return is_earlier ? from_log : from_ring;
}

uint64_t Console::oldest_offset() const {
  const uint64_t in_ring = ring->Read(0, 1).offset;
  return log->bytes() == 0 ? in_ring : std::min(in_ring, log->begin());
}

Consoles::Consoles(VmTable& vms) : vms_(vms), logger_([this] { LoggerMain(); }) {}

Consoles::~Consoles() {
  is_stopping_ = true;
  logger_.join();
}

absl::StatusOr<std::shared_ptr<Console>> Consoles::Open(const std::string& name) {
  ASSIGN_OR_RETURN(const VmPtr vm, vms_.records().FindByName(name));
  std::lock_guard lock(mutex_);
  std::shared_ptr<Console>& known = consoles_[vm->uid()];
  if (known != nullptr) return known;
  absl::StatusOr<std::shared_ptr<ConsoleReader>> ring = vms_.OpenConsole(name);
  const absl::StatusOr<VmDirectory> directory = vms_.DirectoryOf(name);
  if (!ring.ok() || !directory.ok()) {
    consoles_.erase(vm->uid());
    return !ring.ok() ? ring.status() : directory.status();
  }
  known = std::make_shared<Console>();
  known->uid = vm->uid();
  known->ring = *std::move(ring);
  known->log = ConsoleLog::Open(directory->console_log_path());
  return known;
}

std::vector<std::shared_ptr<Console>> Consoles::Refresh() {
  std::set<std::string> uids;
  for (const VmPtr& vm : vms_.records().List().vms) {
    uids.insert(vm->uid());
    if (vm->state() != emud::v1::Vm::CREATING && vm->state() != emud::v1::Vm::DELETING) {
      (void)Open(vm->name());
    }
  }
  std::lock_guard lock(mutex_);
  std::erase_if(consoles_, [&uids](const auto& row) { return !uids.contains(row.first); });
  std::vector<std::shared_ptr<Console>> all;
  all.reserve(consoles_.size());
  for (const auto& [uid, console] : consoles_) all.push_back(console);
  return all;
}

std::string Consoles::NameOf(const std::string& uid) const {
  const VmPtr vm = vms_.records().Find(uid);
  return vm == nullptr ? "" : vm->name();
}

void Consoles::LoggerMain() {
  std::vector<std::shared_ptr<Console>> consoles;
  Clock::time_point next_refresh;
  Clock::time_point next_warning;
  while (!is_stopping_) {
    if (Clock::now() >= next_refresh) {
      consoles = Refresh();
      next_refresh = Clock::now() + kRefreshInterval;
    }
    bool is_behind = false;
    for (const std::shared_ptr<Console>& console : consoles) {
      const absl::StatusOr<bool> copied = CopyToLog(*console);
      if (copied.ok()) is_behind |= *copied;
      if (!copied.ok() && Clock::now() >= next_warning) {
        LogWarning("console-not-logged", {{"vm", NameOf(console->uid)},
                                          {"uid", console->uid},
                                          {"error", copied.status().message()}});
        next_warning = Clock::now() + kWarningInterval;
      }
    }
    if (is_behind) continue;
    std::this_thread::sleep_for(kPause);  // so that bytes come in pieces worth a file operation
    vms_.WaitForConsole();
  }
}

}  // namespace emu::daemon
