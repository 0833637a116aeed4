// ACPI tables on their way to a firmware, which places them and makes their addresses and sums
// good.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "devices/firmware/fw_cfg.h"
#include "vmm/machine/tables/byte_writer.h"

namespace emu::tables {

// Tables one behind the other, and the script by which firmware loads them: QEMU's table-loader
// (EDK2 OvmfPkg/AcpiPlatformDxe/QemuLoader.h). ACPI 6.5, s. 5.2.
class AcpiBlob {
 public:
  // Where a table lies in the blob.
  using Place = uint32_t;

  AcpiBlob();

  // `body` is what follows the header of 36 bytes.
  Place Add(std::string_view signature, uint8_t revision, std::span<const std::byte> body);
  // The 8 bytes at `offset` of table `from`, header included, are the address of table `to`.
  void Point(Place from, uint32_t offset, Place to);
  // An XSDT of `tables` and the RSDP, then all of it as files. Called once, at the end.
  void Finish(std::span<const Place> tables, FwCfg& fw_cfg);

 private:
  void AllocateFile(std::string_view file, uint32_t alignment, bool low);
  void AddPointer(std::string_view in_file, uint32_t offset, std::string_view to_file);
  void AddChecksum(std::string_view file, uint32_t at, uint32_t start, uint32_t size);

  // What is summed after all pointers are in.
  struct Sum {
    Place place;
    uint32_t size;
  };
  std::vector<std::byte> blob_;
  ByteWriter script_;
  std::vector<Sum> sums_;
};

}  // namespace emu::tables
