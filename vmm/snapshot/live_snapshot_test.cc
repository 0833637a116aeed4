#include "vmm/snapshot/live_snapshot.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "devices/core/device_test_bench.h"
#include "vmm/base/guest_access.h"
#include "vmm/machine/testing/boot_file_builder.h"
#include "vmm/snapshot/file_io.h"
#include "vmm/snapshot/state_file.h"
#include "vmm/snapshot/state_header.h"

namespace emu::snapshot {
namespace {

constexpr uint64_t kMemoryBytes = 64 << 20;
constexpr uint32_t kHarts = 2;
// As busy_guest.s has it.
constexpr GuestPhysAddr kAreas = 0x8100'0000_gpa;
constexpr uint64_t kAreaBytes = 0x100'0000;
constexpr uint64_t kPlaceInPage = 16;

bool GoOn(uint64_t, uint64_t) { return true; }

UniqueFd NewFile() { return UniqueFd(memfd_create("state", MFD_CLOEXEC)); }

std::string ContentsOf(const std::string& path) {
  std::ostringstream contents;
  contents << std::ifstream(path, std::ios::binary).rdbuf();
  return contents.str();
}

vm::v1::MachineState ManifestOf(const UniqueFd& file) {
  StateHeader header;
  EXPECT_TRUE(ReadAll(file.get(), std::as_writable_bytes(std::span(&header, 1)), 0).ok());
  std::string bytes(header.manifest_bytes, '\0');
  EXPECT_TRUE(
      ReadAll(file.get(), std::as_writable_bytes(std::span(bytes)), header.manifest_offset).ok());
  vm::v1::MachineState state;
  EXPECT_TRUE(state.ParseFromString(bytes));
  state.clear_time_ns();
  state.clear_uid();
  return state;
}

// A machine whose processors write without end, on threads of their own while it goes.
class BusyMachine {
 public:
  explicit BusyMachine(bool is_restored = false) {
    MachineConfig config;
    config.arch = "riscv64";
    config.cpus = kHarts;
    config.memory_bytes = kMemoryBytes;
    config.firmware = boot::FileOf(ContentsOf(EMU_BUSY_GUEST));
    config.is_restored = is_restored;
    auto machine = Machine::Create(std::move(config), console_, [](PowerRequest, uint32_t) {});
    EXPECT_TRUE(machine.ok()) << machine.status();
    machine_ = *std::move(machine);
  }
  ~BusyMachine() { Halt(); }
  Machine& operator*() { return *machine_; }
  Machine* operator->() { return machine_.get(); }

  void Go() {
    is_halted_ = false;
    machine_->Start();
    for (translator::Vcpu* vcpu : machine_->vcpus()) {
      threads_.emplace_back([this, vcpu] {
        while (!is_halted_) vcpu->Run();
      });
    }
  }
  void Halt() {
    is_halted_ = true;
    // A kick may come just before Run.
    std::atomic<bool> is_over = false;
    std::thread kicker([&] {
      while (!is_over) {
        for (translator::Vcpu* vcpu : machine_->vcpus()) vcpu->Kick();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
    for (std::thread& thread : threads_) thread.join();
    is_over = true;
    kicker.join();
    threads_.clear();
    machine_->Pause();
  }
  uint64_t RoundAt(uint32_t hart, uint64_t page) {
    const GuestPhysAddr at = kAreas + hart * kAreaBytes + page * kPageSize + kPlaceInPage;
    return LoadGuest(machine_->memory().PageForRead(at) + at.PageOffset(), 8);
  }
  uint64_t LastRound(uint32_t hart) { return RoundAt(hart, kAreaBytes / kPageSize - 1); }
  void WaitForRounds(uint64_t count) {
    for (uint32_t hart = 0; hart < kHarts; ++hart) {
      const uint64_t wanted = LastRound(hart) + count;
      while (LastRound(hart) < wanted) std::this_thread::yield();
    }
  }

 private:
  RecordingStream console_;
  std::unique_ptr<Machine> machine_;
  std::atomic<bool> is_halted_ = true;
  std::vector<std::thread> threads_;
};

void ExpectOneInstant(BusyMachine& machine) {
  for (uint32_t hart = 0; hart < kHarts; ++hart) {
    const uint64_t first = machine.RoundAt(hart, 0);
    uint64_t before = first;
    for (uint64_t page = 1; page < kAreaBytes / kPageSize; ++page) {
      const uint64_t round = machine.RoundAt(hart, page);
      ASSERT_LE(round, before) << "hart " << hart << " page " << page;
      before = round;
    }
    EXPECT_LE(first - before, 1u) << "hart " << hart;
  }
}

TEST(LiveSnapshotTest, ASnapshotOfAGuestThatWritesAllTheTimeHoldsOneInstant) {
  BusyMachine machine;
  for (int number = 0; number < 3; ++number) {
    machine.Go();
    machine.WaitForRounds(2);
    machine.Halt();
    auto snapshot = LiveSnapshot::Begin(*machine);
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    machine.Go();
    machine.WaitForRounds(1);
    const UniqueFd file = NewFile();
    ASSERT_TRUE((*snapshot)->Write(file.get(), GoOn).ok());
    machine.Halt();

    BusyMachine restored(/*is_restored=*/true);
    ASSERT_TRUE(RestoreMachine(*restored, UniqueFd(dup(file.get())), ChangedDisks::kRefuse).ok());
    ExpectOneInstant(restored);
    EXPECT_LT(restored.LastRound(0), machine.LastRound(0));
    // It goes on from there, in order.
    restored.Go();
    restored.WaitForRounds(2);
    restored.Halt();
    ExpectOneInstant(restored);
  }
}

TEST(LiveSnapshotTest, ItIsWhatAMachineThatStandsStillSaves) {
  BusyMachine machine;
  machine.Go();
  machine.WaitForRounds(2);
  machine.Halt();
  const UniqueFd halted = NewFile();
  ASSERT_TRUE(SaveMachine(*machine, halted.get(), GoOn).ok());
  auto snapshot = LiveSnapshot::Begin(*machine);
  ASSERT_TRUE(snapshot.ok());
  machine.Go();
  machine.WaitForRounds(1);
  const UniqueFd live = NewFile();
  ASSERT_TRUE((*snapshot)->Write(live.get(), GoOn).ok());
  machine.Halt();

  const vm::v1::MachineState wanted = ManifestOf(halted);
  EXPECT_EQ(ManifestOf(live).SerializeAsString(), wanted.SerializeAsString());
  std::vector<std::byte> left(kChunkBytes), right(kChunkBytes);
  for (const vm::v1::MachineState::Region& region : wanted.regions()) {
    for (uint64_t at = 0; at < region.size_bytes(); at += kChunkBytes) {
      const uint64_t size = std::min(kChunkBytes, region.size_bytes() - at);
      const uint64_t offset = region.file_offset() + at;
      ASSERT_TRUE(ReadAll(halted.get(), std::span(left).first(size), offset).ok());
      ASSERT_TRUE(ReadAll(live.get(), std::span(right).first(size), offset).ok());
      ASSERT_TRUE(left == right) << std::hex << region.base() + at;
    }
  }
}

TEST(LiveSnapshotTest, AFullDiskLeavesTheMachineUnharmed) {
  BusyMachine machine;
  machine.Go();
  machine.WaitForRounds(1);
  machine.Halt();
  auto snapshot = LiveSnapshot::Begin(*machine);
  ASSERT_TRUE(snapshot.ok());
  machine.Go();
  const UniqueFd full(open("/dev/full", O_RDWR | O_CLOEXEC));
  EXPECT_EQ((*snapshot)->Write(full.get(), GoOn).code(), absl::StatusCode::kResourceExhausted);
  machine.WaitForRounds(2);
  machine.Halt();
  ExpectOneInstant(machine);
  EXPECT_TRUE(machine->memory().IsWritable(kAreas + 3 * kAreaBytes));
}

TEST(LiveSnapshotTest, OneThatIsGivenUpInTheMiddleIsNoState) {
  BusyMachine machine;
  machine.Go();
  machine.WaitForRounds(1);
  machine.Halt();
  auto snapshot = LiveSnapshot::Begin(*machine);
  ASSERT_TRUE(snapshot.ok());
  machine.Go();
  const UniqueFd file = NewFile();
  const auto stop_halfway = [](uint64_t done, uint64_t total) { return done < total / 2; };
  EXPECT_EQ((*snapshot)->Write(file.get(), stop_halfway).code(), absl::StatusCode::kCancelled);
  machine.WaitForRounds(2);
  machine.Halt();
  ExpectOneInstant(machine);
  BusyMachine restored(/*is_restored=*/true);
  EXPECT_EQ(RestoreMachine(*restored, UniqueFd(dup(file.get())), ChangedDisks::kRefuse).code(),
            absl::StatusCode::kDataLoss);
}

TEST(LiveSnapshotTest, AResetMeanwhileChangesNothingOfIt) {
  BusyMachine machine;
  machine.Go();
  machine.WaitForRounds(2);
  machine.Halt();
  const uint64_t round = machine.RoundAt(0, 0);
  auto snapshot = LiveSnapshot::Begin(*machine);
  ASSERT_TRUE(snapshot.ok());
  ASSERT_TRUE(machine->Reset().ok());
  machine.Go();
  const UniqueFd file = NewFile();
  ASSERT_TRUE((*snapshot)->Write(file.get(), GoOn).ok());
  machine.Halt();
  BusyMachine restored(/*is_restored=*/true);
  ASSERT_TRUE(RestoreMachine(*restored, UniqueFd(dup(file.get())), ChangedDisks::kRefuse).ok());
  EXPECT_EQ(restored.RoundAt(0, 0), round);
  ExpectOneInstant(restored);
}

}  // namespace
}  // namespace emu::snapshot
