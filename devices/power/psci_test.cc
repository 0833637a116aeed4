#include "devices/power/psci.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_format.h"
#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

constexpr uint64_t kCpuOn32 = 0x8400'0003, kCpuOn64 = 0xc400'0003, kAffinityInfo = 0xc400'0004,
                   kCpuOff = 0x8400'0002, kFeatures = 0x8400'000a;
constexpr uint64_t kNotSupported = UINT64_MAX, kInvalidParameters = UINT64_MAX - 1,
                   kAlreadyOn = UINT64_MAX - 3, kInvalidAddress = UINT64_MAX - 8;

class PsciTest : public testing::Test {
 protected:
  uint64_t Call(uint64_t x0, uint64_t x1 = 0, uint64_t x2 = 0, uint64_t x3 = 0, uint32_t cpu = 0) {
    return psci_.Call(cpu, {x0, x1, x2, x3}).value;
  }

  std::string done_;
  Psci psci_{2,
             {.power_on =
                  [this](uint32_t cpu, uint64_t pc, uint64_t context) {
                    done_ += absl::StrFormat("on(%d,%#x,%#x)", cpu, pc, context);
                  },
              .power_off = [this](uint32_t cpu) { done_ += absl::StrFormat("off(%d)", cpu); },
              .request =
                  [this](Psci::Request request) {
                    done_ += request == Psci::Request::kReset ? "reset" : "shutdown";
                  }}};
};

TEST_F(PsciTest, SaysWhatItIs) {
  EXPECT_EQ(Call(0x8400'0000), 0x1'0001u);
  EXPECT_EQ(Call(0x8000'0000), 0x1'0001u);
  EXPECT_EQ(Call(0x8400'0006), 2u);
  EXPECT_EQ(Call(kFeatures, kCpuOn64), 0u);
  EXPECT_EQ(Call(kFeatures, 0x8000'0000), 0u);
  EXPECT_EQ(Call(kFeatures, 0xc400'0002), kNotSupported);    // takes no address
  EXPECT_EQ(Call(0x8000'0001, 0x8000'8000), kNotSupported);  // no such workaround is needed
  EXPECT_EQ(Call(0x8600'ff01), kNotSupported);
}

TEST_F(PsciTest, TurnsProcessorsOnAndOff) {
  EXPECT_EQ(Call(kAffinityInfo, 1), 1u);
  EXPECT_EQ(Call(kCpuOn64, 1, 0x1'4000'0000, 0x2'0000'0007), 0u);
  EXPECT_EQ(done_, "on(1,0x140000000,0x200000007)");
  EXPECT_EQ(Call(kAffinityInfo, 1), 0u);
  EXPECT_EQ(Call(kCpuOn64, 1, 0x4000'0000), kAlreadyOn);
  done_.clear();
  Call(kCpuOff, 0, 0, 0, 1);
  EXPECT_EQ(done_, "off(1)");
  EXPECT_EQ(Call(kAffinityInfo, 1), 1u);
  EXPECT_EQ(Call(kCpuOn32, 0xf'0000'0001, 0xf'4000'0000), 0u);  // 32 bits of each count
  EXPECT_EQ(done_, "off(1)on(1,0x40000000,0)");
}

TEST_F(PsciTest, RefusesProcessorsAndAddressesThatAreNot) {
  EXPECT_EQ(Call(kCpuOn64, 2, 0x4000'0000), kInvalidParameters);
  EXPECT_EQ(Call(kCpuOn64, 0x100, 0x4000'0000), kInvalidParameters);
  EXPECT_EQ(Call(kCpuOn64, 1, 0x4000'0002), kInvalidAddress);
  EXPECT_EQ(Call(kAffinityInfo, 2), kInvalidParameters);
  EXPECT_EQ(Call(kAffinityInfo, 0, 1), kInvalidParameters);
  EXPECT_EQ(done_, "");
}

TEST_F(PsciTest, SuspendingIsWaiting) {
  const Psci::Answer answer = psci_.Call(0, {0xc400'0001, 0x1'0000, 0x4000'0000, 0});
  EXPECT_EQ(answer.value, 0u);
  EXPECT_TRUE(answer.waits_for_interrupt);
}

TEST_F(PsciTest, TheCallerOfAShutdownRunsNoFurther) {
  Call(0x8400'0008, 0, 0, 0, 1);
  EXPECT_EQ(done_, "off(1)shutdown");
  done_.clear();
  Call(0x8400'0009);
  EXPECT_EQ(done_, "off(0)reset");
}

TEST_F(PsciTest, AfterAResetOnlyTheFirstIsOn) {
  Call(kCpuOn64, 1, 0x4000'0000);
  const auto state = DeviceTestBench::Save(psci_);
  psci_.Reset();
  EXPECT_EQ(Call(kAffinityInfo, 1), 1u);
  EXPECT_EQ(Call(kAffinityInfo, 0), 0u);
  ASSERT_TRUE(DeviceTestBench::Restore(psci_, state).ok());
  EXPECT_EQ(Call(kAffinityInfo, 1), 0u);
}

}  // namespace
}  // namespace emu
