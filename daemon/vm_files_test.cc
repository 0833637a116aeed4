#include "daemon/vm_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/jailer.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace emu::daemon {
namespace {

// The field that the error's BadRequest names.
std::string FieldOf(const absl::Status& status) {
  google::rpc::Status full;
  full.ParseFromString(errors::ToGrpc(status).error_details());
  google::rpc::BadRequest bad;
  for (const auto& detail : full.details()) {
    if (detail.UnpackTo(&bad)) return bad.field_violations(0).field();
  }
  return "";
}

emud::v1::VmSpec GoodSpec() {
  emud::v1::VmSpec spec;
  spec.mutable_machine()->set_arch("riscv64");
  spec.mutable_boot()->set_kernel("/boot/linux");
  ApplyDefaults(spec);
  return spec;
}

TEST(VmFilesTest, NamesAreLowerCaseAndShort) {
  for (const char* good : {"a", "web1", "a-b"}) EXPECT_TRUE(CheckName(good).ok()) << good;
  for (const std::string& bad :
       {std::string(), std::string("A"), std::string("1a"), std::string("a-"), std::string("a_b"),
        std::string(64, 'a'), std::string("../a")}) {
    EXPECT_EQ(FieldOf(CheckName(bad)), "name") << bad;
  }
}

TEST(VmFilesTest, DefaultsMakeAGoodSpec) { EXPECT_TRUE(CheckSpec(GoodSpec()).ok()); }

TEST(VmFilesTest, AnErrorNamesItsField) {
  emud::v1::VmSpec spec = GoodSpec();
  spec.mutable_machine()->set_cpus(9);
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.machine.cpus");
  spec = GoodSpec();
  spec.mutable_machine()->set_memory_mib(63);
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.machine.memory_mib");
  spec = GoodSpec();
  spec.mutable_machine()->set_arch("vax");
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.machine.arch");
  spec = GoodSpec();
  spec.clear_boot();
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.boot.kernel");
}

TEST(VmFilesTest, AKernelOfAarch64NeedsNoFirmwareAndHasNone) {
  emud::v1::VmSpec spec = GoodSpec();
  spec.mutable_machine()->set_arch("aarch64");
  EXPECT_TRUE(CheckSpec(spec).ok());
  spec.mutable_boot()->set_firmware("/boot/firmware");
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.boot.firmware");
  spec.mutable_boot()->clear_kernel();
  EXPECT_TRUE(CheckSpec(spec).ok());
  emud::v1::Vm vm;
  *vm.mutable_spec() = spec;
  vm.mutable_spec()->mutable_boot()->set_kernel("/proc/self/exe");
  vm.mutable_spec()->mutable_boot()->clear_firmware();
  const absl::StatusOr<VmLaunch> launch = OpenFiles(vm, "", Overlays::kOpen);
  ASSERT_TRUE(launch.ok()) << launch.status();
  EXPECT_FALSE(launch->firmware.is_valid());
}

TEST(VmFilesTest, AFlashImageIsInPlaceOfAKernelAndHasTheFirmwareThatAKernelHas) {
  for (const char* arch : {"riscv64", "aarch64"}) {
    emud::v1::VmSpec spec = GoodSpec();
    spec.mutable_machine()->set_arch(arch);
    spec.mutable_boot()->set_flash("/proc/self/exe");
    EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.boot.flash");
    spec.mutable_boot()->clear_kernel();
    EXPECT_TRUE(CheckSpec(spec).ok());
    emud::v1::Vm vm;
    *vm.mutable_spec() = spec;
    const absl::StatusOr<VmLaunch> launch = OpenFiles(vm, "", Overlays::kOpen);
    ASSERT_TRUE(launch.ok()) << launch.status();
    EXPECT_TRUE(launch->flash.is_valid());
    EXPECT_EQ(launch->firmware.is_valid(), arch == std::string_view("riscv64"));
    EXPECT_GE(launch->limits.memory_bytes,
              LimitsOf(spec, std::filesystem::file_size("/proc/self/exe")).memory_bytes);
    spec.mutable_boot()->set_firmware("/boot/firmware");
    EXPECT_EQ(CheckSpec(spec).ok(), arch == std::string_view("riscv64"));
  }
}

TEST(VmFilesTest, AGicHasAVersionWhereThereIsOne) {
  emud::v1::VmSpec spec = GoodSpec();
  spec.mutable_machine()->set_gic_version(2);
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.machine.gic_version");  // of riscv64
  spec.mutable_machine()->set_arch("aarch64");
  EXPECT_TRUE(CheckSpec(spec).ok());
  emud::v1::Vm vm;
  *vm.mutable_spec() = spec;
  vm.mutable_spec()->mutable_boot()->set_kernel("/proc/self/exe");
  const absl::StatusOr<VmLaunch> launch = OpenFiles(vm, "", Overlays::kOpen);
  ASSERT_TRUE(launch.ok()) << launch.status();
  EXPECT_EQ(launch->config.gic_version(), 2U);
  spec.mutable_machine()->set_gic_version(4);
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.machine.gic_version");
}

TEST(VmFilesTest, EachBusHasRoomForSoManyDisks) {
  emud::v1::VmSpec spec = GoodSpec();
  const auto add = [&spec](emud::v1::Disk::Bus bus) {
    emud::v1::Disk& disk = *spec.add_disks();
    disk.set_id(absl::StrCat("disk", spec.disks_size()));
    disk.set_path("/a");
    disk.set_bus(bus);
  };
  for (int i = 0; i < 6; ++i) add(emud::v1::Disk::VIRTIO_MMIO);
  for (int i = 0; i < 31; ++i) add(emud::v1::Disk::VIRTIO_PCI);
  EXPECT_TRUE(CheckSpec(spec).ok()) << CheckSpec(spec);
  add(emud::v1::Disk::VIRTIO_PCI);
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.disks");
  spec.mutable_disks()->RemoveLast();
  add(emud::v1::Disk::BUS_UNSPECIFIED);
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.disks");
  spec.mutable_disks()->RemoveLast();
  add(emud::v1::Disk::VIRTIO_SCSI);
  spec.mutable_disks()->rbegin()->set_readonly(true);
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.disks");  // they are on PCI
  spec.mutable_disks()->RemoveLast();
  spec.mutable_disks(3)->set_bus(static_cast<emud::v1::Disk::Bus>(7));
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.disks[3].bus");
}

TEST(VmFilesTest, ADiskOverScsiIsACd) {
  emud::v1::VmSpec spec = GoodSpec();
  emud::v1::Disk& disk = *spec.add_disks();
  disk.set_id("cd");
  disk.set_path("/proc/self/exe");
  disk.set_bus(emud::v1::Disk::VIRTIO_SCSI);
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.disks[0].bus");
  disk.set_readonly(true);
  EXPECT_TRUE(CheckSpec(spec).ok()) << CheckSpec(spec);

  emud::v1::Vm vm;
  *vm.mutable_spec() = spec;
  vm.mutable_spec()->mutable_boot()->set_kernel("/proc/self/exe");
  const absl::StatusOr<VmLaunch> launch = OpenFiles(vm, "", Overlays::kOpen);
  ASSERT_TRUE(launch.ok()) << launch.status();
  EXPECT_EQ(launch->config.disks(0).bus(), vm::v1::VmConfig::Disk::VIRTIO_SCSI);
}

TEST(VmFilesTest, NoNetworkCardIsOnScsi) {
  emud::v1::VmSpec spec = GoodSpec();
  emud::v1::Nic& nic = *spec.add_nics();
  nic.set_id("nic0");
  nic.set_mode(emud::v1::Nic::USER);
  nic.set_bus(emud::v1::Disk::VIRTIO_SCSI);
  EXPECT_EQ(FieldOf(CheckSpec(spec)), "spec.nics[0].bus");
}

TEST(VmFilesTest, AWritableDiskHasOneUser) {
  char path[] = "/tmp/disk-XXXXXX";
  const UniqueFd file(mkstemp(path));
  ASSERT_EQ(write(file.get(), "x", 1), 1);
  emud::v1::Vm vm;
  *vm.mutable_spec() = GoodSpec();
  vm.mutable_spec()->mutable_boot()->set_kernel(path);
  vm.mutable_spec()->mutable_boot()->set_firmware(path);
  vm.mutable_spec()->add_disks()->set_path(path);
  const absl::StatusOr<VmLaunch> first = OpenFiles(vm, "", Overlays::kOpen);
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second = OpenFiles(vm, "", Overlays::kOpen).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(second)) << second;
  EXPECT_EQ(second.message().find("spec.disks[0].path: "), 0u) << second;
  unlink(path);
}

}  // namespace
}  // namespace emu::daemon
