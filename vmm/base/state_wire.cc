#include "vmm/base/state_wire.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_format.h"

namespace emu {
namespace {

// https://protobuf.dev/programming-guides/encoding/
constexpr uint32_t kWireVarint = 0;
constexpr uint32_t kWireBytes = 2;

void AppendVarint(std::vector<std::byte>& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>(value | 0x80));
  out.push_back(static_cast<std::byte>(value));
}

void AppendBytes(std::vector<std::byte>& out, uint32_t number, std::span<const std::byte> bytes) {
  AppendVarint(out, uint64_t{number} << 3 | kWireBytes);
  AppendVarint(out, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Takes a varint off the front of `bytes`; nothing if it is cut short or longer than 64 bits.
std::optional<uint64_t> TakeVarint(std::span<const std::byte>& bytes) {
  uint64_t value = 0;
  for (uint32_t i = 0; i < 10 && i < bytes.size(); ++i) {
    const auto byte = static_cast<uint64_t>(bytes[i]);
    if (i == 9 && byte > 1) return std::nullopt;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      bytes = bytes.subspan(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace

void StateWriter::Field(uint32_t number, std::string_view, uint64_t& value) {
  AppendVarint(open_.back().bytes, uint64_t{number} << 3 | kWireVarint);
  AppendVarint(open_.back().bytes, value);
}

void StateWriter::Field(uint32_t number, std::string_view, std::span<std::byte> bytes) {
  AppendBytes(open_.back().bytes, number, bytes);
}

void StateWriter::Field(uint32_t number, std::string_view, std::vector<std::byte>& bytes) {
  AppendBytes(open_.back().bytes, number, bytes);
}

void StateWriter::BeginGroup(uint32_t number, std::string_view) { open_.push_back({number, {}}); }

void StateWriter::EndGroup() {
  const Group group = std::move(open_.back());
  open_.pop_back();
  AppendBytes(open_.back().bytes, group.number, group.bytes);
}

std::vector<std::byte> StateWriter::Take() { return std::move(open_.front().bytes); }

StateReader::StateReader(std::span<const std::byte> bytes) { open_.push_back(Parse(bytes)); }

StateReader::Message StateReader::Parse(std::span<const std::byte> bytes) {
  Message message;
  while (!bytes.empty()) {
    const auto tag = TakeVarint(bytes);
    const auto value = tag ? TakeVarint(bytes) : std::nullopt;
    if (!value || *tag >> 3 > UINT32_MAX) {
      Fail("is cut short", "message");
      return message;
    }
    const auto number = static_cast<uint32_t>(*tag >> 3);
    if ((*tag & 7) == kWireVarint) {
      message[number] = *value;
    } else if ((*tag & 7) == kWireBytes && *value <= bytes.size()) {
      message[number] = bytes.first(*value);
      bytes = bytes.subspan(*value);
    } else {
      Fail("has a field of a wrong kind or length", "message");
      return message;
    }
  }
  return message;
}

template <typename T>
const T* StateReader::Find(uint32_t number, std::string_view name) {
  const auto found = open_.back().find(number);
  if (found == open_.back().end()) return nullptr;
  const T* value = std::get_if<T>(&found->second);
  if (value == nullptr) Fail("has another kind", name);
  return value;
}

void StateReader::Field(uint32_t number, std::string_view name, uint64_t& value) {
  if (const auto* found = Find<uint64_t>(number, name)) value = *found;
}

void StateReader::Field(uint32_t number, std::string_view name, std::span<std::byte> bytes) {
  const auto* found = Find<std::span<const std::byte>>(number, name);
  if (found == nullptr) return;
  if (found->size() != bytes.size()) return Fail("has another length", name);
  std::ranges::copy(*found, bytes.begin());
}

void StateReader::Field(uint32_t number, std::string_view name, std::vector<std::byte>& bytes) {
  const auto* found = Find<std::span<const std::byte>>(number, name);
  if (found != nullptr) bytes.assign(found->begin(), found->end());
}

void StateReader::BeginGroup(uint32_t number, std::string_view name) {
  const auto* found = Find<std::span<const std::byte>>(number, name);
  open_.push_back(found != nullptr ? Parse(*found) : Message());
}

void StateReader::EndGroup() { open_.pop_back(); }

void StateReader::Fail(std::string_view what, std::string_view name) {
  if (status_.ok()) status_ = absl::DataLossError(absl::StrFormat("state field %s %s", name, what));
}

}  // namespace emu
