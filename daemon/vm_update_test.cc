#include "daemon/vm_update.h"

#include <gtest/gtest.h>

namespace emu::daemon {
namespace {

using emud::v1::UpdateVmRequest;
using emud::v1::Vm;

Vm Existing() {
  Vm vm;
  vm.set_name("a");
  (*vm.mutable_labels())["team"] = "core";
  (*vm.mutable_labels())["tier"] = "web";
  vm.mutable_spec()->mutable_machine()->set_cpus(2);
  vm.mutable_spec()->mutable_machine()->set_memory_mib(512);
  vm.mutable_spec()->add_disks()->set_path("/old");
  return vm;
}

UpdateVmRequest Request(std::initializer_list<const char*> paths) {
  UpdateVmRequest request;
  for (const char* path : paths) request.mutable_update_mask()->add_paths(path);
  return request;
}

TEST(VmUpdateTest, OnlyWhatTheMaskNamesChanges) {
  Vm vm = Existing();
  UpdateVmRequest request = Request({"spec.machine.cpus"});
  request.mutable_vm()->mutable_spec()->mutable_machine()->set_cpus(4);
  request.mutable_vm()->mutable_spec()->mutable_machine()->set_memory_mib(64);
  ASSERT_TRUE(ApplyUpdate(request, vm).ok());
  EXPECT_EQ(vm.spec().machine().cpus(), 4U);
  EXPECT_EQ(vm.spec().machine().memory_mib(), 512U);
  EXPECT_EQ(vm.labels().size(), 2U);
}

TEST(VmUpdateTest, OneLabelIsSetOrTakenAway) {
  Vm vm = Existing();
  UpdateVmRequest request = Request({"labels.team", "labels.tier", "labels.`a.b`"});
  (*request.mutable_vm()->mutable_labels())["team"] = "infra";
  (*request.mutable_vm()->mutable_labels())["a.b"] = "core";
  ASSERT_TRUE(ApplyUpdate(request, vm).ok());
  EXPECT_EQ(vm.labels().at("team"), "infra");
  EXPECT_EQ(vm.labels().at("a.b"), "core");
  EXPECT_FALSE(vm.labels().contains("tier"));
}

TEST(VmUpdateTest, WithoutAMaskWhatIsSetChanges) {
  Vm vm = Existing();
  UpdateVmRequest request;
  request.mutable_vm()->mutable_spec()->mutable_machine()->set_memory_mib(64);
  request.mutable_vm()->mutable_spec()->add_disks()->set_path("/new");
  ASSERT_TRUE(ApplyUpdate(request, vm).ok());
  EXPECT_EQ(vm.spec().machine().cpus(), 2U);
  EXPECT_EQ(vm.spec().machine().memory_mib(), 64U);
  ASSERT_EQ(vm.spec().disks_size(), 1);
  EXPECT_EQ(vm.spec().disks(0).path(), "/new");
  EXPECT_EQ(vm.labels().size(), 2U);
}

TEST(VmUpdateTest, AStarReplacesAllThatMayBeWrittenAndNothingElse) {
  Vm vm = Existing();
  vm.set_state(Vm::RUNNING);
  UpdateVmRequest request = Request({"*"});
  request.mutable_vm()->set_state(Vm::STOPPED);
  request.mutable_vm()->mutable_spec()->mutable_machine()->set_cpus(1);
  ASSERT_TRUE(ApplyUpdate(request, vm).ok());
  EXPECT_TRUE(vm.labels().empty());
  EXPECT_TRUE(vm.spec().disks().empty());
  EXPECT_EQ(vm.spec().machine().memory_mib(), 0U);
  EXPECT_EQ(vm.state(), Vm::RUNNING);
}

TEST(VmUpdateTest, WhatIsNotWritableIsRefused) {
  for (const char* path :
       {"state", "name", "uid", "last_exit.code", "spec.none", "none", "", "specs"}) {
    Vm vm = Existing();
    EXPECT_TRUE(absl::IsInvalidArgument(ApplyUpdate(Request({path}), vm))) << path;
  }
}

TEST(VmUpdateTest, TheLifecycleIsNoPartOfTheMachine) {
  Vm vm = Existing();
  emud::v1::VmSpec other = vm.spec();
  other.mutable_lifecycle()->set_protected_(true);
  EXPECT_FALSE(IsOtherMachine(vm.spec(), other));
  EXPECT_FALSE(IsOtherMachine(other, vm.spec()));
  other.mutable_machine()->set_cpus(3);
  EXPECT_TRUE(IsOtherMachine(vm.spec(), other));
}

TEST(VmUpdateTest, NotesAreBounded) {
  Vm vm = Existing();
  EXPECT_TRUE(CheckNotes(vm).ok());
  (*vm.mutable_labels())["k"] = std::string(257, 'v');
  EXPECT_FALSE(CheckNotes(vm).ok());
  vm.mutable_labels()->clear();
  (*vm.mutable_annotations())["k"] = std::string(70'000, 'v');
  EXPECT_FALSE(CheckNotes(vm).ok());
}

}  // namespace
}  // namespace emu::daemon
