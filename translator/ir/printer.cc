#include "translator/ir/printer.h"

#include <cinttypes>
#include <cstdio>
#include <vector>

#include "translator/ir/attributes.h"

namespace emu::ir {
namespace {

std::string Hex(uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof(text), "0x%" PRIx64, value);
  return text;
}

// (The other way round, "b" + std::to_string(n), GCC 12 warns of what is not there.)
std::string Named(std::string_view prefix, uint64_t number) {
  return std::string(prefix).append(std::to_string(number));
}

class Printer {
 public:
  explicit Printer(const Function& function) : function_(function) {}

  std::string Run() {
    NumberValues();
    text_ = Named("function ", function_.guest_instruction_count) + "\n";
    for (uint32_t number = 0; number < function_.blocks.size(); ++number) {
      const Block& block = function_.blocks[number];
      text_ += Named("b", number) + ":\n";
      for (uint32_t index = block.first; index < block.end; ++index) PrintInst(block, index);
    }
    return text_;
  }

 private:
  void NumberValues() {
    number_of_.assign(function_.insts.size(), 0);
    uint32_t next = 0;
    for (const Block& block : function_.blocks) {
      for (uint32_t index = block.first; index < block.end; ++index) {
        if (function_.insts[index].type != Type::kVoid) number_of_[index] = next++;
      }
    }
  }

  std::string Value(ValueId id) const {
    if (id == ValueId::kNone) return "_";
    return Named("v", number_of_[static_cast<uint32_t>(id)]);
  }

  void PrintInst(const Block& block, uint32_t index) {
    const Inst& inst = function_.insts[index];
    std::vector<std::string> fields;
    const ValueId operands[] = {inst.a, inst.b, inst.c};
    for (uint32_t i = 0; i < OperandRuleOf(inst.op).count; ++i)
      fields.push_back(Value(operands[i]));
    const BlockId targets[] = {block.taken, block.not_taken};
    for (uint32_t i = 0; i < SuccessorCount(inst.op); ++i) {
      fields.push_back(Named("b", static_cast<uint32_t>(targets[i])));
    }
    if (inst.op == Op::kInsn) {
      fields.push_back(Hex(inst.imm & 0xffff'ffff));
      fields.push_back(std::to_string(inst.imm >> 32));
    } else if (inst.op == Op::kConst) {
      fields.push_back(Hex(inst.imm));
    } else if (inst.imm != 0) {
      fields.push_back(std::string("#").append(std::to_string(static_cast<int64_t>(inst.imm))));
    }

    text_ += "  ";
    if (inst.type != Type::kVoid) text_ += Named("v", number_of_[index]) + " = ";
    text_ += InfoOf(inst.op).text;
    if (inst.type != Type::kVoid) text_.append(".").append(NameOf(inst.type));
    for (size_t i = 0; i < fields.size(); ++i) text_.append(i == 0 ? " " : ", ").append(fields[i]);
    if (inst.attr != 0) text_.append(" !").append(Hex(inst.attr));
    text_ += "\n";
  }

  const Function& function_;
  std::vector<uint32_t> number_of_;
  std::string text_;
};

}  // namespace

std::string Print(const Function& function) { return Printer(function).Run(); }

}  // namespace emu::ir
