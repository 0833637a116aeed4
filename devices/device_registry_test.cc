// What holds for every device, from one list: a snapshot brings back the same state, and no
// sequence of register accesses does harm.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <functional>
#include <random>

#include "devices/backend/inline_disk.h"
#include "devices/core/device_test_bench.h"
#include "devices/interrupt/aclint.h"
#include "devices/interrupt/plic.h"
#include "devices/power/sifive_test.h"
#include "devices/serial/ns16550a.h"
#include "devices/timer/goldfish_rtc.h"
#include "devices/virtio/block.h"
#include "devices/virtio/console.h"
#include "devices/virtio/entropy.h"
#include "devices/virtio/mmio_transport.h"

namespace emu {
namespace {

// A device with everything around it.
struct Specimen {
  DeviceTestBench bench;
  RecordingStream stream;
  std::unique_ptr<Device> device;
  MmioHandler* mmio = nullptr;
  std::function<void(std::span<const std::byte>)> receive;  // of devices that are typed into

  template <typename T>
  void Own(std::unique_ptr<T> made) {
    mmio = made.get();
    device = std::move(made);
  }
  void OwnVirtio(std::unique_ptr<virtio::VirtioDevice> made) {
    Own(std::make_unique<virtio::MmioTransport>(bench.memory(), InterruptLine(), std::move(made)));
  }
};

struct Entry {
  const char* name;
  uint64_t mmio_size;
  void (*make)(Specimen& specimen);
};

const Entry kDevices[] = {
    {"aclint", 0x10000,
     [](Specimen& s) {
       s.Own(std::make_unique<Aclint>(s.bench.clock(), std::vector<Aclint::HartLines>(2)));
     }},
    {"plic", 0x600000,
     [](Specimen& s) { s.Own(std::make_unique<Plic>(std::vector<InterruptLine>(4))); }},
    {"ns16550a", 0x100,
     [](Specimen& s) {
       auto uart = std::make_unique<Ns16550a>(s.stream, InterruptLine());
       s.receive = [uart = uart.get()](auto bytes) { uart->Receive(bytes); };
       s.Own(std::move(uart));
     }},
    {"sifive_test", 0x1000,
     [](Specimen& s) {
       s.Own(std::make_unique<SifiveTest>([](SifiveTest::Request, uint32_t) {}));
     }},
    {"goldfish_rtc", 0x1000,
     [](Specimen& s) {
       s.Own(std::make_unique<GoldfishRtc>(
           s.bench.clock(), [] { return uint64_t{1'000'000}; }, InterruptLine()));
     }},
    {"virtio_empty", 0x1000, [](Specimen& s) { s.OwnVirtio(nullptr); }},
    {"virtio_console", 0x1000,
     [](Specimen& s) {
       auto console = std::make_unique<virtio::Console>(s.stream);
       s.receive = [console = console.get()](auto bytes) { console->Receive(bytes); };
       s.OwnVirtio(std::move(console));
     }},
    {"virtio_entropy", 0x1000,
     [](Specimen& s) { s.OwnVirtio(std::make_unique<virtio::Entropy>(&virtio::FillFromHost)); }},
    {"virtio_block", 0x1000,
     [](Specimen& s) {
       UniqueFd file(memfd_create("disk", 0));
       EXPECT_EQ(ftruncate(file.get(), 1 << 20), 0);
       s.OwnVirtio(std::make_unique<virtio::Block>(
           std::make_unique<InlineDisk>(*RawDisk::Open(std::move(file), RawDisk::Mode::kReadWrite)),
           "id"));
     }},
};

class EveryDeviceTest : public testing::TestWithParam<Entry> {};

uint64_t Seed() {
  const char* given = getenv("EMU_SEED");
  const uint64_t seed = given != nullptr ? strtoull(given, nullptr, 0) : std::random_device()();
  printf("EMU_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

// Something is typed now and then. Half of the accesses go to the first registers, half of the
// values are small or an address.
void Disturb(const Entry& entry, Specimen& specimen, std::mt19937_64& random, int count) {
  for (int i = 0; i < count; ++i) {
    const uint64_t range = random() % 2 == 0 ? 0x100 : entry.mmio_size;
    const uint64_t offset = (random() % range) & ~(random() % 4 != 0 ? uint64_t{3} : 0);
    const uint32_t width = uint32_t{1} << (random() % 4);
    uint64_t value = random();
    if (specimen.receive && random() % 64 == 0) {
      specimen.receive(std::as_bytes(std::span(&value, 1)));
    }
    if (random() % 2 == 0) value %= 16;
    if (random() % 4 == 0) value = DeviceTestBench::kRam.value + value % 0x10000 * 16;
    if (random() % 2 == 0) {
      specimen.mmio->MmioWrite(offset, width, value);
    } else {
      uint64_t ignored = 0;
      specimen.mmio->MmioRead(offset, width, &ignored);
    }
  }
}

TEST_P(EveryDeviceTest, SurvivesGarbageInEveryRegister) {
  std::mt19937_64 random(Seed());
  Specimen specimen;
  GetParam().make(specimen);
  for (int round = 0; round < 20; ++round) {
    // Rings and descriptors are garbage as well.
    for (uint64_t at = 0; at < 0x10000; at += 2) {
      const auto noise = static_cast<uint16_t>(random() % 3 == 0 ? random() : random() % 8);
      ASSERT_TRUE(specimen.bench.memory().Write(DeviceTestBench::kRam + at,
                                                std::as_bytes(std::span(&noise, 1))));
    }
    specimen.device->Reset();
    Disturb(GetParam(), specimen, random, 2000);
  }
}

// Every offset of the small ranges and the first 64 KiB of the large ones, at every width, once.
TEST_P(EveryDeviceTest, SurvivesGarbageAtEveryOffset) {
  std::mt19937_64 random(Seed());
  Specimen specimen;
  GetParam().make(specimen);
  std::vector<uint64_t> accesses;  // offset, and the width's logarithm in the low two bits
  for (uint64_t at = 0; at < std::min<uint64_t>(GetParam().mmio_size, 0x10000) * 4; ++at) {
    accesses.push_back(at);
  }
  std::ranges::shuffle(accesses, random);
  for (const uint64_t access : accesses) {
    const uint32_t width = uint32_t{1} << (access & 3);
    uint64_t ignored = 0;
    specimen.mmio->MmioWrite(access >> 2, width, random());
    specimen.mmio->MmioRead(access >> 2, width, &ignored);
  }
}

TEST_P(EveryDeviceTest, ASnapshotBringsBackTheSameState) {
  std::mt19937_64 random(Seed());
  for (int round = 0; round < 20; ++round) {
    Specimen saved;
    GetParam().make(saved);
    Disturb(GetParam(), saved, random, 200);
    const auto state = DeviceTestBench::Save(*saved.device);

    Specimen restored;
    GetParam().make(restored);
    const absl::Status status = DeviceTestBench::Restore(*restored.device, state);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(DeviceTestBench::Describe(*restored.device),
              DeviceTestBench::Describe(*saved.device));
  }
}

TEST_P(EveryDeviceTest, SurvivesASnapshotOfGarbage) {
  std::mt19937_64 random(Seed());
  Specimen sample;
  GetParam().make(sample);
  const auto state = DeviceTestBench::Save(*sample.device);
  for (int round = 0; round < 300; ++round) {
    auto damaged = state;
    for (int i = 0; i < 4 && !damaged.empty(); ++i) {
      damaged[random() % damaged.size()] = static_cast<std::byte>(random());
    }
    Specimen specimen;
    GetParam().make(specimen);
    if (!DeviceTestBench::Restore(*specimen.device, damaged).ok()) continue;
    Disturb(GetParam(), specimen, random, 200);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryDeviceTest, testing::ValuesIn(kDevices),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace emu
