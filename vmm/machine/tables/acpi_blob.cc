#include "vmm/machine/tables/acpi_blob.h"

#include "vmm/base/endian.h"

namespace emu::tables {
namespace {

constexpr std::string_view kTablesFile = "etc/acpi/tables", kRsdpFile = "etc/acpi/rsdp",
                           kScriptFile = "etc/table-loader";

// The header that every table begins with (s. 5.2.6).
constexpr uint32_t kHeaderBytes = 36, kChecksumOffset = 9;
constexpr std::string_view kOem = "EMU   ", kOemTable = "EMUVIRT ", kCreator = "EMU ";
constexpr uint32_t kTableAlignment = 64;

// The root pointer (s. 5.2.5.3): its first 20 bytes have a sum of their own.
constexpr uint32_t kRsdpBytes = 36, kRsdpXsdt = 24, kRsdpChecksum = 8, kRsdpShortBytes = 20,
                   kRsdpExtendedChecksum = 32;

// Commands of the script: 128 bytes each.
constexpr uint32_t kAllocate = 1, kAddPointer = 2, kAddChecksum = 3;
constexpr size_t kCommandBytes = 128, kFileNameBytes = 56;
constexpr uint8_t kZoneHigh = 1, kZoneLow = 2;
constexpr uint8_t kPointerBytes = 8;

void PadCommand(ByteWriter& script) {
  script.Zeros((kCommandBytes - script.size() % kCommandBytes) % kCommandBytes);
}

}  // namespace

AcpiBlob::AcpiBlob() {
  AllocateFile(kTablesFile, kTableAlignment, false);
  AllocateFile(kRsdpFile, 16, true);
}

void AcpiBlob::AllocateFile(std::string_view file, uint32_t alignment, bool low) {
  script_.U32(kAllocate).Text(file, kFileNameBytes).U32(alignment);
  script_.U8(low ? kZoneLow : kZoneHigh);
  PadCommand(script_);
}

void AcpiBlob::AddPointer(std::string_view in_file, uint32_t offset, std::string_view to_file) {
  script_.U32(kAddPointer).Text(in_file, kFileNameBytes).Text(to_file, kFileNameBytes);
  script_.U32(offset).U8(kPointerBytes);
  PadCommand(script_);
}

void AcpiBlob::AddChecksum(std::string_view file, uint32_t at, uint32_t start, uint32_t size) {
  script_.U32(kAddChecksum).Text(file, kFileNameBytes).U32(at).U32(start).U32(size);
  PadCommand(script_);
}

AcpiBlob::Place AcpiBlob::Add(std::string_view signature, uint8_t revision,
                              std::span<const std::byte> body) {
  const auto place = static_cast<Place>(blob_.size());
  const auto size = static_cast<uint32_t>(kHeaderBytes + body.size());
  ByteWriter table;
  table.Text(signature, 4).U32(size).U8(revision).U8(0);
  table.Text(kOem, 6).Text(kOemTable, 8).U32(1).Text(kCreator, 4).U32(1);
  table.Bytes(body).Zeros((8 - size % 8) % 8);
  blob_.insert(blob_.end(), table.bytes().begin(), table.bytes().end());
  sums_.push_back({place, size});
  return place;
}

void AcpiBlob::Point(Place from, uint32_t offset, Place to) {
  StoreLittle(std::span(blob_).subspan(from + offset), uint64_t{to});
  AddPointer(kTablesFile, from + offset, kTablesFile);
}

void AcpiBlob::Finish(std::span<const Place> tables, FwCfg& fw_cfg) {
  const Place xsdt = Add("XSDT", 1, std::vector<std::byte>(tables.size() * kPointerBytes));
  for (uint32_t i = 0; i < tables.size(); ++i) {
    Point(xsdt, kHeaderBytes + i * kPointerBytes, tables[i]);
  }
  for (const Sum& sum : sums_) {
    AddChecksum(kTablesFile, sum.place + kChecksumOffset, sum.place, sum.size);
  }
  ByteWriter rsdp;
  rsdp.Text("RSD PTR ", 8).U8(0).Text(kOem, 6).U8(2).U32(0).U32(kRsdpBytes).U64(xsdt).Zeros(4);
  AddPointer(kRsdpFile, kRsdpXsdt, kTablesFile);
  AddChecksum(kRsdpFile, kRsdpChecksum, 0, kRsdpShortBytes);
  AddChecksum(kRsdpFile, kRsdpExtendedChecksum, 0, kRsdpBytes);
  fw_cfg.AddFile(kTablesFile, std::move(blob_));
  fw_cfg.AddFile(kRsdpFile, rsdp.Take());
  fw_cfg.AddFile(kScriptFile, script_.Take());
}

}  // namespace emu::tables
