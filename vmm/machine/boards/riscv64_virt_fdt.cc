#include "vmm/machine/boards/riscv64_virt_fdt.h"

#include "absl/strings/str_format.h"
#include "devices/core/fdt_node.h"
#include "devices/interrupt/plic_spec.h"
#include "devices/serial/ns16550a_spec.h"
#include "vmm/machine/boards/flash_banks.h"
#include "vmm/machine/boards/fw_cfg_node.h"
#include "vmm/machine/boards/pci_root.h"
#include "vmm/machine/boards/riscv64_virt_map.h"

namespace emu::riscv64_virt {
namespace {

// Handles: one for each hart's interrupt controller from kFirstCpuHandle on.
constexpr uint32_t kPlicHandle = 1;
constexpr uint32_t kTestHandle = 2;
constexpr uint32_t kFirstCpuHandle = 16;
constexpr uint32_t kCacheBlockBytes = 64;
constexpr uint32_t kPowerOffValue = 0x5555;
constexpr uint32_t kResetValue = 0x7777;

std::string NameAt(std::string_view name, GuestPhysAddr address) {
  return absl::StrFormat("%s@%x", name, address.value);
}

void AddChosen(FdtNode& root, const FdtInputs& inputs) {
  FdtNode chosen = root.Child("chosen");
  if (!inputs.command_line.empty()) chosen.String("bootargs", inputs.command_line);
  chosen.String("stdout-path", "/soc/" + NameAt("serial", At(Place::kUart0).base));
  if (inputs.initrd) {
    chosen.Cell64("linux,initrd-start", inputs.initrd->base.value);
    chosen.Cell64("linux,initrd-end", inputs.initrd->end().value);
  }
  chosen.Bytes("rng-seed", inputs.rng_seed);
}

void AddCpus(FdtNode& root, const FdtInputs& inputs) {
  FdtNode cpus = root.Child("cpus");
  cpus.Cells("#address-cells", {1}).Cells("#size-cells", {0});
  cpus.Cells("timebase-frequency", {kTimebaseHz});
  for (uint32_t hart = 0; hart < inputs.cpus; ++hart) {
    FdtNode cpu = cpus.Child(absl::StrFormat("cpu@%x", hart));
    cpu.String("device_type", "cpu").Cells("reg", {hart}).String("status", "okay");
    for (const auto& [name, values] : inputs.cpu_properties) cpu.Strings(name.c_str(), values);
    cpu.Cells("riscv,cbom-block-size", {kCacheBlockBytes});
    cpu.Cells("riscv,cboz-block-size", {kCacheBlockBytes});
    cpu.Cells("riscv,cbop-block-size", {kCacheBlockBytes});
    FdtNode controller = cpu.Child("interrupt-controller");
    controller.Cells("#interrupt-cells", {1}).Empty("interrupt-controller");
    controller.String("compatible", "riscv,cpu-intc");
    controller.Cells("phandle", {kFirstCpuHandle + hart});
  }
}

// {hart 0's controller, a, hart 0's controller, b, hart 1's ...}
std::vector<uint32_t> HartInterrupts(uint32_t cpus, uint32_t a, uint32_t b) {
  std::vector<uint32_t> cells;
  for (uint32_t hart = 0; hart < cpus; ++hart) {
    cells.insert(cells.end(), {kFirstCpuHandle + hart, a, kFirstCpuHandle + hart, b});
  }
  return cells;
}

void AddInterruptControllers(FdtNode& soc, const FdtInputs& inputs) {
  {
    const MapRow& row = At(Place::kClint);
    FdtNode clint = soc.Child(NameAt("clint", row.base));
    const std::string compatible[] = {"sifive,clint0", "riscv,clint0"};
    clint.Strings("compatible", compatible).Reg(row.base.value, row.size);
    clint.Cells("interrupts-extended",
                HartInterrupts(inputs.cpus, kMachineSoftware, kMachineTimer));
  }
  const MapRow& row = At(Place::kPlic);
  FdtNode plic = soc.Child(NameAt("plic", row.base));
  const std::string compatible[] = {"sifive,plic-1.0.0", "riscv,plic0"};
  plic.Strings("compatible", compatible).Reg(row.base.value, row.size);
  plic.Cells("#interrupt-cells", {1}).Cells("#address-cells", {0}).Empty("interrupt-controller");
  plic.Cells("riscv,ndev", {plic::kSourceCount - 1}).Cells("phandle", {kPlicHandle});
  plic.Cells("interrupts-extended",
             HartInterrupts(inputs.cpus, kMachineExternal, kSupervisorExternal));
}

void AddInterrupt(FdtNode& node, uint32_t source) {
  node.Cells("interrupts", {source}).Cells("interrupt-parent", {kPlicHandle});
}

void AddDevices(FdtNode& soc, const FdtInputs& inputs) {
  {
    const MapRow& row = At(Place::kTest);
    FdtNode test = soc.Child(NameAt("test", row.base));
    const std::string compatible[] = {"sifive,test1", "sifive,test0", "syscon"};
    test.Strings("compatible", compatible).Reg(row.base.value, row.size);
    test.Cells("phandle", {kTestHandle});
  }
  {
    const MapRow& row = At(Place::kRtc);
    FdtNode rtc = soc.Child(NameAt("rtc", row.base));
    rtc.String("compatible", "google,goldfish-rtc").Reg(row.base.value, row.size);
    AddInterrupt(rtc, kRtcIrq);
  }
  {
    const MapRow& row = At(Place::kUart0);
    FdtNode uart = soc.Child(NameAt("serial", row.base));
    uart.String("compatible", "ns16550a").Reg(row.base.value, row.size);
    uart.Cells("clock-frequency", {ns16550a::kClockHz});
    AddInterrupt(uart, kUart0Irq);
  }
  AddFwCfg(soc, At(Place::kFwCfg).base);
  for (const uint32_t slot : inputs.virtio_slots) {
    const GuestPhysAddr base = At(Place::kVirtio).base + slot * kVirtioSlotSize;
    FdtNode virtio = soc.Child(NameAt("virtio_mmio", base));
    virtio.String("compatible", "virtio,mmio").Reg(base.value, kVirtioSlotSize);
    AddInterrupt(virtio, kVirtioIrq + slot);
  }
}

// Messages have no controller here, as on QEMU's board without AIA.
void AddPci(FdtNode& soc, const FdtInputs& inputs) {
  AddPciHost(soc, PciPlaces(inputs.ram.end()),
             {.controller = kPlicHandle,
              .interrupt = [](uint32_t pin) { return std::vector<uint32_t>{kPcieIrq + pin}; },
              .message_controller = std::nullopt});
}

void AddSyscon(FdtNode& root, const std::string& name, uint32_t value) {
  FdtNode node = root.Child(name);
  node.String("compatible", "syscon-" + name).Cells("regmap", {kTestHandle});
  node.Cells("offset", {0}).Cells("value", {value});
}

}  // namespace

absl::StatusOr<std::vector<std::byte>> BuildFdt(const FdtInputs& inputs) {
  FdtTree tree;
  {
    FdtNode root(tree, "");
    root.Cells("#address-cells", {2}).Cells("#size-cells", {2});
    root.String("compatible", "riscv-virtio").String("model", "riscv-virtio,emu");
    AddChosen(root, inputs);
    {
      FdtNode memory = root.Child(NameAt("memory", inputs.ram.base));
      memory.String("device_type", "memory").Reg(inputs.ram.base.value, inputs.ram.size_bytes);
    }
    AddCpus(root, inputs);
    AddSyscon(root, "poweroff", kPowerOffValue);
    AddSyscon(root, "reboot", kResetValue);
    AddFlash(root, kFlashLayout);
    FdtNode soc = root.Child("soc");
    soc.Cells("#address-cells", {2}).Cells("#size-cells", {2});
    soc.String("compatible", "simple-bus").Empty("ranges");
    AddInterruptControllers(soc, inputs);
    AddDevices(soc, inputs);
    AddPci(soc, inputs);
  }
  return tree.Finish();
}

}  // namespace emu::riscv64_virt
