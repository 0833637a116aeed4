#include "vmm/snapshot/state_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "devices/core/device_test_bench.h"
#include "vmm/base/test_seed.h"
#include "vmm/machine/testing/boot_file_builder.h"
#include "vmm/snapshot/crc32c.h"
#include "vmm/snapshot/file_io.h"
#include "vmm/snapshot/state_header.h"

namespace emu::snapshot {
namespace {

constexpr GuestPhysAddr kRam = 0x8000'0000_gpa;
constexpr uint64_t kMemoryBytes = 64 << 20;
constexpr GuestPhysAddr kMark = kRam + 5 * kChunkBytes + 3 * kPageSize;
// Devices' registers, console and disk among them.
constexpr GuestPhysAddr kDevices[] = {0x200'0000_gpa,  0x200'4000_gpa,  0xc00'0000_gpa,
                                      0xc20'0000_gpa,  0x1000'0000_gpa, 0x10'1000_gpa,
                                      0x1000'1000_gpa, 0x1000'2000_gpa, 0x1000'3000_gpa};

bool GoOn(uint64_t, uint64_t) { return true; }

UniqueFd NewFile() { return UniqueFd(memfd_create("state", MFD_CLOEXEC)); }

std::string ContentsOf(const UniqueFd& file) {
  std::string bytes(static_cast<size_t>(lseek(file.get(), 0, SEEK_END)), '\0');
  EXPECT_TRUE(ReadAll(file.get(), std::as_writable_bytes(std::span(bytes)), 0).ok());
  return bytes;
}

// Machines of one shape, with one disk, made, saved and restored.
class StateFileTest : public testing::Test {
 protected:
  StateFileTest() : disk_(boot::FileOf(std::string(1 << 20, 'd'))) {}

  MachineConfig Config() {
    MachineConfig config;
    config.arch = "riscv64";
    config.cpus = 2;
    config.memory_bytes = kMemoryBytes;
    config.firmware = boot::FileOf("firmware bytes");
    config.disks.push_back({UniqueFd(dup(disk_.get())), false, "disk0"});
    return config;
  }
  std::unique_ptr<Machine> Make(MachineConfig config) {
    auto machine = Machine::Create(std::move(config), console_, [](PowerRequest, uint32_t) {});
    EXPECT_TRUE(machine.ok()) << machine.status();
    return *std::move(machine);
  }
  std::unique_ptr<Machine> MakeUsed() {
    auto machine = Make(Config());
    const std::vector<std::byte> mark(3 * kPageSize, std::byte{0x5a});
    EXPECT_TRUE(machine->memory().Write(kMark, mark));
    return machine;
  }
  static UniqueFd Save(Machine& machine) {
    UniqueFd file = NewFile();
    EXPECT_TRUE(SaveMachine(machine, file.get(), GoOn).ok());
    return file;
  }
  absl::Status Restore(const UniqueFd& file, MachineConfig config,
                       ChangedDisks changed_disks = ChangedDisks::kRefuse) {
    config.is_restored = true;
    restored_ = Make(std::move(config));
    return RestoreMachine(*restored_, {.own = UniqueFd(dup(file.get()))},
                          {.changed_disks = changed_disks});
  }
  absl::Status Restore(const UniqueFd& file) { return Restore(file, Config()); }
  // As one that has no machine for it.
  static absl::Status Check(const UniqueFd& file) {
    return CheckState({.own = UniqueFd(dup(file.get()))});
  }
  // What a restore of `file` with one byte changed answers.
  absl::Status RestoreWithout(const UniqueFd& file, uint64_t offset) {
    std::byte byte;
    EXPECT_TRUE(ReadAll(file.get(), {&byte, 1}, offset).ok());
    byte ^= std::byte{4};
    EXPECT_TRUE(WriteAll(file.get(), {&byte, 1}, offset).ok());
    absl::Status answer = Restore(file);
    EXPECT_EQ(Check(file), answer) << offset;
    byte ^= std::byte{4};
    EXPECT_TRUE(WriteAll(file.get(), {&byte, 1}, offset).ok());
    return answer;
  }

  UniqueFd disk_;
  RecordingStream console_;
  std::unique_ptr<Machine> restored_;
};

TEST(Crc32cTest, IsTheOneOfTheStandards) { EXPECT_EQ(Crc32c(AsBytes("123456789")), 0xe3069283u); }

TEST_F(StateFileTest, WhatIsSavedAndLoadedAndSavedIsTheSame) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 10; ++round) {
    auto machine = MakeUsed();
    for (int i = 0; i < 3000; ++i) {
      const GuestPhysAddr base = kDevices[random() % std::size(kDevices)];
      const uint64_t value = random() % 2 == 0 ? random() % 16 : random();
      machine->address_space().Write(base + random() % 0x100 / 4 * 4, 4, value);
    }
    for (translator::Vcpu* vcpu : machine->vcpus()) {
      for (uint32_t number = 0; number < 33; ++number) {
        vcpu->debug()->WriteRegister(number, random());
      }
    }
    machine->Start();
    machine->Pause();
    const UniqueFd first = Save(*machine);
    machine.reset();
    ASSERT_TRUE(Restore(first).ok());
    const UniqueFd second = NewFile();
    ASSERT_TRUE(SaveMachine(*restored_, second.get(), GoOn).ok());
    // All but time and name, which the header's checksums are of.
    vm::v1::MachineState states[2];
    for (int i = 0; i < 2; ++i) {
      const std::string bytes = ContentsOf(i == 0 ? first : second);
      const auto* header = reinterpret_cast<const StateHeader*>(bytes.data());
      ASSERT_TRUE(
          states[i].ParseFromString(bytes.substr(header->manifest_offset, header->manifest_bytes)));
      states[i].clear_time_ns();
      states[i].clear_uid();
    }
    EXPECT_EQ(states[0].SerializeAsString(), states[1].SerializeAsString());
    EXPECT_EQ(states[0].processors_size(), 2);
  }
}

TEST_F(StateFileTest, MemoryIsSharedWithTheFileAndZeroesAreNeitherWrittenNorShared) {
  const UniqueFd file = Save(*MakeUsed());
  struct stat info = {};
  ASSERT_EQ(fstat(file.get(), &info), 0);
  EXPECT_LT(info.st_blocks * 512, 1 << 20);
  ASSERT_TRUE(Restore(file).ok());
  GuestMemory& memory = restored_->memory();
  using Ownership = GuestMemory::Frame::Ownership;
  EXPECT_EQ(memory.FrameAt(kMark)->ownership, Ownership::kShared);
  EXPECT_EQ(memory.FrameAt(kMark + kChunkBytes)->ownership, Ownership::kOwned);
  EXPECT_EQ(memory.PageForRead(kMark)[17], std::byte{0x5a});
  EXPECT_EQ(memory.PageForRead(kMark + 3 * kPageSize)[0], std::byte{0});
  memory.PageForWrite(kMark)[17] = std::byte{1};
  ASSERT_TRUE(Restore(file).ok());
  EXPECT_EQ(restored_->memory().PageForRead(kMark)[17], std::byte{0x5a});
}

TEST_F(StateFileTest, WhatIsDamagedIsRefused) {
  const UniqueFd file = Save(*MakeUsed());
  ASSERT_TRUE(Restore(file).ok());
  const std::string bytes = ContentsOf(file);
  const auto* header = reinterpret_cast<const StateHeader*>(bytes.data());
  std::vector<uint64_t> places = {bytes.find(std::string(kPageSize, 0x5a)) + 100,
                                  bytes.find(std::string(kPageSize, 0x5a)) - 1,
                                  header->manifest_offset, bytes.size() - 1};
  for (uint64_t at = 0; at < sizeof(StateHeader); at += 4) places.push_back(at);
  for (const uint64_t place : places) {
    EXPECT_EQ(RestoreWithout(file, place).code(), absl::StatusCode::kDataLoss) << place;
  }
  EXPECT_TRUE(Restore(file).ok());
  EXPECT_TRUE(Check(file).ok());
}

TEST_F(StateFileTest, WhatIsCutShortIsRefusedWhereverThatIs) {
  const UniqueFd file = Save(*MakeUsed());
  const auto size = static_cast<uint64_t>(lseek(file.get(), 0, SEEK_END));
  for (const uint64_t left : {size - 1, size / 2, kChunkBytes, uint64_t{10}, uint64_t{0}}) {
    ASSERT_EQ(ftruncate(file.get(), static_cast<off_t>(left)), 0);
    EXPECT_EQ(Restore(file).code(), absl::StatusCode::kDataLoss) << left;
    EXPECT_EQ(Check(file).code(), absl::StatusCode::kDataLoss) << left;
  }
}

TEST_F(StateFileTest, AnotherMachineIsRefusedAndSaysWhatDiffers) {
  const UniqueFd file = Save(*MakeUsed());
  const auto expect = [&](const char* what, void (*change)(MachineConfig&)) {
    MachineConfig config = Config();
    change(config);
    const absl::Status answer = Restore(file, std::move(config));
    EXPECT_EQ(answer.code(), absl::StatusCode::kFailedPrecondition) << answer;
    EXPECT_NE(answer.message().find(what), std::string::npos) << answer;
  };
  expect("processors: 2, and this one has 3", [](MachineConfig& config) { config.cpus = 3; });
  expect("memory: 65536 KiB", [](MachineConfig& config) { config.memory_bytes *= 2; });
  expect("number of disks: 1", [](MachineConfig& config) { config.disks.clear(); });
  expect("disk: disk0", [](MachineConfig& config) { config.disks[0].id = "other"; });
}

TEST_F(StateFileTest, ADiskThatHasChangedIsRefusedUnlessThatIsAccepted) {
  const UniqueFd file = Save(*MakeUsed());
  ASSERT_EQ(pwrite(disk_.get(), "x", 1, 0), 1);
  const timespec later[2] = {{.tv_sec = 2'000'000'000, .tv_nsec = 0},
                             {.tv_sec = 2'000'000'000, .tv_nsec = 0}};
  ASSERT_EQ(futimens(disk_.get(), later), 0);  // clocks may be coarse
  EXPECT_EQ(Restore(file).code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(Restore(file, Config(), ChangedDisks::kAccept).ok());
  disk_ = boot::FileOf(std::string(1 << 20, 'd'));
  EXPECT_EQ(Restore(file).code(), absl::StatusCode::kAborted);
}

TEST_F(StateFileTest, AFullDiskIsSaid) {
  const UniqueFd full(open("/dev/full", O_RDWR | O_CLOEXEC));
  const absl::Status answer = SaveMachine(*MakeUsed(), full.get(), GoOn);
  EXPECT_EQ(answer.code(), absl::StatusCode::kResourceExhausted) << answer;
}

TEST_F(StateFileTest, ASaveThatIsCancelledLeavesNoState) {
  const UniqueFd file = NewFile();
  const auto stop_halfway = [](uint64_t done, uint64_t total) { return done < total / 2; };
  const absl::Status answer = SaveMachine(*MakeUsed(), file.get(), stop_halfway);
  EXPECT_EQ(answer.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(Restore(file).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace emu::snapshot
