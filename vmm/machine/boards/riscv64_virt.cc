#include "vmm/machine/boards/riscv64_virt.h"

#include <optional>

#include "devices/core/fdt_node.h"
#include "devices/firmware/fw_cfg.h"
#include "devices/interrupt/aclint.h"
#include "devices/interrupt/plic.h"
#include "devices/power/sifive_test.h"
#include "devices/serial/ns16550a.h"
#include "devices/timer/goldfish_rtc.h"
#include "vmm/base/status_macros.h"
#include "vmm/machine/boards/flash_banks.h"
#include "vmm/machine/boards/host_sources.h"
#include "vmm/machine/boards/pci_root.h"
#include "vmm/machine/boards/riscv64_virt_fdt.h"
#include "vmm/machine/boards/riscv64_virt_map.h"
#include "vmm/machine/boards/virtio_agent.h"
#include "vmm/machine/boards/virtio_disks.h"
#include "vmm/machine/boards/virtio_nics.h"
#include "vmm/machine/boards/virtio_slots.h"
#include "vmm/machine/boot/boot_file.h"
#include "vmm/machine/boot/errors.h"
#include "vmm/machine/boot/firmware.h"
#include "vmm/machine/boot/linux_image.h"
#include "vmm/machine/boot/placement.h"
#include "vmm/machine/boot/riscv_reset_code.h"
#include "vmm/machine/console_switch.h"
#include "vmm/machine/tables/smbios.h"

namespace emu::riscv64_virt {
namespace {

constexpr size_t kRngSeedBytes = 32;

// Snapshot numbers: never given to another device.
constexpr uint32_t kVirtioFirstNumber = 16;  // slot 0
constexpr uint32_t kPciFirstNumber = 64;     // the bridge

class Riscv64Virt final : public Board {
 public:
  Riscv64Virt(BoardParts parts, VirtioDisks disks, FlashStore variables);

  absl::Status MapDevices();

  std::span<const NamedDevice> devices() const override { return devices_; }
  void VisitState(StateVisitor& visitor) override { console_switch_.VisitState(visitor); }
  absl::Status LoadBootImages() override;
  GuestVirtAddr reset_pc() const override { return GuestVirtAddr(At(Place::kMrom).base.value); }

 private:
  // Into one interrupt input of a processor.
  InterruptLine VcpuLine(size_t hart, uint32_t input) {
    return InterruptLine(
        [vcpu = parts_.vcpus[hart], input](bool level) { vcpu->SetInterrupt(input, level); });
  }
  std::vector<Aclint::HartLines> AclintLines();
  std::vector<InterruptLine> PlicLines();
  GuestMemory& memory() { return parts_.address_space.memory(); }

  BoardParts parts_;
  boot::RamRange ram_;
  ConsoleSwitch console_switch_;
  Aclint aclint_;
  Plic plic_;
  SifiveTest test_;
  FlashBanks flash_;
  CharStream& uart_port_;
  Ns16550a uart_;
  GoldfishRtc rtc_;
  FwCfg fw_cfg_;
  VirtioSlots virtio_;
  PciRoot pci_;
  std::vector<NamedDevice> devices_;
};

Riscv64Virt::Riscv64Virt(BoardParts parts, VirtioDisks disks, FlashStore variables)
    : parts_(std::move(parts)),
      ram_{At(Place::kDram).base, parts_.config.memory_bytes},
      console_switch_(parts_.console),
      aclint_(parts_.clock, AclintLines()),
      plic_(PlicLines()),
      test_([power = parts_.power](SifiveTest::Request request, uint32_t code) {
        switch (request) {
          case SifiveTest::Request::kPowerOff:
            return power(PowerRequest::kPowerOff, code);
          case SifiveTest::Request::kReset:
            return power(PowerRequest::kReset, code);
          case SifiveTest::Request::kFail:
            return power(PowerRequest::kFail, code);
        }
      }),
      flash_(kFlashLayout, std::move(variables)),
      uart_port_(console_switch_.AddPort()),
      uart_(uart_port_, plic_.Source(kUart0Irq)),
      rtc_(parts_.clock, HostWallClockNs, plic_.Source(kRtcIrq)),
      fw_cfg_(memory()),
      virtio_(memory(), console_switch_, std::move(disks.mmio),
              {.base = At(Place::kVirtio).base,
               .stride = kVirtioSlotSize,
               .count = kVirtioSlots,
               .first_number = kVirtioFirstNumber,
               .irq = [this](uint32_t slot) { return plic_.Source(kVirtioIrq + slot); }}),
      pci_(memory(), std::move(disks.pci), PciPlaces(ram_.end()), kPciFirstNumber,
           {plic_.Source(kPcieIrq), plic_.Source(kPcieIrq + 1), plic_.Source(kPcieIrq + 2),
            plic_.Source(kPcieIrq + 3)},
           [](uint32_t, uint64_t, uint32_t) { return false; }) {
  devices_ = {{"aclint", 1, &aclint_},
              {"plic", 2, &plic_},
              {"test", 3, &test_},
              {"uart0", 4, &uart_},
              {"rtc", 5, &rtc_},
              {"fw_cfg", 6, &fw_cfg_},
              {"flash1", 7, &flash_.variables()}};
  uart_port_.SetReceiver([this](std::span<const std::byte> bytes) { uart_.Receive(bytes); });
  virtio_.AppendTo(devices_);
  pci_.AppendTo(devices_);
  tables::AddSmbios("virt", parts_.config.cpus, ram_, fw_cfg_);
  parts_.console.SetReceiver([this](std::span<const std::byte> bytes) {
    std::lock_guard lock(parts_.address_space.device_mutex());
    console_switch_.Receive(bytes);
  });
}

std::vector<Aclint::HartLines> Riscv64Virt::AclintLines() {
  std::vector<Aclint::HartLines> lines;
  for (size_t hart = 0; hart < parts_.vcpus.size(); ++hart) {
    lines.push_back({VcpuLine(hart, kMachineSoftware), VcpuLine(hart, kMachineTimer)});
  }
  return lines;
}

std::vector<InterruptLine> Riscv64Virt::PlicLines() {
  std::vector<InterruptLine> lines;
  for (size_t hart = 0; hart < parts_.vcpus.size(); ++hart) {
    lines.push_back(VcpuLine(hart, kMachineExternal));
    lines.push_back(VcpuLine(hart, kSupervisorExternal));
  }
  return lines;
}

absl::Status Riscv64Virt::MapDevices() {
  const struct {
    Place place;
    std::string_view name;
    MmioHandler& handler;
  } rows[] = {
      {Place::kTest, "test", test_}, {Place::kClint, "aclint", aclint_},
      {Place::kPlic, "plic", plic_}, {Place::kUart0, "uart0", uart_},
      {Place::kRtc, "rtc", rtc_},    {Place::kFwCfg, "fw_cfg", fw_cfg_},
  };
  for (const auto& row : rows) {
    RETURN_IF_ERROR(parts_.address_space.MapMmio(At(row.place).base, At(row.place).size,
                                                 std::string(row.name), row.handler));
  }
  RETURN_IF_ERROR(flash_.Map(parts_.address_space));
  RETURN_IF_ERROR(virtio_.Map(parts_.address_space));
  return pci_.Map(parts_.address_space);
}

absl::Status Riscv64Virt::LoadBootImages() {
  const MachineConfig& config = parts_.config;
  if (!config.firmware.is_valid()) return boot::NothingToBoot();
  if (config.initrd.is_valid() && !config.kernel.is_valid()) return boot::InitrdWithoutKernel();
  if (config.flash.is_valid() && config.kernel.is_valid()) return boot::FlashAnd("kernel");
  ASSIGN_OR_RETURN(const auto firmware_file, boot::BootFile::Open("firmware", config.firmware));
  ASSIGN_OR_RETURN(const boot::LoadedImage firmware,
                   boot::LoadFirmware(firmware_file, boot::kRiscv64Linux.elf, memory(), ram_));

  FdtInputs fdt_inputs{.cpus = config.cpus,
                       .ram = ram_,
                       .cpu_properties = parts_.cpu_properties,
                       .command_line = config.command_line,
                       .initrd = std::nullopt,
                       .virtio_slots = virtio_.occupied(),
                       .rng_seed = {}};
  ASSIGN_OR_RETURN(fdt_inputs.rng_seed, RandomSeed(kRngSeedBytes));

  // The tree's size is known only with all of it in; the initrd has to stay below, so its place
  // counts with the tree's largest size.
  ASSIGN_OR_RETURN(const GuestPhysAddr lowest_fdt, boot::PlaceFdt(ram_, FdtTree::kMaxBytes));
  std::optional<boot::LoadedImage> next;  // a kernel or what is in the flash
  if (config.kernel.is_valid()) {
    ASSIGN_OR_RETURN(const auto file, boot::BootFile::Open("kernel", config.kernel));
    ASSIGN_OR_RETURN(
        next, boot::LoadLinuxKernel(file, boot::kRiscv64Linux, memory(), kKernelBase, lowest_fdt));
  }
  if (config.flash.is_valid()) {
    ASSIGN_OR_RETURN(const auto file, boot::BootFile::Open("flash", config.flash));
    ASSIGN_OR_RETURN(next,
                     boot::LoadFlash(file, memory(), {kFlashLayout.code, kFlashLayout.bank_bytes}));
  }
  if (config.initrd.is_valid()) {
    ASSIGN_OR_RETURN(const auto file, boot::BootFile::Open("initrd", config.initrd));
    ASSIGN_OR_RETURN(const GuestPhysAddr place, boot::PlaceInitrd(ram_, kKernelBase, next->end,
                                                                  lowest_fdt, file.size_bytes()));
    RETURN_IF_ERROR(file.LoadAt(0, file.size_bytes(), memory(), place));
    fdt_inputs.initrd = boot::RamRange{place, file.size_bytes()};
  }

  ASSIGN_OR_RETURN(const std::vector<std::byte> fdt, BuildFdt(fdt_inputs));
  ASSIGN_OR_RETURN(const GuestPhysAddr fdt_place, boot::PlaceFdt(ram_, fdt.size()));
  const std::vector<std::byte> reset_code = boot::RiscvResetCode(
      {.start = firmware.entry, .fdt = fdt_place, .next = next ? next->entry : 0_gpa});
  if (!memory().Write(fdt_place, fdt) || !memory().WriteRom(At(Place::kMrom).base, reset_code)) {
    return absl::InternalError("the board's own memory map has no room for its boot code");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AddMemory(const MachineConfig& config, GuestMemory& memory) {
  RETURN_IF_ERROR(memory.AddRegion(At(Place::kMrom).base, At(Place::kMrom).size, MemoryKind::kRom));
  RETURN_IF_ERROR(AddFlashMemory(kFlashLayout, memory));
  return memory.AddRegion(At(Place::kDram).base, config.memory_bytes, MemoryKind::kRam);
}

absl::StatusOr<std::unique_ptr<Board>> Create(BoardParts parts) {
  if (parts.config.gic_version != 0) {
    return absl::InvalidArgumentError("this board has no GIC; leave its version out");
  }
  constexpr uint32_t kRoom = VirtioSlots::RoomForOthers(kVirtioSlots);
  ASSIGN_OR_RETURN(VirtioDisks disks, OpenDisks(parts, kRoom));
  RETURN_IF_ERROR(AddNics(parts, kRoom, disks));
  RETURN_IF_ERROR(AddAgentPort(parts, disks));
  ASSIGN_OR_RETURN(FlashStore variables, OpenVariables(parts, kFlashLayout));
  auto board =
      std::make_unique<Riscv64Virt>(std::move(parts), std::move(disks), std::move(variables));
  RETURN_IF_ERROR(board->MapDevices());
  return board;
}

}  // namespace emu::riscv64_virt
