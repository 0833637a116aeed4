#include "translator/ir/parser.h"

#include <charconv>
#include <map>
#include <vector>

#include "translator/ir/attributes.h"

namespace emu::ir {
namespace {

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The part before `separator`, which goes away with it.
std::string_view Take(std::string_view& text, char separator) {
  const size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return Trim(part);
}

bool ParseNumber(std::string_view text, uint64_t* value) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const bool is_hex = text.starts_with("0x");
  if (is_hex) text.remove_prefix(2);
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), *value, is_hex ? 16 : 10);
  if (is_negative) *value = -*value;
  return failure == std::errc() && end == text.data() + text.size() && !text.empty();
}

// `prefix` and a number.
bool ParseName(std::string_view text, char prefix, uint64_t* value) {
  return text.starts_with(prefix) && ParseNumber(text.substr(1), value);
}

std::optional<Op> OpNamed(std::string_view text) {
  for (uint32_t i = 0; i <= static_cast<uint32_t>(Op::kWait); ++i) {
    if (InfoOf(Op(i)).text == text) return Op(i);
  }
  return std::nullopt;
}
std::optional<Type> TypeNamed(std::string_view text) {
  for (uint32_t i = 0; i <= static_cast<uint32_t>(Type::kV128); ++i) {
    if (NameOf(Type(i)) == text) return Type(i);
  }
  return std::nullopt;
}

class Parser {
 public:
  std::optional<Function> Run(std::string_view text, std::string* error) {
    for (uint32_t line = 1; !text.empty(); ++line) {
      const std::string_view content = Take(text, '\n');
      if (content.empty() || ParseLine(content)) continue;
      *error =
          std::string("line ").append(std::to_string(line)) + ": '" + std::string(content) + "'";
      return std::nullopt;
    }
    if (function_.blocks.empty() || !Link()) {
      *error = "a block is empty, or a value is used that no line defines";
      return std::nullopt;
    }
    return std::move(function_);
  }

 private:
  bool ParseLine(std::string_view line) {
    uint64_t number = 0;
    if (line.starts_with("function ")) {
      if (!ParseNumber(Trim(line.substr(9)), &number)) return false;
      function_.guest_instruction_count = static_cast<uint32_t>(number);
      return true;
    }
    if (line.ends_with(':')) {
      line.remove_suffix(1);
      if (!ParseName(line, 'b', &number) || number != function_.blocks.size()) return false;
      const auto size = static_cast<uint32_t>(function_.insts.size());
      function_.blocks.push_back({.first = size, .end = size});
      return true;
    }
    return !function_.blocks.empty() && ParseInst(line);
  }

  bool ParseInst(std::string_view line) {
    Inst inst = {.op = Op::kConst, .type = Type::kVoid, .attr = 0};
    uint64_t result = 0;
    const bool has_result = line.find('=') != std::string_view::npos;
    if (has_result && !ParseName(Take(line, '='), 'v', &result)) return false;
    line = Trim(line);
    uint64_t attr = 0;
    if (const size_t at = line.find('!'); at != std::string_view::npos) {
      if (!ParseNumber(line.substr(at + 1), &attr) || attr > 0xff) return false;
      inst.attr = static_cast<uint8_t>(attr);
      line = Trim(line.substr(0, at));
    }
    if (!ParseOperation(Take(line, ' '), has_result, &inst)) return false;
    if (!ParseFields(line, &inst)) return false;
    if (has_result && !index_of_.emplace(result, function_.insts.size()).second) return false;
    function_.insts.push_back(inst);
    function_.blocks.back().end = static_cast<uint32_t>(function_.insts.size());
    return true;
  }

  // `text`, `text.type`; operations may have a dot of their own.
  static bool ParseOperation(std::string_view word, bool has_result, Inst* inst) {
    if (has_result) {
      const size_t dot = word.rfind('.');
      if (dot == std::string_view::npos) return false;
      const std::optional<Type> type = TypeNamed(word.substr(dot + 1));
      if (!type.has_value() || *type == Type::kVoid) return false;
      inst->type = *type;
      word = word.substr(0, dot);
    }
    const std::optional<Op> op = OpNamed(word);
    if (op.has_value()) inst->op = *op;
    return op.has_value();
  }

  bool ParseFields(std::string_view text, Inst* inst) {
    uint64_t number = 0;
    ValueId* const operands[] = {&inst->a, &inst->b, &inst->c};
    for (uint32_t i = 0; i < OperandRuleOf(inst->op).count; ++i) {
      const std::string_view field = Take(text, ',');
      if (field == "_") continue;
      if (!ParseName(field, 'v', &number)) return false;
      *operands[i] = ValueId{static_cast<uint32_t>(number)};
    }
    Block& block = function_.blocks.back();
    BlockId* const targets[] = {&block.taken, &block.not_taken};
    for (uint32_t i = 0; i < SuccessorCount(inst->op); ++i) {
      if (!ParseName(Take(text, ','), 'b', &number)) return false;
      *targets[i] = BlockId{static_cast<uint32_t>(number)};
    }
    if (inst->op == Op::kInsn) {
      uint64_t length = 0;
      if (!ParseNumber(Take(text, ','), &number) || !ParseNumber(Take(text, ','), &length)) {
        return false;
      }
      inst->imm = number | length << 32;
    } else if (inst->op == Op::kConst) {
      if (!ParseNumber(Take(text, ','), &inst->imm)) return false;
    } else if (!text.empty()) {
      if (!ParseName(Take(text, ','), '#', &inst->imm)) return false;
    }
    return text.empty();
  }

  // From the numbers of values to the instructions that define them.
  bool Link() {
    for (Inst& inst : function_.insts) {
      for (ValueId* id : {&inst.a, &inst.b, &inst.c}) {
        if (*id == ValueId::kNone) continue;
        const auto found = index_of_.find(static_cast<uint32_t>(*id));
        if (found == index_of_.end()) return false;
        *id = ValueId{found->second};
      }
    }
    for (const Block& block : function_.blocks) {
      if (block.first == block.end) return false;
    }
    return true;
  }

  Function function_;
  std::map<uint64_t, uint32_t> index_of_;
};

}  // namespace

std::optional<Function> Parse(std::string_view text, std::string* error) {
  return Parser().Run(text, error);
}

}  // namespace emu::ir
