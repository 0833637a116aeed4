// What the agent in a guest sends, or who has its place: frames are found in any bytes, however
// they come in pieces, and each is one that could have been sent.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "daemon/agent/wire.h"
#include "tests/fuzz/fuzz_target.h"

namespace emu::fuzz {
namespace {

using agent::Frame;
using agent::Header;
using agent::Kind;

std::string Sent(const Header& header, std::string_view data) {
  std::vector<std::byte> bytes;
  agent::AppendFrame(header, std::as_bytes(std::span(data)), bytes);
  // SAFETY: bytes as characters.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<Frame> FramesIn(std::string_view input, size_t piece) {
  agent::FrameReader reader;
  std::vector<Frame> frames;
  while (!input.empty()) {
    const std::string_view now = input.substr(0, piece);
    reader.Read(std::as_bytes(std::span(now)),
                [&frames](const Frame& frame) { frames.push_back(frame); });
    input.remove_prefix(now.size());
  }
  return frames;
}

bool AreSame(const Frame& one, const Frame& other) {
  return std::memcmp(&one.header, &other.header, sizeof(Header)) == 0 && one.data == other.data;
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string hello = Sent({.kind = Kind::kHello, .id = 7, .value = agent::kVersion}, "");
  const std::string output =
      Sent({.kind = Kind::kOutput, .id = 1u << 31, .offset = 300}, std::string(600, 'x'));
  const std::string zeroes = Sent({.kind = Kind::kOutput, .id = 9}, std::string(300, '\0'));
  return {hello,
          output,
          zeroes,
          hello + output + zeroes,
          Sent({.kind = Kind::kOutput}, std::string(agent::kMostDataBytes, '\xff')),
          output.substr(5) + hello};
}

void TryInput(std::string_view input) {
  const std::vector<Frame> frames = FramesIn(input, input.size());
  if (!std::ranges::equal(frames, FramesIn(input, 7), AreSame)) Fail("pieces make a difference");
  for (const Frame& frame : frames) {
    if (frame.data.size() > agent::kMostDataBytes) Fail("a frame of any length");
    if (frame.header.data_bytes != frame.data.size()) Fail("a length that is none");
    // SAFETY: bytes as characters.
    const std::string_view data(reinterpret_cast<const char*>(frame.data.data()),
                                frame.data.size());
    const std::vector<Frame> again = FramesIn(Sent(frame.header, data), input.size());
    if (again.size() != 1 || !AreSame(again.front(), frame)) Fail("sent again, it is another");
  }
}

}  // namespace emu::fuzz
