#include "vmm/process/state_driver.h"

#include <chrono>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/process/named_thread.h"
#include "vmm/process/vcpu_thread.h"
#include "vmm/snapshot/state_file.h"

namespace emu {
namespace {

GuestExit ToGuestExit(PowerRequest request, uint32_t code) {
  switch (request) {
    case PowerRequest::kPowerOff:
      return {GuestExit::Cause::kPowerOff, code};
    case PowerRequest::kReset:
      return {GuestExit::Cause::kReset, code};
    case PowerRequest::kFail:
      return {GuestExit::Cause::kFailed, code};
  }
  return {};
}

bool IsAlive(VmState state) { return state == VmState::kRunning || state == VmState::kPaused; }

}  // namespace

std::string_view VmStateName(VmState state) {
  switch (state) {
    case VmState::kStopped:
      return "stopped";
    case VmState::kStarting:
      return "starting";
    case VmState::kRunning:
      return "running";
    case VmState::kPaused:
      return "paused";
    case VmState::kStopping:
      return "stopping";
    case VmState::kSuspending:
      return "suspending";
    case VmState::kSuspended:
      return "suspended";
  }
  return "";
}

StateDriver::StateDriver(IoLoop& loop) : loop_(loop) {}

absl::StatusOr<std::unique_ptr<StateDriver>> StateDriver::Create(
    MachineConfig config, CharStream& console, IoLoop& loop,
    Machine::TranslatorFactory new_translator) {
  auto driver = std::unique_ptr<StateDriver>(new StateDriver(loop));
  const AioMode aio = config.aio;
  driver->host_io_ = std::make_unique<HostIo>();
  config.disk_error = [driver = driver.get()](const DiskError& error) {
    driver->Give({.command = Command::kDiskError, .disk_error = error});
  };
  ASSIGN_OR_RETURN(driver->machine_,
                   Machine::Create(
                       std::move(config), console,
                       [driver = driver.get()](PowerRequest request, uint32_t code) {
                         driver->Give({Command::kGuestExit, ToGuestExit(request, code)});
                       },
                       new_translator, driver->host_io_.get()));
  RETURN_IF_ERROR(driver->host_io_->Open(aio));
  loop.DriveClock(&driver->machine_->clock());
  uint32_t index = 0;
  for (translator::Vcpu* vcpu : driver->machine_->vcpus()) {
    driver->vcpu_threads_.push_back(std::make_unique<VcpuThread>(
        *vcpu, "vcpu" + std::to_string(index), [driver = driver.get(), index] {
          driver->Give({.command = Command::kDebugStop, .vcpu = index});
        }));
    ++index;
  }
  driver->thread_ =
      StartNamedThread("state-driver", [driver = driver.get()] { driver->ThreadMain(); });
  return driver;
}

StateDriver::~StateDriver() {
  if (thread_.joinable()) {
    Give({Command::kQuit});
    thread_.join();
  }
  vcpu_threads_.clear();
  if (machine_ != nullptr) loop_.DriveClock(nullptr);
}

void StateDriver::Start() { Give({Command::kStart}); }
void StateDriver::StartPaused() { Give({Command::kStartPaused}); }
void StateDriver::Pause() { Give({Command::kPause}); }
void StateDriver::Resume() {
  if (state() == VmState::kSuspending) is_save_unwanted_ = true;
  Give({Command::kResume});
}
void StateDriver::Reset() { Give({Command::kReset}); }
void StateDriver::Stop() {
  if (state() == VmState::kStopping) snapshots_.Cancel();
  Give({Command::kStop});
}

void StateDriver::Suspend(StateSave save) {
  Give({.command = Command::kSuspend, .save = std::make_unique<StateSave>(std::move(save))});
}

void StateDriver::TakeSnapshot(StateSave save) {
  Give({.command = Command::kSnapshot, .save = std::make_unique<StateSave>(std::move(save))});
}

void StateDriver::Do(std::function<void()> work) {
  Give({.command = Command::kWork, .work = std::move(work)});
}

void StateDriver::RunOnEachThread(const std::function<void(ThreadRole)>& work) {
  std::promise<void> done;
  Do([&] {
    work(ThreadRole::kStateDriver);
    for (const auto& thread : vcpu_threads_) {
      thread->RunParked([&work] { work(ThreadRole::kVcpu); });
    }
    done.set_value();
  });
  done.get_future().wait();
  host_io_->RunOnEachThread(work);
  snapshots_.RunOnThread(work);
}

void StateDriver::SetObserver(Observer observer) {
  std::lock_guard lock(mutex_);
  observer_ = std::move(observer);
}

void StateDriver::SetDebugObserver(DebugObserver observer) {
  std::lock_guard lock(mutex_);
  debug_observer_ = std::move(observer);
}

void StateDriver::HoldProcessors() {
  held_ = true;
  Halt();
}

void StateDriver::ReleaseProcessors(std::vector<bool> runs) {
  held_ = false;
  runs_ = std::move(runs);
  if (state() == VmState::kRunning) Go();
}

// mutex_ is a leaf: a vCPU comes here with the device lock held.
void StateDriver::Give(Order order) {
  {
    std::lock_guard lock(mutex_);
    // A guest that repeats itself until it is stopped must not fill the queue.
    if (order.command == Command::kGuestExit) {
      if (guest_exit_queued_) return;
      guest_exit_queued_ = true;
    }
    // One is enough to pause.
    if (order.command == Command::kDiskError && std::exchange(disk_error_queued_, true)) return;
    orders_.push_back(std::move(order));
  }
  ordered_.notify_one();
}

void StateDriver::ThreadMain() {
  for (;;) {
    Order order;
    {
      std::unique_lock lock(mutex_);
      ordered_.wait(lock, [this] { return !orders_.empty(); });
      order = std::move(orders_.front());
      orders_.pop_front();
    }
    Obey(order);
    if (order.command == Command::kQuit) return;
  }
}

void StateDriver::Obey(Order& order) {
  const VmState now = state();
  switch (order.command) {
    case Command::kStart:
      if (now == VmState::kStopped) DoStart(VmState::kRunning);
      return;
    case Command::kStartPaused:
      if (now == VmState::kStopped) DoStart(VmState::kPaused);
      return;
    case Command::kPause:
      if (now != VmState::kRunning) return;
      Halt();
      return Move(VmState::kPaused);
    case Command::kResume:
      if (now != VmState::kPaused) return;
      Go();
      return Move(VmState::kRunning);
    case Command::kReset:
      if (IsAlive(now)) DoReset(std::nullopt);
      return;
    case Command::kStop:
    case Command::kQuit:
      if (IsAlive(now)) DoStop(std::nullopt);
      return;
    case Command::kSuspend:
      return DoSuspend(*order.save);
    case Command::kSnapshot:
      return DoSnapshot(*order.save);
    case Command::kSnapshotWritten:
      return snapshots_.FinishIfWritten();
    case Command::kGuestExit:
      if (!IsAlive(now)) return ForgetGuestExit();
      if (order.exit.cause == GuestExit::Cause::kReset) return DoReset(order.exit);
      return DoStop(order.exit);
    case Command::kDebugStop:
      if (IsAlive(now)) DoDebugStop(order.vcpu);
      return;
    case Command::kDiskError:
      return DoDiskError(order.disk_error);
    case Command::kWork:
      return order.work();
  }
}

void StateDriver::DoStart(VmState to) {
  Move(VmState::kStarting);
  if (!fresh_) {
    if (const absl::Status status = machine_->Reset(); !status.ok()) {
      LogError("vm-start-failed", {{"status", status.ToString()}});
      return Move(VmState::kStopped, GuestExit{GuestExit::Cause::kFailed, 1});
    }
  }
  if (to == VmState::kRunning) Go();
  Move(to);
}

void StateDriver::DoStop(std::optional<GuestExit> exit) {
  // What the guest has ended is worth having; whom somebody stops is to be gone soon.
  if (!exit.has_value()) snapshots_.Cancel();
  Move(VmState::kStopping);
  Halt();
  ForgetGuestExit();
  snapshots_.Finish();
  Move(VmState::kStopped, exit);
}

// A VM that was paused stays paused.
void StateDriver::DoReset(std::optional<GuestExit> exit) {
  const VmState before = state();
  Halt();
  ForgetGuestExit();
  if (const absl::Status status = machine_->Reset(); !status.ok()) {
    LogError("vm-reset-failed", {{"status", status.ToString()}});
    return Move(VmState::kStopped, GuestExit{GuestExit::Cause::kFailed, 1});
  }
  if (before == VmState::kRunning) Go();
  Move(before, exit);
}

void StateDriver::DoSuspend(const StateSave& save) {
  snapshots_.Finish();
  const VmState before = state();
  const std::optional<DiskError> error = disk_error();
  if (!IsAlive(before)) {
    return save.done(absl::FailedPreconditionError("the VM neither runs nor is paused"), {});
  }
  is_save_unwanted_ = false;
  Move(VmState::kSuspending);
  Halt();
  const absl::Status saved = Save(save);
  if (saved.ok()) {
    save.done(saved, {});
    return Move(VmState::kSuspended);
  }
  LogWarning("vm-not-suspended", {{"status", saved.ToString()}});
  if (before == VmState::kRunning) Go();
  Move(before, std::nullopt, error);
  save.done(saved, {});
}

// On the worker's thread: no other may write to files.
absl::Status StateDriver::Save(const StateSave& save) {
  RETURN_IF_ERROR(CheckIsNotEnding());
  RETURN_IF_ERROR(machine_->FlushDisks());
  absl::Status saved;
  host_io_->Post([&] {
    saved = snapshot::SaveMachine(
        *machine_, save.file.get(), [&](uint64_t done_bytes, uint64_t total_bytes) {
          const bool goes_on = !save.progress || save.progress(done_bytes, total_bytes);
          return goes_on && !is_save_unwanted_;
        });
  });
  host_io_->Drain();
  return saved;
}

// Halted, it would wait for an answer to that for ever.
absl::Status StateDriver::CheckIsNotEnding() const {
  std::lock_guard lock(mutex_);
  if (guest_exit_queued_) return absl::FailedPreconditionError("the guest is just ending");
  return absl::OkStatus();
}

void StateDriver::DoSnapshot(StateSave& save) {
  if (!IsAlive(state())) {
    return save.done(absl::FailedPreconditionError("the VM neither runs nor is paused"), {});
  }
  if (snapshots_.is_busy()) {
    return save.done(absl::FailedPreconditionError("another snapshot is being taken"), {});
  }
  for (const DiskConfig& disk : machine_->config().disks) {
    const bool is_frozen = std::ranges::any_of(
        save.overlays, [&disk](const auto& overlay) { return overlay.disk_id == disk.id; });
    if (disk.readonly || is_frozen) continue;
    return save.done(absl::FailedPreconditionError(absl::StrCat(
                         "disk ", disk.id, " is written to: suspend the VM instead, or stop it")),
                     {});
  }
  const bool was_going = going_;
  const auto halted_at = std::chrono::steady_clock::now();
  Halt();
  const absl::Status begun = BeginSnapshot(save);
  if (was_going) Go();
  const auto halted = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - halted_at);
  if (!begun.ok()) return save.done(begun, {});
  LogInfo("vm-snapshot", {{"halted_us", halted.count()}});
  snapshots_.Write(halted);
}

absl::Status StateDriver::BeginSnapshot(StateSave& save) {
  RETURN_IF_ERROR(CheckIsNotEnding());
  RETURN_IF_ERROR(machine_->FlushDisks());
  // On the worker's thread: no other may read and write files.
  const auto on_worker = [this](const std::function<void()>& work) {
    host_io_->Post(work);
    host_io_->Drain();
  };
  absl::StatusOr<std::vector<Machine::OpenedOverlay>> overlays;
  on_worker([&] { overlays = machine_->OpenOverlays(std::move(save.overlays)); });
  absl::Status begun = overlays.status();
  if (begun.ok()) begun = snapshots_.Begin(*machine_, save);
  if (begun.ok()) machine_->UseOverlays(*overlays);
  on_worker([&] { overlays = absl::CancelledError("they are closed"); });
  return begun;
}

void StateDriver::DoDebugStop(uint32_t vcpu) {
  DebugObserver observer;
  {
    std::lock_guard lock(mutex_);
    observer = debug_observer_;
  }
  HoldProcessors();
  if (!observer || !observer(vcpu)) ReleaseProcessors({});
}

void StateDriver::DoDiskError(const DiskError& error) {
  {
    std::lock_guard lock(mutex_);
    disk_error_queued_ = false;
  }
  if (state() != VmState::kRunning) return;
  LogError("vm-paused-by-disk", {{"disk", error.disk}, {"errno", error.error}});
  Halt();
  Move(VmState::kPaused, std::nullopt, error);
}

std::optional<DiskError> StateDriver::disk_error() const {
  std::lock_guard lock(mutex_);
  return disk_error_;
}

void StateDriver::Go() {
  fresh_ = false;
  if (held_) return;
  if (!going_) machine_->Start();
  going_ = true;
  for (size_t index = 0; index < vcpu_threads_.size(); ++index) {
    if (runs_.empty() || runs_[index]) vcpu_threads_[index]->Go();
  }
}

// Idempotent. Time stands still only after the last processor does.
void StateDriver::Halt() {
  for (const auto& thread : vcpu_threads_) thread->RequestPark();
  for (const auto& thread : vcpu_threads_) thread->WaitUntilParked();
  machine_->Pause();
  going_ = false;
}

// With every processor halted: what they asked for before is answered, or came too late.
void StateDriver::ForgetGuestExit() {
  std::lock_guard lock(mutex_);
  guest_exit_queued_ = false;
  std::erase_if(orders_, [](const Order& order) { return order.command == Command::kGuestExit; });
}

void StateDriver::Move(VmState to, std::optional<GuestExit> exit, std::optional<DiskError> error) {
  Observer observer;
  {
    std::lock_guard lock(mutex_);
    disk_error_ = std::move(error);
    observer = observer_;
  }
  state_.store(to, std::memory_order_release);
  LogInfo("vm-state", {{"state", VmStateName(to)}});
  if (observer) observer(to, exit);
}

}  // namespace emu
