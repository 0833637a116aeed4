#include "daemon/jailer.h"

#include <gtest/gtest.h>

namespace emu::daemon {
namespace {

TEST(JailerTest, StepsHaveTheSameNumbersOnBothWays) {
  EXPECT_EQ(static_cast<int>(vm::v1::SandboxStep_MAX),
            static_cast<int>(emud::v1::Sandbox::Step_MAX));
  for (int step = vm::v1::SandboxStep_MIN + 1; step <= vm::v1::SandboxStep_MAX; ++step) {
    EXPECT_EQ(vm::v1::SandboxStep_Name(static_cast<vm::v1::SandboxStep>(step)),
              emud::v1::Sandbox::Step_Name(static_cast<emud::v1::Sandbox::Step>(step)));
  }
}

TEST(JailerTest, FullIsWhatMissesNothing) {
  emud::v1::Vm vm;
  vm::v1::Response::Sandbox sandbox;
  ShowSandbox(sandbox, vm);
  EXPECT_EQ(vm.sandbox_level(), emud::v1::Sandbox::FULL);
  sandbox.add_missing(vm::v1::LANDLOCK);
  ShowSandbox(sandbox, vm);
  EXPECT_EQ(vm.sandbox_level(), emud::v1::Sandbox::PARTIAL);
  ASSERT_EQ(vm.sandbox_missing_size(), 1);
  EXPECT_EQ(vm.sandbox_missing(0), emud::v1::Sandbox::LANDLOCK);
}

TEST(JailerTest, LimitsGrowWithTheMachineUnlessTheyAreGiven) {
  emud::v1::VmSpec spec;
  spec.mutable_machine()->set_cpus(2);
  spec.mutable_machine()->set_memory_mib(640);
  spec.mutable_machine()->set_code_cache_mib(32);
  EXPECT_EQ(LimitsOf(spec, 0).memory_bytes, uint64_t{640 + 32 + 32 + 2 * 16 + 10 + 16} << 20);
  EXPECT_EQ(LimitsOf(spec, 0).cpu_millis, 3000u);
  EXPECT_EQ(LimitsOf(spec, 4096).memory_bytes, LimitsOf(spec, 0).memory_bytes + 4096);
  spec.mutable_limits()->set_memory_overhead_mib(5);
  spec.mutable_limits()->set_cpu_millis(700);
  EXPECT_EQ(LimitsOf(spec, 0).memory_bytes, uint64_t{640 + 32 + 5} << 20);
  EXPECT_EQ(LimitsOf(spec, 0).cpu_millis, 700u);
}

}  // namespace
}  // namespace emu::daemon
