#include "vmm/machine/boards/aarch64_virt_acpi.h"

#include "vmm/base/endian.h"
#include "vmm/machine/boards/aarch64_virt_map.h"
#include "vmm/machine/tables/acpi_blob.h"
#include "vmm/machine/tables/dsdt_devices.h"

namespace emu::aarch64_virt {
namespace {

using tables::AcpiBlob;
using tables::ByteWriter;
namespace aml = tables::aml;

// Interrupts as ACPI counts them: INTIDs.
constexpr uint32_t Shared(uint32_t number) { return kSharedIntid + number; }

constexpr uint8_t kPowerButtonPressed = 0x80;

uint64_t BaseOf(Place place) { return At(place).base.value; }

// The button's GPIO pin, as an event of its controller: _Exx is run at the edge of pin xx.
aml::Term DescribePowerButton() {
  static_assert(kPowerButtonPin == 3);
  const MapRow& gpio = At(Place::kGpio);
  const aml::Term controller = aml::Device(
      "GPO0",
      aml::Join(
          {aml::Name("_HID", aml::String("ARMH0061")), aml::Name("_UID", aml::Integer(0)),
           aml::Name("_CRS", aml::Resources({aml::Memory32(static_cast<uint32_t>(gpio.base.value),
                                                           static_cast<uint32_t>(gpio.size)),
                                             aml::Interrupt(Shared(kGpioIrq))})),
           aml::Name("_AEI", aml::Resources({aml::GpioEvent(kPowerButtonPin, "\\_SB_.GPO0")})),
           aml::Method("_E03", aml::Notify("PWRB", kPowerButtonPressed))}));
  const aml::Term button = aml::Device("PWRB", aml::Join({aml::Name("_HID", aml::String("PNP0C0C")),
                                                          aml::Name("_UID", aml::Integer(0))}));
  return aml::Join({controller, button});
}

aml::Term Dsdt(uint32_t cpus, std::span<const uint32_t> virtio_slots) {
  const MapRow& uart = At(Place::kUart0);
  return aml::Scope(
      "\\_SB",
      aml::Join({tables::DescribeProcessors(cpus),
                 tables::Describe({"COM0", "ARMH0011", 0, uart.base, uart.size, Shared(kUart0Irq)}),
                 tables::DescribeFwCfg(At(Place::kFwCfg).base),
                 tables::DescribeVirtio(
                     {At(Place::kVirtio).base, kVirtioSlotSize, Shared(kVirtioIrq)}, virtio_slots),
                 tables::DescribePci(kPciPlaces, Shared(kPcieIrq)), DescribePowerButton()}));
}

// ACPI 6.5, s. 5.2.9: nothing of a PC's hardware, and processors that PSCI starts by HVC.
std::vector<std::byte> FixedDescription() {
  constexpr uint32_t kHeaderBytes = 36, kBytes = 276, kFlagsAt = 112, kArmBootAt = 129;
  constexpr uint32_t kHardwareReduced = 1 << 20;
  constexpr uint16_t kPsciByHvc = 3;
  std::vector<std::byte> body(kBytes - kHeaderBytes);
  StoreLittle(std::span(body).subspan(kFlagsAt - kHeaderBytes), kHardwareReduced);
  StoreLittle(std::span(body).subspan(kArmBootAt - kHeaderBytes), kPsciByHvc);
  return body;
}
constexpr uint32_t kFixedDescriptionDsdt = 140;

// S. 5.2.12: the GIC's parts.
std::vector<std::byte> InterruptControllers(uint32_t cpus, uint32_t gic_version) {
  constexpr uint8_t kCpu = 0xb, kDistributor = 0xc, kMessages = 0xd, kRedistributors = 0xe,
                    kIts = 0xf;
  constexpr uint32_t kEnabled = 1;
  const bool is_v2 = gic_version == 2;
  const uint64_t cpu_interface = is_v2 ? BaseOf(Place::kGicCpuInterface) : 0;
  ByteWriter body;
  body.Zeros(8);
  body.U8(kDistributor).U8(24).Zeros(6).U64(BaseOf(Place::kGicDistributor)).Zeros(4);
  body.U8(static_cast<uint8_t>(gic_version)).Zeros(3);
  for (uint32_t i = 0; i < cpus; ++i) {
    body.U8(kCpu).U8(80).Zeros(2).U32(i).U32(i).U32(kEnabled).Zeros(4 + 4 + 8);
    body.U64(cpu_interface).Zeros(2 * 8 + 4 + 8).U64(i).Zeros(4);  // its affinity is its number
  }
  if (is_v2) {
    body.U8(kMessages).U8(24).Zeros(2).U32(0).U64(BaseOf(Place::kGicMessages)).U32(0);
    body.U16(kMessageIrqs).U16(Shared(kMessageIrq));
    return body.Take();
  }
  const auto redistributors = static_cast<uint32_t>(cpus * gicv3::kRedistributorStride);
  body.U8(kRedistributors).U8(16).Zeros(2).U64(BaseOf(Place::kGicRedistributors));
  body.U32(redistributors);
  body.U8(kIts).U8(20).Zeros(2).U32(0).U64(BaseOf(Place::kGicIts)).Zeros(4);
  return body.Take();
}

// S. 5.2.25.
std::vector<std::byte> Timers() {
  constexpr uint64_t kNoCounterFrame = ~uint64_t{0};
  constexpr uint32_t kLevelAlwaysOn = 4;
  constexpr uint32_t kSecure = 29, kHypervisor = 26;
  ByteWriter body;
  body.U64(kNoCounterFrame).Zeros(4);
  for (const uint32_t intid : {kSecure, kPhysicalTimerIntid, kVirtualTimerIntid, kHypervisor}) {
    body.U32(intid).U32(kLevelAlwaysOn);
  }
  return body.U64(kNoCounterFrame).Zeros(8).Take();
}

// Microsoft Serial Port Console Redirection 1.08.
std::vector<std::byte> SerialConsole() {
  constexpr uint8_t kPl011 = 3, kMemorySpace = 0, kDword = 3, kGicInterrupt = 8, k9600 = 3,
                    kOneStopBit = 1, kHardwareFlow = 2;
  ByteWriter body;
  body.U8(kPl011).Zeros(3).U8(kMemorySpace).U8(32).U8(0).U8(kDword).U64(BaseOf(Place::kUart0));
  body.U8(kGicInterrupt).U8(0).U32(Shared(kUart0Irq)).U8(k9600).U8(0).U8(kOneStopBit);
  body.U8(kHardwareFlow).U8(0).U8(0).U16(UINT16_MAX).U16(UINT16_MAX);  // not on PCI
  return body.Zeros(12).Take();
}

// Arm IO Remapping Table (DEN 0049E): PCI's messages go to the ITS with the requester's number.
std::vector<std::byte> IoRemapping() {
  constexpr uint32_t kNodesAt = 48, kItsGroupBytes = 24, kRootBytes = 36, kMappingBytes = 20;
  constexpr uint8_t kItsGroup = 0, kRootComplex = 2, kCoherentFlags = 3, kAddressBits = 64;
  constexpr uint32_t kAllRequesters = 0xffff;
  ByteWriter body;
  body.U32(2).U32(kNodesAt).Zeros(4);
  body.U8(kItsGroup).U16(kItsGroupBytes).U8(1).U32(0).Zeros(8).U32(1).U32(0);
  body.U8(kRootComplex).U16(kRootBytes + kMappingBytes).U8(3).U32(1).U32(1).U32(kRootBytes);
  body.U32(1).Zeros(3).U8(kCoherentFlags).Zeros(4).U32(0).U8(kAddressBits).Zeros(3);
  body.U32(0).U32(kAllRequesters).U32(0).U32(kNodesAt).U32(0);
  return body.Take();
}

}  // namespace

void AddAcpiTables(uint32_t cpus, uint32_t gic_version, std::span<const uint32_t> virtio_slots,
                   FwCfg& fw_cfg) {
  AcpiBlob blob;
  const AcpiBlob::Place dsdt = blob.Add("DSDT", 2, Dsdt(cpus, virtio_slots));
  const AcpiBlob::Place fixed = blob.Add("FACP", 6, FixedDescription());
  blob.Point(fixed, kFixedDescriptionDsdt, dsdt);
  std::vector<AcpiBlob::Place> tables = {
      fixed, blob.Add("APIC", 4, InterruptControllers(cpus, gic_version)),
      blob.Add("GTDT", 2, Timers()), blob.Add("MCFG", 1, tables::PciConfigTable(kPciPlaces)),
      blob.Add("SPCR", 2, SerialConsole())};
  if (gic_version == 3) tables.push_back(blob.Add("IORT", 3, IoRemapping()));
  blob.Finish(tables, fw_cfg);
}

}  // namespace emu::aarch64_virt
