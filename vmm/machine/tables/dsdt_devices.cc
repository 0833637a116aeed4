#include "vmm/machine/tables/dsdt_devices.h"

#include "absl/strings/str_format.h"
#include "devices/firmware/fw_cfg_spec.h"
#include "devices/pci/pci_spec.h"
#include "vmm/machine/tables/byte_writer.h"

namespace emu::tables {
namespace {

using namespace aml;

// Its DMA sees what processors' caches hold.
Term IsCoherent() { return Name("_CCA", Integer(1)); }

uint32_t Low(GuestPhysAddr address) { return static_cast<uint32_t>(address.value); }

}  // namespace

Term Describe(const MmioDevice& device) {
  const Term registers = Memory32(Low(device.base), static_cast<uint32_t>(device.size));
  return Device(
      device.name,
      Join({Name("_HID", String(device.hid)), Name("_UID", Integer(device.uid)), IsCoherent(),
            Name("_CRS", device.interrupt == 0
                             ? Resources({registers})
                             : Resources({registers, Interrupt(device.interrupt)}))}));
}

Term DescribeProcessors(uint32_t count) {
  Term all;
  for (uint32_t i = 0; i < count; ++i) {
    all = Join({all, Device(absl::StrFormat("C%03X", i),
                            Join({Name("_HID", String("ACPI0007")), Name("_UID", Integer(i))}))});
  }
  return all;
}

Term DescribeFwCfg(GuestPhysAddr base) {
  return Describe({"FWCF", "QEMU0002", 0, base, fw_cfg::kMmioSize, 0});
}

Term DescribeVirtio(const VirtioMmioPlaces& places, std::span<const uint32_t> slots) {
  Term all;
  for (const uint32_t slot : slots) {
    const std::string name = absl::StrFormat("VR%02X", slot);
    all = Join({all, Describe({name, "LNRO0005", slot, places.base + slot * places.stride,
                               places.stride, places.first_interrupt + slot})});
  }
  return all;
}

Term DescribePci(const PciLayout& layout, uint32_t first_interrupt) {
  // Each pin of each slot, without link devices: the source is 0, the index the interrupt.
  std::vector<Term> routes;
  for (uint32_t slot = 0; slot < pci::kSlots; ++slot) {
    for (uint32_t pin = 0; pin < pci::kPins; ++pin) {
      routes.push_back(Package({Integer(slot << 16 | 0xffff), Integer(pin), Integer(0),
                                Integer(first_interrupt + (slot + pin) % pci::kPins)}));
    }
  }
  const auto buses = static_cast<uint16_t>(layout.ecam.size >> pci::kEcamBusShift);
  const Term windows =
      Resources({BusRange(0, static_cast<uint16_t>(buses - 1)),
                 IoWindow(Low(layout.io.base), static_cast<uint32_t>(layout.io.size)),
                 MemoryWindow32(Low(layout.memory.base), static_cast<uint32_t>(layout.memory.size)),
                 MemoryWindow64(layout.memory64.base.value, layout.memory64.size)});
  // The configuration is taken; PNP0C02 says so.
  const Term config = Device(
      "RES0",
      Join({Name("_HID", String("PNP0C02")),
            Name("_CRS", Resources({MemoryWindow64(layout.ecam.base.value, layout.ecam.size)}))}));
  return Device("PCI0",
                Join({Name("_HID", String("PNP0A08")), Name("_CID", String("PNP0A03")),
                      Name("_SEG", Integer(0)), Name("_BBN", Integer(0)), Name("_UID", Integer(0)),
                      IsCoherent(), Name("_PRT", Package(routes)), Name("_CRS", windows), config}));
}

std::vector<std::byte> PciConfigTable(const PciLayout& layout) {
  ByteWriter body;
  const auto buses = static_cast<uint32_t>(layout.ecam.size >> pci::kEcamBusShift);
  body.Zeros(8).U64(layout.ecam.base.value).U16(0).U8(0).U8(static_cast<uint8_t>(buses - 1));
  return body.Zeros(4).Take();
}

}  // namespace emu::tables
