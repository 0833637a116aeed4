#include <gtest/gtest.h>
#include <libfdt.h>

#include <array>
#include <cstring>

#include "devices/core/device_test_bench.h"
#include "devices/interrupt/gicv3_cpu_spec.h"
#include "vmm/machine/boards/aarch64_virt_map.h"
#include "vmm/machine/machine.h"
#include "vmm/machine/testing/boot_file_builder.h"
#include "vmm/machine/testing/fake_translator.h"
#include "vmm/machine/testing/garbage_guest.h"

namespace emu {
namespace {

using aarch64_virt::Place;
using gicv3::CpuReg;

constexpr GuestPhysAddr kRam = 0x4000'0000_gpa;
constexpr GuestPhysAddr kGic = 0x800'0000_gpa;
constexpr GuestPhysAddr kRedistributor1 = 0x80c'0000_gpa;

class Aarch64VirtTest : public testing::Test {
 protected:
  static MachineConfig Config(uint32_t cpus = 2) {
    MachineConfig config;
    config.arch = "aarch64";
    config.cpus = cpus;
    config.memory_bytes = 64 << 20;
    config.command_line = "console=ttyAMA0";
    config.kernel = boot::FileOf(boot::LinuxImage(boot::kArm64Linux, 0x3000, 0x4000));
    config.initrd = boot::FileOf("initrd bytes");
    return config;
  }
  static MachineConfig FirmwareConfig(const std::string& firmware) {
    MachineConfig config = Config();
    config.kernel.Reset();
    config.initrd.Reset();
    config.firmware = boot::FileOf(firmware);
    return config;
  }
  absl::Status Build(MachineConfig config) {
    auto machine = Machine::Create(
        std::move(config), console_,
        [this](PowerRequest request, uint32_t) { asked_.push_back(request); },
        &FakeTranslator::New);
    if (!machine.ok()) return machine.status();
    machine_ = *std::move(machine);
    return absl::OkStatus();
  }
  FakeVcpu& vcpu(size_t i) { return static_cast<FakeVcpu&>(*machine_->vcpus()[i]); }
  translator::ProcessorPort& port() {
    return *static_cast<FakeTranslator&>(machine_->translator()).processor_port;
  }
  AddressSpace& space() { return machine_->address_space(); }
  uint64_t Read(GuestPhysAddr address, uint32_t width_bytes = 4) {
    uint64_t value = 0;
    EXPECT_EQ(space().Read(address, width_bytes, &value), AccessResult::kOk);
    return value;
  }
  std::string TextAt(GuestPhysAddr address, size_t size) {
    std::string text(size, '\0');
    EXPECT_TRUE(machine_->memory().Read(address, std::as_writable_bytes(std::span(text))));
    return text;
  }
  // As a kernel sets processor `cpu` up, with shared interrupt `irq` and its own 27 and 30 on.
  void TurnInterruptsOn(uint32_t cpu, uint32_t irq) {
    const uint32_t intid = 32 + irq;
    const GuestPhysAddr frame = 0x80a'0000_gpa + 0x2'0000 * cpu + 0x1'0000;
    space().Write(kGic, 4, 2);
    space().Write(kGic + 0x80 + intid / 32 * 4, 4, 0xffff'ffff);
    space().Write(kGic + 0x100 + intid / 32 * 4, 4, 1u << intid % 32);
    space().Write(kGic + 0x6000 + 8 * intid, 8, cpu);
    space().Write(frame + 0x80, 4, 0xffff'ffff);
    space().Write(frame + 0x100, 4, 1u << 27 | 1u << 30);
    EXPECT_TRUE(port().WriteRegister(cpu, static_cast<uint32_t>(CpuReg::kPmr), 0xf0));
    EXPECT_TRUE(port().WriteRegister(cpu, static_cast<uint32_t>(CpuReg::kIgrpen1), 1));
  }
  uint64_t Acknowledge(uint32_t cpu) {
    return port().ReadRegister(cpu, static_cast<uint32_t>(CpuReg::kIar1)).value_or(0xdead);
  }
  std::vector<std::byte> Fdt(GuestPhysAddr where) {
    std::vector<std::byte> fdt(64 << 10);
    EXPECT_TRUE(machine_->memory().Read(where, fdt));
    EXPECT_EQ(fdt_check_full(fdt.data(), fdt.size()), 0);
    return fdt;
  }
  static std::string Property(const std::vector<std::byte>& fdt, const char* path,
                              const char* name) {
    int length = 0;
    const int node = fdt_path_offset(fdt.data(), path);
    const void* value = fdt_getprop(fdt.data(), node, name, &length);
    return value != nullptr ? std::string(static_cast<const char*>(value), length) : "(none)";
  }

  RecordingStream console_;
  std::vector<PowerRequest> asked_;
  std::unique_ptr<Machine> machine_;
};

TEST_F(Aarch64VirtTest, StartsAKernelWithTheDeviceTreeInItsFirstRegister) {
  ASSERT_TRUE(Build(Config()).ok());
  EXPECT_EQ(Read(0x0_gpa), 0x5800'00c0u);   // ldr x0, fdt
  EXPECT_EQ(Read(0x4_gpa), 0xaa1f'03e1u);   // mov x1, xzr
  EXPECT_EQ(Read(0x10_gpa), 0x5800'0084u);  // ldr x4, start
  EXPECT_EQ(Read(0x14_gpa), 0xd61f'0080u);  // br x4
  EXPECT_EQ(Read(0x20_gpa, 8), kRam.value + 0x20'0000);
  EXPECT_EQ(TextAt(kRam + 0x20'2fff, 1), "k");
  EXPECT_EQ(TextAt(kRam + 0x220'0000, 12), "initrd bytes");
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(vcpu(i).reset_pc, 0x0_gva);
  EXPECT_TRUE(vcpu(0).is_on);
  EXPECT_FALSE(vcpu(1).is_on);
}

TEST_F(Aarch64VirtTest, TheDeviceTreeDescribesTheMachine) {
  ASSERT_TRUE(Build(Config()).ok());
  const auto fdt = Fdt(GuestPhysAddr(Read(0x18_gpa, 8)));
  EXPECT_EQ(Property(fdt, "/chosen", "bootargs"), std::string("console=ttyAMA0\0", 16));
  EXPECT_EQ(Property(fdt, "/chosen", "linux,initrd-start"), std::string("\0\0\0\0\x42\x20\0\0", 8));
  EXPECT_EQ(Property(fdt, "/chosen", "rng-seed").size(), 32u);
  EXPECT_EQ(Property(fdt, "/chosen", "kaslr-seed").size(), 8u);
  EXPECT_EQ(Property(fdt, "/memory@40000000", "reg"),
            std::string("\0\0\0\0\x40\0\0\0\0\0\0\0\x04\0\0\0", 16));
  EXPECT_EQ(Property(fdt, "/cpus/cpu@1", "enable-method"), std::string("psci\0", 5));
  EXPECT_EQ(Property(fdt, "/cpus/cpu@1", "compatible"), std::string("fake\0", 5));
  EXPECT_EQ(Property(fdt, "/cpus/cpu@2", "reg"), "(none)");
  EXPECT_EQ(Property(fdt, "/psci", "method"), std::string("hvc\0", 4));
  EXPECT_EQ(Property(fdt, "/timer", "interrupts").substr(12, 12),
            std::string("\0\0\0\x01\0\0\0\x0e\0\0\0\x04", 12));
  EXPECT_EQ(Property(fdt, "/intc@8000000", "reg").substr(24), std::string("\0\0\0\0\0\x04\0\0", 8));
  EXPECT_EQ(Property(fdt, "/intc@8000000/its@8080000", "#msi-cells"), std::string("\0\0\0\x01", 4));
  EXPECT_EQ(Read(0x808'ffe8_gpa), 0x3bu);
  EXPECT_EQ(Property(fdt, "/pl011@9000000", "interrupts"),
            std::string("\0\0\0\0\0\0\0\x01\0\0\0\x04", 12));
  EXPECT_EQ(Property(fdt, "/gpio-keys/poweroff", "linux,code"), std::string("\0\0\0\x74", 4));
  EXPECT_NE(Property(fdt, "/virtio_mmio@a000200", "reg"), "(none)");
  EXPECT_EQ(Property(fdt, "/virtio_mmio@a000400", "reg"), "(none)");
  const std::string path = Property(fdt, "/chosen", "stdout-path");
  EXPECT_GE(fdt_path_offset(fdt.data(), path.c_str()), 0);
}

TEST_F(Aarch64VirtTest, FirmwareRunsInTheFlashAndFindsTheDeviceTreeWhereMemoryBegins) {
  ASSERT_TRUE(Build(FirmwareConfig("firmware bytes")).ok());
  EXPECT_EQ(TextAt(0x0_gpa, 14), "firmware bytes");
  EXPECT_EQ(Property(Fdt(kRam), "/psci", "method"), std::string("hvc\0", 4));
  EXPECT_EQ(space().Write(0x10_gpa, 4, 0x98), AccessResult::kOk);  // write-protected
  EXPECT_EQ(Read(0x10_gpa), 0u);
}

TEST_F(Aarch64VirtTest, FirmwareKeepsItsVariablesInTheFile) {
  UniqueFd file(boot::FileOf("old"));
  MachineConfig config = FirmwareConfig("firmware bytes");
  config.variables.Reset(dup(file.get()));
  ASSERT_TRUE(Build(std::move(config)).ok());
  EXPECT_EQ(Read(0x400'0000_gpa), 0xff00'0000u | 'd' << 16 | 'l' << 8 | 'o');
  space().Write(0x400'0004_gpa, 4, 0x0040'0040);
  space().Write(0x400'0004_gpa, 4, 'n' | 'e' << 8 | 'w' << 16);
  char text[7] = {};
  EXPECT_EQ(pread(file.get(), text, 7, 0), 7);
  EXPECT_EQ(std::string(text + 4, 3), "new");
}

TEST_F(Aarch64VirtTest, AFlashImageRunsFromResetWhateverItLooksLike) {
  MachineConfig config = FirmwareConfig("");
  config.firmware.Reset();
  config.flash = boot::FileOf(
      "\x7f"
      "ELF, raw all the same");
  ASSERT_TRUE(Build(std::move(config)).ok());
  EXPECT_EQ(TextAt(0x1_gpa, 3), "ELF");
  EXPECT_EQ(Property(Fdt(kRam), "/psci", "method"), std::string("hvc\0", 4));
}

TEST_F(Aarch64VirtTest, AnElfInMemoryIsStartedLikeAKernel) {
  ASSERT_TRUE(Build(FirmwareConfig(boot::ElfFile({.machine = EM_AARCH64,
                                                  .physical = 0x4008'0000,
                                                  .virtual_address = 0x4008'0000,
                                                  .entry = 0x4008'0004})))
                  .ok());
  EXPECT_EQ(Read(0x20_gpa, 8), 0x4008'0004u);
  EXPECT_EQ(TextAt(kRam + 0x8'0000, 3), "ELF");
}

TEST_F(Aarch64VirtTest, EveryBadConfigurationNamesItsField) {
  const auto error_of = [this](MachineConfig config) {
    const absl::Status status = Build(std::move(config));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message().substr(0, status.message().find(':')));
  };
  MachineConfig config = Config();
  config.kernel.Reset();
  EXPECT_EQ(error_of(std::move(config)), "initrd");
  config = Config();
  config.kernel.Reset();
  config.initrd.Reset();
  EXPECT_EQ(error_of(std::move(config)), "kernel");
  config = Config();
  config.firmware = boot::FileOf("firmware");
  EXPECT_EQ(error_of(std::move(config)), "firmware");
  config = Config();
  config.flash = boot::FileOf("flash");
  EXPECT_EQ(error_of(std::move(config)), "flash");
  config = FirmwareConfig("firmware");
  config.flash = boot::FileOf("flash");
  EXPECT_EQ(error_of(std::move(config)), "flash");
  config = Config();
  config.kernel = boot::FileOf(boot::RiscvImage(0x3000, 0x4000));
  EXPECT_EQ(error_of(std::move(config)), "kernel");
  config = Config();
  config.memory_bytes = uint64_t{256} << 30;
  EXPECT_EQ(error_of(std::move(config)), "memory_bytes");
  EXPECT_EQ(error_of(Config(9)), "cpus");
}

TEST_F(Aarch64VirtTest, InterruptsReachTheProcessors) {
  ASSERT_TRUE(Build(Config()).ok());
  TurnInterruptsOn(1, aarch64_virt::kUart0Irq);
  space().Write(0x900'0038_gpa, 4, 0x10);  // receive interrupt
  console_.receiver(AsBytes("x"));
  EXPECT_EQ(vcpu(1).interrupts, 1u);
  EXPECT_EQ(Acknowledge(1), 33u);
  EXPECT_EQ(vcpu(1).interrupts, 0u);
}

TEST_F(Aarch64VirtTest, EachTimerHasItsInterrupt) {
  ASSERT_TRUE(Build(Config()).ok());
  TurnInterruptsOn(0, aarch64_virt::kUart0Irq);
  port().SetOutput(0, aarch64_virt::kVirtualTimerOutput, true);
  EXPECT_EQ(Acknowledge(0), 27u);
  port().SetOutput(0, aarch64_virt::kPhysicalTimerOutput, true);
  EXPECT_EQ(Read(0x80b'0200_gpa), 1u << 27 | 1u << 30);
  EXPECT_EQ(Read(kRedistributor1 + 0x1'0200), 0u);
}

TEST_F(Aarch64VirtTest, ProcessorsAreTurnedOnByPsci) {
  ASSERT_TRUE(Build(Config()).ok());
  const auto answer = port().CallFirmware(0, {0xc400'0003, 1, 0x4123'4000, 42});
  EXPECT_EQ(answer.value, 0u);
  EXPECT_TRUE(vcpu(1).is_on);
  EXPECT_EQ(vcpu(1).start_pc, 0x4123'4000_gva);
  EXPECT_EQ(vcpu(1).start_argument, 42u);
  port().CallFirmware(1, {0x8400'0002, 0, 0, 0});
  EXPECT_FALSE(vcpu(1).is_on);
  port().CallFirmware(0, {0x8400'0008, 0, 0, 0});
  port().CallFirmware(0, {0x8400'0009, 0, 0, 0});
  EXPECT_EQ(asked_, (std::vector{PowerRequest::kPowerOff, PowerRequest::kReset}));
}

TEST_F(Aarch64VirtTest, AResetTurnsAllButTheFirstProcessorOff) {
  ASSERT_TRUE(Build(Config()).ok());
  port().CallFirmware(0, {0xc400'0003, 1, 0x4123'4000, 42});
  ASSERT_TRUE(machine_->Reset().ok());
  EXPECT_FALSE(vcpu(1).is_on);
  EXPECT_EQ(port().CallFirmware(0, {0xc400'0004, 1, 0, 0}).value, 1u);
}

TEST_F(Aarch64VirtTest, ThePowerButtonIsAnEdgeOfAPin) {
  ASSERT_TRUE(Build(Config()).ok());
  TurnInterruptsOn(0, aarch64_virt::kGpioIrq);
  space().Write(0x903'0408_gpa, 1, 8);  // both edges
  space().Write(0x903'0410_gpa, 1, 8);
  EXPECT_TRUE(machine_->PressPowerButton());
  EXPECT_EQ(Acknowledge(0), 39u);
}

TEST_F(Aarch64VirtTest, SurvivesAGuestThatWritesGarbageEverywhere) {
  MachineConfig config = Config();
  config.disks.push_back({boot::FileOf(std::string(1 << 20, 'd')), true, "disk0"});
  ASSERT_TRUE(Build(std::move(config)).ok());
  const auto registers = [this](std::mt19937_64& random, uint64_t value) {
    if (random() % 8 != 0) return false;
    const auto reg = static_cast<uint32_t>(random() % 0x2000 + 0xc000);
    if (random() % 2 == 0) port().WriteRegister(random() % 2, reg, value);
    port().ReadRegister(random() % 2, reg);
    return true;
  };
  RunGarbageGuest(*machine_, aarch64_virt::kMap, kRam, registers);
}

TEST_F(Aarch64VirtTest, ASnapshotBringsBackDevicesAndProcessorsThatAreOn) {
  ASSERT_TRUE(Build(Config()).ok());
  TurnInterruptsOn(1, aarch64_virt::kUart0Irq);
  port().CallFirmware(0, {0xc400'0003, 1, 0x4123'4000, 42});
  port().SetOutput(1, aarch64_virt::kVirtualTimerOutput, true);
  StateWriter writer;
  machine_->VisitState(writer);
  const auto state = writer.Take();
  ASSERT_TRUE(Build(Config()).ok());
  StateReader reader(state);
  machine_->VisitState(reader);
  ASSERT_TRUE(reader.status().ok()) << reader.status();
  ASSERT_TRUE(machine_->AfterRestore().ok());
  EXPECT_EQ(vcpu(1).interrupts, 1u);
  port().SetOutput(1, aarch64_virt::kVirtualTimerOutput, false);
  EXPECT_EQ(vcpu(1).interrupts, 0u);
  EXPECT_EQ(port().CallFirmware(0, {0xc400'0004, 1, 0, 0}).value, 0u);
}

TEST_F(Aarch64VirtTest, TheOlderGicIsThereOnRequest) {
  MachineConfig config = Config();
  config.gic_version = 2;
  ASSERT_EQ(Build(std::move(config)), absl::OkStatus());
  EXPECT_EQ(Read(kGic + 4) >> 5 & 7, 1u);  // processors less one
  EXPECT_FALSE(port().ReadRegister(0, static_cast<uint32_t>(CpuReg::kSre)).has_value());
  uint64_t value = 0;
  EXPECT_EQ(space().Read(kRedistributor1, 4, &value), AccessResult::kNoDevice);
  // An interrupt of its own, by the second processor's interface.
  const GuestPhysAddr interface = At(Place::kGicCpuInterface).base;
  EXPECT_EQ(space().Write(kGic, 4, 1), AccessResult::kOk);
  EXPECT_EQ(space().Write(kGic + 0x100, 4, 1 << 27, 1), AccessResult::kOk);
  EXPECT_EQ(space().Write(interface + 4, 4, 0xff, 1), AccessResult::kOk);
  EXPECT_EQ(space().Write(interface, 4, 1, 1), AccessResult::kOk);
  port().SetOutput(1, aarch64_virt::kVirtualTimerOutput, true);
  EXPECT_EQ(space().Read(interface + 0xc, 4, &value, 0), AccessResult::kOk);
  EXPECT_EQ(value, 1023u);
  EXPECT_EQ(space().Read(interface + 0xc, 4, &value, 1), AccessResult::kOk);
  EXPECT_EQ(value, 27u);
}

TEST_F(Aarch64VirtTest, AGicOfAnotherVersionIsRefused) {
  MachineConfig config = Config();
  config.gic_version = 4;
  EXPECT_EQ(Build(std::move(config)).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace emu
