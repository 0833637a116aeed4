#include "daemon/vm_ending.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace emu::daemon {
namespace {

using emud::v1::Vm;

class VmEndingTest : public testing::Test {
 protected:
  VmEndingTest() {
    std::string name = testing::TempDir() + "ending-XXXXXX";
    path_ = mkdtemp(name.data());
    record_.exit.magic = kProcessRecordMagic;
  }
  ~VmEndingTest() override { std::filesystem::remove_all(path_); }

  Ending Read(bool killed_by_us = false) {
    const VmDirectory directory(path_);
    // SAFETY: the layout is a file's.
    std::ofstream(directory.record_path(), std::ios::binary)
        .write(reinterpret_cast<const char*>(&record_), sizeof(record_));
    return ReadEnding(directory, killed_by_us, /*was_starting=*/false);
  }
  void SaveState() { ASSERT_TRUE(VmDirectory(path_).NewState().ok()); }

  std::string path_;
  ProcessRecordLayout record_ = {};
};

TEST_F(VmEndingTest, WhatWasSavedIsGoneOnFromHoweverItsProcessDiedAfterwards) {
  SaveState();
  record_.outcome.kind = ProcessOutcome::kSuspended;
  record_.exit.signal = SIGKILL;
  EXPECT_EQ(Read().state, Vm::SUSPENDED);
}

TEST_F(VmEndingTest, AStateThatWasNotFinishedIsNone) {
  SaveState();
  record_.exit.signal = SIGKILL;
  EXPECT_EQ(Read().state, Vm::CRASHED);
  EXPECT_EQ(Read().reason, "KILLED_BY_SIGNAL");
}

TEST_F(VmEndingTest, AStateThatIsGoneIsNone) {
  record_.outcome.kind = ProcessOutcome::kSuspended;
  EXPECT_EQ(Read().state, Vm::CRASHED);
}

TEST_F(VmEndingTest, WhoeverEndedItByForceDoesNotWantItsState) {
  SaveState();
  record_.outcome.kind = ProcessOutcome::kSuspended;
  record_.exit.signal = SIGKILL;
  EXPECT_EQ(Read(/*killed_by_us=*/true).state, Vm::STOPPED);
}

TEST_F(VmEndingTest, OneWhoseMonitorWentTooIsLost) {
  record_.exit.magic = 0;
  EXPECT_EQ(Read().reason, "LOST");
}

}  // namespace
}  // namespace emu::daemon
