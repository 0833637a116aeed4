// A device that writes over code that has been translated.
#include <gtest/gtest.h>

#include <atomic>
#include <span>
#include <thread>

#include "tests/guest/program_runner.h"

namespace emu::testing {
namespace {

class DmaTest : public ::testing::TestWithParam<translator::TierPolicy> {};

// As devices write: through the write gate of the VM's memory.
template <typename T>
void DeviceWrites(ProgramRunner& runner, GuestPhysAddr address, T value) {
  ASSERT_TRUE(runner.memory().Write(address, std::as_bytes(std::span(&value, 1))));
}

TEST_P(DmaTest, CodeThatADeviceWroteRunsAfterFenceI) {
  const ProgramImage image = ProgramImage::Load(EMU_GUEST_PROGRAMS "/privileged/dma.elf");
  ProgramRunner runner(image, {.tier = GetParam()});
  const GuestPhysAddr turn = runner.AddressOf("turn");
  const GuestPhysAddr answer = runner.AddressOf("answer");
  const GuestPhysAddr code = runner.AddressOf("written_code");
  std::atomic<bool> is_over = false;
  std::thread device([&] {
    for (uint64_t number = 1; number <= 100; ++number) {
      while (runner.Read64(answer) != number) {
        if (is_over) return;
        std::this_thread::yield();
      }
      DeviceWrites(runner, code, static_cast<uint32_t>(0x513 | number << 20));  // li a0, number
      DeviceWrites(runner, turn, number);
    }
  });
  EXPECT_EQ(runner.Run(), 0u) << "the program did not come to its end";
  is_over = true;
  device.join();
  EXPECT_EQ(runner.Read64(runner.AddressOf("failure_count")), 0u);
  EXPECT_EQ(runner.Read64(runner.AddressOf("check_count")), 101u);
  EXPECT_EQ(runner.Read64(answer + 8), 100u);
}

INSTANTIATE_TEST_SUITE_P(Riscv64, DmaTest, ::testing::ValuesIn(kTiers),
                         [](const auto& info) { return NameOf(info.param); });

}  // namespace
}  // namespace emu::testing
