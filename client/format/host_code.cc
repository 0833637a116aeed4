#include "client/format/host_code.h"

#include <capstone/capstone.h>

#include <charconv>
#include <optional>

#include "absl/strings/str_format.h"

namespace emu::client {
namespace {

template <typename T>
std::optional<T> FromHex(std::string_view digits) {
  T value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

struct Row {
  uint64_t address;
  std::vector<uint8_t> bytes;
};

std::optional<Row> ParseRow(std::string_view line) {
  const size_t colon = line.find(':');
  if (line.substr(0, 2) != "  " || colon == std::string_view::npos) return std::nullopt;
  const std::optional<uint64_t> address = FromHex<uint64_t>(line.substr(2, colon - 2));
  if (!address.has_value()) return std::nullopt;
  Row row = {.address = *address, .bytes = {}};
  constexpr size_t kColumn = 3;  // a blank and two digits
  std::string_view columns = line.substr(colon + 1);
  if (columns.empty() || columns.size() % kColumn != 0) return std::nullopt;
  for (; !columns.empty(); columns.remove_prefix(kColumn)) {
    const std::optional<uint8_t> byte = FromHex<uint8_t>(columns.substr(1, kColumn - 1));
    if (columns[0] != ' ' || !byte.has_value()) return std::nullopt;
    row.bytes.push_back(*byte);
  }
  return row;
}

}  // namespace

std::string HostCodeFilter::Feed(std::string_view text) {
  std::string out;
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    unfinished_ += text.substr(0, end);
    AddLine(unfinished_, out);
    unfinished_.clear();
    text.remove_prefix(end + 1);
  }
  unfinished_ += text;
  return out;
}

std::string HostCodeFilter::Finish() {
  std::string out;
  Disassemble(out);
  out += unfinished_;
  unfinished_.clear();
  return out;
}

void HostCodeFilter::AddLine(std::string_view line, std::string& out) {
  const std::optional<Row> row = ParseRow(line);
  const bool goes_on = row.has_value() && row->address == address_ + code_.size();
  if (!goes_on) Disassemble(out);
  if (!row.has_value()) {
    out.append(line).append("\n");
    return;
  }
  if (!goes_on) address_ = row->address;
  code_.insert(code_.end(), row->bytes.begin(), row->bytes.end());
}

void HostCodeFilter::Disassemble(std::string& out) {
  csh handle = 0;
  if (code_.empty() || cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK) return;
  // Link sites hold a word of data behind their call.
  cs_option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
  cs_insn* insts = nullptr;
  const size_t count = cs_disasm(handle, code_.data(), code_.size(), address_, 0, &insts);
  for (size_t index = 0; index < count; ++index) {
    absl::StrAppendFormat(&out, "  %x: %s %s\n", insts[index].address, insts[index].mnemonic,
                          insts[index].op_str);
  }
  if (count != 0) cs_free(insts, count);
  cs_close(&handle);
  code_.clear();
}

}  // namespace emu::client
