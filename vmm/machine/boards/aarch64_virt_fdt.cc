#include "vmm/machine/boards/aarch64_virt_fdt.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "devices/core/fdt_node.h"
#include "vmm/machine/boards/aarch64_virt_map.h"
#include "vmm/machine/boards/flash_banks.h"
#include "vmm/machine/boards/fw_cfg_node.h"
#include "vmm/machine/boards/pci_root.h"

namespace emu::aarch64_virt {
namespace {

// Handles.
constexpr uint32_t kGicHandle = 1;
constexpr uint32_t kClockHandle = 2;
constexpr uint32_t kGpioHandle = 3;
constexpr uint32_t kMessagesHandle = 4;

// Interrupt specifiers of the GIC, of either version.
constexpr uint32_t kShared = 0, kPrivate = 1;
constexpr uint32_t kLevelHigh = 4;
constexpr uint32_t kOwnersShift = 8;
constexpr uint32_t kFirstPrivateIntid = 16;
// Secure physical, physical, virtual and the hypervisor's timer, of which a processor has two.
constexpr uint32_t kTimerIntids[] = {29, kPhysicalTimerIntid, kVirtualTimerIntid, 26};

constexpr uint32_t kPeripheralClockHz = 24'000'000;
constexpr uint32_t kPowerKey = 116;  // KEY_POWER of Linux

std::string NameAt(std::string_view name, GuestPhysAddr address) {
  return absl::StrFormat("%s@%x", name, address.value);
}

void AddChosen(FdtNode& root, const FdtInputs& inputs) {
  FdtNode chosen = root.Child("chosen");
  if (!inputs.command_line.empty()) chosen.String("bootargs", inputs.command_line);
  chosen.String("stdout-path", absl::StrCat("/", NameAt("pl011", At(Place::kUart0).base)));
  if (inputs.initrd) {
    chosen.Cell64("linux,initrd-start", inputs.initrd->base.value);
    chosen.Cell64("linux,initrd-end", inputs.initrd->end().value);
  }
  chosen.Bytes("rng-seed", inputs.rng_seed).Cell64("kaslr-seed", inputs.kaslr_seed);
}

void AddCpus(FdtNode& root, const FdtInputs& inputs) {
  FdtNode cpus = root.Child("cpus");
  cpus.Cells("#address-cells", {1}).Cells("#size-cells", {0});
  for (uint32_t i = 0; i < inputs.cpus; ++i) {
    FdtNode cpu = cpus.Child(absl::StrFormat("cpu@%x", i));
    cpu.String("device_type", "cpu").Cells("reg", {i}).String("enable-method", "psci");
    for (const auto& [name, values] : inputs.cpu_properties) cpu.Strings(name.c_str(), values);
  }
}

void AddProcessorServices(FdtNode& root, const FdtInputs& inputs) {
  {
    FdtNode psci = root.Child("psci");
    const std::string compatible[] = {"arm,psci-1.0", "arm,psci-0.2", "arm,psci"};
    psci.Strings("compatible", compatible).String("method", "hvc");
  }
  FdtNode timer = root.Child("timer");
  const std::string compatible[] = {"arm,armv8-timer", "arm,armv7-timer"};
  timer.Strings("compatible", compatible).Empty("always-on");
  // Version 2 wants to know whose they are.
  const uint32_t owners = inputs.gic_version == 2 ? (uint32_t{1} << inputs.cpus) - 1 : 0;
  const uint32_t flags = owners << kOwnersShift | kLevelHigh;
  std::vector<uint32_t> interrupts;
  for (const uint32_t intid : kTimerIntids) {
    interrupts.insert(interrupts.end(), {kPrivate, intid - kFirstPrivateIntid, flags});
  }
  timer.Cells("interrupts", interrupts);
}

void AppendRange(std::vector<uint32_t>& cells, GuestPhysAddr base, uint64_t size) {
  cells.insert(cells.end(), {0, static_cast<uint32_t>(base.value), 0, static_cast<uint32_t>(size)});
}

// Linux Documentation/devicetree/bindings/interrupt-controller/arm,gic.yaml and arm,gic-v3.yaml.
void AddInterruptController(FdtNode& root, const FdtInputs& inputs) {
  const bool is_v2 = inputs.gic_version == 2;
  const MapRow& distributor = At(Place::kGicDistributor);
  std::vector<uint32_t> reg;
  AppendRange(reg, distributor.base, distributor.size);
  FdtNode gic = root.Child(NameAt("intc", distributor.base));
  if (is_v2) {
    AppendRange(reg, At(Place::kGicCpuInterface).base, At(Place::kGicCpuInterface).size);
    gic.String("compatible", "arm,cortex-a15-gic");
  } else {
    AppendRange(reg, At(Place::kGicRedistributors).base, inputs.cpus * gicv3::kRedistributorStride);
    gic.String("compatible", "arm,gic-v3").Cells("#redistributor-regions", {1});
  }
  gic.Cells("#interrupt-cells", {3}).Empty("interrupt-controller").Cells("reg", reg);
  gic.Cells("#address-cells", {2}).Cells("#size-cells", {2}).Empty("ranges");
  gic.Cells("phandle", {kGicHandle});
  const MapRow& row = At(is_v2 ? Place::kGicMessages : Place::kGicIts);
  FdtNode messages = gic.Child(NameAt(is_v2 ? "v2m" : "its", row.base));
  messages.String("compatible", is_v2 ? "arm,gic-v2m-frame" : "arm,gic-v3-its");
  messages.Empty("msi-controller").Reg(row.base.value, row.size);
  messages.Cells("phandle", {kMessagesHandle});
  if (!is_v2) messages.Cells("#msi-cells", {1});
}

// Registers at `place`, and the shared interrupt `irq`.
void AddResources(FdtNode& node, Place place, uint32_t irq) {
  const MapRow& row = At(place);
  node.Reg(row.base.value, row.size).Cells("interrupts", {kShared, irq, kLevelHigh});
}

void AddPrimeCell(FdtNode& node, std::string_view compatible) {
  const std::string names[] = {std::string(compatible), "arm,primecell"};
  node.Strings("compatible", names);
}

void AddDevices(FdtNode& root, const FdtInputs& inputs) {
  {
    FdtNode clock = root.Child("apb-pclk");
    clock.String("compatible", "fixed-clock").Cells("#clock-cells", {0});
    clock.Cells("clock-frequency", {kPeripheralClockHz});
    clock.String("clock-output-names", "clk24mhz").Cells("phandle", {kClockHandle});
  }
  {
    FdtNode uart = root.Child(NameAt("pl011", At(Place::kUart0).base));
    AddResources(uart, Place::kUart0, kUart0Irq);
    AddPrimeCell(uart, "arm,pl011");
    const std::string clocks[] = {"uartclk", "apb_pclk"};
    uart.Cells("clocks", {kClockHandle, kClockHandle}).Strings("clock-names", clocks);
  }
  {
    FdtNode rtc = root.Child(NameAt("pl031", At(Place::kRtc).base));
    AddResources(rtc, Place::kRtc, kRtcIrq);
    AddPrimeCell(rtc, "arm,pl031");
    rtc.Cells("clocks", {kClockHandle}).String("clock-names", "apb_pclk");
  }
  {
    FdtNode gpio = root.Child(NameAt("pl061", At(Place::kGpio).base));
    AddResources(gpio, Place::kGpio, kGpioIrq);
    AddPrimeCell(gpio, "arm,pl061");
    gpio.Cells("clocks", {kClockHandle}).String("clock-names", "apb_pclk");
    gpio.Cells("#gpio-cells", {2}).Empty("gpio-controller").Cells("phandle", {kGpioHandle});
    gpio.Cells("#interrupt-cells", {2}).Empty("interrupt-controller");
  }
  {
    FdtNode keys = root.Child("gpio-keys");
    keys.String("compatible", "gpio-keys");
    FdtNode power = keys.Child("poweroff");
    power.String("label", "GPIO Key Poweroff").Cells("linux,code", {kPowerKey});
    power.Cells("gpios", {kGpioHandle, kPowerButtonPin, 0});
  }
  AddFlash(root, kFlashLayout);
  AddFwCfg(root, At(Place::kFwCfg).base);
  for (const uint32_t slot : inputs.virtio_slots) {
    const GuestPhysAddr base = At(Place::kVirtio).base + slot * kVirtioSlotSize;
    FdtNode virtio = root.Child(NameAt("virtio_mmio", base));
    virtio.String("compatible", "virtio,mmio").Reg(base.value, kVirtioSlotSize);
    virtio.Cells("interrupts", {kShared, kVirtioIrq + slot, kLevelHigh}).Empty("dma-coherent");
  }
}

void AddPci(FdtNode& root) {
  const auto interrupt = [](uint32_t pin) {
    return std::vector<uint32_t>{0, 0, kShared, kPcieIrq + pin, kLevelHigh};
  };
  AddPciHost(
      root, kPciPlaces,
      {.controller = kGicHandle, .interrupt = interrupt, .message_controller = kMessagesHandle});
}

}  // namespace

absl::StatusOr<std::vector<std::byte>> BuildFdt(const FdtInputs& inputs) {
  FdtTree tree;
  {
    FdtNode root(tree, "");
    root.String("compatible", "linux,dummy-virt").String("model", "linux,dummy-virt");
    root.Cells("#address-cells", {2}).Cells("#size-cells", {2});
    root.Cells("interrupt-parent", {kGicHandle}).Empty("dma-coherent");
    AddChosen(root, inputs);
    {
      FdtNode memory = root.Child(NameAt("memory", inputs.ram.base));
      memory.String("device_type", "memory").Reg(inputs.ram.base.value, inputs.ram.size_bytes);
    }
    AddCpus(root, inputs);
    AddProcessorServices(root, inputs);
    AddInterruptController(root, inputs);
    AddDevices(root, inputs);
    AddPci(root);
  }
  return tree.Finish();
}

}  // namespace emu::aarch64_virt
