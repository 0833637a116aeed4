// Devices that several boards have, as the DSDT describes them.
#pragma once

#include <span>

#include "vmm/base/address.h"
#include "vmm/machine/boards/pci_layout.h"
#include "vmm/machine/tables/aml.h"

namespace emu::tables {

// A device with registers and perhaps an interrupt; addresses are below 4 GiB.
struct MmioDevice {
  std::string_view name;  // of the object
  std::string_view hid;
  uint32_t uid;
  GuestPhysAddr base;
  uint64_t size;
  uint32_t interrupt;  // system-wide number; 0: none
};
aml::Term Describe(const MmioDevice& device);

aml::Term DescribeProcessors(uint32_t count);
aml::Term DescribeFwCfg(GuestPhysAddr base);

// The slots that hold a device: number 0 is at `base`, the others `stride` bytes apart.
struct VirtioMmioPlaces {
  GuestPhysAddr base;
  uint64_t stride;
  uint32_t first_interrupt;
};
aml::Term DescribeVirtio(const VirtioMmioPlaces& places, std::span<const uint32_t> slots);

// The bus, and what its configuration takes. Pin A of slot 0 is interrupt `first_interrupt`.
aml::Term DescribePci(const PciLayout& layout, uint32_t first_interrupt);

// The table MCFG behind its header (PCI Firmware 3.3, s. 4.1.2).
std::vector<std::byte> PciConfigTable(const PciLayout& layout);

}  // namespace emu::tables
