#include "tests/lowering/disassembly.h"

#include <capstone/capstone.h>

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "translator/host/vcpu_frame.h"
#include "translator/host/x86_64/registers.h"
#include "translator/ir/attributes.h"

namespace emu::translator::x86_64 {
namespace {

// In the order of VcpuFrame. What is larger than a word is an array of words.
struct Member {
  size_t offset;
  const char* name;
};
constexpr Member kMembers[] = {
    {offsetof(VcpuFrame, saved_integer), "saved_integer"},
    {offsetof(VcpuFrame, saved_float), "saved_float"},
    {offsetof(VcpuFrame, spills), "spills"},
    {offsetof(VcpuFrame, arguments), "arguments"},
    {offsetof(VcpuFrame, vector_arguments), "vector_arguments"},
    {offsetof(VcpuFrame, functions), "functions"},
    {offsetof(VcpuFrame, sign_f64), "sign_f64"},
    {offsetof(VcpuFrame, sign_f32), "sign_f32"},
    {offsetof(VcpuFrame, constants), "constants"},
    {offsetof(VcpuFrame, owner), "owner"},
    {offsetof(VcpuFrame, tlb_bank), "tlb_bank"},
    {offsetof(VcpuFrame, other_tlb_bank), "other_tlb_bank"},
    {offsetof(VcpuFrame, leave_site), "leave_site"},
    {offsetof(VcpuFrame, leave_pc), "leave_pc"},
    {offsetof(VcpuFrame, instruction), "instruction"},
    {offsetof(VcpuFrame, reservation), "reservation"},
    {offsetof(VcpuFrame, reserved_value), "reserved_value"},
    {offsetof(VcpuFrame, guest_float_control), "guest_float_control"},
    {offsetof(VcpuFrame, host_float_control), "host_float_control"},
    {offsetof(VcpuFrame, exit_request), "exit_request"},
    {offsetof(VcpuFrame, jump_table), "jump_table"},
    {offsetof(VcpuFrame, pc_page), "pc_page"},
};

std::string FrameName(size_t offset) {
  const Member* member = std::begin(kMembers);
  while (member + 1 != std::end(kMembers) && member[1].offset <= offset) ++member;
  const bool is_array = member + 1 != std::end(kMembers) && member[1].offset - member->offset > 8;
  const std::string name = absl::StrCat("frame.", member->name);
  return is_array ? absl::StrCat(name, " + ", offset - member->offset) : name;
}

// What [r15 + displacement] stands for.
std::string NameOfPlace(int64_t displacement) {
  const int64_t offset = displacement + kStateBias;
  if (offset >= 0) return absl::StrCat("state + ", offset);
  return FrameName(static_cast<size_t>(offset + static_cast<int64_t>(sizeof(VcpuFrame))));
}

// Puts names in the place of displacements from the state's register.
std::string WithNamedPlaces(std::string operands) {
  constexpr const char* kBase = "[r15";
  const size_t first = operands.find(kBase);
  if (first == std::string::npos) return operands;
  const size_t end = operands.find(']', first);
  std::string displacement = operands.substr(first + 4, end - first - 4);
  std::erase(displacement, ' ');
  const int64_t value = displacement.empty() ? 0 : std::strtoll(displacement.c_str(), nullptr, 16);
  return operands.replace(first + 1, end - first - 1, NameOfPlace(value));
}

struct Line {
  uint64_t address;
  std::string text;
  uint64_t target = 0;  // of a jump inside the code
};

class Disassembler {
 public:
  Disassembler(std::span<const std::byte> code, const DisassemblyContext& context)
      : code_(code), context_(context) {}

  std::string Run() {
    csh handle = 0;
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK) return "no disassembler\n";
    // Capstone 4 and 5 differ on which constants have a sign.
    cs_option(handle, CS_OPT_UNSIGNED, CS_OPT_ON);
    cs_insn* const inst = cs_malloc(handle);
    const auto* bytes = reinterpret_cast<const uint8_t*>(code_.data());
    size_t left = code_.size();
    uint64_t address = context_.address;
    while (left > 0) {
      if (!cs_disasm_iter(handle, &bytes, &left, &address, inst)) {
        lines_.push_back({.address = address, .text = "not an instruction"});
        break;
      }
      Add(*inst);
      if (TargetOf(*inst) != context_.link_stub || left < 4) continue;
      uint32_t word = 0;
      std::memcpy(&word, bytes, sizeof word);
      // As EmitLinkedJump puts it: the target, and how far back the jump's displacement is.
      lines_.push_back({.address = address,
                        .text = absl::StrCat("# to ", word & 0xfff, ", jump at "),
                        .target = address - (word >> 12) - 1});
      bytes += sizeof word;
      left -= sizeof word;
      address += sizeof word;
    }
    cs_free(inst, 1);
    cs_close(&handle);
    return Print();
  }

 private:
  // Of a direct jump or call; 0 for all else.
  static uint64_t TargetOf(const cs_insn& inst) {
    const bool jumps = inst.mnemonic[0] == 'j' || std::strcmp(inst.mnemonic, "call") == 0;
    return jumps ? std::strtoull(inst.op_str, nullptr, 16) : 0;
  }

  void Add(const cs_insn& inst) {
    const std::string mnemonic = absl::StrCat(inst.mnemonic, inst.op_str[0] != 0 ? " " : "");
    const uint64_t target = TargetOf(inst);
    if (target == 0) {
      lines_.push_back(
          {.address = inst.address, .text = absl::StrCat(mnemonic, WithNamedPlaces(inst.op_str))});
    } else if (const auto name = context_.names.find(target); name != context_.names.end()) {
      if (name->second == "operation") DescribeOperation();
      lines_.push_back({.address = inst.address, .text = absl::StrCat(mnemonic, name->second)});
    } else {
      lines_.push_back({.address = inst.address, .text = mnemonic, .target = target});
    }
  }

  // The operation's number, which the line before puts into rax, changes whenever one is added.
  void DescribeOperation() {
    constexpr std::string_view kMove = "movabs rax, ";
    std::string& text = lines_.back().text;
    if (!text.starts_with(kMove)) return;
    const uint64_t descriptor = std::strtoull(text.c_str() + kMove.size(), nullptr, 16);
    const auto op = static_cast<ir::Op>(descriptor & 0xffff);
    text = std::string(kMove).append("<").append(ir::InfoOf(op).text);
    text.append(".").append(ir::NameOf(static_cast<ir::Type>(descriptor >> 16 & 0xff)));
    text.append(" of ").append(ir::NameOf(static_cast<ir::Type>(descriptor >> 24 & 0xff)));
    absl::StrAppend(&text, " !", descriptor >> 32 & 0xff, " #", descriptor >> 40, ">");
  }

  // Labels are numbered as they stand in the code.
  std::string Print() const {
    std::map<uint64_t, size_t> labels;
    for (const Line& line : lines_) {
      if (line.target != 0) labels[line.target] = 0;
    }
    size_t number = 0;
    for (auto& [address, label] : labels) label = number++;
    std::string text;
    for (const Line& line : lines_) {
      if (const auto label = labels.find(line.address); label != labels.end()) {
        absl::StrAppend(&text, "l", label->second, ":\n");
      }
      absl::StrAppend(&text, "  ", line.text);
      if (line.target != 0) absl::StrAppend(&text, "l", labels.at(line.target));
      absl::StrAppend(&text, "\n");
    }
    return text;
  }

  const std::span<const std::byte> code_;
  const DisassemblyContext& context_;
  std::vector<Line> lines_;
};

}  // namespace

std::string Disassemble(std::span<const std::byte> code, const DisassemblyContext& context) {
  return Disassembler(code, context).Run();
}

}  // namespace emu::translator::x86_64
