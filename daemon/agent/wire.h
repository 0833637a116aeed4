// What emud and the agent in a guest say to each other: frames over a serial port, either end of
// which may be replaced at any moment. For both sides, so it needs the C++ library alone.
//
// A frame is a header and its data, stuffed so that no byte of it is zero (S. Cheshire, M. Baker:
// Consistent Overhead Byte Stuffing, IEEE/ACM Transactions on Networking 7(2), 1999), and a zero
// behind it. What a sender has left unfinished ends at the next zero, where its length is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace emu::agent {

inline constexpr uint32_t kVersion = 1;
// In /sys/class/virtio-ports/*/name.
inline constexpr char kPortName[] = "dev.emud.agent.0";
inline constexpr size_t kMostDataBytes = 16 << 10;
// Of input, how far the host may be ahead of what the agent says it has taken.
inline constexpr uint64_t kInputWindowBytes = 64 << 10;
// Of a stream's output, that the agent keeps until the host has it.
inline constexpr uint64_t kOutputKeptBytes = 256 << 10;
// That nobody else has, for the guest's random numbers.
inline constexpr size_t kSeedBytes = 32;

// `id` names an execution, by a number that the host has chosen.
enum class Kind : uint32_t {
  // A new host; nothing is sent to it but what it asks for. Answered with the same `id`; `value` is
  // kVersion both ways.
  kHello = 1,
  // Runs a program; `data` is a StartRequest. Answered by kStarted, for one that there is already
  // too.
  kStart = 2,
  // `value` an errno or 0, `offset` the process's number.
  kStarted = 3,
  // Bytes for standard input from `offset` on; `value` 1: its end. Those that came already count
  // once.
  kInput = 4,
  // Standard input is taken up to `offset`.
  kInputTaken = 5,
  // The host has `stream` up to `offset` and takes `value` bytes from there. What is before
  // `offset` is forgotten; the first one of a reader says where it begins.
  kRead = 6,
  // Bytes of `stream` from `offset` on; `value` 1: its end.
  kOutput = 7,
  // `value` is what waitpid says, told to each host that reads, behind the ends of its streams.
  kExited = 8,
  // `value` is a signal for the program and what it has started.
  kSignal = 9,
  // Nothing is kept of it any more; one that still runs is killed.
  kForget = 10,
  // Answered by a kListed for each execution, which `offset` names, `value` 1 if it still runs, and
  // then by one with an `offset` of 0, all with the question's `id`.
  kList = 11,
  kListed = 12,
  // The size of its terminal: `value` is rows << 16 | columns.
  kResize = 13,
  // What the guest is: lines of NAME=value, as of os-release(5).
  kInfo = 14,
  // Sets the clock to `offset` nanoseconds since 1970. Answered with an errno in `value`.
  kSetTime = 15,
  // All file systems that have a disk stand still until kThaw. Answered with an errno in `value`.
  kFreeze = 16,
  kThaw = 17,
  // There is no such execution.
  kUnknown = 18,
  // A new reader: it is told everything that it asks for, ends and exit too.
  kAttach = 19,
  // The VM has gone on from a snapshot: `offset` is the time, in nanoseconds since 1970; `data` are
  // kSeedBytes, the generation's name and the VM's, which end with a zero each. Not answered. An
  // agent that has the generation already does nothing.
  kGoneOn = 20,
};

enum class Stream : uint32_t { kInput = 0, kOutput = 1, kError = 2 };

struct Header {
  Kind kind = Kind::kHello;
  uint32_t data_bytes = 0;
  uint64_t id = 0;
  uint64_t offset = 0;
  Stream stream = Stream::kInput;
  uint32_t value = 0;
};
static_assert(sizeof(Header) == 32);

// Followed by strings that end with a zero each: the folder it starts in (empty: the user's home),
// the user (empty: root; a name or a number), then arguments and variables (NAME=value).
struct StartRequest {
  uint32_t argument_count = 0;
  uint32_t variable_count = 0;
  uint32_t has_terminal = 0;
  uint32_t terminal_size = 0;  // rows << 16 | columns
};
static_assert(sizeof(StartRequest) == 16);

struct Frame {
  Header header;
  std::vector<std::byte> data;
};

// Appends the frame, with a zero behind it.
inline void AppendFrame(Header header, std::span<const std::byte> data,
                        std::vector<std::byte>& out) {
  header.data_bytes = static_cast<uint32_t>(data.size());
  size_t code_at = out.size();
  out.push_back({});
  uint8_t code = 1;
  const auto end_block = [&] {
    out[code_at] = std::byte{code};
    code_at = out.size();
    out.push_back({});
    code = 1;
  };
  const auto stuff = [&](std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) {
      if (byte == std::byte{0}) {
        end_block();
        continue;
      }
      out.push_back(byte);
      if (++code == 0xff) end_block();
    }
  };
  stuff(std::as_bytes(std::span(&header, 1)));
  stuff(data);
  out[code_at] = std::byte{code};
  out.push_back({});
}

// What lies between two zeroes; nothing if it is no frame.
inline std::optional<Frame> ParseFrame(std::span<const std::byte> stuffed) {
  std::vector<std::byte> bytes;
  bytes.reserve(stuffed.size());
  for (size_t at = 0; at < stuffed.size();) {
    const auto code = static_cast<size_t>(stuffed[at]);
    if (code == 0 || at + code > stuffed.size()) return std::nullopt;
    bytes.insert(bytes.end(), stuffed.begin() + static_cast<ptrdiff_t>(at + 1),
                 stuffed.begin() + static_cast<ptrdiff_t>(at + code));
    at += code;
    if (code != 0xff && at < stuffed.size()) bytes.push_back({});
  }
  Frame frame;
  if (bytes.size() < sizeof(Header)) return std::nullopt;
  std::memcpy(&frame.header, bytes.data(), sizeof(Header));
  if (frame.header.data_bytes != bytes.size() - sizeof(Header)) return std::nullopt;
  if (frame.header.data_bytes > kMostDataBytes) return std::nullopt;
  frame.data.assign(bytes.begin() + sizeof(Header), bytes.end());
  return frame;
}

// Frames out of the pieces of a stream. What is no frame is left out.
class FrameReader {
 public:
  // Calls `take(frame)` for each that ends in `bytes`.
  template <typename Take>
  void Read(std::span<const std::byte> bytes, Take&& take) {
    for (const std::byte byte : bytes) {
      if (byte != std::byte{0}) {
        if (stuffed_.size() <= kMostStuffedBytes) stuffed_.push_back(byte);
        continue;
      }
      const std::optional<Frame> frame =
          stuffed_.size() <= kMostStuffedBytes ? ParseFrame(stuffed_) : std::nullopt;
      stuffed_.clear();
      if (frame.has_value()) take(*frame);
    }
  }

 private:
  static constexpr size_t kMostStuffedBytes =
      sizeof(Header) + kMostDataBytes + (sizeof(Header) + kMostDataBytes) / 254 + 2;

  std::vector<std::byte> stuffed_;
};

}  // namespace emu::agent
