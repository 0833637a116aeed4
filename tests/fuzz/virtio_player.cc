#include "tests/fuzz/virtio_player.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "devices/virtio/virtio_test_bench.h"
#include "tests/fuzz/fuzz_target.h"

namespace emu::fuzz {
namespace {

using virtio::VirtioTestBench;

constexpr uint16_t kWrite = virtio::kDescriptorWrite, kNext = virtio::kDescriptorNext;
constexpr uint32_t kMostQueues = 4;  // what the bench has room for below its buffers
constexpr uint32_t kRoomUnit = 16;
constexpr uint64_t kQueueSelect = 0x30, kQueueReady = 0x44, kConfig = 0x100;

// The bytes of a record as numbers; those that are missing are 0.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  uint64_t Take(size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size && !bytes_.empty(); ++i, bytes_.remove_prefix(1)) {
      value |= uint64_t{static_cast<uint8_t>(bytes_.front())} << (8 * i);
    }
    return value;
  }

 private:
  std::string_view bytes_;
};

class Player {
 public:
  explicit Player(Played played)
      : queues_(std::min(played.queues, kMostQueues)),
        host_(std::move(played.host)),
        mend_(std::move(played.mend)),
        bench_(std::move(played.device)) {
    bench_.Initialize(queues_);
  }

  void Do(Deed deed, uint8_t choice, std::string_view bytes) {
    const uint32_t queue = choice % queues_;
    Reader reader(bytes);
    switch (deed) {
      case Deed::kRequest:
        return Ask(queue, bytes, static_cast<uint32_t>(bytes.size()) * kRoomUnit);
      case Deed::kDescriptor: {
        const auto index = static_cast<uint32_t>(reader.Take(1) % VirtioTestBench::kSize);
        const auto flags = static_cast<uint16_t>(reader.Take(1));
        const auto next = static_cast<uint16_t>(reader.Take(1));
        const auto size = static_cast<uint32_t>(reader.Take(4));
        return bench_.Describe(queue, index, DeviceTestBench::kRam + reader.Take(3), size, flags,
                               next);
      }
      case Deed::kAvailable:
        return bench_.Submit(queue, static_cast<uint16_t>(reader.Take(2)));
      case Deed::kRegister: {
        const uint64_t offset = reader.Take(1);
        const auto width = static_cast<uint32_t>(1) << reader.Take(1) % 4;
        uint64_t value = reader.Take(8);
        bench_.transport().MmioWrite(kConfig + offset, width, value);
        bench_.transport().MmioRead(kConfig + offset, width, &value);
        return;
      }
      case Deed::kHost:
        if (host_) host_(choice, bytes);
        return;
      case Deed::kReset:
        return bench_.Initialize(queues_, reader.Take(8) & Offered());
      case Deed::kSwitchOff:
        bench_.Set(kQueueSelect, queue);
        bench_.Set(kQueueReady, 0);
        return;
    }
  }

  // As a driver in its senses does: a readable part in two pieces, a writable one.
  void Ask(uint32_t queue, std::string_view bytes, uint32_t room) {
    const GuestPhysAddr question = VirtioTestBench::kBuffers + 0x8000u * queue;
    const auto first = static_cast<uint32_t>(bytes.size() / 2);
    const auto second = static_cast<uint32_t>(bytes.size()) - first;
    if (!bench_.memory().Write(question, AsBytes(bytes))) Fail("no memory for a request");
    uint16_t last = 0;
    const auto describe = [&](GuestPhysAddr at, uint32_t size, uint16_t direction, bool is_last) {
      bench_.Describe(queue, last, at, size,
                      static_cast<uint16_t>(direction | (is_last ? 0 : kNext)), last + 1);
      ++last;
    };
    describe(question, first, 0, false);
    describe(question + first, second, 0, room == 0);
    if (room > 0) describe(AnswerTo(queue), room, kWrite, true);
    bench_.Submit(queue, 0);
  }

  void CheckThatItLives(const LastWords& last) {
    if (mend_) mend_();
    bench_.Initialize(queues_);
    bench_.Poke<uint16_t>(VirtioTestBench::Used(last.queue) + 2, 0);
    Ask(last.queue, last.question, last.room_bytes);
    if (bench_.UsedIndex(last.queue) != 1) Fail("no answer after a reset");
    if (bench_.Text(AnswerTo(last.queue), last.answer.size()) != last.answer) {
      Fail("a wrong answer after a reset");
    }
  }

 private:
  static GuestPhysAddr AnswerTo(uint32_t queue) {
    return VirtioTestBench::kBuffers + 0x8000u * queue + 0x4000;
  }
  uint64_t Offered() { return bench_.transport().device()->features(); }

  const uint32_t queues_;
  const std::function<void(uint8_t, std::string_view)> host_;
  const std::function<void()> mend_;
  VirtioTestBench bench_;
};

}  // namespace

std::string Record(Deed deed, char choice, std::string_view bytes) {
  std::string record = {static_cast<char>(deed), choice, static_cast<char>(bytes.size())};
  record += bytes;
  return record;
}

void Play(Played played, std::string_view input, const LastWords& last) {
  Player player(std::move(played));
  while (input.size() >= 3) {
    const auto deed = static_cast<Deed>(static_cast<uint8_t>(input[0]) % kDeeds);
    const auto choice = static_cast<uint8_t>(input[1]);
    const size_t size = std::min<size_t>(static_cast<uint8_t>(input[2]), input.size() - 3);
    player.Do(deed, choice, input.substr(3, size));
    input.remove_prefix(3 + size);
  }
  player.CheckThatItLives(last);
}

}  // namespace emu::fuzz
