// A device that was restored from a snapshot does what the saved one would have done: nothing that
// matters is left out of VisitState.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "devices/device_specimens.h"
#include "devices/virtio/queue_spec.h"
#include "devices/virtio/transport_spec.h"

namespace emu {
namespace {

// Something that a driver, the host or time does to a device.
struct Event {
  enum class Kind : uint8_t { kRead, kWrite, kReceive, kInput, kSubmit, kTime } kind;
  uint64_t offset;
  uint32_t width;
  uint64_t value;
};

constexpr uint16_t kQueueSize = 8;
GuestPhysAddr Descriptors(uint32_t queue) { return DeviceTestBench::kRam + 0x4000 * queue; }
GuestPhysAddr Available(uint32_t queue) { return Descriptors(queue) + 0x1000; }
GuestPhysAddr Used(uint32_t queue) { return Descriptors(queue) + 0x2000; }
constexpr uint32_t kQueues = 4;
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

// A driver of virtio devices: it sets its device up step by step, with a random choice of features,
// uses it, and now and then begins anew.
class Driver {
 public:
  Driver(const Entry& entry, Specimen& specimen, std::mt19937_64& random) {
    if (specimen.virtio != nullptr) Plan(entry, specimen, *specimen.virtio, random);
  }
  bool IsReady() const { return next_ == steps_.size(); }
  Event NextStep() { return steps_[next_++]; }
  void BeginAnew() { next_ = 0; }

 private:
  void Set(VirtioFace::Register reg, uint64_t value) {
    steps_.push_back({Event::Kind::kWrite, reg.offset, reg.width_bytes, value});
  }
  void Plan(const Entry& entry, Specimen& specimen, const VirtioFace& face,
            std::mt19937_64& random);

  std::vector<Event> steps_;
  size_t next_ = 0;
};

void Driver::Plan(const Entry& entry, Specimen& specimen, const VirtioFace& face,
                  std::mt19937_64& random) {
  for (const auto& [reg, value] : face.before) Set(reg, value);
  Set(face.status, 0);
  Set(face.status, 3);
  for (const auto& [reg, value] : face.after_reset) Set(reg, value);
  for (uint32_t half = 0; half < 2; ++half) {
    uint64_t offered = 0;
    specimen.mmio->MmioWrite(face.device_features_select.offset, 4, half);
    specimen.mmio->MmioRead(face.device_features.offset, 4, &offered);
    Set(face.device_features_select, half);
    Set(face.driver_features_select, half);
    Set(face.driver_features, half == 1 ? offered : offered & random());
  }
  Set(face.status, 3 | virtio::kStatusFeaturesOk);
  for (uint32_t queue = 0; queue < kQueues; ++queue) {
    Set(face.queue_select, queue);
    Set(face.queue_size, kQueueSize);
    Set(face.descriptors, Descriptors(queue).value);
    Set(face.available, Available(queue).value);
    Set(face.used, Used(queue).value);
    for (const auto& [reg, value] : face.for_each_queue) Set(reg, value);
    Set(face.queue_enable, 1);
    // Three descriptors a request: header, data, status. Small numbers are types of requests.
    for (uint16_t index = 0; index < kQueueSize; ++index) {
      const GuestPhysAddr at = Descriptors(queue) + index * virtio::kDescriptorBytes;
      const GuestPhysAddr buffer = DeviceTestBench::kRam + 0x10000 + 0x1000 * index;
      const bool writable = index % 3 == 2 || (index % 3 == 1 && random() % 2 == 0);
      const bool last = index % 3 == 2 || random() % 4 == 0 || index + 1 == kQueueSize;
      Poke(specimen, at, buffer.value);
      const uint32_t small = entry.requests.empty() ? 16 : entry.request_bytes;
      Poke<uint32_t>(specimen, at + 8, index % 3 == 1 ? entry.data_bytes : small);
      Poke<uint16_t>(
          specimen, at + 12,
          (writable ? virtio::kDescriptorWrite : 0) | (last ? 0 : virtio::kDescriptorNext));
      Poke<uint16_t>(specimen, at + 14, index + 1);
      Poke<uint32_t>(specimen, buffer, random() % 5);
      if (!entry.requests.empty()) {
        const Request& request = entry.requests[random() % entry.requests.size()];
        ASSERT_TRUE(specimen.bench.memory().Write(buffer, std::as_bytes(std::span(request))));
      }
    }
  }
  Set(face.status, 3 | virtio::kStatusFeaturesOk | virtio::kStatusDriverOk);
}

Event Next(const Entry& entry, const Specimen& specimen, Driver& driver, std::mt19937_64& random) {
  using Kind = Event::Kind;
  const uint64_t dice = random();
  if (dice % 32 == 0) return {Kind::kTime, 0, 0, random() % 2'000'000};
  if (specimen.receive && dice % 16 == 1) return {Kind::kReceive, 0, 0, random()};
  if (!specimen.inputs.empty() && dice % 4 == 2) return {Kind::kInput, 0, 0, random()};
  if (specimen.virtio != nullptr) {
    if (dice % 128 == 3) driver.BeginAnew();
    if (!driver.IsReady() && dice % 2 == 0) return driver.NextStep();
    if (driver.IsReady() && dice % 4 == 2) {
      return {Kind::kSubmit, entry.queues[random() % entry.queues.size()], 0, random()};
    }
  }
  Event event = {dice % 2 == 0 ? Kind::kRead : Kind::kWrite, random() % 0x100 & ~uint64_t{3}, 4,
                 random()};
  if (!entry.registers.empty()) {
    event.offset = entry.registers[random() % entry.registers.size()];
  } else if (entry.mmio_size <= 0x100) {
    event.offset = random() % 8;  // of a UART
    event.width = 1;
  }
  // Times, interrupts' numbers and bits.
  const uint64_t limits[] = {2, 16, 256, 4'000'000, UINT64_MAX};
  event.value %= limits[random() % 5];
  // Set-up is the driver's.
  if (specimen.virtio != nullptr) {
    const auto& free = specimen.virtio->free;
    const auto reg = std::ranges::find(free, event.offset, &VirtioFace::Register::offset);
    if (reg == free.end()) event.kind = Kind::kRead;
    if (reg != free.end()) event.width = reg->width_bytes;
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
    case Event::Kind::kInput: {
      // Driven anew even if the level is the same, as devices do after a restore.
      InterruptLine& input = specimen.inputs[event.value / 2 % specimen.inputs.size()];
      input.Set(event.value % 2 != 0);
      input.Redrive();
      break;
    }
    case Event::Kind::kSubmit: {
      const auto queue = static_cast<uint32_t>(event.offset);
      const GuestPhysAddr available = Available(queue);
      auto index = Peek<uint16_t>(specimen, available + virtio::kRingIndexOffset);
      // Now and then too many requests, which breaks the device, or a good number again, too late.
      const uint64_t dice = (event.value >> 32) % 32;
      const auto used = Peek<uint16_t>(specimen, Used(queue) + virtio::kRingIndexOffset);
      if (dice == 0) index += kQueueSize;
      if (dice == 1) index = used;
      // Queues that a device empties only when it has something to say are full most of the time.
      if (dice > 1 && static_cast<uint16_t>(index - used) >= kQueueSize) break;
      Poke<uint16_t>(specimen, available + virtio::kRingEntriesOffset + 2 * (index % kQueueSize),
                     event.value / 8 % 3 * 3);
      Poke<uint16_t>(specimen, available + virtio::kRingIndexOffset, index + 1);
      const VirtioFace& face = *specimen.virtio;
      specimen.mmio->MmioWrite(face.notify.offset + face.notify_stride * queue,
                               face.notify.width_bytes, queue);
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

// Writes a snapshot without one of its fields: number `left_out`, counted from 0.
class ForgetfulWriter final : public StateVisitor {
 public:
  explicit ForgetfulWriter(int left_out) : left_out_(left_out) {}
  bool IsReading() const override { return false; }
  void Field(uint32_t number, std::string_view name, uint64_t& value) override {
    if (!IsLeftOut(name)) writer_.Field(number, name, value);
  }
  void Field(uint32_t number, std::string_view name, std::span<std::byte> bytes) override {
    if (!IsLeftOut(name)) writer_.Field(number, name, bytes);
  }
  void Field(uint32_t number, std::string_view name, std::vector<std::byte>& bytes) override {
    if (!IsLeftOut(name)) writer_.Field(number, name, bytes);
  }
  void BeginGroup(uint32_t number, std::string_view name) override {
    writer_.BeginGroup(number, name);
  }
  void EndGroup() override { writer_.EndGroup(); }

  std::vector<std::byte> Take() { return writer_.Take(); }
  int field_count() const { return count_; }
  const std::string& name() const { return name_; }

 private:
  bool IsLeftOut(std::string_view name) {
    if (count_++ != left_out_) return false;
    name_ = name;
    return true;
  }

  const int left_out_;
  int count_ = 0;
  std::string name_;
  StateWriter writer_;
};

class DeviceTwinsTest : public testing::TestWithParam<Entry> {};

// Lives a while, is saved without field `left_out` (if any has this number) and restored, and lives
// on in two specimens. What they differ in first, or nothing.
std::string DifferenceOfTwins(const Entry& entry, std::mt19937_64& random,
                              ForgetfulWriter&& writer) {
  Specimen saved;
  entry.make(saved);
  Driver driver(entry, saved, random);
  uint64_t now_ns = 0;
  for (uint64_t count = random() % 300; count > 0; --count) {
    Apply(Next(entry, saved, driver, random), saved, now_ns);
  }

  Specimen restored;
  entry.make(restored);
  if (!restored.bench.memory().Write(DeviceTestBench::kRam, MemoryOf(saved))) return "memory";
  restored.bench.AdvanceTo(now_ns);
  saved.device->Pause();
  saved.device->VisitState(writer);
  if (!DeviceTestBench::Restore(*restored.device, writer.Take()).ok()) return "refusal";
  saved.stream.text.clear();
  saved.device->Start();
  restored.device->Start();
  if (restored.lines != saved.lines) return "interrupts";

  uint64_t restored_now_ns = now_ns;
  for (int count = 0; count < 300; ++count) {
    const Event event = Next(entry, saved, driver, random);
    const uint64_t expected = Apply(event, saved, now_ns);
    const uint64_t seen = Apply(event, restored, restored_now_ns);
    // The clock runs for a moment when a test moves it: a timer may be due to one twin only.
    if (event.kind == Event::Kind::kTime && restored.lines != saved.lines) {
      const Event later = {Event::Kind::kTime, 0, 0, 1'000'000};
      Apply(later, saved, now_ns);
      Apply(later, restored, restored_now_ns);
    }
    if (seen != expected || restored.lines != saved.lines) {
      return absl::StrFormat("event %d at offset %#x: %#x instead of %#x", count, event.offset,
                             seen, expected);
    }
  }
  if (restored.stream.text != saved.stream.text) return "output";
  if (MemoryOf(restored) != MemoryOf(saved)) return "memory";
  return "";
}

TEST_P(DeviceTwinsTest, ARestoredDeviceGoesOnAsTheSavedOne) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 100; ++round) {
    ASSERT_EQ(DifferenceOfTwins(GetParam(), random, ForgetfulWriter(-1)), "") << "round " << round;
  }
}

// The test above would not see a field left out that makes no difference to any outsider.
TEST_P(DeviceTwinsTest, EveryFieldOfASnapshotMatters) {
  std::mt19937_64 random(TestSeed());
  Specimen specimen;
  GetParam().make(specimen);
  ForgetfulWriter all(-1);
  specimen.device->VisitState(all);
  if (std::string_view(GetParam().name) == "virtio_empty") return;  // nobody there drives it
  for (int field = 0; field < all.field_count(); ++field) {
    ForgetfulWriter writer(field);
    specimen.device->VisitState(writer);
    if (writer.name() == "is_broken") continue;  // the transport's status says that, too
    bool differed = false;
    for (int round = 0; round < 200'000 && !differed; ++round) {
      differed = !DifferenceOfTwins(GetParam(), random, ForgetfulWriter(field)).empty();
    }
    EXPECT_TRUE(differed) << "field " << field << " " << writer.name();
  }
}

INSTANTIATE_TEST_SUITE_P(All, DeviceTwinsTest, testing::ValuesIn(kDevices),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace emu
