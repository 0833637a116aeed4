#include "vmm/machine/boards/aarch64_virt.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "devices/core/fdt_node.h"
#include "devices/firmware/fw_cfg.h"
#include "devices/gpio/pl061.h"
#include "devices/power/psci.h"
#include "devices/serial/pl011.h"
#include "devices/timer/pl031.h"
#include "vmm/base/endian.h"
#include "vmm/base/status_macros.h"
#include "vmm/machine/boards/aarch64_virt_acpi.h"
#include "vmm/machine/boards/aarch64_virt_fdt.h"
#include "vmm/machine/boards/aarch64_virt_gic.h"
#include "vmm/machine/boards/aarch64_virt_map.h"
#include "vmm/machine/boards/aarch64_virt_port.h"
#include "vmm/machine/boards/flash_banks.h"
#include "vmm/machine/boards/host_sources.h"
#include "vmm/machine/boards/pci_root.h"
#include "vmm/machine/boards/virtio_agent.h"
#include "vmm/machine/boards/virtio_disks.h"
#include "vmm/machine/boards/virtio_nics.h"
#include "vmm/machine/boards/virtio_slots.h"
#include "vmm/machine/boot/arm_reset_code.h"
#include "vmm/machine/boot/boot_file.h"
#include "vmm/machine/boot/errors.h"
#include "vmm/machine/boot/firmware.h"
#include "vmm/machine/boot/linux_image.h"
#include "vmm/machine/boot/placement.h"
#include "vmm/machine/console_switch.h"
#include "vmm/machine/tables/smbios.h"

namespace emu::aarch64_virt {
namespace {

constexpr size_t kRngSeedBytes = 32;
constexpr uint32_t kOldestGic = 2, kNewestGic = 3;

// Snapshot numbers: never given to another device.
constexpr uint32_t kVirtioFirstNumber = 16;  // slot 0
constexpr uint32_t kPciFirstNumber = 64;     // the bridge

class Aarch64Virt final : public Board {
 public:
  Aarch64Virt(BoardParts parts, VirtioDisks disks, FlashStore variables);

  absl::Status MapDevices();

  std::span<const NamedDevice> devices() const override { return devices_; }
  void VisitState(StateVisitor& visitor) override { console_switch_.VisitState(visitor); }
  absl::Status LoadBootImages() override;
  GuestVirtAddr reset_pc() const override { return GuestVirtAddr(At(Place::kFlash).base.value); }
  bool StartsAtReset(uint32_t cpu) const override { return cpu == 0; }
  translator::ProcessorPort* processor_port() override { return &port_; }
  bool PressPowerButton() override;

 private:
  std::vector<Gic::CpuLines> GicLines();
  InterruptLine Irq(uint32_t shared) { return interrupts_->gic().SharedInput(shared); }
  absl::StatusOr<FdtInputs> DescribeMachine();
  absl::Status LoadKernel();
  absl::Status LoadFirmware();
  absl::Status LoadFlash();
  // `start`: where the first processor goes, if the flash holds no firmware of its own.
  absl::Status LoadFdt(const FdtInputs& inputs, GuestPhysAddr place,
                       std::optional<GuestPhysAddr> start);
  GuestMemory& memory() { return parts_.address_space.memory(); }

  BoardParts parts_;
  uint32_t gic_version_;
  boot::RamRange ram_;
  ConsoleSwitch console_switch_;
  std::unique_ptr<InterruptSystem> interrupts_;
  Psci psci_;
  ProcessorPort port_;
  FlashBanks flash_;
  CharStream& uart_port_;
  Pl011 uart_;
  Pl031 rtc_;
  Pl061 gpio_;
  InterruptLine power_button_;
  FwCfg fw_cfg_;
  VirtioSlots virtio_;
  PciRoot pci_;
  std::vector<NamedDevice> devices_;
};

Aarch64Virt::Aarch64Virt(BoardParts parts, VirtioDisks disks, FlashStore variables)
    : parts_(std::move(parts)),
      gic_version_(parts_.config.gic_version != 0 ? parts_.config.gic_version : kNewestGic),
      ram_{At(Place::kDram).base, parts_.config.memory_bytes},
      console_switch_(parts_.console),
      interrupts_(MakeInterruptSystem(gic_version_, memory(), GicLines())),
      psci_(static_cast<uint32_t>(parts_.vcpus.size()), PsciActions(parts_.vcpus, parts_.power)),
      port_(parts_.address_space.device_mutex(), interrupts_->gic(), psci_),
      flash_(kFlashLayout, std::move(variables)),
      uart_port_(console_switch_.AddPort()),
      uart_(uart_port_, Irq(kUart0Irq)),
      rtc_(parts_.clock, HostWallClockNs, Irq(kRtcIrq)),
      gpio_(Irq(kGpioIrq)),
      power_button_(gpio_.Input(kPowerButtonPin)),
      fw_cfg_(memory()),
      virtio_(memory(), console_switch_, std::move(disks.mmio),
              {.base = At(Place::kVirtio).base,
               .stride = kVirtioSlotSize,
               .count = kVirtioSlots,
               .first_number = kVirtioFirstNumber,
               .irq = [this](uint32_t slot) { return Irq(kVirtioIrq + slot); }}),
      pci_(memory(), std::move(disks.pci), kPciPlaces, kPciFirstNumber,
           {Irq(kPcieIrq), Irq(kPcieIrq + 1), Irq(kPcieIrq + 2), Irq(kPcieIrq + 3)},
           [this](uint32_t requester, uint64_t address, uint32_t data) {
             return interrupts_->SendMessage(requester, address, data);
           }) {
  interrupts_->AppendTo(devices_);
  devices_.insert(devices_.end(), {{"psci", 2, &psci_},
                                   {"uart0", 3, &uart_},
                                   {"rtc", 4, &rtc_},
                                   {"gpio", 5, &gpio_},
                                   {"flash1", 7, &flash_.variables()},
                                   {"fw_cfg", 8, &fw_cfg_}});
  uart_port_.SetReceiver([this](std::span<const std::byte> bytes) { uart_.Receive(bytes); });
  virtio_.AppendTo(devices_);
  pci_.AppendTo(devices_);
  AddAcpiTables(parts_.config.cpus, gic_version_, virtio_.occupied(), fw_cfg_);
  tables::AddSmbios("virt", parts_.config.cpus, ram_, fw_cfg_);
  parts_.console.SetReceiver([this](std::span<const std::byte> bytes) {
    std::lock_guard lock(parts_.address_space.device_mutex());
    console_switch_.Receive(bytes);
  });
}

std::vector<Gic::CpuLines> Aarch64Virt::GicLines() {
  std::vector<Gic::CpuLines> lines;
  for (translator::Vcpu* vcpu : parts_.vcpus) {
    const auto line = [vcpu](uint32_t input) {
      return InterruptLine([vcpu, input](bool level) { vcpu->SetInterrupt(input, level); });
    };
    lines.push_back({line(kIrqInput), line(kFiqInput)});
  }
  return lines;
}

absl::Status Aarch64Virt::MapDevices() {
  const struct {
    Place place;
    std::string_view name;
    MmioHandler& handler;
  } rows[] = {
      {Place::kUart0, "uart0", uart_},
      {Place::kFwCfg, "fw_cfg", fw_cfg_},
      {Place::kRtc, "rtc", rtc_},
      {Place::kGpio, "gpio", gpio_},
  };
  for (const auto& row : rows) {
    RETURN_IF_ERROR(parts_.address_space.MapMmio(At(row.place).base, At(row.place).size,
                                                 std::string(row.name), row.handler));
  }
  RETURN_IF_ERROR(interrupts_->Map(parts_.address_space));
  RETURN_IF_ERROR(flash_.Map(parts_.address_space));
  RETURN_IF_ERROR(virtio_.Map(parts_.address_space));
  return pci_.Map(parts_.address_space);
}

// One push: guests act when it is let go or pressed, as they like.
bool Aarch64Virt::PressPowerButton() {
  power_button_.Set(true);
  power_button_.Set(false);
  return true;
}

absl::StatusOr<FdtInputs> Aarch64Virt::DescribeMachine() {
  FdtInputs inputs{.cpus = parts_.config.cpus,
                   .gic_version = gic_version_,
                   .ram = ram_,
                   .cpu_properties = parts_.cpu_properties,
                   .command_line = parts_.config.command_line,
                   .initrd = std::nullopt,
                   .virtio_slots = virtio_.occupied(),
                   .rng_seed = {},
                   .kaslr_seed = 0};
  ASSIGN_OR_RETURN(inputs.rng_seed, RandomSeed(kRngSeedBytes));
  ASSIGN_OR_RETURN(const std::vector<std::byte> kaslr_seed, RandomSeed(sizeof(uint64_t)));
  inputs.kaslr_seed = LoadLittle<uint64_t>(kaslr_seed);
  return inputs;
}

absl::Status Aarch64Virt::LoadBootImages() {
  const MachineConfig& config = parts_.config;
  if (config.initrd.is_valid() && !config.kernel.is_valid()) return boot::InitrdWithoutKernel();
  if (config.firmware.is_valid() && config.kernel.is_valid()) return boot::FirmwareAndKernel();
  if (config.flash.is_valid()) {
    if (config.kernel.is_valid()) return boot::FlashAnd("kernel");
    if (config.firmware.is_valid()) return boot::FlashAnd("firmware");
    return LoadFlash();
  }
  if (!config.firmware.is_valid() && !config.kernel.is_valid()) return boot::NoFirmwareNoKernel();
  return config.kernel.is_valid() ? LoadKernel() : LoadFirmware();
}

absl::Status Aarch64Virt::LoadKernel() {
  const MachineConfig& config = parts_.config;
  ASSIGN_OR_RETURN(FdtInputs fdt_inputs, DescribeMachine());
  // The tree's size is known only with all of it in: its place counts with the largest.
  ASSIGN_OR_RETURN(const GuestPhysAddr fdt_place, boot::PlaceFdt(ram_, FdtTree::kMaxBytes));
  ASSIGN_OR_RETURN(const auto file, boot::BootFile::Open("kernel", config.kernel));
  ASSIGN_OR_RETURN(
      const boot::LoadedImage kernel,
      boot::LoadLinuxKernel(file, boot::kArm64Linux, memory(), kKernelBase, fdt_place));
  if (config.initrd.is_valid()) {
    ASSIGN_OR_RETURN(const auto initrd, boot::BootFile::Open("initrd", config.initrd));
    ASSIGN_OR_RETURN(const GuestPhysAddr place, boot::PlaceInitrd(ram_, kKernelBase, kernel.end,
                                                                  fdt_place, initrd.size_bytes()));
    RETURN_IF_ERROR(initrd.LoadAt(0, initrd.size_bytes(), memory(), place));
    fdt_inputs.initrd = boot::RamRange{place, initrd.size_bytes()};
  }
  return LoadFdt(fdt_inputs, fdt_place, kernel.entry);
}

// What is in the flash runs from reset, and finds the device tree where memory begins, as on QEMU.
absl::Status Aarch64Virt::LoadFlash() {
  ASSIGN_OR_RETURN(const FdtInputs fdt_inputs, DescribeMachine());
  ASSIGN_OR_RETURN(const auto file, boot::BootFile::Open("flash", parts_.config.flash));
  RETURN_IF_ERROR(
      boot::LoadFlash(file, memory(), {kFlashLayout.code, kFlashLayout.bank_bytes}).status());
  return LoadFdt(fdt_inputs, ram_.base, std::nullopt);
}

// A raw image is put into the flash. An ELF that lies in memory is started like a kernel.
absl::Status Aarch64Virt::LoadFirmware() {
  const boot::RamRange flash{kFlashLayout.code, kFlashLayout.bank_bytes};
  ASSIGN_OR_RETURN(const FdtInputs fdt_inputs, DescribeMachine());
  ASSIGN_OR_RETURN(const auto file, boot::BootFile::Open("firmware", parts_.config.firmware));
  ASSIGN_OR_RETURN(const boot::LoadedImage firmware,
                   boot::LoadFirmware(file, boot::kArm64Linux.elf, memory(), flash));
  if (firmware.entry < flash.end()) return LoadFdt(fdt_inputs, ram_.base, std::nullopt);
  ASSIGN_OR_RETURN(const GuestPhysAddr fdt_place, boot::PlaceFdt(ram_, FdtTree::kMaxBytes));
  return LoadFdt(fdt_inputs, fdt_place, firmware.entry);
}

absl::Status Aarch64Virt::LoadFdt(const FdtInputs& inputs, GuestPhysAddr place,
                                  std::optional<GuestPhysAddr> start) {
  ASSIGN_OR_RETURN(const std::vector<std::byte> fdt, BuildFdt(inputs));
  const std::vector<std::byte> reset_code =
      start ? boot::ArmResetCode(*start, place) : std::vector<std::byte>();
  if (!memory().Write(place, fdt) || !memory().WriteRom(At(Place::kFlash).base, reset_code)) {
    return absl::InternalError("the board's own memory map has no room for its boot code");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AddMemory(const MachineConfig& config, GuestMemory& memory) {
  RETURN_IF_ERROR(AddFlashMemory(kFlashLayout, memory));
  return memory.AddRegion(At(Place::kDram).base, config.memory_bytes, MemoryKind::kRam);
}

absl::StatusOr<std::unique_ptr<Board>> Create(BoardParts parts) {
  const uint32_t gic = parts.config.gic_version;
  if (gic != 0 && (gic < kOldestGic || gic > kNewestGic)) {
    return absl::InvalidArgumentError(
        absl::StrCat("this board has no GIC of version ", gic, "; give 2 or 3"));
  }
  constexpr uint32_t kRoom = VirtioSlots::RoomForOthers(kVirtioSlots);
  ASSIGN_OR_RETURN(VirtioDisks disks, OpenDisks(parts, kRoom));
  RETURN_IF_ERROR(AddNics(parts, kRoom, disks));
  RETURN_IF_ERROR(AddAgentPort(parts, disks));
  ASSIGN_OR_RETURN(FlashStore variables, OpenVariables(parts, kFlashLayout));
  auto board =
      std::make_unique<Aarch64Virt>(std::move(parts), std::move(disks), std::move(variables));
  RETURN_IF_ERROR(board->MapDevices());
  return board;
}

}  // namespace emu::aarch64_virt
