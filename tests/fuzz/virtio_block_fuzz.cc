// Requests to a virtio disk that answers late, or with errors.
#include "devices/virtio/block.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/slow_disk.h"
#include "tests/fuzz/virtio_player.h"

namespace emu::fuzz {
namespace {

using namespace virtio::block;

constexpr uint32_t kQueues = 2;

std::string Header(RequestType type, char sector) {
  std::string bytes(sizeof(RequestHeader), '\0');
  bytes[0] = static_cast<char>(type);
  bytes[8] = sector;
  return bytes;
}
std::string Request(RequestType type, char sector, const std::string& data = "") {
  return Record(Deed::kRequest, 0, Header(type, sector) + data);
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string answer = Record(Deed::kHost, 15, ""), fail = Record(Deed::kHost, 0x2f, "");
  // Two descriptors with 512 bytes to write, then the status: as requests have no room for a
  // sector.
  const std::string write = Record(Deed::kRequest, 0, Header(RequestType::kOut, 3)) +
                            Record(Deed::kDescriptor, 0, std::string("\1\3\2\0\2\0\0\0\0\5", 10)) +
                            Record(Deed::kAvailable, 0, std::string("\0\0", 2));
  const std::string read = Request(RequestType::kIn, 3) +
                           Record(Deed::kDescriptor, 0, std::string("\2\2\0\1\2\0\0\0\0\6", 10)) +
                           Record(Deed::kAvailable, 0, std::string("\0\0", 2));
  const std::string segment("\0\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0", 16);
  return {write + answer + read + answer,
          write + fail + read + fail + Record(Deed::kReset, 0, "\xff\xff"),
          Request(RequestType::kFlush, 0) + answer + Request(RequestType::kGetId, 0),
          Request(RequestType::kDiscard, 0, segment) + answer,
          Request(RequestType::kWriteZeroes, 0, segment) + fail,
          write + Record(Deed::kSwitchOff, 0, "") + answer};
}

void TryInput(std::string_view input) {
  auto disk = std::make_unique<SlowDisk>(false);
  SlowDisk& slow = *disk;
  auto block = std::make_unique<virtio::Block>(
      std::move(disk), virtio::Block::Options{.id = "disk",
                                              .queue_count = kQueues,
                                              .on_write_error = OnDiskError::kStop,
                                              .stop = [](const DiskError&) {}});
  const std::string question = Header(RequestType::kGetId, 0);
  Play({std::move(block), kQueues,
        [&slow](uint8_t choice, std::string_view bytes) { slow.AnswerSome(choice, bytes); }},
       input, {0, question, kIdBytes + 1, std::string_view("disk\0", 5)});
}

}  // namespace emu::fuzz
