#include "vmm/machine/machine.h"

#include <gtest/gtest.h>
#include <libfdt.h>

#include "devices/core/device_test_bench.h"
#include "vmm/machine/boards/riscv64_virt_map.h"
#include "vmm/machine/testing/boot_file_builder.h"
#include "vmm/machine/testing/fake_translator.h"
#include "vmm/machine/testing/garbage_guest.h"

namespace emu {
namespace {

constexpr GuestPhysAddr kRam = 0x8000'0000_gpa;

class MachineTest : public testing::Test {
 protected:
  static MachineConfig Config(uint32_t cpus = 2) {
    MachineConfig config;
    config.arch = "riscv64";
    config.cpus = cpus;
    config.memory_bytes = 64 << 20;
    config.command_line = "console=ttyS0";
    config.firmware = boot::FileOf("firmware bytes");
    config.kernel = boot::FileOf(boot::RiscvImage(0x3000, 0x4000));
    config.initrd = boot::FileOf("initrd bytes");
    return config;
  }
  absl::Status Build(MachineConfig config) {
    auto machine = Machine::Create(
        std::move(config), console_,
        [this](PowerRequest request, uint32_t code) {
          asked_.push_back({request, code});
        },
        &FakeTranslator::New);
    if (!machine.ok()) return machine.status();
    machine_ = *std::move(machine);
    return absl::OkStatus();
  }
  std::string ErrorOf(MachineConfig config) {
    const absl::Status status = Build(std::move(config));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  }
  FakeVcpu& vcpu(size_t i) { return static_cast<FakeVcpu&>(*machine_->vcpus()[i]); }
  std::string TextAt(GuestPhysAddr address, size_t size) {
    std::string text(size, '\0');
    EXPECT_TRUE(machine_->memory().Read(address, std::as_writable_bytes(std::span(text))));
    return text;
  }
  // The device tree, found as the firmware finds it: through the reset code.
  std::vector<std::byte> Fdt() {
    uint64_t where = 0;
    EXPECT_EQ(machine_->address_space().Read(0x1020_gpa, 8, &where), AccessResult::kOk);
    std::vector<std::byte> fdt(64 << 10);
    EXPECT_TRUE(machine_->memory().Read(GuestPhysAddr(where), fdt));
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
  std::vector<std::pair<PowerRequest, uint32_t>> asked_;
  std::unique_ptr<Machine> machine_;
};

TEST_F(MachineTest, ADiskOnPciIsAFunctionAndNotInASlot) {
  MachineConfig config = Config();
  config.disks.push_back({boot::FileOf("disk"), true, "a", VirtioBus::kPci});
  config.disks.push_back({boot::FileOf("disk"), true, "b", VirtioBus::kMmio});
  ASSERT_TRUE(Build(std::move(config)).ok());
  uint64_t id = 0;
  EXPECT_EQ(machine_->address_space().Read(0x3000'8000_gpa, 4, &id), AccessResult::kOk);
  EXPECT_EQ(id, 0x1042'1af4u);  // slot 1
  machine_->address_space().Read(0x3001'0000_gpa, 4, &id);
  EXPECT_EQ(id, UINT32_MAX);
  machine_->address_space().Read(0x1000'3008_gpa, 4, &id);
  EXPECT_EQ(id, 2u);  // virtio slot 2
  machine_->address_space().Read(0x1000'4008_gpa, 4, &id);
  EXPECT_EQ(id, 0u);
  EXPECT_EQ(Property(Fdt(), "/soc/pcie@30000000", "compatible"),
            std::string("pci-host-ecam-generic\0", 22));
}

TEST_F(MachineTest, ACdIsInADriveBehindAScsiHostOfItsOwn) {
  MachineConfig config = Config();
  config.disks.push_back({boot::FileOf("disc"), true, "a", VirtioBus::kPci});
  config.disks.back().model = DiskModel::kScsiCd;
  ASSERT_TRUE(Build(std::move(config)).ok());
  uint64_t id = 0;
  machine_->address_space().Read(0x3000'8000_gpa, 4, &id);
  EXPECT_EQ(id, 0x1048'1af4u);

  MachineConfig written = Config();
  written.disks.push_back({boot::FileOf("disc"), false, "a", VirtioBus::kPci});
  written.disks.back().model = DiskModel::kScsiCd;
  EXPECT_EQ(ErrorOf(std::move(written)),
            "disks: a is to be a CD, and those are not written to; make it read-only");
}

TEST_F(MachineTest, TooManyDisksForABusAreToldFromOthers) {
  MachineConfig config = Config();
  for (int i = 0; i < 32; ++i)
    config.disks.push_back({boot::FileOf("d"), true, "", VirtioBus::kPci});
  EXPECT_EQ(ErrorOf(std::move(config)), "disks: 32 are too many for PCI; give it at most 31");
}

// Every device on its board, as a guest reaches them: with interrupts wired and time running.
TEST_F(MachineTest, SurvivesAGuestThatWritesGarbageEverywhere) {
  MachineConfig config = Config();
  config.disks.push_back({boot::FileOf(std::string(1 << 20, 'd')), true, "disk0"});
  ASSERT_TRUE(Build(std::move(config)).ok());
  RunGarbageGuest(*machine_, riscv64_virt::kMap, kRam);
}

TEST_F(MachineTest, LoadsItsBootFilesAndStartsEveryHartInTheRom) {
  ASSERT_TRUE(Build(Config()).ok());
  EXPECT_EQ(TextAt(kRam, 8), "firmware");
  EXPECT_EQ(TextAt(kRam + 0x20'2fff, 1), "k");
  EXPECT_EQ(TextAt(kRam + 0x220'0000, 12), "initrd bytes");
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(vcpu(i).reset_pc, 0x1000_gva);
}

TEST_F(MachineTest, TheDeviceTreeDescribesTheMachine) {
  ASSERT_TRUE(Build(Config()).ok());
  const auto fdt = Fdt();
  ASSERT_EQ(fdt_check_full(fdt.data(), fdt.size()), 0);
  EXPECT_EQ(Property(fdt, "/chosen", "bootargs"), std::string("console=ttyS0\0", 14));
  EXPECT_EQ(Property(fdt, "/chosen", "linux,initrd-start"), std::string("\0\0\0\0\x82\x20\0\0", 8));
  EXPECT_EQ(Property(fdt, "/chosen", "rng-seed").size(), 32u);
  EXPECT_EQ(Property(fdt, "/memory@80000000", "reg"),
            std::string("\0\0\0\0\x80\0\0\0\0\0\0\0\x04\0\0\0", 16));
  EXPECT_EQ(Property(fdt, "/cpus/cpu@1", "fake,extensions"), std::string("one\0two\0", 8));
  EXPECT_EQ(Property(fdt, "/cpus/cpu@2", "reg"), "(none)");
  EXPECT_EQ(Property(fdt, "/soc/serial@10000000", "interrupts"), std::string("\0\0\0\x0a", 4));
  EXPECT_EQ(Property(fdt, "/soc/plic@c000000", "interrupts-extended").size(), 32u);
  EXPECT_NE(Property(fdt, "/soc/virtio_mmio@10002000", "reg"), "(none)");
  EXPECT_EQ(Property(fdt, "/soc/virtio_mmio@10003000", "reg"), "(none)");
  const std::string path = Property(fdt, "/chosen", "stdout-path");
  EXPECT_GE(fdt_path_offset(fdt.data(), path.c_str()), 0);
}

TEST_F(MachineTest, InterruptsReachTheHarts) {
  ASSERT_TRUE(Build(Config()).ok());
  AddressSpace& space = machine_->address_space();
  space.Write(0x200'0004_gpa, 4, 1);  // MSIP of hart 1
  EXPECT_EQ(vcpu(1).interrupts, 1u << 3);
  space.Write(0x200'4000_gpa, 8, 0);  // MTIMECMP of hart 0
  EXPECT_EQ(vcpu(0).interrupts, 1u << 7);
  space.Write(0xc00'0028_gpa, 4, 1);      // priority of the UART
  space.Write(0xc00'2080_gpa, 4, 0x400);  // enabled for hart 0, S-mode
  space.Write(0x1000'0001_gpa, 1, 1);     // receive interrupt
  console_.receiver(AsBytes("x"));
  EXPECT_EQ(vcpu(0).interrupts, 1u << 7 | 1u << 9);
  space.Write(0xc00'2100_gpa, 4, 0x400);  // hart 1, M-mode
  EXPECT_EQ(vcpu(1).interrupts, 1u << 3 | 1u << 11);
}

TEST_F(MachineTest, ResetBringsTheBootFilesBack) {
  ASSERT_TRUE(Build(Config()).ok());
  machine_->address_space().Write(0x200'0000_gpa, 4, 1);
  machine_->address_space().Write(kRam, 4, 0);
  ASSERT_TRUE(machine_->Reset().ok());
  EXPECT_EQ(TextAt(kRam, 8), "firmware");
  EXPECT_EQ(vcpu(0).interrupts, 0u);
  EXPECT_EQ(vcpu(0).resets, 2u);
}

TEST_F(MachineTest, TheFinisherAsksForPower) {
  ASSERT_TRUE(Build(Config()).ok());
  machine_->address_space().Write(0x10'0000_gpa, 4, 0x5555);
  machine_->address_space().Write(0x10'0000_gpa, 4, 0x0007'3333);
  ASSERT_EQ(asked_.size(), 2u);
  EXPECT_EQ(asked_[0].first, PowerRequest::kPowerOff);
  EXPECT_EQ(asked_[1], std::pair(PowerRequest::kFail, 7u));
}

TEST_F(MachineTest, BareMetalNeedsNoKernel) {
  MachineConfig config = Config();
  config.kernel.Reset();
  config.initrd.Reset();
  config.firmware = boot::FileOf(boot::ElfFile({}));
  ASSERT_TRUE(Build(std::move(config)).ok());
  uint64_t start = 0;
  machine_->address_space().Read(0x1018_gpa, 8, &start);
  EXPECT_EQ(start, 0x8000'0010u);
}

TEST_F(MachineTest, TheFirmwareStartsWhatIsInTheFlash) {
  MachineConfig config = Config();
  config.kernel.Reset();
  config.initrd.Reset();
  config.flash = boot::FileOf(
      "\x7f"
      "ELF, raw all the same");
  UniqueFd variables(boot::FileOf("old"));
  config.variables.Reset(dup(variables.get()));
  ASSERT_TRUE(Build(std::move(config)).ok());
  AddressSpace& space = machine_->address_space();
  uint64_t next = 0;
  space.Read(0x1038_gpa, 8, &next);  // of struct fw_dynamic_info
  EXPECT_EQ(next, 0x2000'0000u);
  EXPECT_EQ(TextAt(0x2000'0001_gpa, 3), "ELF");
  space.Write(0x2200'0004_gpa, 4, 0x0040'0040);
  space.Write(0x2200'0004_gpa, 4, 'n' | 'e' << 8 | 'w' << 16);
  char text[7] = {};
  EXPECT_EQ(pread(variables.get(), text, 7, 0), 7);
  EXPECT_EQ(std::string(text + 4, 3), "new");
  EXPECT_EQ(Property(Fdt(), "/flash@20000000", "reg"),
            std::string("\0\0\0\0\x20\0\0\0\0\0\0\0\x02\0\0\0"
                        "\0\0\0\0\x22\0\0\0\0\0\0\0\x02\0\0\0",
                        32));
}

TEST_F(MachineTest, EveryBadConfigurationNamesItsField) {
  const auto has = [](const std::string& text, const char* part) { return text.find(part) == 0; };
  EXPECT_PRED2(has, ErrorOf([] {
                 auto c = Config();
                 c.arch = "vax";
                 return c;
               }()),
               "arch: ");
  EXPECT_PRED2(has, ErrorOf(Config(0)), "cpus: ");
  EXPECT_PRED2(has, ErrorOf(Config(9)), "cpus: ");
  for (const uint64_t memory :
       {uint64_t{0}, uint64_t{32} << 20, (uint64_t{64} << 20) + 4096, UINT64_MAX}) {
    MachineConfig config = Config();
    config.memory_bytes = memory;
    EXPECT_PRED2(has, ErrorOf(std::move(config)), "memory_bytes: ");
  }
  MachineConfig config = Config();
  config.initrd = boot::FileOf(std::string(63 << 20, 'i'));
  EXPECT_PRED2(has, ErrorOf(std::move(config)), "initrd: ");
  config = Config();
  config.kernel.Reset();
  EXPECT_PRED2(has, ErrorOf(std::move(config)), "initrd: ");
  config = Config();
  config.flash = boot::FileOf("flash");
  EXPECT_PRED2(has, ErrorOf(std::move(config)), "flash: ");
  config = Config();
  config.kernel.Reset();
  config.initrd.Reset();
  config.flash = boot::FileOf("flash");
  EXPECT_EQ(ftruncate(config.flash.get(), (32 << 20) + 1), 0);
  EXPECT_PRED2(has, ErrorOf(std::move(config)), "flash: ");
  config = Config();
  config.firmware.Reset();
  EXPECT_PRED2(has, ErrorOf(std::move(config)), "firmware: ");
  config = Config();
  for (int i = 0; i < 7; ++i) config.disks.push_back({boot::FileOf("x"), true, "d"});
  EXPECT_PRED2(has, ErrorOf(std::move(config)), "disks: ");
  config = Config();
  config.disks.push_back({UniqueFd(), false, "d"});
  EXPECT_PRED2(has, ErrorOf(std::move(config)), "disks: ");
}

TEST_F(MachineTest, ASnapshotBringsBackDevicesAndTime) {
  ASSERT_TRUE(Build(Config()).ok());
  machine_->address_space().Write(0x200'0000_gpa, 4, 1);
  machine_->address_space().Write(0x1000'0007_gpa, 1, 0x77);
  machine_->Start();
  machine_->Pause();
  StateWriter writer;
  machine_->VisitState(writer);
  const auto state = writer.Take();
  StateText before;
  machine_->VisitState(before);

  ASSERT_TRUE(Build(Config()).ok());
  StateReader reader(state);
  machine_->VisitState(reader);
  ASSERT_TRUE(reader.status().ok()) << reader.status();
  ASSERT_TRUE(machine_->AfterRestore().ok());
  StateText after;
  machine_->VisitState(after);
  EXPECT_EQ(before.text(), after.text());
  EXPECT_EQ(vcpu(0).interrupts & (1u << 3), 1u << 3);
}

// A host that takes its time: work waits until somebody asks for it to be done.
class SlowHost final : public WorkQueue {
 public:
  void Post(std::function<void()> work) override { held_.push_back(std::move(work)); }
  void Drain() override {
    for (const auto& work : std::exchange(held_, {})) work();
  }
  bool is_idle() const { return held_.empty(); }

 private:
  std::vector<std::function<void()>> held_;
};

TEST_F(MachineTest, APauseWaitsForTheDisks) {
  SlowHost host;
  MachineConfig config = Config();
  config.disks.push_back({boot::FileOf(std::string(1 << 20, 'd')), true, "disk0"});
  auto machine = Machine::Create(
      std::move(config), console_, [](auto...) {}, &FakeTranslator::New, &host);
  ASSERT_TRUE(machine.ok()) << machine.status();
  AddressSpace& bus = (*machine)->address_space();
  const auto set = [&](uint64_t offset, uint64_t value) {
    bus.Write(0x1000'3000_gpa + offset, 4, value);  // slot 2
  };
  // A queue of one, with one request: read sector 0 to `data`.
  const GuestPhysAddr ring = kRam + 0x10'0000, data = ring + 0x4000;
  const auto poke = [&](GuestPhysAddr at, auto value) {
    ASSERT_TRUE((*machine)->memory().Write(at, std::as_bytes(std::span(&value, 1))));
  };
  struct Descriptor {
    uint64_t address;
    uint32_t size;
    uint16_t flags, next;
  };
  const std::array<Descriptor, 3> chain = {{{(ring + 0x3000).value, 16, 1, 1},
                                            {data.value, 512, 3, 2},
                                            {(data + 0x1000).value, 1, 2, 0}}};
  poke(ring, chain);
  poke(ring + 0x1000, std::array<uint16_t, 3>{0, 1, 0});
  for (const auto& [offset, value] : {std::pair<uint64_t, uint64_t>{0x70, 3},
                                      {0x24, 1},
                                      {0x20, 1},
                                      {0x70, 11},
                                      {0x38, 4},
                                      {0x80, ring.value},
                                      {0x90, (ring + 0x1000).value},
                                      {0xa0, (ring + 0x2000).value},
                                      {0x44, 1},
                                      {0x70, 15}}) {
    set(offset, value);
  }
  (*machine)->Start();
  set(0x50, 0);
  EXPECT_FALSE(host.is_idle());

  (*machine)->Pause();
  EXPECT_TRUE(host.is_idle());
  char first = 0;
  ASSERT_TRUE((*machine)->memory().Read(data, std::as_writable_bytes(std::span(&first, 1))));
  EXPECT_EQ(first, 'd');
}

TEST_F(MachineTest, InputGoesWhereTheGuestWroteLast) {
  ASSERT_TRUE(Build(Config()).ok());
  AddressSpace& space = machine_->address_space();
  console_.receiver(AsBytes("a"));
  uint64_t value = 0;
  space.Read(0x1000'0005_gpa, 1, &value);
  EXPECT_EQ(value & 1, 1u);
}

}  // namespace
}  // namespace emu
