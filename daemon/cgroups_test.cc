#include "daemon/cgroups.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace emu::daemon {
namespace {

using Version = Cgroups::Hierarchy::Version;
using vm::v1::SandboxStep;

constexpr char kFirstMounts[] =
    "24 1 0:5 / /proc rw - proc proc rw\n"
    "30 25 0:26 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "31 25 0:27 /a /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

TEST(CgroupsTest, OfVersionOneGroupsLieBelowTheDaemons) {
  const auto found = Cgroups::Parse("2:cpu,cpuacct:/\n1:memory:/a/b\n0::/x\n", kFirstMounts);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].folder, "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(found[0].controllers, std::vector<std::string>{"cpu"});
  // The mount shows the hierarchy from /a on.
  EXPECT_EQ(found[1].folder, "/sys/fs/cgroup/memory/b");
  EXPECT_EQ(found[1].version, Version::k1);
}

TEST(CgroupsTest, OfVersionTwoGroupsLieBesideTheDaemons) {
  const auto found = Cgroups::Parse("0::/emud.slice/emud.service\n",
                                    "31 25 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].version, Version::k2);
  EXPECT_EQ(found[0].folder, "/sys/fs/cgroup/emud.slice");
}

// Files as a control group has them, in a folder that is none.
class FakeGroupTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/cgroups-XXXXXX";
    base_ = mkdtemp(path);
    std::filesystem::create_directory(base_ + "/vm");
  }
  void TearDown() override { std::filesystem::remove_all(base_); }
  void Have(const std::string& name) { std::ofstream(base_ + "/vm/" + name) << "oom_kill 0\n"; }
  std::string Text(const std::string& name) {
    std::string text;
    std::getline(std::ifstream(base_ + "/vm/" + name), text);
    return text;
  }
  VmCgroups Make(Version version) {
    return Cgroups({{version, base_, {"cpu", "memory", "pids"}}})
        .Make("vm", {.memory_bytes = 1 << 20, .cpu_millis = 2500, .threads = 17});
  }
  std::string base_;
};

TEST_F(FakeGroupTest, LimitsAreWrittenAsVersionTwoWantsThem) {
  for (const char* name : {"cpu.max", "memory.max", "pids.max", "memory.events", "cgroup.procs"}) {
    Have(name);
  }
  const VmCgroups made = Make(Version::k2);
  EXPECT_EQ(Text("cpu.max").substr(0, 13), "250000 100000");
  EXPECT_EQ(Text("memory.max").substr(0, 7), "1048576");
  EXPECT_EQ(Text("pids.max").substr(0, 2), "17");
  ASSERT_EQ(made.entrances.size(), 1u);
  EXPECT_EQ(made.entrances[0].limits.size(), 3u);
  EXPECT_TRUE(made.memory_events.is_valid());
}

TEST_F(FakeGroupTest, AControllerThatTheHostRefusesIsLeftOutAlone) {
  for (const char* name : {"memory.limit_in_bytes", "memory.oom_control", "tasks"}) Have(name);
  const VmCgroups made = Make(Version::k1);
  ASSERT_EQ(made.entrances.size(), 1u);
  EXPECT_EQ(made.entrances[0].limits, std::vector{SandboxStep::MEMORY_CGROUP});
}

TEST(CgroupsTest, AGroupWhoseLastProcessIsAboutToLeaveIsRemoved) {
  const VmCgroups made =
      Cgroups::Find().Make(absl::StrCat("emud-test-", getpid()),
                           {.memory_bytes = 1 << 28, .cpu_millis = 1000, .threads = 4});
  if (made.entrances.empty()) GTEST_SKIP() << "no control groups are to be had here";
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  char byte = 0;
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    for (const VmCgroups::Entrance& entrance : made.entrances) {
      if (write(entrance.join.get(), "0", 1) != 1) _exit(1);
    }
    // Told that it may go, it takes its time.
    if (write(ends[1], "i", 1) != 1 || read(ends[1], &byte, 1) != 0) _exit(2);
    usleep(200'000);
    _exit(0);
  }
  close(ends[1]);
  EXPECT_EQ(read(ends[0], &byte, 1), 1);
  close(ends[0]);
  EXPECT_TRUE(Cgroups::Remove(made.folders));
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace emu::daemon
