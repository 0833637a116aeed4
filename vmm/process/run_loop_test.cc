#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/mman.h>

#include <chrono>
#include <future>

#include "devices/core/device_test_bench.h"
#include "vmm/disk_files/overlay.h"
#include "vmm/machine/testing/boot_file_builder.h"
#include "vmm/machine/testing/fake_translator.h"
#include "vmm/process/io_loop.h"
#include "vmm/process/state_driver.h"

namespace emu {
namespace {

using std::chrono::milliseconds;

// A loop on a thread of its own.
class RunningLoop {
 public:
  RunningLoop() : thread_([this] { loop_.Run(); }) {}
  ~RunningLoop() {
    loop_.Stop();
    thread_.join();
  }
  IoLoop& operator*() { return loop_; }
  IoLoop* operator->() { return &loop_; }

 private:
  IoLoop loop_;
  std::thread thread_;
};

template <typename Condition>
bool Eventually(Condition&& condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

TEST(IoLoopTest, RunsPostedWorkInOrder) {
  std::vector<int> order;
  std::atomic<bool> done = false;
  RunningLoop loop;
  for (int i = 0; i < 100; ++i) loop->Post([&order, i] { order.push_back(i); });
  loop->Post([&] { done = true; });
  ASSERT_TRUE(Eventually([&] { return done.load(); }));
  EXPECT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(IoLoopTest, CallsHandlersUntilTheyAreRemoved) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  std::atomic<int> calls = 0;
  RunningLoop loop;
  loop->AddFd(read_end.get(), EPOLLIN, [&](uint32_t) {
    ++calls;
    loop->RemoveFd(read_end.get());
  });
  ASSERT_EQ(write(write_end.get(), "x", 1), 1);
  EXPECT_TRUE(Eventually([&] { return calls == 1; }));
  std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(calls, 1);
}

TEST(IoLoopTest, DrivesTheTimersOfAClock) {
  VirtualClock clock;
  std::atomic<uint64_t> fired_at = 0;
  const auto timer = clock.NewTimer([&] { fired_at = clock.NowNs(); });
  RunningLoop loop;
  loop->DriveClock(&clock);
  timer->Arm(3'000'000);
  clock.Start();
  EXPECT_TRUE(Eventually([&] { return fired_at != 0; }));
  EXPECT_GE(fired_at, 3'000'000u);
  loop->DriveClock(nullptr);
}

class StateDriverTest : public testing::Test {
 protected:
  StateDriverTest() {
    MachineConfig config;
    config.arch = "riscv64";
    config.cpus = 2;
    config.memory_bytes = 64 << 20;
    config.firmware = boot::FileOf("firmware");
    driver_ = *StateDriver::Create(std::move(config), console_, *loop_, &FakeTranslator::New);
    driver_->SetObserver([this](VmState state, std::optional<GuestExit> exit) {
      std::lock_guard lock(mutex_);
      states_.push_back(state);
      if (exit) exits_.push_back(*exit);
    });
  }
  bool Reaches(VmState state) {
    return Eventually([&] { return driver_->state() == state; });
  }
  FakeVcpu& vcpu(size_t i) { return static_cast<FakeVcpu&>(*driver_->machine().vcpus()[i]); }
  void GuestWritesFinisher(uint32_t value) {
    driver_->machine().address_space().Write(0x10'0000_gpa, 4, value);
  }
  std::vector<GuestExit> Exits() {
    std::lock_guard lock(mutex_);
    return exits_;
  }

  RecordingStream console_;
  RunningLoop loop_;
  std::mutex mutex_;
  std::vector<VmState> states_;
  std::vector<GuestExit> exits_;
  std::unique_ptr<StateDriver> driver_;
};

TEST_F(StateDriverTest, GoesThroughItsStatesInOrder) {
  driver_->Start();
  driver_->Pause();
  driver_->Resume();
  driver_->Stop();
  ASSERT_TRUE(Eventually([&] {
    std::lock_guard lock(mutex_);
    return states_.size() == 6;
  }));
  using enum VmState;
  EXPECT_EQ(states_, (std::vector{kStarting, kRunning, kPaused, kRunning, kStopping, kStopped}));
  EXPECT_TRUE(exits_.empty());
}

TEST_F(StateDriverTest, CommandsThatMakeNoSenseDoNothing) {
  driver_->Pause();
  driver_->Resume();
  driver_->Reset();
  driver_->Stop();
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  EXPECT_EQ(vcpu(0).resets, 1u);
}

TEST_F(StateDriverTest, TimeAndProcessorsStandStillWhilePaused) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  ASSERT_TRUE(Eventually([&] { return vcpu(1).runs > 0; }));
  driver_->Pause();
  ASSERT_TRUE(Reaches(VmState::kPaused));
  const uint64_t now_ns = driver_->machine().clock().NowNs();
  const uint32_t runs = vcpu(1).runs;
  std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(driver_->machine().clock().NowNs(), now_ns);
  EXPECT_EQ(vcpu(1).runs, runs);
}

TEST_F(StateDriverTest, AGuestThatPowersOffIsStoppedAndCanBeStartedAgain) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  for (int i = 0; i < 1000; ++i) GuestWritesFinisher(0x5555);
  ASSERT_TRUE(Reaches(VmState::kStopped));
  ASSERT_TRUE(Eventually([&] { return !Exits().empty(); }));
  EXPECT_EQ(Exits()[0].cause, GuestExit::Cause::kPowerOff);
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  EXPECT_EQ(vcpu(0).resets, 2u);
}

TEST_F(StateDriverTest, AGuestThatResetsRunsOn) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  GuestWritesFinisher(0x7777);
  ASSERT_TRUE(Eventually([&] { return !Exits().empty(); }));
  EXPECT_EQ(Exits()[0].cause, GuestExit::Cause::kReset);
  EXPECT_EQ(driver_->state(), VmState::kRunning);
  EXPECT_EQ(vcpu(0).resets, 2u);
}

TEST_F(StateDriverTest, AFailureCarriesItsCode) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  GuestWritesFinisher(0x002a'3333);
  ASSERT_TRUE(Eventually([&] { return !Exits().empty(); }));
  EXPECT_EQ(Exits()[0].cause, GuestExit::Cause::kFailed);
  EXPECT_EQ(Exits()[0].code, 42u);
}

TEST_F(StateDriverTest, InterruptsWakeAProcessorThatSleeps) {
  driver_->Start();
  ASSERT_TRUE(Eventually([&] { return vcpu(0).runs == 1; }));
  std::this_thread::sleep_for(milliseconds(2));
  EXPECT_EQ(vcpu(0).runs, 1u);  // it sleeps, it does not spin
  driver_->machine().address_space().Write(0x200'0000_gpa, 4, 1);
  EXPECT_TRUE(Eventually([&] { return vcpu(0).runs > 1; }));
  driver_->machine().address_space().Write(0x200'0000_gpa, 4, 0);
}

TEST_F(StateDriverTest, AVmThatStartsPausedRunsNothingUntilItIsResumed) {
  driver_->StartPaused();
  ASSERT_TRUE(Reaches(VmState::kPaused));
  std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(vcpu(0).runs, 0u);
  EXPECT_EQ(driver_->machine().clock().NowNs(), 0u);
  driver_->Resume();
  EXPECT_TRUE(Eventually([&] { return vcpu(0).runs > 0; }));
  EXPECT_TRUE(Eventually([&] {
    std::lock_guard lock(mutex_);
    return states_ == std::vector{VmState::kStarting, VmState::kPaused, VmState::kRunning};
  }));
}

TEST_F(StateDriverTest, WhatADebuggerHoldsDoesNotRunWhateverTheState) {
  driver_->Do([this] { driver_->HoldProcessors(); });
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  driver_->Pause();
  ASSERT_TRUE(Reaches(VmState::kPaused));
  driver_->Resume();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  driver_->Reset();
  std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(vcpu(0).runs, 0u);
  EXPECT_EQ(driver_->machine().clock().NowNs(), 0u);
  driver_->Do([this] { driver_->ReleaseProcessors({false, true}); });
  EXPECT_TRUE(Eventually([&] { return vcpu(1).runs > 0; }));
  EXPECT_EQ(vcpu(0).runs, 0u);
  driver_->Do([this] { driver_->ReleaseProcessors({}); });
  EXPECT_TRUE(Eventually([&] { return vcpu(0).runs > 0; }));
}

TEST_F(StateDriverTest, ADebuggersReleaseDoesNotResumeAPausedVm) {
  driver_->Start();
  driver_->Pause();
  ASSERT_TRUE(Reaches(VmState::kPaused));
  driver_->Do([this] {
    driver_->HoldProcessors();
    driver_->ReleaseProcessors({});
  });
  const uint32_t runs = vcpu(0).runs;
  std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(vcpu(0).runs, runs);
  driver_->Resume();
  EXPECT_TRUE(Eventually([&] { return vcpu(0).runs > runs; }));
}

TEST_F(StateDriverTest, AStopForADebuggerHoldsAllProcessors) {
  std::atomic<int> stopped = -1;
  driver_->SetDebugObserver([&](uint32_t vcpu) {
    stopped = static_cast<int>(vcpu);
    return true;
  });
  vcpu(1).debug_stops = 1;
  driver_->Start();
  ASSERT_TRUE(Eventually([&] { return stopped == 1; }));
  EXPECT_EQ(driver_->state(), VmState::kRunning);
  const uint64_t now_ns = driver_->machine().clock().NowNs();
  const uint32_t runs = vcpu(1).runs;
  std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(driver_->machine().clock().NowNs(), now_ns);
  EXPECT_EQ(vcpu(1).runs, runs);
}

TEST_F(StateDriverTest, AStopForNobodyIsForgotten) {
  vcpu(1).debug_stops = 3;
  driver_->Start();
  EXPECT_TRUE(Eventually([&] { return vcpu(1).runs > 3; }));
}

class SuspensionTest : public StateDriverTest {
 protected:
  using Answer = std::future<absl::Status>;

  static StateSave NewSave(UniqueFd file, snapshot::Progress progress, Answer& answer) {
    const auto promise = std::make_shared<std::promise<absl::Status>>();
    answer = promise->get_future();
    return {.file = std::move(file),
            .progress = std::move(progress),
            .done = [promise](const absl::Status& status, const vm::v1::SavedState&) {
              promise->set_value(status);
            }};
  }
  // Empty where it is not done in time.
  static std::optional<absl::Status> Await(Answer answer) {
    if (answer.wait_for(std::chrono::seconds(60)) != std::future_status::ready) return {};
    return answer.get();
  }
  std::optional<absl::Status> Suspend(UniqueFd file, snapshot::Progress progress = {}) {
    Answer answer;
    driver_->Suspend(NewSave(std::move(file), std::move(progress), answer));
    return Await(std::move(answer));
  }
  static UniqueFd FullDisk() { return UniqueFd(open("/dev/full", O_RDWR | O_CLOEXEC)); }
  static absl::StatusCode CodeOf(const std::optional<absl::Status>& status) {
    return status.has_value() ? status->code() : absl::StatusCode::kUnknown;
  }
};

TEST_F(SuspensionTest, ASuspendedVmIsInItsFileAndDoesNothingMore) {
  driver_->Start();
  const UniqueFd file(memfd_create("state", 0));
  ASSERT_EQ(CodeOf(Suspend(UniqueFd(dup(file.get())))), absl::StatusCode::kOk);
  ASSERT_TRUE(Reaches(VmState::kSuspended));
  EXPECT_GT(lseek(file.get(), 0, SEEK_END), 64 << 20);
  const uint32_t runs = vcpu(0).runs;
  driver_->Resume();
  driver_->Start();
  std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(driver_->state(), VmState::kSuspended);
  EXPECT_EQ(vcpu(0).runs, runs);
}

TEST_F(SuspensionTest, AVmThatCantBeSavedGoesOnAsBefore) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  EXPECT_EQ(CodeOf(Suspend(FullDisk())), absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(Reaches(VmState::kRunning));
  const uint32_t runs = vcpu(0).runs;
  driver_->machine().address_space().Write(0x200'0000_gpa, 4, 1);
  EXPECT_TRUE(Eventually([&] { return vcpu(0).runs > runs; }));
  driver_->Pause();
  ASSERT_TRUE(Reaches(VmState::kPaused));
  EXPECT_EQ(CodeOf(Suspend(FullDisk())), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Reaches(VmState::kPaused));
}

TEST_F(SuspensionTest, AResumeEndsIt) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  const auto resume = [this](uint64_t, uint64_t) {
    driver_->Resume();
    return true;
  };
  EXPECT_EQ(CodeOf(Suspend(UniqueFd(memfd_create("state", 0)), resume)),
            absl::StatusCode::kCancelled);
  EXPECT_TRUE(Reaches(VmState::kRunning));
}

TEST_F(SuspensionTest, AGuestThatIsJustEndingIsNotSaved) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  driver_->SetObserver([this](VmState state, std::optional<GuestExit>) {
    if (state == VmState::kSuspending) GuestWritesFinisher(0x5555);
  });
  EXPECT_EQ(CodeOf(Suspend(UniqueFd(memfd_create("state", 0)))),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Reaches(VmState::kStopped));
}

TEST_F(SuspensionTest, WhatDoesNotRunIsNotSaved) {
  EXPECT_EQ(CodeOf(Suspend(UniqueFd(memfd_create("state", 0)))),
            absl::StatusCode::kFailedPrecondition);
}

class SnapshotTest : public SuspensionTest {
 protected:
  Answer TakeSnapshot(UniqueFd file = UniqueFd(memfd_create("state", 0)),
                      snapshot::Progress progress = {}) {
    Answer answer;
    driver_->TakeSnapshot(NewSave(std::move(file), std::move(progress), answer));
    return answer;
  }
  // One that is not written further before `is_held_` is taken back.
  Answer TakeHeldSnapshot() {
    is_held_ = true;
    Answer answer = TakeSnapshot(UniqueFd(memfd_create("state", 0)), [this](uint64_t, uint64_t) {
      is_writing_ = true;
      while (is_held_) std::this_thread::sleep_for(milliseconds(1));
      return true;
    });
    EXPECT_TRUE(Eventually([&] { return is_writing_.load(); }));
    return answer;
  }
  static bool IsOpen(const Answer& answer) {
    return answer.wait_for(milliseconds(20)) == std::future_status::timeout;
  }

  std::atomic<bool> is_held_ = false;
  std::atomic<bool> is_writing_ = false;
};

TEST_F(SnapshotTest, TheVmGoesOnWhileItIsWrittenAndAfterwards) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  Answer answer = TakeHeldSnapshot();
  EXPECT_EQ(driver_->state(), VmState::kRunning);
  uint32_t runs = vcpu(0).runs;
  driver_->machine().address_space().Write(0x200'0000_gpa, 4, 1);
  EXPECT_TRUE(Eventually([&] { return vcpu(0).runs > runs; }));
  is_held_ = false;
  EXPECT_EQ(CodeOf(Await(std::move(answer))), absl::StatusCode::kOk);
  EXPECT_EQ(CodeOf(Await(TakeSnapshot())), absl::StatusCode::kOk);
  std::lock_guard lock(mutex_);
  EXPECT_EQ(states_, (std::vector{VmState::kStarting, VmState::kRunning}));
}

TEST_F(SnapshotTest, APausedVmStaysPausedAndMayGoOnMeanwhile) {
  driver_->Start();
  driver_->Pause();
  ASSERT_TRUE(Reaches(VmState::kPaused));
  const uint32_t runs = vcpu(0).runs;
  Answer answer = TakeHeldSnapshot();
  EXPECT_EQ(driver_->state(), VmState::kPaused);
  EXPECT_EQ(vcpu(0).runs, runs);
  driver_->Resume();
  EXPECT_TRUE(Reaches(VmState::kRunning));
  is_held_ = false;
  EXPECT_EQ(CodeOf(Await(std::move(answer))), absl::StatusCode::kOk);
}

TEST_F(SnapshotTest, ASecondOneMeanwhileIsRefused) {
  driver_->Start();
  Answer first = TakeHeldSnapshot();
  EXPECT_EQ(CodeOf(Await(TakeSnapshot())), absl::StatusCode::kFailedPrecondition);
  is_held_ = false;
  EXPECT_EQ(CodeOf(Await(std::move(first))), absl::StatusCode::kOk);
}

TEST_F(SnapshotTest, AFullDiskLeavesTheVmRunning) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  EXPECT_EQ(CodeOf(Await(TakeSnapshot(FullDisk()))), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(driver_->state(), VmState::kRunning);
  EXPECT_EQ(CodeOf(Await(TakeSnapshot())), absl::StatusCode::kOk);
}

TEST_F(SnapshotTest, AParentThatIsNoneIsSaid) {
  driver_->Start();
  Answer answer;
  StateSave save = NewSave(UniqueFd(memfd_create("state", 0)), {}, answer);
  save.parent.emplace().own = UniqueFd(memfd_create("parent", 0));
  driver_->TakeSnapshot(std::move(save));
  EXPECT_EQ(CodeOf(Await(std::move(answer))), absl::StatusCode::kDataLoss);
  EXPECT_EQ(CodeOf(Await(TakeSnapshot())), absl::StatusCode::kOk);
}

TEST_F(SnapshotTest, AStopEndsIt) {
  driver_->Start();
  Answer answer = TakeHeldSnapshot();
  driver_->Stop();
  ASSERT_TRUE(Reaches(VmState::kStopping));
  is_held_ = false;
  EXPECT_EQ(CodeOf(Await(std::move(answer))), absl::StatusCode::kCancelled);
  EXPECT_TRUE(Reaches(VmState::kStopped));
}

TEST_F(SnapshotTest, AGuestThatPowersItselfOffWaitsForIt) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  Answer answer = TakeHeldSnapshot();
  GuestWritesFinisher(0x5555);
  ASSERT_TRUE(Reaches(VmState::kStopping));
  EXPECT_TRUE(IsOpen(answer));
  is_held_ = false;
  EXPECT_EQ(CodeOf(Await(std::move(answer))), absl::StatusCode::kOk);
  EXPECT_TRUE(Reaches(VmState::kStopped));
}

TEST_F(SnapshotTest, AStopEndsWhatTheGuestWaitsFor) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  Answer answer = TakeHeldSnapshot();
  GuestWritesFinisher(0x5555);
  ASSERT_TRUE(Reaches(VmState::kStopping));
  driver_->Stop();
  is_held_ = false;
  EXPECT_EQ(CodeOf(Await(std::move(answer))), absl::StatusCode::kCancelled);
}

TEST_F(SnapshotTest, AResetDoesNotConcernIt) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  Answer answer = TakeHeldSnapshot();
  const uint32_t resets = vcpu(0).resets;
  driver_->Reset();
  EXPECT_TRUE(Eventually([&] { return vcpu(0).resets > resets; }));
  is_held_ = false;
  EXPECT_EQ(CodeOf(Await(std::move(answer))), absl::StatusCode::kOk);
  EXPECT_EQ(driver_->state(), VmState::kRunning);
}

TEST_F(SnapshotTest, ASuspensionComesAfterIt) {
  driver_->Start();
  Answer first = TakeHeldSnapshot();
  Answer second;
  driver_->Suspend(NewSave(UniqueFd(memfd_create("state", 0)), {}, second));
  EXPECT_TRUE(IsOpen(second));
  EXPECT_EQ(driver_->state(), VmState::kRunning);
  is_held_ = false;
  EXPECT_EQ(CodeOf(Await(std::move(first))), absl::StatusCode::kOk);
  EXPECT_EQ(CodeOf(Await(std::move(second))), absl::StatusCode::kOk);
  EXPECT_TRUE(Reaches(VmState::kSuspended));
}

TEST_F(SnapshotTest, ADebuggersHoldStays) {
  driver_->Start();
  ASSERT_TRUE(Reaches(VmState::kRunning));
  driver_->Do([this] { driver_->HoldProcessors(); });
  EXPECT_EQ(CodeOf(Await(TakeSnapshot())), absl::StatusCode::kOk);
  const uint64_t now_ns = driver_->machine().clock().NowNs();
  std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(driver_->machine().clock().NowNs(), now_ns);
}

TEST_F(SnapshotTest, WhatDoesNotRunIsNotSaved) {
  EXPECT_EQ(CodeOf(Await(TakeSnapshot())), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SnapshotTest, CanBeDestroyedInTheMiddleOfOne) {
  driver_->Start();
  Answer answer = TakeHeldSnapshot();
  is_held_ = false;
  driver_.reset();
  EXPECT_NE(CodeOf(Await(std::move(answer))), absl::StatusCode::kUnknown);
}

// Of a VM with a disk of 1 MiB that is written to.
class DiskSnapshotTest : public SnapshotTest {
 protected:
  static constexpr uint64_t kDiskBytes = 1 << 20;

  DiskSnapshotTest() {
    MachineConfig config;
    config.arch = "riscv64";
    config.memory_bytes = 64 << 20;
    config.firmware = boot::FileOf("firmware");
    DiskConfig& disk = config.disks.emplace_back();
    disk.id = "disk0";
    disk.file = UniqueFd(memfd_create("disk", 0));
    EXPECT_EQ(ftruncate(disk.file.get(), kDiskBytes), 0);
    driver_ = *StateDriver::Create(std::move(config), console_, *loop_, &FakeTranslator::New);
    driver_->Start();
    EXPECT_TRUE(Reaches(VmState::kRunning));
  }
  static UniqueFd NewOverlay(uint64_t bytes = kDiskBytes) {
    UniqueFd file(memfd_create("overlay", 0));
    EXPECT_TRUE(disk_files::WriteOverlay(file.get(), {bytes, "below"}).ok());
    return file;
  }
  absl::StatusCode TakeSnapshotOver(const std::string& disk_id, UniqueFd overlay) {
    Answer answer;
    StateSave save = NewSave(UniqueFd(memfd_create("state", 0)), {}, answer);
    save.overlays.push_back({disk_id, std::move(overlay), UniqueFd()});
    driver_->TakeSnapshot(std::move(save));
    return CodeOf(Await(std::move(answer)));
  }
  const DiskConfig& disk() { return driver_->machine().config().disks[0]; }
};

TEST_F(DiskSnapshotTest, EachHasTheDiskGoOnInANewFileOverTheOneOfBefore) {
  ASSERT_EQ(TakeSnapshotOver("disk0", NewOverlay()), absl::StatusCode::kOk);
  EXPECT_EQ(disk().format, ImageFormat::kQcow2);
  ASSERT_EQ(disk().backing.size(), 1u);
  EXPECT_EQ(disk().backing[0].format, ImageFormat::kRaw);
  ASSERT_EQ(TakeSnapshotOver("disk0", NewOverlay()), absl::StatusCode::kOk);
  ASSERT_EQ(disk().backing.size(), 2u);
  EXPECT_EQ(disk().backing[0].format, ImageFormat::kQcow2);
  EXPECT_EQ(driver_->state(), VmState::kRunning);
}

TEST_F(DiskSnapshotTest, WhatIsNoFileForItLeavesItAsItWas) {
  EXPECT_EQ(CodeOf(Await(TakeSnapshot())), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(TakeSnapshotOver("other", NewOverlay()), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(TakeSnapshotOver("disk0", NewOverlay(2 * kDiskBytes)),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(TakeSnapshotOver("disk0", UniqueFd(memfd_create("empty", 0))),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(disk().format, ImageFormat::kRaw);
  EXPECT_TRUE(disk().backing.empty());
  EXPECT_EQ(TakeSnapshotOver("disk0", NewOverlay()), absl::StatusCode::kOk);
}

TEST_F(StateDriverTest, CanBeDestroyedInAnyState) {
  driver_->Start();
  driver_.reset();
}

}  // namespace
}  // namespace emu
