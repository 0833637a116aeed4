#include "vmm/snapshot/live_snapshot.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <optional>
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

absl::Status Restore(BusyMachine& machine, const UniqueFd& file) {
  return RestoreMachine(*machine, {.own = UniqueFd(dup(file.get()))});
}

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
    ASSERT_TRUE((*snapshot)->Write(file.get(), nullptr, GoOn).ok());
    machine.Halt();

    BusyMachine restored(/*is_restored=*/true);
    ASSERT_TRUE(Restore(restored, file).ok());
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
  ASSERT_TRUE((*snapshot)->Write(live.get(), nullptr, GoOn).ok());
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

// What its memory is.
std::vector<std::byte> MemoryOf(BusyMachine& machine) {
  std::vector<std::byte> bytes(kMemoryBytes);
  EXPECT_TRUE(machine->memory().Read(0x8000'0000_gpa, bytes));
  return bytes;
}

uint64_t BytesOnDisk(const UniqueFd& file) {
  struct stat info = {};
  EXPECT_EQ(fstat(file.get(), &info), 0);
  return static_cast<uint64_t>(info.st_blocks) * 512;
}

// A machine with 12 MiB that it leaves alone, and its states: one, and one against that, and so on.
class IncrementalTest : public testing::Test {
 protected:
  static constexpr uint64_t kStillBytes = 12 << 20;

  IncrementalTest() {
    const std::vector<std::byte> still(kStillBytes, std::byte{0x5a});
    EXPECT_TRUE(machine_->memory().Write(kAreas + kHarts * kAreaBytes, still));
  }
  // Against the last one, while the machine runs on from where `instant_` is.
  void TakeNext() {
    machine_.Go();
    machine_.WaitForRounds(1);
    machine_.Halt();
    instant_ = MemoryOf(machine_);
    auto snapshot = LiveSnapshot::Begin(*machine_);
    ASSERT_TRUE(snapshot.ok());
    machine_.Go();
    std::optional<OpenState> parent;
    if (!states_.empty()) {
      auto opened = Open(FilesOf(states_.back()));
      ASSERT_TRUE(opened.ok()) << opened.status();
      parent = *std::move(opened);
    }
    UniqueFd file = NewFile();
    ASSERT_TRUE((*snapshot)->Write(file.get(), parent ? &*parent : nullptr, GoOn).ok());
    machine_.Halt();
    State& added = states_.emplace_back();
    added.file = std::move(file);
    added.uid = (*snapshot)->manifest().uid();
    for (const auto& source : (*snapshot)->manifest().sources()) {
      added.sources.push_back(source.uid());
    }
  }
  struct State {
    UniqueFd file;
    std::string uid;
    std::vector<std::string> sources;
  };
  StateFiles FilesOf(const State& state) {
    StateFiles files{.own = UniqueFd(dup(state.file.get()))};
    for (const std::string& uid : state.sources) {
      for (const State& other : states_) {
        if (other.uid == uid) files.sources.emplace_back(dup(other.file.get()));
      }
    }
    return files;
  }

  BusyMachine machine_;
  std::vector<std::byte> instant_;
  std::vector<State> states_;
};

TEST_F(IncrementalTest, WhatItsParentHasIsNotWrittenAndYetThere) {
  for (int number = 0; number < 4; ++number) {
    TakeNext();
    const State& state = states_.back();
    EXPECT_EQ(state.sources.size(), number == 0 ? 0u : 1u);  // the others have nothing of it
    if (number > 0) {
      EXPECT_LE(BytesOnDisk(state.file) + kStillBytes, BytesOnDisk(states_[0].file));
    }
    BusyMachine restored(/*is_restored=*/true);
    ASSERT_TRUE(RestoreMachine(*restored, FilesOf(state)).ok());
    EXPECT_TRUE(MemoryOf(restored) == instant_);
    ExpectOneInstant(restored);
  }
}

TEST_F(IncrementalTest, WithoutItsSourcesOrWithOthersItIsRefused) {
  TakeNext();
  TakeNext();
  BusyMachine restored(/*is_restored=*/true);
  StateFiles alone{.own = UniqueFd(dup(states_[1].file.get()))};
  EXPECT_EQ(RestoreMachine(*restored, std::move(alone)).code(),
            absl::StatusCode::kFailedPrecondition);
  StateFiles wrong{.own = UniqueFd(dup(states_[1].file.get()))};
  wrong.sources.emplace_back(dup(states_[1].file.get()));
  EXPECT_EQ(RestoreMachine(*restored, std::move(wrong)).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(RestoreMachine(*restored, FilesOf(states_[1])).ok());
}

TEST_F(IncrementalTest, DamageIsFoundInASourceTooUnlessItsKeeperIsTrusted) {
  TakeNext();
  TakeNext();
  // The still memory lies in the first file, by its place in the region.
  const vm::v1::MachineState manifest = ManifestOf(states_[0].file);
  const vm::v1::MachineState::Region& ram = manifest.regions(manifest.regions_size() - 1);
  const uint64_t place =
      ram.file_offset() + (kAreas + kHarts * kAreaBytes - GuestPhysAddr(ram.base())) + 5000;
  const std::byte other = std::byte{0x5b};
  ASSERT_TRUE(WriteAll(states_[0].file.get(), {&other, 1}, place).ok());
  BusyMachine checked(/*is_restored=*/true);
  EXPECT_EQ(RestoreMachine(*checked, FilesOf(states_[1])).code(), absl::StatusCode::kDataLoss);
  BusyMachine trusting(/*is_restored=*/true);
  EXPECT_TRUE(RestoreMachine(*trusting, FilesOf(states_[1]), {.checks = Checks::kTrusted}).ok());
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
  EXPECT_EQ((*snapshot)->Write(full.get(), nullptr, GoOn).code(),
            absl::StatusCode::kResourceExhausted);
  machine.WaitForRounds(2);
  machine.Halt();
  ExpectOneInstant(machine);
  EXPECT_TRUE(machine->memory().IsWritable(kAreas + kHarts * kAreaBytes));
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
  EXPECT_EQ((*snapshot)->Write(file.get(), nullptr, stop_halfway).code(),
            absl::StatusCode::kCancelled);
  machine.WaitForRounds(2);
  machine.Halt();
  ExpectOneInstant(machine);
  BusyMachine restored(/*is_restored=*/true);
  EXPECT_EQ(Restore(restored, file).code(), absl::StatusCode::kDataLoss);
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
  ASSERT_TRUE((*snapshot)->Write(file.get(), nullptr, GoOn).ok());
  machine.Halt();
  BusyMachine restored(/*is_restored=*/true);
  ASSERT_TRUE(Restore(restored, file).ok());
  EXPECT_EQ(restored.RoundAt(0, 0), round);
  ExpectOneInstant(restored);
}

}  // namespace
}  // namespace emu::snapshot
