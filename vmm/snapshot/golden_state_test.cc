// State files that earlier releases wrote: each loads in every later one. A release adds its own,
// which EMU_NEW_GOLDEN=FOLDER has this test write; none is ever changed.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <ostream>
#include <string>
#include <vector>

#include "devices/core/device_test_bench.h"
#include "vmm/machine/testing/boot_file_builder.h"
#include "vmm/snapshot/file_io.h"
#include "vmm/snapshot/state_file.h"

namespace emu::snapshot {
namespace {

constexpr uint64_t kMemoryBytes = 64 << 20;
constexpr uint32_t kRegisters[] = {1, 5, 17};

struct Golden {
  const char* name;
  const char* arch;
  GuestPhysAddr mark;     // in RAM
  GuestPhysAddr scratch;  // a register of a device that keeps what is written to it
  uint32_t scratch_bytes;
};
void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.name; }
constexpr Golden kGoldens[] = {
    {"riscv64-1", "riscv64", 0x8060'3000_gpa, 0x1000'0007_gpa, 1},  // ns16550a: SCR
    {"aarch64-1", "aarch64", 0x4060'3000_gpa, 0x0900'0024_gpa, 4},  // pl011: UARTIBRD
};

// The pages of a file that are not zero, each behind its offset, compressed.
std::string Packed(const UniqueFd& file) {
  std::string packed;
  std::string page(kPageSize, '\0');
  const off_t size = lseek(file.get(), 0, SEEK_END);
  for (off_t at = 0; at < size; at += static_cast<off_t>(kPageSize)) {
    page.assign(kPageSize, '\0');
    if (pread(file.get(), page.data(), kPageSize, at) <= 0) break;
    if (page == std::string(kPageSize, '\0')) continue;
    const auto offset = static_cast<uint64_t>(at);
    packed.append(reinterpret_cast<const char*>(&offset), sizeof(offset)).append(page);
  }
  return packed;
}

UniqueFd Unpack(const std::string& path) {
  UniqueFd file(memfd_create("golden", MFD_CLOEXEC));
  gzFile packed = gzopen(path.c_str(), "rb");
  EXPECT_NE(packed, nullptr) << path;
  uint64_t offset = 0;
  std::vector<std::byte> page(kPageSize);
  while (packed != nullptr && gzread(packed, &offset, sizeof(offset)) == sizeof(offset) &&
         gzread(packed, page.data(), kPageSize) == static_cast<int>(kPageSize)) {
    EXPECT_TRUE(WriteAll(file.get(), page, offset).ok());
  }
  if (packed != nullptr) gzclose(packed);
  return file;
}

class GoldenStateTest : public testing::TestWithParam<Golden> {
 protected:
  std::unique_ptr<Machine> Make(bool is_restored) {
    MachineConfig config;
    config.arch = GetParam().arch;
    config.cpus = 2;
    config.memory_bytes = kMemoryBytes;
    config.code_cache_mib = 1;
    config.firmware = boot::FileOf("firmware bytes");
    config.disks.push_back({boot::FileOf(std::string(1 << 20, 'd')), false, "disk0"});
    config.is_restored = is_restored;
    auto machine = Machine::Create(std::move(config), console_, [](PowerRequest, uint32_t) {});
    EXPECT_TRUE(machine.ok()) << machine.status();
    return *std::move(machine);
  }
  static uint64_t ValueOf(uint32_t vcpu, uint32_t number) { return 0x1111 * (vcpu + 1) + number; }
  static std::string PathIn(const std::string& folder) {
    return folder + "/" + GetParam().name + ".state.gz";
  }

  void WriteNew(const std::string& folder) {
    const auto machine = Make(/*is_restored=*/false);
    ASSERT_TRUE(machine->memory().Write(GetParam().mark, std::vector(kPageSize, std::byte{0x5a})));
    machine->address_space().Write(GetParam().scratch, GetParam().scratch_bytes, 0x42);
    for (uint32_t vcpu = 0; vcpu < 2; ++vcpu) {
      for (const uint32_t number : kRegisters) {
        machine->vcpus()[vcpu]->debug()->WriteRegister(number, ValueOf(vcpu, number));
      }
    }
    machine->Start();
    machine->Pause();
    const UniqueFd file(memfd_create("golden", MFD_CLOEXEC));
    ASSERT_TRUE(SaveMachine(*machine, file.get(), [](uint64_t, uint64_t) { return true; }).ok());
    const std::string bytes = Packed(file);
    gzFile packed = gzopen(PathIn(folder).c_str(), "wb9");
    ASSERT_NE(packed, nullptr);
    ASSERT_EQ(gzwrite(packed, bytes.data(), static_cast<unsigned>(bytes.size())),
              static_cast<int>(bytes.size()));
    gzclose(packed);
  }

  RecordingStream console_;
};

TEST_P(GoldenStateTest, LoadsInEveryLaterRelease) {
  if (const char* folder = std::getenv("EMU_NEW_GOLDEN")) WriteNew(folder);
  const auto machine = Make(/*is_restored=*/true);
  const absl::Status restored = RestoreMachine(*machine, {.own = Unpack(PathIn(EMU_GOLDEN_STATES))},
                                               {.changed_disks = ChangedDisks::kAccept});
  ASSERT_TRUE(restored.ok()) << restored;
  EXPECT_EQ(machine->memory().PageForRead(GetParam().mark)[100], std::byte{0x5a});
  EXPECT_EQ(machine->memory().PageForRead(GetParam().mark + kPageSize)[100], std::byte{0});
  uint64_t scratch = 0;
  machine->address_space().Read(GetParam().scratch, GetParam().scratch_bytes, &scratch);
  EXPECT_EQ(scratch, 0x42u);
  for (uint32_t vcpu = 0; vcpu < 2; ++vcpu) {
    for (const uint32_t number : kRegisters) {
      EXPECT_EQ(machine->vcpus()[vcpu]->debug()->ReadRegister(number), ValueOf(vcpu, number));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(States, GoldenStateTest, testing::ValuesIn(kGoldens),
                         [](const auto& info) { return std::string(info.param.arch); });

}  // namespace
}  // namespace emu::snapshot
