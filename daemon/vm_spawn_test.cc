// Taking up a process that an earlier daemon started: only the one that was written down.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "daemon/vm_process.h"

namespace emu::daemon {
namespace {

// A directory whose record names this test's process, and is held by it.
class AdoptVmTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/adopt-XXXXXX";
    path_ = mkdtemp(path);
    auto held = VmDirectory(path_).LockNewRecord();
    ASSERT_TRUE(held.ok());
    held_ = *std::move(held);
    identity_.magic = kProcessRecordMagic;
    std::string boot_id;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot_id;
    std::memcpy(identity_.boot_id, boot_id.data(), boot_id.size());
    identity_.monitor_pid = identity_.vm_pid = getpid();
    std::ifstream stat("/proc/self/stat");
    std::string word;
    for (int field = 0; field < 22; ++field) stat >> word;
    identity_.vm_start_time = identity_.monitor_start_time = std::stoull(word);
  }
  void TearDown() override { std::filesystem::remove_all(path_); }

  bool IsAdopted() {
    EXPECT_EQ(pwrite(held_.get(), &identity_, sizeof(identity_), 0),
              static_cast<ssize_t>(sizeof(identity_)));
    return AdoptVm("uid", VmDirectory(path_)).ok();
  }

  std::string path_;
  UniqueFd held_;
  ProcessIdentity identity_ = {};
};

TEST_F(AdoptVmTest, TheProcessThatWasWrittenDownIsTakenUp) { EXPECT_TRUE(IsAdopted()); }

TEST_F(AdoptVmTest, AReusedPidIsNot) {
  ++identity_.vm_start_time;
  ++identity_.monitor_start_time;
  EXPECT_FALSE(IsAdopted());
}

// Its VM has just died: how, it is still writing down.
TEST_F(AdoptVmTest, AMonitorThatIsLeftIsWaitedFor) {
  ++identity_.vm_start_time;
  EXPECT_TRUE(IsAdopted());
}

TEST_F(AdoptVmTest, AProcessOfAnotherBootIsNot) {
  identity_.boot_id[0] ^= 1;
  EXPECT_FALSE(IsAdopted());
}

TEST_F(AdoptVmTest, ARecordThatNobodyHoldsIsNot) {
  EXPECT_TRUE(IsAdopted());
  held_.Reset();
  EXPECT_FALSE(AdoptVm("uid", VmDirectory(path_)).ok());
}

}  // namespace
}  // namespace emu::daemon
