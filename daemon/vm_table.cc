#include "daemon/vm_table.h"

#include <sys/random.h>

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/vm_files.h"
#include "daemon/vm_states.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Vm;
using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// UUID version 7: it sorts by creation.
std::string NewUid() {
  unsigned char bytes[16] = {};
  (void)!getrandom(bytes, sizeof(bytes), 0);
  const int64_t now_ms = TimeUtil::TimestampToMilliseconds(TimeUtil::GetCurrentTime());
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(now_ms >> (40 - 8 * i));
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  std::string uid;
  for (int i = 0; i < 16; ++i) {
    char digits[4];
    std::snprintf(digits, sizeof(digits), "%02x", bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) uid += '-';
    uid += digits;
  }
  return uid;
}

}  // namespace

VmTable::VmTable(std::string state_dir, std::string vm_program, std::unique_ptr<StateStore> store)
    : state_dir_(std::move(state_dir)),
      vm_program_(std::move(vm_program)),
      store_(std::move(store)) {}

VmTable::EntryPtr VmTable::AddEntry(Vm vm) {
  auto entry = std::make_shared<Entry>(absl::StrCat(state_dir_, "/vms/", vm.uid()));
  entry->vm = std::move(vm);
  std::lock_guard lock(mutex_);
  vms_[entry->vm.name()] = entry;
  return entry;
}

absl::StatusOr<VmTable::EntryPtr> VmTable::Find(const std::string& name) {
  std::lock_guard lock(mutex_);
  const auto it = vms_.find(name);
  if (it == vms_.end()) return errors::VmNotFound(name);
  return it->second;
}

Vm VmTable::Copy(const EntryPtr& entry) {
  std::lock_guard lock(mutex_);
  return entry->vm;
}

absl::Status VmTable::Move(const EntryPtr& entry, Vm::State to, const std::string& reason) {
  std::lock_guard lock(mutex_);
  if (!IsLegalMove(entry->vm.state(), to)) return absl::OkStatus();
  LogInfo("vm-state", {{"vm", entry->vm.name()},
                       {"from", Vm::State_Name(entry->vm.state())},
                       {"to", Vm::State_Name(to)},
                       {"reason", reason}});
  entry->vm.set_state(to);
  entry->vm.set_state_reason(reason);
  *entry->vm.mutable_update_time() = TimeUtil::GetCurrentTime();
  changed_.notify_all();
  return store_->Put(entry->vm);
}

absl::Status VmTable::Recover() {
  ASSIGN_OR_RETURN(const std::vector<Vm> vms, store_->LoadAll());
  for (const Vm& vm : vms) {
    if (vm.state() == Vm::CREATING || vm.state() == Vm::DELETING) {
      VmDirectory(absl::StrCat(state_dir_, "/vms/", vm.uid())).Remove();
      RETURN_IF_ERROR(store_->Remove(vm.uid()));
      continue;
    }
    const EntryPtr entry = AddEntry(vm);
    if (HasProcess(vm.state())) Adopt(entry);
  }
  return absl::OkStatus();
}

absl::StatusOr<Vm> VmTable::Create(const emud::v1::CreateVmRequest& request) {
  Vm vm;
  vm.set_name(request.name());
  *vm.mutable_spec() = request.spec();
  *vm.mutable_labels() = request.labels();
  ApplyDefaults(*vm.mutable_spec());
  RETURN_IF_ERROR(CheckName(vm.name()));
  RETURN_IF_ERROR(CheckSpec(vm.spec()));
  RETURN_IF_ERROR(OpenFiles(vm).status());
  vm.set_uid(NewUid());
  vm.set_state(Vm::CREATING);
  *vm.mutable_create_time() = TimeUtil::GetCurrentTime();
  *vm.mutable_update_time() = vm.create_time();
  EntryPtr entry;
  {
    std::lock_guard lock(mutex_);
    if (vms_.contains(vm.name())) return errors::NameInUse(vm.name());
    // The intent is stored before anything is made: what a crash leaves is then known.
    RETURN_IF_ERROR(store_->Put(vm));
    entry = std::make_shared<Entry>(absl::StrCat(state_dir_, "/vms/", vm.uid()));
    entry->vm = vm;
    vms_[vm.name()] = entry;
  }
  if (const absl::Status made = entry->directory.Create(); !made.ok()) {
    entry->directory.Remove();
    std::lock_guard lock(mutex_);
    vms_.erase(vm.name());
    (void)store_->Remove(vm.uid());
    return made;
  }
  RETURN_IF_ERROR(Move(entry, Vm::STOPPED, "CREATED"));
  return Copy(entry);
}

absl::StatusOr<Vm> VmTable::Get(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  return Copy(entry);
}

std::vector<Vm> VmTable::List() {
  std::lock_guard lock(mutex_);
  std::vector<Vm> vms;
  for (const auto& [name, entry] : vms_) vms.push_back(entry->vm);
  return vms;
}

absl::Status VmTable::Delete(const std::string& name, bool force) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  if (force && HasProcess(Copy(entry).state())) RETURN_IF_ERROR(EndProcess(entry, true));
  std::lock_guard operation(entry->operation);
  const Vm vm = Copy(entry);
  if (!IsLegalMove(vm.state(), Vm::DELETING)) {
    return errors::WrongState(name, "delete", Vm::State_Name(vm.state()),
                              "stop it first or delete with force");
  }
  RETURN_IF_ERROR(Move(entry, Vm::DELETING, ""));
  entry->directory.Remove();
  RETURN_IF_ERROR(store_->Remove(vm.uid()));
  std::lock_guard lock(mutex_);
  vms_.erase(name);
  changed_.notify_all();
  return absl::OkStatus();
}

absl::StatusOr<Vm> VmTable::Wait(const std::string& name,
                                 const std::function<bool(const Vm&)>& is_enough,
                                 Clock::time_point deadline,
                                 const std::function<bool()>& is_cancelled) {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto it = vms_.find(name);
    if (it == vms_.end()) return errors::VmNotFound(name);
    if (is_enough(it->second->vm)) return it->second->vm;
    const Clock::time_point now = Clock::now();
    if (now >= deadline || is_cancelled()) {
      return errors::WaitTimedOut(name, Vm::State_Name(it->second->vm.state()));
    }
    changed_.wait_until(lock, std::min(deadline, now + milliseconds(200)));
  }
}

absl::StatusOr<std::shared_ptr<ConsoleReader>> VmTable::OpenConsole(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard lock(mutex_);
  if (entry->console == nullptr) {
    ASSIGN_OR_RETURN(entry->console, ConsoleReader::Open(entry->directory.console_path()));
  }
  return entry->console;
}

absl::StatusOr<VmDirectory> VmTable::DirectoryOf(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  return entry->directory;
}

void VmTable::WaitForConsole() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, milliseconds(100));
}

}  // namespace emu::daemon
