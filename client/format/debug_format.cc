#include "client/format/debug_format.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "client/format/message_format.h"

namespace emu::client {
namespace {

constexpr size_t kBytesInRow = 16;
constexpr size_t kShownBytes = 32;  // of a device's field

template <typename... Values>
std::string Format(const char* format, Values... values) {
  char text[64];
  std::snprintf(text, sizeof(text), format, values...);
  return text;
}

std::string Hex(uint64_t value, uint32_t bits) {
  return Format("0x%0*llx", static_cast<int>(bits / 4), static_cast<unsigned long long>(value));
}

void AddFields(const google::protobuf::RepeatedPtrField<emud::v1::StateField>& fields, size_t depth,
               std::string& text) {
  for (const emud::v1::StateField& field : fields) {
    text.append(2 * depth, ' ').append(field.name());
    if (field.value_case() == emud::v1::StateField::kNumber) {
      text += Format(" = 0x%llx\n", static_cast<unsigned long long>(field.number()));
    } else if (field.value_case() == emud::v1::StateField::kData) {
      text += " =";
      for (const char byte : field.data().substr(0, kShownBytes)) {
        text += Format(" %02x", static_cast<unsigned char>(byte));
      }
      if (field.data().size() > kShownBytes) {
        text.append(" ... (").append(std::to_string(field.data().size())).append(" bytes)");
      }
      text += "\n";
    } else {
      text += ":\n";
      AddFields(field.fields(), depth + 1, text);
    }
  }
}

std::string MiB(uint64_t bytes) {
  return Format("%.1fM", static_cast<double>(bytes) / (1024 * 1024));
}

std::string TranslationCost(const emud::v1::CodeStats& code) {
  if (code.instructions_translated() == 0) return "";
  const auto instructions = static_cast<double>(code.instructions_translated());
  std::string text = "translated  ";
  text.append(std::to_string(code.instructions_translated())).append(" instructions: ");
  text += Format("%.1f host bytes for a guest byte, ",
                 static_cast<double>(code.host_bytes_emitted()) /
                     static_cast<double>(code.guest_bytes_translated()));
  text += Format("%.1f side-table bytes and ",
                 static_cast<double>(code.side_table_bytes()) / instructions);
  text += Format("%.2f us for an instruction\n",
                 static_cast<double>(code.translation_ns()) / 1000 / instructions);
  return text;
}

}  // namespace

std::string RegisterTables(const emud::v1::ReadRegistersResponse& registers) {
  constexpr int kInRow = 4;
  std::string text;
  for (const emud::v1::VcpuRegisters& vcpu : registers.vcpus()) {
    text.append("vcpu ").append(std::to_string(vcpu.vcpu())).append("\n");
    size_t width = 0;
    for (const emud::v1::Register& entry : vcpu.registers()) {
      width = std::max(width, entry.name().size());
    }
    int column = 0;
    for (const emud::v1::Register& entry : vcpu.registers()) {
      std::string cell = entry.name();
      cell.resize(width, ' ');
      cell.append(" ").append(Hex(entry.value(), entry.bits()));
      const bool is_last = ++column % kInRow == 0 || column == vcpu.registers_size();
      if (!is_last) cell.resize(width + 1 + 18, ' ');
      text.append("  ").append(cell).append(is_last ? "\n" : "");
    }
  }
  return text;
}

std::string HexDump(uint64_t address, const std::string& data) {
  std::string text;
  for (size_t row = 0; row < data.size(); row += kBytesInRow) {
    const std::string bytes = data.substr(row, kBytesInRow);
    text += Format("%016llx ", static_cast<unsigned long long>(address) + row);
    std::string characters;
    for (size_t at = 0; at < kBytesInRow; ++at) {
      if (at % 8 == 0) text += " ";
      if (at >= bytes.size()) {
        text += "   ";
        continue;
      }
      const auto byte = static_cast<unsigned char>(bytes[at]);
      text += Format("%02x ", byte);
      characters += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
    }
    text.append(" |").append(characters).append("|\n");
  }
  return text;
}

std::string DeviceTrees(const emud::v1::ReadDevicesResponse& devices) {
  std::string text;
  for (const emud::v1::DeviceState& device : devices.devices()) {
    text.append(device.name()).append(":\n");
    AddFields(device.fields(), 1, text);
  }
  return text;
}

std::string StatsTables(const emud::v1::VmStats& stats) {
  const auto number = [](uint64_t value) { return std::to_string(value); };
  std::string text =
      Format("guest time  %.3f s\n", static_cast<double>(stats.guest_time_ns()) / 1e9);
  const emud::v1::CodeStats& code = stats.code();
  text.append("code        ").append(number(code.blocks())).append(" blocks, ");
  text.append(number(code.sealed_blocks())).append(" came with a snapshot, ");
  text.append(MiB(code.cache_used_bytes())).append(" of ").append(MiB(code.cache_bytes()));
  text.append(" used, ").append(number(code.evictions())).append(" evictions, ");
  text.append(number(code.synchronizations())).append(" synchronizations\n");
  text.append(TranslationCost(code)).append("\n");
  // Nobody has asked to count.
  const auto counted = [](uint64_t value) { return value == 0 ? "-" : std::to_string(value); };
  std::vector<std::vector<std::string>> translation;
  std::vector<std::vector<std::string>> exits;
  for (const emud::v1::VcpuStats& vcpu : stats.vcpus()) {
    translation.push_back(
        {number(vcpu.vcpu()), number(vcpu.blocks_translated()),
         number(vcpu.instructions_translated()), number(vcpu.instructions_interpreted()),
         counted(vcpu.instructions_executed()), counted(vcpu.tlb().hits()),
         number(vcpu.tlb().misses()), number(vcpu.tlb().fills()), number(vcpu.tlb().resizes()),
         number(vcpu.tlb().flushes()), number(vcpu.tlb().entries())});
    const emud::v1::ExitStats& causes = vcpu.exits();
    exits.push_back({number(vcpu.vcpu()), number(causes.lookup()), number(causes.link()),
                     number(causes.stale()), number(causes.wait()), number(causes.exception()),
                     number(causes.fault()), number(causes.request()), number(vcpu.exceptions()),
                     number(vcpu.interrupts())});
  }
  text += ToTable({"VCPU", "BLOCKS", "TRANSLATED", "INTERPRETED", "EXECUTED", "TLB-HITS",
                   "TLB-MISSES", "FILLS", "RESIZES", "FLUSHES", "ENTRIES"},
                  translation);
  text += "\n";
  text += ToTable({"VCPU", "LOOKUP", "LINK", "STALE", "WAIT", "EXCEPTION", "FAULT", "REQUEST",
                   "EXCEPTIONS", "INTERRUPTS"},
                  exits);
  std::vector<std::vector<std::string>> devices;
  for (const emud::v1::DeviceStats& device : stats.devices()) {
    devices.push_back({device.name(), Hex(device.base(), 32), number(device.reads()),
                       number(device.writes()), number(device.refused())});
  }
  text += "\n";
  text += ToTable({"DEVICE", "BASE", "READS", "WRITES", "REFUSED"}, devices);
  if (stats.disks().empty()) return text;
  std::vector<std::vector<std::string>> disks;
  for (const emud::v1::DiskStats& disk : stats.disks()) {
    disks.push_back({disk.id(), disk.device(), disk.aio(), number(disk.reads()),
                     MiB(disk.read_bytes()), number(disk.writes()), MiB(disk.written_bytes()),
                     number(disk.flushes()), number(disk.discards()), number(disk.write_zeroes()),
                     number(disk.failed())});
  }
  text += "\n";
  text += ToTable({"DISK", "DEVICE", "AIO", "READS", "READ", "WRITES", "WRITTEN", "FLUSHES",
                   "DISCARDS", "ZEROED", "FAILED"},
                  disks);
  return text;
}

}  // namespace emu::client
