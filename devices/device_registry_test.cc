// What holds for every device, from one list: a snapshot brings back the same state, and no
// sequence of register accesses does harm.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "devices/device_specimens.h"

namespace emu {
namespace {

class EveryDeviceTest : public testing::TestWithParam<Entry> {};

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
  std::mt19937_64 random(TestSeed());
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
  std::mt19937_64 random(TestSeed());
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
  std::mt19937_64 random(TestSeed());
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
  std::mt19937_64 random(TestSeed());
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
