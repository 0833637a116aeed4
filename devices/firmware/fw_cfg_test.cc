#include "devices/firmware/fw_cfg.h"

#include <gtest/gtest.h>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

using namespace fw_cfg;

constexpr uint64_t kData = 0, kSelect = 8, kDma = 16;
constexpr GuestPhysAddr kRequest = DeviceTestBench::kRam + 0x100;
constexpr GuestPhysAddr kTarget = DeviceTestBench::kRam + 0x1000;

class FwCfgTest : public testing::Test {
 protected:
  FwCfgTest() : device_(bench_.memory()) {
    const auto text = AsBytes("abcdefghij");
    device_.AddFile("etc/one", {text.begin(), text.end()});
    device_.AddFile("etc/two", {std::byte{2}});
  }
  // Firmware writes big-endian numbers.
  void Select(uint16_t key) { bench_.Write(device_, kSelect, __builtin_bswap16(key), 2); }
  uint64_t Read(uint32_t width_bytes) { return bench_.Read(device_, kData, width_bytes); }

  void PutRequest(uint32_t control, uint32_t length, GuestPhysAddr target) {
    const uint32_t words[] = {__builtin_bswap32(control), __builtin_bswap32(length),
                              __builtin_bswap32(static_cast<uint32_t>(target.value >> 32)),
                              __builtin_bswap32(static_cast<uint32_t>(target.value))};
    ASSERT_TRUE(bench_.memory().Write(kRequest, std::as_bytes(std::span(words))));
  }
  // What the request's control is afterwards.
  uint32_t Answer() {
    std::array<std::byte, 4> bytes;
    EXPECT_TRUE(bench_.memory().Read(kRequest, bytes));
    return __builtin_bswap32(LoadLittle<uint32_t>(bytes));
  }
  uint32_t Request(uint32_t control, uint32_t length, GuestPhysAddr target = kTarget) {
    PutRequest(control, length, target);
    bench_.Write(device_, kDma, __builtin_bswap64(kRequest.value), 8);
    return Answer();
  }
  std::string Memory(size_t size) {
    std::string text(size, '\0');
    EXPECT_TRUE(bench_.memory().Read(kTarget, std::as_writable_bytes(std::span(text))));
    return text;
  }

  DeviceTestBench bench_;
  FwCfg device_;
};

TEST_F(FwCfgTest, SaysWhoItIs) {
  Select(kSignature);
  EXPECT_EQ(Read(4), 0x554d4551u);  // "QEMU"
  Select(kFeatures);
  EXPECT_EQ(Read(4), kFeatureTraditional | kFeatureDma);
  EXPECT_EQ(bench_.Read(device_, kDma, 8), __builtin_bswap64(kDmaSignature));
  EXPECT_EQ(bench_.Read(device_, kDma, 4), 0x554d4551u);
}

TEST_F(FwCfgTest, BytesComeInOrderAtAnyWidthAndThenZeros) {
  Select(kFirstFile);
  EXPECT_EQ(Read(1), 'a');
  EXPECT_EQ(Read(2), 0x6362u);
  EXPECT_EQ(Read(4), 0x67666564u);
  EXPECT_EQ(Read(8), 0x6a6968u);
  EXPECT_EQ(Read(8), 0u);
  Select(0x7777);
  EXPECT_EQ(Read(4), 0u);
}

TEST_F(FwCfgTest, TheDirectoryTellsKeysAndSizes) {
  Select(kFileDirectory);
  EXPECT_EQ(Read(4), __builtin_bswap32(2));
  EXPECT_EQ(Read(4), __builtin_bswap32(10));
  EXPECT_EQ(Read(2), __builtin_bswap16(kFirstFile));
  EXPECT_EQ(Read(2), 0u);
  EXPECT_EQ(Read(8), 0x656e6f2f637465u);  // "etc/one"
}

TEST_F(FwCfgTest, DmaSelectsSkipsAndReads) {
  EXPECT_EQ(Request(kFirstFile << kDmaSelectorShift | kDmaSelect | kDmaSkip, 3), 0u);
  EXPECT_EQ(Request(kDmaRead, 4), 0u);
  EXPECT_EQ(Memory(4), "defg");
  EXPECT_EQ(Request(kDmaRead, 5), 0u);
  EXPECT_EQ(Memory(5), std::string("hij\0\0", 5));
}

TEST_F(FwCfgTest, TheAddressMayComeInHalvesAndTheLowerOneStarts) {
  PutRequest(kFirstFile << kDmaSelectorShift | kDmaSelect | kDmaRead, 2, kTarget);
  bench_.Write(device_, kDma, 0, 4);
  EXPECT_EQ(Memory(2), std::string(2, '\0'));
  bench_.Write(device_, kDma + 4, __builtin_bswap32(static_cast<uint32_t>(kRequest.value)), 4);
  EXPECT_EQ(Memory(2), "ab");
}

TEST_F(FwCfgTest, WhatCantBeDoneIsToldInTheRequest) {
  EXPECT_EQ(Request(kFirstFile << kDmaSelectorShift | kDmaSelect | kDmaWrite, 1), kDmaError);
  EXPECT_EQ(Request(kFirstFile << kDmaSelectorShift | kDmaSelect | kDmaRead, 4, GuestPhysAddr(16)),
            kDmaError);
  // Half of it is memory.
  const GuestPhysAddr near_end = DeviceTestBench::kRam + (DeviceTestBench::kRamSize - 4096);
  EXPECT_EQ(Request(kDmaSelect | kDmaRead, UINT32_MAX, near_end), kDmaError);
  bench_.Write(device_, kDma, __builtin_bswap64(uint64_t{16}), 8);  // no request is there
}

}  // namespace
}  // namespace emu
