#include "client/format/usage_format.h"

#include <gtest/gtest.h>

namespace emu::client {
namespace {

emud::v1::VmUsage& AddVm(const std::string& name, int64_t cpu_seconds, uint64_t memory,
                         emud::v1::WatchVmStatsResponse& sample) {
  emud::v1::VmUsage& vm = *sample.add_vms();
  vm.set_vm(name);
  vm.set_vm_uid("uid-" + name);
  vm.set_state(emud::v1::Vm::RUNNING);
  vm.mutable_cpu_time()->set_seconds(cpu_seconds);
  vm.set_resident_bytes(memory << 20);
  vm.mutable_counters();
  return vm;
}

class TopTest : public testing::Test {
 protected:
  TopTest() {
    before_.mutable_time()->set_seconds(100);
    now_.mutable_time()->set_seconds(102);
  }
  std::string Top(TopOrder order = TopOrder::kCpu, size_t rows = 0) {
    return TopTable(before_, now_, order, rows);
  }
  emud::v1::WatchVmStatsResponse before_;
  emud::v1::WatchVmStatsResponse now_;
};

TEST_F(TopTest, RatesAreBetweenTheTwo) {
  AddVm("a", 10, 1, before_);
  emud::v1::VmUsage& vm = AddVm("a", 11, 1, now_);
  vm.mutable_counters()->add_vcpus()->mutable_exits()->set_wait(5000);
  const std::string table = Top();
  EXPECT_NE(table.find("50.0"), std::string::npos) << table;
  EXPECT_NE(table.find("2.5k"), std::string::npos) << table;
}

TEST_F(TopTest, TheBusiestComesFirstUnlessAskedOtherwise) {
  for (auto* sample : {&before_, &now_}) {
    const int64_t growth = sample == &now_ ? 1 : 0;
    AddVm("a", 10, 3, *sample);
    AddVm("b", 10 + growth, 1, *sample);
  }
  EXPECT_LT(Top().find("b "), Top().find("a "));
  EXPECT_LT(Top(TopOrder::kMemory).find("\na "), Top(TopOrder::kMemory).find("\nb "));
  EXPECT_EQ(Top(TopOrder::kCpu, 1).find("\na "), std::string::npos);
}

TEST_F(TopTest, ANewProcessHasNoRates) {
  AddVm("a", 10, 1, before_);
  AddVm("a", 1, 1, now_);
  const std::string table = Top();
  EXPECT_NE(table.find("RUNNING  -"), std::string::npos) << table;
}

}  // namespace
}  // namespace emu::client
