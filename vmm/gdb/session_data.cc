// Registers, memory and stops of a session.
#include <algorithm>

#include "vmm/gdb/session.h"

namespace emu::gdb {
namespace {

using translator::DebugRegister;
using translator::StopPoint;

constexpr char kOk[] = "OK";
constexpr char kUnknown[] = "";
constexpr char kBadRequest[] = "E16";
constexpr char kNoMemory[] = "E0e";  // EFAULT
constexpr char kNoRoom[] = "E1c";    // ENOSPC
constexpr char kNoRegister[] = "E02";
constexpr size_t kMaxMemoryBytes = kMaxPacketBytes / 2;

struct Range {
  uint64_t address;
  uint64_t size;
};

// "address,size", up to the end of `text` or to what `text` is left with.
std::optional<Range> TakeRange(std::string_view& text) {
  const std::optional<uint64_t> address = TakeHexNumber(text);
  if (!address.has_value() || !TakePrefix(",", text)) return std::nullopt;
  const std::optional<uint64_t> size = TakeHexNumber(text);
  if (!size.has_value()) return std::nullopt;
  return Range{*address, *size};
}

}  // namespace

const DebugRegister* Session::FindRegister(uint64_t number) const {
  for (const translator::DebugFeature& feature : target_.architecture().features) {
    for (const DebugRegister& known : feature.registers) {
      if (known.number == number) return &known;
    }
  }
  return nullptr;
}

std::string Session::ReadCoreRegisters() {
  std::string digits;
  for (const DebugRegister& known : target_.architecture().features.front().registers) {
    digits += RegisterToHex(current().ReadRegister(known.number).value_or(0), known.bits);
  }
  return digits;
}

// All of the core's, or nothing.
std::string Session::WriteCoreRegisters(std::string_view digits) {
  std::vector<std::pair<uint32_t, uint64_t>> values;
  for (const DebugRegister& known : target_.architecture().features.front().registers) {
    const size_t length = known.bits / 4;
    if (digits.size() < length) return kBadRequest;
    const std::optional<uint64_t> value = RegisterFromHex(digits.substr(0, length), known.bits);
    if (!value.has_value()) return kBadRequest;
    values.emplace_back(known.number, *value);
    digits.remove_prefix(length);
  }
  for (const auto& [number, value] : values) current().WriteRegister(number, value);
  return kOk;
}

std::string Session::ReadRegister(std::string_view number) {
  const std::optional<uint64_t> wanted = TakeHexNumber(number);
  if (!wanted.has_value() || !number.empty()) return kBadRequest;
  const DebugRegister* known = FindRegister(*wanted);
  return known == nullptr ? kNoRegister : ReadBytes(*known).value_or(kNoRegister);
}

std::optional<std::string> Session::ReadBytes(const DebugRegister& known) {
  const std::optional<uint64_t> value = current().ReadRegister(known.number);
  if (!value.has_value()) return std::nullopt;
  if (!known.upper.has_value()) return RegisterToHex(*value, known.bits);
  const uint64_t upper = current().ReadRegister(*known.upper).value_or(0);
  return RegisterToHex(*value, 64) + RegisterToHex(upper, 64);
}

std::string Session::WriteRegister(std::string_view assignment) {
  const std::optional<uint64_t> wanted = TakeHexNumber(assignment);
  if (!wanted.has_value() || !TakePrefix("=", assignment)) return kBadRequest;
  const DebugRegister* known = FindRegister(*wanted);
  if (known == nullptr) return kNoRegister;
  if (known->upper.has_value()) {
    constexpr size_t kHalf = 16;  // digits
    if (assignment.size() != 2 * kHalf) return kBadRequest;
    const std::optional<uint64_t> upper = RegisterFromHex(assignment.substr(kHalf), 64);
    if (!upper.has_value()) return kBadRequest;
    assignment = assignment.substr(0, kHalf);
    if (!current().WriteRegister(*known->upper, *upper)) return kNoRegister;
  }
  const uint32_t bits = std::min<uint32_t>(known->bits, 64);
  const std::optional<uint64_t> value = RegisterFromHex(assignment, bits);
  if (!value.has_value()) return kBadRequest;
  return current().WriteRegister(known->number, *value) ? kOk : kNoRegister;
}

std::string Session::ReadMemory(std::string_view text) {
  const std::optional<Range> range = TakeRange(text);
  if (!range.has_value() || !text.empty()) return kBadRequest;
  const auto size = static_cast<uint32_t>(std::min<uint64_t>(range->size, kMaxMemoryBytes));
  const std::string bytes = target_.ReadMemory(viewer(), range->address, size);
  return bytes.empty() && size != 0 ? kNoMemory : ToHex(bytes);
}

// "address,size:data".
std::string Session::WriteMemory(std::string_view text, Encoding encoding) {
  const std::optional<Range> range = TakeRange(text);
  if (!range.has_value() || !TakePrefix(":", text)) return kBadRequest;
  const std::optional<std::string> bytes =
      encoding == Encoding::kHex ? FromHex(text) : std::string(text);
  if (!bytes.has_value() || bytes->size() != range->size) return kBadRequest;
  return target_.WriteMemory(viewer(), range->address, *bytes) ? kOk : kNoMemory;
}

// "Ztype,address,kind"; what follows a semicolon (conditions) is gdb's own affair.
std::string Session::ChangeStop(std::string_view packet) {
  const bool is_new = packet[0] == 'Z';
  packet.remove_prefix(1);
  const std::optional<uint64_t> type = TakeHexNumber(packet);
  if (!type.has_value() || !TakePrefix(",", packet)) return kBadRequest;
  const std::optional<Range> range = TakeRange(packet);
  if (!range.has_value()) return kBadRequest;
  constexpr StopPoint::Kind kByType[] = {StopPoint::Kind::kBreakpoint, StopPoint::Kind::kBreakpoint,
                                         StopPoint::Kind::kWrite, StopPoint::Kind::kRead,
                                         StopPoint::Kind::kAccess};
  if (*type >= std::size(kByType)) return kUnknown;
  StopPoint point = {kByType[*type], range->address, range->size};
  // Of a breakpoint it is the instruction's length, which does not matter here.
  if (point.kind == StopPoint::Kind::kBreakpoint) point.size_bytes = 1;
  if (is_new) return target_.AddStop(point).ok() ? kOk : kNoRoom;
  target_.RemoveStop(point);
  return kOk;
}

}  // namespace emu::gdb
