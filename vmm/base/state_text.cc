#include "vmm/base/state_text.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace emu {
namespace {

std::string Hex(std::span<const std::byte> bytes) {
  std::string raw;
  for (const std::byte byte : bytes) raw.push_back(static_cast<char>(byte));
  return absl::BytesToHexString(raw);
}

}  // namespace

void StateText::Field(uint32_t, std::string_view name, uint64_t& value) {
  Line(name, absl::StrCat("0x", absl::Hex(value)));
}
void StateText::Field(uint32_t, std::string_view name, std::span<std::byte> bytes) {
  Line(name, Hex(bytes));
}
void StateText::Field(uint32_t, std::string_view name, std::vector<std::byte>& bytes) {
  Line(name, Hex(bytes));
}

void StateText::BeginGroup(uint32_t, std::string_view name) {
  text_.append(2 * depth_, ' ').append(name).append(":\n");
  ++depth_;
}
void StateText::EndGroup() { --depth_; }

void StateText::Line(std::string_view name, std::string_view value) {
  text_.append(2 * depth_, ' ').append(name).append(" = ").append(value).append("\n");
}

}  // namespace emu
