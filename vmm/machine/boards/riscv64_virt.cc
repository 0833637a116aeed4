#include "vmm/machine/boards/riscv64_virt.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/str_format.h"
#include "devices/backend/async_disk.h"
#include "devices/backend/inline_disk.h"
#include "devices/core/fdt_node.h"
#include "devices/interrupt/aclint.h"
#include "devices/interrupt/plic.h"
#include "devices/power/sifive_test.h"
#include "devices/serial/ns16550a.h"
#include "devices/timer/goldfish_rtc.h"
#include "devices/virtio/block.h"
#include "devices/virtio/console.h"
#include "devices/virtio/entropy.h"
#include "devices/virtio/mmio_transport.h"
#include "vmm/base/status_macros.h"
#include "vmm/machine/boards/riscv64_virt_fdt.h"
#include "vmm/machine/boards/riscv64_virt_map.h"
#include "vmm/machine/boot/boot_file.h"
#include "vmm/machine/boot/elf_loader.h"
#include "vmm/machine/boot/errors.h"
#include "vmm/machine/boot/linux_image.h"
#include "vmm/machine/boot/placement.h"
#include "vmm/machine/boot/riscv_reset_code.h"
#include "vmm/machine/console_switch.h"

namespace emu::riscv64_virt {
namespace {

constexpr boot::ElfTarget kElfTarget = {EM_RISCV, "riscv64"};
constexpr size_t kRngSeedBytes = 32;

// Snapshot numbers: never given to another device.
constexpr uint32_t kVirtioFirstNumber = 16;  // slot 0

// Slots: the console and random numbers are always there, then the disks.
constexpr uint32_t kFixedSlots = 2;
constexpr uint32_t kMaxDisks = kVirtioSlots - kFixedSlots;

uint64_t HostWallClockNs() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

class Riscv64Virt final : public Board {
 public:
  // `disks`: at most kMaxDisks.
  Riscv64Virt(BoardParts parts, std::vector<std::unique_ptr<virtio::VirtioDevice>> disks);

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
  void FillVirtioSlots(std::vector<std::unique_ptr<virtio::VirtioDevice>> disks);
  absl::StatusOr<boot::LoadedImage> LoadFirmware();
  GuestMemory& memory() { return parts_.address_space.memory(); }

  BoardParts parts_;
  boot::RamRange ram_;
  ConsoleSwitch console_switch_;
  Aclint aclint_;
  Plic plic_;
  SifiveTest test_;
  CharStream& uart_port_;
  Ns16550a uart_;
  GoldfishRtc rtc_;
  std::vector<std::unique_ptr<virtio::MmioTransport>> virtio_;  // all slots
  std::vector<NamedDevice> devices_;
};

Riscv64Virt::Riscv64Virt(BoardParts parts, std::vector<std::unique_ptr<virtio::VirtioDevice>> disks)
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
      uart_port_(console_switch_.AddPort()),
      uart_(uart_port_, plic_.Source(kUart0Irq)),
      rtc_(parts_.clock, HostWallClockNs, plic_.Source(kRtcIrq)) {
  devices_ = {{"aclint", 1, &aclint_},
              {"plic", 2, &plic_},
              {"test", 3, &test_},
              {"uart0", 4, &uart_},
              {"rtc", 5, &rtc_}};
  uart_port_.SetReceiver([this](std::span<const std::byte> bytes) { uart_.Receive(bytes); });
  FillVirtioSlots(std::move(disks));
  parts_.console.SetReceiver([this](std::span<const std::byte> bytes) {
    std::lock_guard lock(parts_.address_space.device_mutex());
    console_switch_.Receive(bytes);
  });
}

void Riscv64Virt::FillVirtioSlots(std::vector<std::unique_ptr<virtio::VirtioDevice>> disks) {
  CharStream& port = console_switch_.AddPort();
  auto console = std::make_unique<virtio::Console>(port);
  port.SetReceiver(
      [console = console.get()](std::span<const std::byte> bytes) { console->Receive(bytes); });
  std::vector<std::unique_ptr<virtio::VirtioDevice>> devices;
  devices.push_back(std::move(console));
  devices.push_back(std::make_unique<virtio::Entropy>(&virtio::FillFromHost));
  for (auto& disk : disks) devices.push_back(std::move(disk));
  devices.resize(kVirtioSlots);
  for (uint32_t slot = 0; slot < kVirtioSlots; ++slot) {
    virtio_.push_back(std::make_unique<virtio::MmioTransport>(
        memory(), plic_.Source(kVirtioIrq + slot), std::move(devices[slot])));
    devices_.push_back(
        {"virtio" + std::to_string(slot), kVirtioFirstNumber + slot, virtio_.back().get()});
  }
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
      {Place::kRtc, "rtc", rtc_},
  };
  for (const auto& row : rows) {
    RETURN_IF_ERROR(parts_.address_space.MapMmio(At(row.place).base, At(row.place).size,
                                                 std::string(row.name), row.handler));
  }
  for (uint32_t slot = 0; slot < kVirtioSlots; ++slot) {
    RETURN_IF_ERROR(parts_.address_space.MapMmio(At(Place::kVirtio).base + slot * kVirtioSlotSize,
                                                 kVirtioSlotSize, "virtio" + std::to_string(slot),
                                                 *virtio_[slot]));
  }
  return absl::OkStatus();
}

absl::StatusOr<boot::LoadedImage> Riscv64Virt::LoadFirmware() {
  ASSIGN_OR_RETURN(const auto file, boot::BootFile::Open("firmware", parts_.config.firmware));
  std::array<std::byte, 4> head = {};
  RETURN_IF_ERROR(file.ReadAt(0, std::span(head).first(std::min<uint64_t>(4, file.size_bytes()))));
  if (boot::IsElf(head)) return boot::LoadElf(file, kElfTarget, memory());
  if (file.size_bytes() > ram_.size_bytes) {
    return boot::TooLargeForMemory("firmware", file.size_bytes(), ram_.size_bytes);
  }
  RETURN_IF_ERROR(file.LoadAt(0, file.size_bytes(), memory(), kFirmwareBase));
  return boot::LoadedImage{kFirmwareBase, kFirmwareBase + file.size_bytes()};
}

absl::Status Riscv64Virt::LoadBootImages() {
  const MachineConfig& config = parts_.config;
  if (!config.firmware.is_valid()) return boot::NothingToBoot();
  if (config.initrd.is_valid() && !config.kernel.is_valid()) return boot::InitrdWithoutKernel();
  ASSIGN_OR_RETURN(const boot::LoadedImage firmware, LoadFirmware());

  FdtInputs fdt_inputs{.cpus = config.cpus,
                       .ram = ram_,
                       .cpu_properties = parts_.cpu_properties,
                       .command_line = config.command_line,
                       .initrd = std::nullopt,
                       .virtio_slots = {},
                       .rng_seed = std::vector<std::byte>(kRngSeedBytes)};
  for (uint32_t slot = 0; slot < kVirtioSlots; ++slot) {
    if (virtio_[slot]->device() != nullptr) fdt_inputs.virtio_slots.push_back(slot);
  }
  if (getrandom(fdt_inputs.rng_seed.data(), kRngSeedBytes, 0) != kRngSeedBytes) {
    return absl::InternalError("getrandom gave no random seed");
  }

  // The tree's size is known only with all of it in; the initrd has to stay below, so its place
  // counts with the tree's largest size.
  ASSIGN_OR_RETURN(const GuestPhysAddr lowest_fdt, boot::PlaceFdt(ram_, FdtTree::kMaxBytes));
  std::optional<boot::LoadedImage> kernel;
  if (config.kernel.is_valid()) {
    ASSIGN_OR_RETURN(const auto file, boot::BootFile::Open("kernel", config.kernel));
    ASSIGN_OR_RETURN(kernel,
                     boot::LoadRiscvKernel(file, kElfTarget, memory(), kKernelBase, lowest_fdt));
  }
  if (config.initrd.is_valid()) {
    ASSIGN_OR_RETURN(const auto file, boot::BootFile::Open("initrd", config.initrd));
    ASSIGN_OR_RETURN(const GuestPhysAddr place, boot::PlaceInitrd(ram_, kKernelBase, kernel->end,
                                                                  lowest_fdt, file.size_bytes()));
    RETURN_IF_ERROR(file.LoadAt(0, file.size_bytes(), memory(), place));
    fdt_inputs.initrd = boot::RamRange{place, file.size_bytes()};
  }

  ASSIGN_OR_RETURN(const std::vector<std::byte> fdt, BuildFdt(fdt_inputs));
  ASSIGN_OR_RETURN(const GuestPhysAddr fdt_place, boot::PlaceFdt(ram_, fdt.size()));
  const std::vector<std::byte> reset_code = boot::RiscvResetCode(
      {.start = firmware.entry, .fdt = fdt_place, .next = kernel ? kernel->entry : 0_gpa});
  if (!memory().Write(fdt_place, fdt) || !memory().WriteRom(At(Place::kMrom).base, reset_code)) {
    return absl::InternalError("the board's own memory map has no room for its boot code");
  }
  return absl::OkStatus();
}

std::unique_ptr<Disk> ToDisk(RawDisk image, const BoardParts& parts) {
  if (parts.work == nullptr) return std::make_unique<InlineDisk>(std::move(image));
  return std::make_unique<AsyncDisk>(std::move(image), *parts.work,
                                     parts.address_space.device_mutex());
}

}  // namespace

absl::Status AddMemory(const MachineConfig& config, GuestMemory& memory) {
  RETURN_IF_ERROR(memory.AddRegion(At(Place::kMrom).base, At(Place::kMrom).size, MemoryKind::kRom));
  return memory.AddRegion(At(Place::kDram).base, config.memory_bytes, MemoryKind::kRam);
}

absl::StatusOr<std::unique_ptr<Board>> Create(BoardParts parts) {
  if (parts.config.disks.size() > kMaxDisks) {
    return absl::InvalidArgumentError(absl::StrFormat("disks: %d are too many; give at most %d",
                                                      parts.config.disks.size(), kMaxDisks));
  }
  std::vector<std::unique_ptr<virtio::VirtioDevice>> disks;
  for (const DiskConfig& config : parts.config.disks) {
    // The configuration keeps its descriptor; the disk has its own.
    ASSIGN_OR_RETURN(
        RawDisk image,
        RawDisk::Open(UniqueFd(fcntl(config.file.get(), F_DUPFD_CLOEXEC, 0)),
                      config.readonly ? RawDisk::Mode::kReadOnly : RawDisk::Mode::kReadWrite));
    disks.push_back(std::make_unique<virtio::Block>(ToDisk(std::move(image), parts), config.id));
  }
  auto board = std::make_unique<Riscv64Virt>(std::move(parts), std::move(disks));
  RETURN_IF_ERROR(board->MapDevices());
  return board;
}

}  // namespace emu::riscv64_virt
