#include "vmm/base/address_space.h"

#include <gtest/gtest.h>

namespace emu {
namespace {

class RecordingHandler final : public MmioHandler {
 public:
  AccessResult MmioRead(uint64_t offset, uint32_t, uint64_t* value) override {
    *value = 0xffff'ffff'ffff'ff00 + offset;
    return AccessResult::kOk;
  }
  AccessResult MmioWrite(uint64_t offset, uint32_t, uint64_t value) override {
    last_offset = offset;
    last_value = value;
    return AccessResult::kBadAccess;
  }
  uint64_t last_offset = 0;
  uint64_t last_value = 0;
};

class AddressSpaceTest : public testing::Test {
 protected:
  AddressSpaceTest() {
    EXPECT_TRUE(memory_.AddRegion(0x8000_gpa, kPageSize, MemoryKind::kRam).ok());
    EXPECT_TRUE(memory_.AddRegion(0x1000_gpa, kPageSize, MemoryKind::kRom).ok());
    EXPECT_TRUE(space_.MapMmio(0x10000_gpa, 0x100, "device", handler_).ok());
  }
  GuestMemory memory_;
  AddressSpace space_{memory_};
  RecordingHandler handler_;
};

TEST_F(AddressSpaceTest, RefusesOverlapsWithMemoryAndDevices) {
  EXPECT_FALSE(space_.MapMmio(0x8ff0_gpa, 0x100, "x", handler_).ok());
  EXPECT_FALSE(space_.MapMmio(0x100ff_gpa, 1, "x", handler_).ok());
  EXPECT_FALSE(space_.MapMmio(0xff00_gpa, 0x101, "x", handler_).ok());
  EXPECT_FALSE(space_.MapMmio(0x20000_gpa, 0, "x", handler_).ok());
  EXPECT_TRUE(space_.MapMmio(0x10100_gpa, 0x100, "next", handler_).ok());
}

TEST_F(AddressSpaceTest, MemoryReadsBackWhatWasWritten) {
  uint64_t value = 0;
  EXPECT_EQ(space_.Write(0x8ffe_gpa, 2, 0xabcd), AccessResult::kOk);
  EXPECT_EQ(space_.Read(0x8ffe_gpa, 2, &value), AccessResult::kOk);
  EXPECT_EQ(value, 0xabcdu);
  EXPECT_NE(space_.Write(0x1000_gpa, 4, 1), AccessResult::kOk);
}

TEST_F(AddressSpaceTest, ADeviceOverRomSeesStoresOnly) {
  uint64_t value = 0;
  ASSERT_TRUE(space_.MapMmio(0x1000_gpa, 0x100, "over-rom", handler_).ok());
  EXPECT_EQ(space_.Write(0x1010_gpa, 4, 0x98), AccessResult::kBadAccess);
  EXPECT_EQ(handler_.last_offset, 0x10u);
  EXPECT_EQ(space_.Read(0x1010_gpa, 4, &value), AccessResult::kOk);
  EXPECT_EQ(value, 0u);
  EXPECT_EQ(space_.Write(0x1100_gpa, 4, 1), AccessResult::kNoDevice);
}

TEST_F(AddressSpaceTest, DevicesSeeOffsetsAndOnlyTheBytesOfTheAccess) {
  uint64_t value = 0;
  EXPECT_EQ(space_.Read(0x10004_gpa, 1, &value), AccessResult::kOk);
  EXPECT_EQ(value, 0x04u);
  EXPECT_EQ(space_.Write(0x100f0_gpa, 2, 0x12345678), AccessResult::kBadAccess);
  EXPECT_EQ(handler_.last_offset, 0xf0u);
  EXPECT_EQ(handler_.last_value, 0x5678u);
}

class HandlerByCpu final : public MmioHandler {
 public:
  AccessResult MmioRead(uint64_t, uint32_t, uint64_t*) override { return AccessResult::kBadAccess; }
  AccessResult MmioWrite(uint64_t, uint32_t, uint64_t) override { return AccessResult::kBadAccess; }
  AccessResult MmioReadBy(uint32_t cpu, uint64_t offset, uint32_t, uint64_t* value) override {
    *value = cpu << 8 | offset;
    return AccessResult::kOk;
  }
  AccessResult MmioWriteBy(uint32_t cpu, uint64_t, uint32_t, uint64_t) override {
    last_writer = cpu;
    return AccessResult::kOk;
  }
  uint32_t last_writer = 0;
};

TEST_F(AddressSpaceTest, ADeviceIsToldWhichProcessorAsks) {
  HandlerByCpu handler;
  ASSERT_TRUE(space_.MapMmio(0x20000_gpa, 0x100, "by-cpu", handler).ok());
  uint64_t value = 0;
  EXPECT_EQ(space_.Read(0x20004_gpa, 4, &value, 3), AccessResult::kOk);
  EXPECT_EQ(value, 0x304u);
  EXPECT_EQ(space_.Write(0x20004_gpa, 4, 0, 2), AccessResult::kOk);
  EXPECT_EQ(handler.last_writer, 2u);
}

TEST_F(AddressSpaceTest, NowhereReadsAsZero) {
  uint64_t value = 1;
  EXPECT_EQ(space_.Read(0x10100_gpa, 4, &value), AccessResult::kNoDevice);
  EXPECT_EQ(value, 0u);
  EXPECT_EQ(space_.Write(GuestPhysAddr(UINT64_MAX), 8, 1), AccessResult::kNoDevice);
}

}  // namespace
}  // namespace emu
