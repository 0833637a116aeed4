#include "vmm/machine/tables/smbios.h"

#include <initializer_list>
#include <numeric>

#include "vmm/machine/tables/byte_writer.h"

namespace emu::tables {
namespace {

constexpr std::string_view kMaker = "EMU", kVersion = "1.0";
constexpr uint8_t kUnknown = 2;

enum Type : uint8_t {
  kSystem = 1,
  kEnclosure = 3,
  kProcessor = 4,
  kMemoryArray = 16,
  kMemoryDevice = 17,
  kMappedArray = 19,
  kBoot = 32,
  kEnd = 127,
};

// Handles: the type in the upper byte, so that they are told apart.
constexpr uint16_t HandleOf(Type type, uint32_t number = 0) {
  return static_cast<uint16_t>(type << 8 | number);
}

// S. 6.1.2 and 6.1.3: a header, the fields, the strings that fields count from 1, two zeros.
void AddStructure(ByteWriter& out, Type type, uint32_t number, const ByteWriter& fields,
                  std::initializer_list<std::string_view> strings = {}) {
  constexpr size_t kHeaderBytes = 4;
  out.U8(type).U8(static_cast<uint8_t>(kHeaderBytes + fields.size()));
  out.U16(HandleOf(type, number)).Bytes(fields.bytes());
  for (const std::string_view text : strings) out.Text(text, text.size() + 1);
  out.Zeros(strings.size() == 0 ? 2 : 1);
}

void AddSystem(ByteWriter& out, std::string_view product) {
  constexpr uint8_t kPowerSwitch = 6;
  ByteWriter fields;
  fields.U8(1).U8(2).U8(3).U8(0).Zeros(16).U8(kPowerSwitch).U8(0).U8(0);
  AddStructure(out, kSystem, 0, fields, {kMaker, product, kVersion});
}

void AddEnclosure(ByteWriter& out) {
  constexpr uint8_t kOther = 1, kSafe = 3;
  ByteWriter fields;
  fields.U8(1).U8(kOther).U8(0).U8(0).U8(0).U8(kSafe).U8(kSafe).U8(kSafe).U8(kUnknown).Zeros(8);
  AddStructure(out, kEnclosure, 0, fields, {kMaker});
}

void AddProcessor(ByteWriter& out, uint32_t number) {
  constexpr uint8_t kCentral = 3, kOther = 1, kEnabled = 0x41;
  constexpr uint16_t kNoCache = 0xffff, k64Bit = 4;
  ByteWriter fields;
  fields.U8(1).U8(kCentral).U8(kOther).U8(2).Zeros(8).U8(0).Zeros(1 + 2 + 2 + 2);
  fields.U8(kEnabled).U8(kOther).U16(kNoCache).U16(kNoCache).U16(kNoCache).Zeros(3);
  fields.U8(1).U8(1).U8(1).U16(k64Bit).U16(kOther).Zeros(6);
  AddStructure(out, kProcessor, number, fields, {"CPU", kMaker});
}

void AddMemory(ByteWriter& out, boot::RamRange ram) {
  constexpr uint8_t kOther = 1, kSystemMemory = 3, kMultiBitEcc = 6, kDimm = 9, kRam = 7;
  constexpr uint32_t kExtendedCapacity = 0x8000'0000;
  constexpr uint16_t kNoError = 0xfffe, kUseExtendedSize = 0x7fff;
  ByteWriter array;
  array.U8(kOther).U8(kSystemMemory).U8(kMultiBitEcc).U32(kExtendedCapacity).U16(kNoError).U16(1);
  AddStructure(out, kMemoryArray, 0, array.U64(ram.size_bytes));

  const uint64_t mib = ram.size_bytes >> 20;
  ByteWriter device;
  device.U16(HandleOf(kMemoryArray)).U16(kNoError).U16(UINT16_MAX).U16(UINT16_MAX);
  device.U16(mib < kUseExtendedSize ? static_cast<uint16_t>(mib) : kUseExtendedSize);
  device.U8(kDimm).U8(0).U8(1).U8(0).U8(kRam).U16(kUnknown).Zeros(2).U8(2).Zeros(4);
  device.U32(mib < kUseExtendedSize ? 0 : static_cast<uint32_t>(mib)).Zeros(8);
  AddStructure(out, kMemoryDevice, 0, device, {"DIMM 0", kMaker});

  ByteWriter mapped;
  mapped.U32(UINT32_MAX).U32(UINT32_MAX).U16(HandleOf(kMemoryArray)).U8(1);
  AddStructure(out, kMappedArray, 0, mapped.U64(ram.base.value).U64(ram.end().value - 1));
}

// S. 5.2.2: the entry point of 64 bits; the firmware puts the structures' address into it.
std::vector<std::byte> EntryPoint(uint32_t structures_bytes) {
  constexpr uint8_t kBytes = 24, kChecksumAt = 5, kMajor = 3;
  ByteWriter out;
  out.Text("_SM3_", 5).U8(0).U8(kBytes).U8(kMajor).U8(0).U8(0).U8(1).U8(0);
  out.U32(structures_bytes).U64(0);
  std::vector<std::byte> bytes = out.Take();
  uint8_t sum = 0;
  for (const std::byte byte : bytes) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(byte));
  bytes[kChecksumAt] = static_cast<std::byte>(-sum);
  return bytes;
}

}  // namespace

void AddSmbios(std::string_view product, uint32_t cpus, boot::RamRange ram, FwCfg& fw_cfg) {
  ByteWriter out;
  AddSystem(out, product);
  AddEnclosure(out);
  for (uint32_t i = 0; i < cpus; ++i) AddProcessor(out, i);
  AddMemory(out, ram);
  AddStructure(out, kBoot, 0, ByteWriter().Zeros(7));
  AddStructure(out, kEnd, 0, ByteWriter());
  const auto size = static_cast<uint32_t>(out.size());
  fw_cfg.AddFile("etc/smbios/smbios-tables", out.Take());
  fw_cfg.AddFile("etc/smbios/smbios-anchor", EntryPoint(size));
}

}  // namespace emu::tables
