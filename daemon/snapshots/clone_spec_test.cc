#include "daemon/snapshots/clone_spec.h"

#include <gtest/gtest.h>

#include "daemon/errors.h"

namespace emu::daemon {
namespace {

using emud::v1::VmSpec;

VmSpec Spec() {
  VmSpec spec;
  spec.mutable_machine()->set_memory_mib(64);
  spec.mutable_lifecycle()->set_protected_(true);
  spec.mutable_limits()->set_cpu_millis(500);
  emud::v1::Nic& nic = *spec.add_nics();
  nic.set_id("nic0");
  nic.set_mac("02:00:5e:10:00:01");
  emud::v1::Forward& forward = *nic.add_forwards();
  forward.set_host_port(8080);
  forward.set_guest_port(80);
  return spec;
}

TEST(CloneSpecTest, ACloneHasNoAddressOfTheSnapshotsVm) {
  const absl::StatusOr<VmSpec> clone = CloneSpec(Spec(), {});
  ASSERT_TRUE(clone.ok()) << clone.status();
  EXPECT_EQ(clone->machine().memory_mib(), 64u);
  EXPECT_TRUE(clone->lifecycle().protected_());
  EXPECT_EQ(clone->nics(0).mac(), "");
  EXPECT_EQ(clone->nics(0).forwards(0).host_port(), 0u);
  EXPECT_EQ(clone->nics(0).forwards(0).guest_port(), 80u);
}

TEST(CloneSpecTest, WhatAGuestDoesNotSeeMayBeAnother) {
  VmSpec wanted;
  wanted.mutable_lifecycle()->mutable_ttl()->set_seconds(60);
  wanted.add_nics()->add_forwards()->set_host_port(9090);
  const absl::StatusOr<VmSpec> clone = CloneSpec(Spec(), wanted);
  ASSERT_TRUE(clone.ok()) << clone.status();
  EXPECT_FALSE(clone->lifecycle().protected_());
  EXPECT_EQ(clone->limits().cpu_millis(), 500u);
  ASSERT_EQ(clone->nics(0).forwards_size(), 1);
  EXPECT_EQ(clone->nics(0).forwards(0).host_port(), 9090u);
}

TEST(CloneSpecTest, WhatItSeesMayNot) {
  const auto reason_with = [](const auto& edit) {
    VmSpec wanted;
    edit(wanted);
    return std::string(CloneSpec(Spec(), wanted).status().message());
  };
  EXPECT_NE(
      reason_with([](VmSpec& spec) { spec.mutable_machine()->set_cpus(2); }).find("spec.machine"),
      std::string::npos);
  EXPECT_NE(reason_with([](VmSpec& spec) { spec.add_disks(); }).find("spec.disks"),
            std::string::npos);
  EXPECT_NE(
      reason_with([](VmSpec& spec) { spec.add_nics()->set_id("other"); }).find("no card other"),
      std::string::npos);
}

TEST(CloneSpecTest, OneThatGoesBackKeepsItsNetworksAndItsLife) {
  VmSpec before = Spec();
  before.mutable_machine()->set_memory_mib(128);
  before.mutable_nics(0)->mutable_forwards(0)->set_host_port(9090);
  before.mutable_lifecycle()->set_protected_(false);
  const VmSpec back = SpecGoneBack(Spec(), before);
  EXPECT_EQ(back.machine().memory_mib(), 64u);
  EXPECT_FALSE(back.lifecycle().protected_());
  EXPECT_EQ(back.nics(0).forwards(0).host_port(), 9090u);
  EXPECT_EQ(back.nics(0).mac(), "02:00:5e:10:00:01");
}

}  // namespace
}  // namespace emu::daemon
