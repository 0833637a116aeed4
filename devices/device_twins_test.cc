// A device that was restored from a snapshot does what the saved one would have done: nothing that
// matters is left out of VisitState.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "devices/device_specimens.h"
#include "devices/virtio/mmio_spec.h"
#include "devices/virtio/queue_spec.h"

namespace emu {
namespace {

// Something that a driver, the host or time does to a device.
struct Event {
  enum class Kind : uint8_t { kRead, kWrite, kReceive, kSubmit, kTime } kind;
  uint64_t offset;
  uint32_t width;
  uint64_t value;
};

constexpr uint16_t kQueueSize = 8;
GuestPhysAddr Descriptors(uint32_t queue) { return DeviceTestBench::kRam + 0x4000 * queue; }
GuestPhysAddr Available(uint32_t queue) { return Descriptors(queue) + 0x1000; }
GuestPhysAddr Used(uint32_t queue) { return Descriptors(queue) + 0x2000; }
constexpr uint32_t kQueues = 2;
constexpr uint64_t kSharedBytes = 0x20000;

template <typename T>
void Poke(Specimen& specimen, GuestPhysAddr address, T value) {
  ASSERT_TRUE(specimen.bench.memory().Write(address, std::as_bytes(std::span(&value, 1))));
}
template <typename T>
T Peek(Specimen& specimen, GuestPhysAddr address) {
  T value = {};
  EXPECT_TRUE(specimen.bench.memory().Read(address, std::as_writable_bytes(std::span(&value, 1))));
  return value;
}

// Queues of a virtio device as a driver sets them up, with a random choice of features.
void Initialize(Specimen& specimen, std::mt19937_64& random) {
  const auto set = [&](uint64_t offset, uint64_t value) {
    specimen.mmio->MmioWrite(offset, 4, value);
  };
  set(0x70, 0);
  set(0x70, 3);
  for (uint32_t half = 0; half < 2; ++half) {
    set(0x14, half);
    uint64_t offered = 0;
    specimen.mmio->MmioRead(0x10, 4, &offered);
    set(0x24, half);
    set(0x20, half == 1 ? offered : offered & random());
  }
  set(0x70, 3 | virtio::kStatusFeaturesOk);
  for (uint32_t queue = 0; queue < kQueues; ++queue) {
    set(0x30, queue);
    set(0x38, kQueueSize);
    set(0x80, Descriptors(queue).value);
    set(0x90, Available(queue).value);
    set(0xa0, Used(queue).value);
    set(0x44, 1);
    // Three descriptors a request: header, data, status. Small numbers are types of requests.
    for (uint16_t index = 0; index < kQueueSize; ++index) {
      const GuestPhysAddr at = Descriptors(queue) + index * virtio::kDescriptorBytes;
      const GuestPhysAddr buffer = DeviceTestBench::kRam + 0x10000 + 0x400 * index;
      const bool writable = index % 3 == 2 || (index % 3 == 1 && random() % 2 == 0);
      const bool last = index % 3 == 2 || random() % 4 == 0 || index + 1 == kQueueSize;
      Poke(specimen, at, buffer.value);
      Poke<uint32_t>(specimen, at + 8, index % 3 == 1 ? 512 : 16);
      Poke<uint16_t>(
          specimen, at + 12,
          (writable ? virtio::kDescriptorWrite : 0) | (last ? 0 : virtio::kDescriptorNext));
      Poke<uint16_t>(specimen, at + 14, index + 1);
      Poke<uint32_t>(specimen, buffer, random() % 5);
    }
  }
  set(0x70, 3 | virtio::kStatusFeaturesOk | virtio::kStatusDriverOk);
}

Event Next(const Entry& entry, const Specimen& specimen, std::mt19937_64& random) {
  using Kind = Event::Kind;
  if (random() % 32 == 0) return {Kind::kTime, 0, 0, random() % 2'000'000};
  if (specimen.receive && random() % 16 == 0) return {Kind::kReceive, 0, 0, random()};
  if (specimen.is_virtio && random() % 4 == 0) return {Kind::kSubmit, 0, 0, random()};
  const uint64_t range = random() % 2 == 0 ? 0x100 : entry.mmio_size;
  Event event = {random() % 2 == 0 ? Kind::kRead : Kind::kWrite, (random() % range) & ~uint64_t{3},
                 4, random()};
  if (random() % 8 == 0) event.width = 1U << random() % 4;
  if (entry.mmio_size <= 0x100) event = {event.kind, random() % 8, 1, event.value};  // a UART
  if (random() % 2 == 0) event.value %= 16;
  // A driver resets its device seldom, and moves no queue.
  if (specimen.is_virtio && event.kind == Kind::kWrite && event.offset >= 0x70) {
    event.kind = Kind::kRead;
  }
  return event;
}

// What the device lets the outside see of it.
uint64_t Apply(const Event& event, Specimen& specimen, uint64_t& now_ns) {
  uint64_t seen = 0;
  switch (event.kind) {
    case Event::Kind::kRead:
      specimen.mmio->MmioRead(event.offset, event.width, &seen);
      break;
    case Event::Kind::kWrite:
      specimen.mmio->MmioWrite(event.offset, event.width, event.value);
      break;
    case Event::Kind::kReceive:
      specimen.receive(std::as_bytes(std::span(&event.value, 1)));
      break;
    case Event::Kind::kSubmit: {
      const uint32_t queue = event.value % kQueues;
      const auto index = Peek<uint16_t>(specimen, Available(queue) + virtio::kRingIndexOffset);
      Poke<uint16_t>(specimen,
                     Available(queue) + virtio::kRingEntriesOffset + 2 * (index % kQueueSize),
                     event.value / 8 % 3 * 3);
      Poke<uint16_t>(specimen, Available(queue) + virtio::kRingIndexOffset, index + 1);
      specimen.mmio->MmioWrite(0x50, 4, queue);
      break;
    }
    case Event::Kind::kTime:
      now_ns += event.value;
      specimen.bench.AdvanceTo(now_ns);
      break;
  }
  return seen;
}

std::vector<std::byte> MemoryOf(Specimen& specimen) {
  std::vector<std::byte> bytes(kSharedBytes);
  EXPECT_TRUE(specimen.bench.memory().Read(DeviceTestBench::kRam, bytes));
  return bytes;
}

class DeviceTwinsTest : public testing::TestWithParam<Entry> {};

TEST_P(DeviceTwinsTest, ARestoredDeviceGoesOnAsTheSavedOne) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 100; ++round) {
    Specimen saved;
    GetParam().make(saved);
    if (saved.is_virtio) Initialize(saved, random);
    uint64_t now_ns = 0;
    for (uint64_t count = random() % 300; count > 0; --count) {
      Apply(Next(GetParam(), saved, random), saved, now_ns);
    }

    Specimen restored;
    GetParam().make(restored);
    ASSERT_TRUE(restored.bench.memory().Write(DeviceTestBench::kRam, MemoryOf(saved)));
    restored.bench.AdvanceTo(now_ns);
    const absl::Status status =
        DeviceTestBench::Restore(*restored.device, DeviceTestBench::Save(*saved.device));
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(restored.lines, saved.lines) << "round " << round;
    saved.stream.text.clear();

    uint64_t restored_now_ns = now_ns;
    for (int count = 0; count < 300; ++count) {
      const Event event = Next(GetParam(), saved, random);
      const uint64_t expected = Apply(event, saved, now_ns);
      ASSERT_EQ(Apply(event, restored, restored_now_ns), expected)
          << "round " << round << " event " << count << " offset " << event.offset;
      ASSERT_EQ(restored.lines, saved.lines)
          << "round " << round << " event " << count << " offset " << event.offset;
    }
    ASSERT_EQ(restored.stream.text, saved.stream.text);
    ASSERT_EQ(MemoryOf(restored), MemoryOf(saved));
    ASSERT_EQ(DeviceTestBench::Describe(*restored.device),
              DeviceTestBench::Describe(*saved.device));
  }
}

INSTANTIATE_TEST_SUITE_P(All, DeviceTwinsTest, testing::ValuesIn(kDevices),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace emu
