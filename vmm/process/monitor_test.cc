#include "vmm/process/monitor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "vmm/base/unique_fd.h"
#include "vmm/process/exit_record.h"

namespace emu {
namespace {

// What the monitor writes about a VM process that does `body`.
ProcessRecordLayout RecordOf(const std::function<void(int record)>& body) {
  const UniqueFd record(memfd_create("record", MFD_CLOEXEC));
  EXPECT_EQ(ftruncate(record.get(), sizeof(ProcessRecordLayout)), 0);
  const pid_t monitor = fork();
  if (monitor == 0) {
    SplitOffMonitor(record.get(), open("/proc", O_PATH | O_DIRECTORY), {});
    body(record.get());
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(monitor, &status, 0), monitor);
  EXPECT_TRUE(WIFEXITED(status));
  ProcessRecordLayout layout = {};
  EXPECT_EQ(pread(record.get(), &layout, sizeof(layout), 0), ssize_t{sizeof(layout)});
  EXPECT_EQ(layout.identity.magic, kProcessRecordMagic);
  EXPECT_EQ(layout.identity.monitor_pid, monitor);
  EXPECT_NE(layout.identity.monitor_start_time, 0u);
  EXPECT_EQ(layout.exit.magic, kProcessRecordMagic);
  return layout;
}

TEST(MonitorTest, WritesDownTheExitCodeBesideTheOutcome) {
  const ProcessRecordLayout layout = RecordOf([](int record) {
    WriteProcessOutcome(record, ProcessOutcome::kGuestFailed, 7, absl::OkStatus());
    _exit(7);
  });
  EXPECT_EQ(layout.exit.code, 7);
  EXPECT_EQ(layout.exit.signal, 0);
  EXPECT_EQ(layout.outcome.kind, ProcessOutcome::kGuestFailed);
  EXPECT_EQ(layout.outcome.guest_code, 7u);
}

TEST(MonitorTest, WritesDownTheSignal) {
  const ProcessRecordLayout layout = RecordOf([](int) { raise(SIGKILL); });
  EXPECT_EQ(layout.exit.signal, SIGKILL);
  EXPECT_EQ(layout.exit.seccomp, 0u);
  EXPECT_EQ(layout.exit.oom, 0u);
}

TEST(MonitorTest, TellsASandboxViolationApart) {
  const ProcessRecordLayout layout = RecordOf([](int) { raise(SIGSYS); });
  EXPECT_EQ(layout.exit.seccomp, 1u);
}

}  // namespace
}  // namespace emu
