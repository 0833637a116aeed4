#include "vmm/gdb/packet.h"

#include <array>
#include <charconv>

namespace emu::gdb {
namespace {

constexpr char kEscape = '}';
constexpr char kEscapeBit = 0x20;

int DigitValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

void AppendHex(uint8_t byte, std::string& text) {
  constexpr char kDigits[] = "0123456789abcdef";
  text += kDigits[byte >> 4];
  text += kDigits[byte & 15];
}

}  // namespace

std::vector<Received> PacketReader::Feed(std::string_view bytes) {
  std::vector<Received> received;
  for (const char byte : bytes) Take(byte, received);
  return received;
}

void PacketReader::Take(char byte, std::vector<Received>& received) {
  switch (state_) {
    case State::kOutside:
      if (byte == 3) received.push_back({Received::Kind::kInterrupt});
      if (byte == '-') received.push_back({Received::Kind::kRepeat});
      if (byte != '$') return;
      state_ = State::kData;
      data_.clear();
      is_too_long_ = false;
      sum_ = 0;
      return;
    case State::kData:
      if (byte == '#') {
        state_ = State::kFirstDigit;
        return;
      }
      sum_ += static_cast<uint8_t>(byte);
      if (byte == kEscape) {
        state_ = State::kEscaped;
      } else {
        Append(byte);
      }
      return;
    case State::kEscaped:
      sum_ += static_cast<uint8_t>(byte);
      Append(static_cast<char>(byte ^ kEscapeBit));
      state_ = State::kData;
      return;
    case State::kFirstDigit: {
      const int digit = DigitValue(byte);
      told_sum_ = digit < 0 ? std::nullopt : std::optional(static_cast<uint8_t>(digit << 4));
      state_ = State::kSecondDigit;
      return;
    }
    case State::kSecondDigit: {
      const int digit = DigitValue(byte);
      const bool is_right =
          told_sum_.has_value() && digit >= 0 && (*told_sum_ | digit) == sum_ && !is_too_long_;
      received.push_back(is_right ? Received{Received::Kind::kPacket, std::move(data_)}
                                  : Received{Received::Kind::kBroken});
      state_ = State::kOutside;
      return;
    }
  }
}

void PacketReader::Append(char byte) {
  if (data_.size() == kMaxPacketBytes) {
    is_too_long_ = true;
    return;
  }
  data_ += byte;
}

std::string Frame(std::string_view data) {
  std::string packet = "$";
  for (const char byte : data) {
    if (byte == '$' || byte == '#' || byte == kEscape || byte == '*') {
      packet += kEscape;
      packet += static_cast<char>(byte ^ kEscapeBit);
    } else {
      packet += byte;
    }
  }
  uint8_t sum = 0;
  for (const char byte : std::string_view(packet).substr(1)) sum += static_cast<uint8_t>(byte);
  packet += '#';
  AppendHex(sum, packet);
  return packet;
}

std::string ToHex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) AppendHex(static_cast<uint8_t>(byte), text);
  return text;
}

std::optional<std::string> FromHex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t at = 0; at < digits.size(); at += 2) {
    const int high = DigitValue(digits[at]);
    const int low = DigitValue(digits[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::optional<uint64_t> TakeHexNumber(std::string_view& text) {
  constexpr size_t kMaxDigits = 16;
  uint64_t number = 0;
  size_t count = 0;
  for (; count < text.size() && DigitValue(text[count]) >= 0; ++count) {
    number = number << 4 | static_cast<uint64_t>(DigitValue(text[count]));
  }
  if (count == 0 || count > kMaxDigits) return std::nullopt;
  text.remove_prefix(count);
  return number;
}

std::string HexNumber(uint64_t number) {
  std::array<char, 16> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, /*base=*/16).ptr;
  return {digits.data(), end};
}

bool TakePrefix(std::string_view prefix, std::string_view& text) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string Concat(std::initializer_list<std::string_view> parts) {
  std::string whole;
  for (const std::string_view part : parts) whole += part;
  return whole;
}

std::string RegisterToHex(uint64_t value, uint32_t bits) {
  std::string text;
  for (uint32_t at = 0; at < bits; at += 8) AppendHex(static_cast<uint8_t>(value >> at), text);
  return text;
}

std::optional<uint64_t> RegisterFromHex(std::string_view digits, uint32_t bits) {
  const std::optional<std::string> bytes = FromHex(digits);
  if (!bytes.has_value() || bytes->size() != bits / 8) return std::nullopt;
  uint64_t value = 0;
  for (size_t at = 0; at < bytes->size(); ++at) {
    value |= uint64_t{static_cast<uint8_t>((*bytes)[at])} << (8 * at);
  }
  return value;
}

}  // namespace emu::gdb
