// Requests to a SCSI host and its CD: whatever a driver asks, the drive lives on.
#include <initializer_list>

#include "devices/virtio/scsi.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/slow_disk.h"
#include "tests/fuzz/virtio_player.h"

namespace emu::fuzz {
namespace {

using namespace virtio::scsi_host;

constexpr uint32_t kQueues = 2;

std::string Command(std::initializer_list<uint8_t> command) {
  std::string bytes(sizeof(RequestHeader) + kCommandBytes, '\0');
  bytes[0] = 1;
  std::copy(command.begin(), command.end(), bytes.begin() + sizeof(RequestHeader));
  return bytes;
}
std::string Request(std::initializer_list<uint8_t> command) {
  return Record(Deed::kRequest, kFirstRequestQueue, Command(command));
}
std::string Task(char function) {
  std::string bytes(sizeof(TaskRequest), '\0');
  bytes[4] = function;
  bytes[8] = 1;
  return Record(Deed::kRequest, kControlQueue, bytes);
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string read = Request({0x28, 0, 0, 0, 0, 1, 0, 0, 1});
  const std::string answer = Record(Deed::kHost, 15, "");
  std::vector<std::string> seeds = {
      Request({0x00}) + read + read + answer,
      read + Record(Deed::kHost, 0x2f, "") + read + Task(1) + answer,
      read + read + Task(0) + answer + Task(5) + answer,
      read + Record(Deed::kReset, 0, "\xff\xff\xff\xff\xff") + answer,
      read + Record(Deed::kSwitchOff, kFirstRequestQueue, "") + answer,
      Record(Deed::kRegister, 0, std::string("\x14\x02\x08\0\0\0", 6)) + read + answer};
  for (const std::initializer_list<uint8_t> command :
       {std::initializer_list<uint8_t>{0x03, 0, 0, 0, 18},
        {0x12, 0, 0, 0, 36},
        {0x12, 1, 0x83, 0, 255},
        {0x1a, 0, 0x3f, 0, 255},
        {0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 128},
        {0x1b, 0, 0, 0, 2},
        {0x1b, 0, 0, 0, 3},
        {0x1e, 0, 0, 0, 1},
        {0x25},
        {0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32},
        {0x08, 0, 0, 1, 1},
        {0xa8, 0, 0, 0, 0, 1, 0, 0, 0, 1},
        {0x88, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1},
        {0x43, 2, 0, 0, 0, 0, 0, 0, 20},
        {0x46, 0, 0, 0, 0, 0, 0, 1, 0},
        {0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8},
        {0x51, 0, 0, 0, 0, 0, 0, 0, 34},
        {0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16}}) {
    seeds.push_back(Request({0x00}) + Request(command) + answer);
  }
  return seeds;
}

void TryInput(std::string_view input) {
  auto disc = std::make_unique<SlowDisk>(true);
  SlowDisk& slow = *disc;
  auto host = std::make_unique<virtio::ScsiHost>(
      std::move(disc), virtio::ScsiHost::Options{.id = "cd",
                                                 .queue_count = kQueues,
                                                 .on_read_error = OnDiskError::kStop,
                                                 .stop = [](const DiskError&) {}});
  // INQUIRY: its response is OK, its status good.
  const std::string question = Command({0x12, 0, 0, 0, 36});
  const std::string answer = std::string(4, '\0') + std::string("\0\0\0\0\0\0\0\0", 8);
  Play({std::move(host), kFirstRequestQueue + kQueues,
        [&slow](uint8_t choice, std::string_view bytes) { slow.AnswerSome(choice, bytes); }},
       input, {kFirstRequestQueue, question, sizeof(ResponseHeader) + kSenseBytes + 36, answer});
}

}  // namespace emu::fuzz
