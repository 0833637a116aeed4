#include "devices/flash/cfi_flash.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

constexpr uint64_t kSize = 4 << 20;
constexpr uint64_t kSector = cfi_flash::kSectorBytes;

FlashStore OpenStore(int file = -1) {
  auto store =
      FlashStore::Open(file < 0 ? UniqueFd() : UniqueFd(dup(file)), nullptr, kSize, kSector);
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

class CfiFlashTest : public testing::Test {
 protected:
  uint64_t Get(uint64_t offset, uint32_t width_bytes = 4) {
    return bench_.Read(flash_, offset, width_bytes);
  }
  void Set(uint64_t offset, uint64_t value, uint32_t width_bytes = 4) {
    bench_.Write(flash_, offset, value, width_bytes);
  }
  void Program(uint64_t offset, uint32_t value) {
    Set(offset, 0x0040'0040);
    Set(offset, value);
    EXPECT_EQ(Get(offset), 0x0080'0080u);
    Set(offset, 0x00ff'00ff);
  }

  DeviceTestBench bench_;
  UniqueFd file_{memfd_create("variables", 0)};
  CfiFlash flash_{OpenStore(file_.get())};
};

TEST_F(CfiFlashTest, AnswersTheQueryOfBothChips) {
  Set(0x55 * 4, 0x0098'0098);
  EXPECT_EQ(Get(0x10 * 4), 0x0051'0051u);
  EXPECT_EQ(Get(0x11 * 4), 0x0052'0052u);
  EXPECT_EQ(Get(0x12 * 4, 2), 0x0059u);
  EXPECT_EQ(Get(0x13 * 4), 0x0001'0001u);  // Intel's commands
  EXPECT_EQ(Get(0x27 * 4), 0x0015'0015u);  // 2 MiB each
  EXPECT_EQ(Get(0x2a * 4), 0x0008'0008u);  // buffers of 256 bytes
  EXPECT_EQ(Get(0x2d * 4), 0x000f'000fu);  // 16 blocks
  EXPECT_EQ(Get(0x30 * 4), 0x0002'0002u);  // of 128 KiB
  EXPECT_EQ(Get(0x31 * 4), 0x0050'0050u);
  Set(0, 0x0090'0090);
  EXPECT_EQ(Get(0), 0x0089'0089u);
  EXPECT_EQ(Get(4), 0x0018'0018u);
  Set(0, 0x00ff'00ff);
  EXPECT_EQ(Get(0), 0xffff'ffffu);
}

TEST_F(CfiFlashTest, ProgrammingClearsBitsAndErasingSetsThem) {
  Program(0x100, 0x1234'5678);
  EXPECT_EQ(Get(0x100), 0x1234'5678u);
  Program(0x100, 0xffff'0000);
  EXPECT_EQ(Get(0x100), 0x1234'0000u);
  Program(kSector, 7);
  Set(0, 0x0020'0020);
  Set(0, 0x00d0'00d0);
  EXPECT_EQ(Get(0), 0x0080'0080u);
  Set(0, 0x00ff'00ff);
  EXPECT_EQ(Get(0x100), 0xffff'ffffu);
  EXPECT_EQ(Get(kSector), 7u);
}

TEST_F(CfiFlashTest, AnEraseThatIsNotConfirmedIsAnError) {
  Program(0x100, 7);
  Set(0, 0x0020'0020);
  Set(0, 0x00ff'00ff);
  EXPECT_EQ(Get(0), 0x00a0'00a0u);
  Set(0, 0x0050'0050);
  EXPECT_EQ(Get(0x100), 7u);
}

TEST_F(CfiFlashTest, BuffersAreWrittenWhole) {
  Set(0x400, 0x00e8'00e8);
  EXPECT_EQ(Get(0x400), 0x0080'0080u);
  Set(0x400, 0x0001'0001);  // two words
  Set(0x404, 0x2222'2222);
  Set(0x400, 0x1111'1111);
  Set(0x400, 0x00d0'00d0);
  EXPECT_EQ(Get(0x400), 0x0080'0080u);
  Set(0x400, 0x00ff'00ff);
  EXPECT_EQ(Get(0x400, 8), 0x2222'2222'1111'1111u);
  EXPECT_EQ(Get(0x408), 0xffff'ffffu);
}

TEST_F(CfiFlashTest, LocksAreAcceptedAndMeanNothing) {
  Set(0, 0x0060'0060);
  Set(0, 0x0001'0001);
  EXPECT_EQ(Get(0), 0x0080'0080u);
  Program(0x100, 7);
  EXPECT_EQ(Get(0x100), 7u);
}

TEST_F(CfiFlashTest, VariablesAreInTheFile) {
  Program(kSector + 8, 0xabcd);
  struct stat info = {};
  ASSERT_EQ(fstat(file_.get(), &info), 0);
  EXPECT_EQ(info.st_size, static_cast<off_t>(kSector + 12));
  CfiFlash again(OpenStore(file_.get()));
  EXPECT_EQ(bench_.Read(again, kSector + 8), 0xabcdu);
  EXPECT_EQ(bench_.Read(again, 8), 0xffff'ffffu);  // what was skipped is erased
  EXPECT_EQ(bench_.Read(again, kSize - 4), 0xffff'ffffu);
}

TEST_F(CfiFlashTest, AResetReadsTheArrayAndKeepsIt) {
  Program(8, 0xabcd);
  Set(0, 0x0070'0070);
  flash_.Reset();
  EXPECT_EQ(Get(8), 0xabcdu);
}

TEST_F(CfiFlashTest, ASnapshotBringsItsVariablesToAnotherFile) {
  Program(8, 0xabcd);
  const UniqueFd other(memfd_create("other", 0));
  CfiFlash restored(OpenStore(other.get()));
  ASSERT_TRUE(DeviceTestBench::Restore(restored, DeviceTestBench::Save(flash_)).ok());
  CfiFlash again(OpenStore(other.get()));
  EXPECT_EQ(bench_.Read(again, 8), 0xabcdu);
}

TEST(FlashStoreTest, ReachesTheFileOnTheWorkQueue) {
  class Waiting final : public WorkQueue {
   public:
    void Post(std::function<void()> work) override { held.push_back(std::move(work)); }
    void Drain() override {
      for (const auto& work : std::exchange(held, {})) work();
    }
    std::vector<std::function<void()>> held;
  } host;
  const UniqueFd file(memfd_create("variables", 0));
  auto store = FlashStore::Open(UniqueFd(dup(file.get())), &host, kSize, kSector);
  ASSERT_TRUE(store.ok());
  const std::byte five{5};
  store->Program(2 * kSector, {&five, 1});
  std::byte read{};
  EXPECT_EQ(pread(file.get(), &read, 1, 2 * kSector), 0);
  host.Drain();
  EXPECT_EQ(pread(file.get(), &read, 1, 2 * kSector), 1);
  EXPECT_EQ(read, five);
  store->Read(kSector, {&read, 1});
  EXPECT_EQ(read, std::byte{0xff});
}

TEST(FlashStoreTest, RefusesFilesThatAreNoFlash) {
  const UniqueFd large(memfd_create("large", 0));
  ASSERT_EQ(ftruncate(large.get(), kSize + 1), 0);
  EXPECT_FALSE(FlashStore::Open(UniqueFd(dup(large.get())), nullptr, kSize, kSector).ok());
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const UniqueFd read_end(ends[0]), write_end(ends[1]);
  EXPECT_FALSE(FlashStore::Open(UniqueFd(dup(read_end.get())), nullptr, kSize, kSector).ok());
}

}  // namespace
}  // namespace emu
