// What a disk can't do: for the guest to see, or kept until the machine goes on.
#include <gtest/gtest.h>

#include "devices/virtio/block.h"
#include "devices/virtio/block_spec.h"
#include "devices/virtio/virtio_test_bench.h"
#include "vmm/base/state_wire.h"

namespace emu::virtio {
namespace {

using namespace block;

constexpr uint16_t kWrite = kDescriptorWrite, kNext = kDescriptorNext;

// Answers at once with what `error` says.
class FailingDisk final : public Disk {
 public:
  explicit FailingDisk(const int& error) : error_(error) {}
  uint64_t size_bytes() const override { return 64 * kSectorBytes; }
  bool is_readonly() const override { return false; }
  void Submit(DiskRequest, Done done) override { done(error_); }
  void Cancel(uint32_t) override {}

 private:
  const int& error_;
};

class BlockErrorTest : public testing::Test {
 protected:
  BlockErrorTest() : bench_(MakeDevice()) { bench_.Initialize(1, kFeatureFlush); }

  std::unique_ptr<Block> MakeDevice() {
    return std::make_unique<Block>(
        std::make_unique<FailingDisk>(error_),
        Block::Options{.id = "root",
                       .on_write_error = OnDiskError::kStop,
                       .stop = [this](const DiskError& error) { stops_.push_back(error); }});
  }
  int Ask(RequestType type) {
    const uint16_t direction = type == RequestType::kIn ? kWrite : 0;
    bench_.Poke(header_, RequestHeader{static_cast<uint32_t>(type), 0, 0});
    bench_.Poke<uint8_t>(status_, kPending);
    bench_.Describe(0, 0, header_, sizeof(RequestHeader), kNext,
                    type == RequestType::kFlush ? 2 : 1);
    bench_.Describe(0, 1, header_ + 0x1000, kSectorBytes, kNext | direction, 2);
    bench_.Describe(0, 2, status_, 1, kWrite);
    bench_.Submit(0, 0);
    return Status();
  }
  int Status() { return bench_.Peek<uint8_t>(status_); }

  static constexpr int kOk = 0, kIoError = 1, kPending = 0xee;
  const GuestPhysAddr header_ = VirtioTestBench::kBuffers;
  const GuestPhysAddr status_ = VirtioTestBench::kBuffers + 0x100;
  int error_ = 0;
  std::vector<DiskError> stops_;
  VirtioTestBench bench_;
};

TEST_F(BlockErrorTest, AWriteThatFailsStopsTheMachineAndIsTriedAgainWhenItGoesOn) {
  error_ = ENOSPC;
  EXPECT_EQ(Ask(RequestType::kOut), kPending);
  EXPECT_EQ(bench_.UsedIndex(0), 0);
  ASSERT_EQ(stops_.size(), 1u);
  EXPECT_EQ(stops_[0].disk, "root");
  EXPECT_EQ(stops_[0].error, ENOSPC);

  bench_.transport().Start();  // nothing has changed
  EXPECT_EQ(Status(), kPending);
  EXPECT_EQ(stops_.size(), 2u);

  error_ = 0;
  bench_.transport().Start();
  EXPECT_EQ(Status(), kOk);
  EXPECT_EQ(bench_.UsedIndex(0), 1);
  EXPECT_TRUE(bench_.irq());
  bench_.transport().Start();
  EXPECT_EQ(bench_.UsedIndex(0), 1);
  EXPECT_EQ(bench_.transport().disk_counters()->failed, 0u);
}

TEST_F(BlockErrorTest, TheGuestSeesWhatItsPolicyReports) {
  error_ = EIO;
  EXPECT_EQ(Ask(RequestType::kIn), kIoError);
  EXPECT_TRUE(stops_.empty());
}

TEST_F(BlockErrorTest, TheGuestSeesWhatCanNeverEndWell) {
  error_ = kLastingDiskError;
  EXPECT_EQ(Ask(RequestType::kFlush), kIoError);
  EXPECT_TRUE(stops_.empty());
}

TEST_F(BlockErrorTest, AResetForgetsWhatIsKept) {
  error_ = EIO;
  EXPECT_EQ(Ask(RequestType::kOut), kPending);
  bench_.Initialize(1, kFeatureFlush);
  bench_.Poke<uint16_t>(VirtioTestBench::Used(0) + 2, 0);
  error_ = 0;
  bench_.transport().Start();
  EXPECT_EQ(Status(), kPending);
  EXPECT_EQ(bench_.UsedIndex(0), 0);
}

TEST_F(BlockErrorTest, WhatIsKeptIsPartOfASnapshot) {
  error_ = ENOSPC;
  EXPECT_EQ(Ask(RequestType::kOut), kPending);
  StateWriter writer;
  bench_.transport().VisitState(writer);
  const auto state = writer.Take();

  bool irq = false;
  MmioTransport restored(bench_.memory(), DeviceTestBench::Wire(irq), MakeDevice());
  StateReader reader(state);
  restored.VisitState(reader);
  ASSERT_TRUE(reader.status().ok()) << reader.status();
  ASSERT_TRUE(restored.AfterRestore().ok());
  error_ = 0;
  restored.Start();
  EXPECT_EQ(Status(), kOk);
  EXPECT_EQ(bench_.UsedIndex(0), 1);
  EXPECT_TRUE(irq);
}

}  // namespace
}  // namespace emu::virtio
