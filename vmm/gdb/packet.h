// Packets of gdb's remote serial protocol (Debugging with GDB, appendix E.1): $data#checksum, with
// acknowledgements until both sides agree to leave them out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace emu::gdb {

// Of a packet's data, in both directions; told to gdb as PacketSize.
inline constexpr size_t kMaxPacketBytes = 16384;

// What came in. Whatever else a peer sends is skipped.
struct Received {
  enum class Kind : uint8_t {
    kPacket,     // `data` is whole, its checksum right, escapes undone
    kBroken,     // a wrong checksum, or too long
    kInterrupt,  // the byte 3 outside of a packet: stop the guest
    kRepeat,     // '-': the peer wants the last packet again
  };
  Kind kind;
  std::string data = {};
};

// Cuts a stream of bytes into packets. Holds at most kMaxPacketBytes.
class PacketReader {
 public:
  std::vector<Received> Feed(std::string_view bytes);

 private:
  enum class State : uint8_t { kOutside, kData, kEscaped, kFirstDigit, kSecondDigit };

  void Take(char byte, std::vector<Received>& received);
  void Append(char byte);

  State state_ = State::kOutside;
  std::string data_;
  bool is_too_long_ = false;
  uint8_t sum_ = 0;
  std::optional<uint8_t> told_sum_;  // no value after a digit that is none
};

// `data` as a packet to send.
std::string Frame(std::string_view data);

// Bytes as two hexadecimal digits each, and back; no value for an odd count or another character.
std::string ToHex(std::string_view bytes);
std::optional<std::string> FromHex(std::string_view digits);
// A number as protocol fields have it, most significant digit first. Takes its digits off the front
// of `text`; no value if there is none, or more than 64 bits.
std::optional<uint64_t> TakeHexNumber(std::string_view& text);

std::string HexNumber(uint64_t number);
// Takes `prefix` off the front of `text`, if it is there.
bool TakePrefix(std::string_view prefix, std::string_view& text);
std::string Concat(std::initializer_list<std::string_view> parts);

// A register's value: `bits` / 8 bytes, least significant first, as digits, and back.
std::string RegisterToHex(uint64_t value, uint32_t bits);
std::optional<uint64_t> RegisterFromHex(std::string_view digits, uint32_t bits);

}  // namespace emu::gdb
