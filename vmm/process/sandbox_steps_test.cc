// The steps of the sandbox before the filter. What the host refuses to everybody is not tested.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>

#include "vmm/process/crash_note.h"
#include "vmm/process/sandbox.h"

namespace emu {
namespace {

int CodeOf(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int EntriesOfRoot() {
  DIR* const root = opendir("/");
  int count = 0;
  while (root != nullptr && readdir(root) != nullptr) ++count;
  return count - 2;
}

TEST(SandboxStepsTest, TheRootIsEmptyAndTheChildAFirstProcess) {
  if (CodeOf([] { return unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) == 0 ? 0 : 1; }) !=
      0) {
    GTEST_SKIP() << "the host allows no namespaces";
  }
  EXPECT_EQ(CodeOf([] {
              EnterNamespaces();
              return CodeOf([] { return getpid() == 1 ? EntriesOfRoot() : 99; });
            }),
            0);
}

TEST(SandboxStepsTest, NothingIsLeftToTheUser) {
  EXPECT_EQ(CodeOf([] {
              const SandboxSteps reached = LeavePrivileges(getpid(), {});
              __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
              __user_cap_data_struct now[2] = {};
              syscall(SYS_capget, &header, now);
              const uint32_t any = now[0].effective | now[0].permitted | now[0].inheritable |
                                   now[1].effective | now[1].permitted | now[1].inheritable;
              const bool bounded = prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 0;
              if (any != 0 || !bounded || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 1;
              // A raw call: the C library would have all threads make it, TSan's among them.
              if (syscall(SYS_setuid, 0) == 0 || prctl(PR_GET_DUMPABLE) != 0) return 2;
              return reached.Has(vm::v1::NO_CAPABILITIES) ? 0 : 3;
            }),
            0);
}

TEST(SandboxStepsTest, LandlockLeavesNoPath) {
  if (syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1) {
    GTEST_SKIP() << "the kernel has no Landlock";
  }
  EXPECT_EQ(CodeOf([] {
              prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
              if (!EnterLandlock().Has(vm::v1::LANDLOCK)) return 1;
              return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 0 : 2;
            }),
            0);
}

TEST(SandboxStepsTest, AMonitorDoesNothingButWait) {
  EXPECT_EQ(CodeOf([] {
              prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
              FilterMonitor();
              if (waitpid(-1, nullptr, 0) != -1) return 1;
              (void)open("/etc/passwd", O_RDONLY);
              return 2;
            }),
            -SIGSYS);
}

// What `dies` leaves: in the sandbox's filter, as the first process of a namespace.
ProcessStatus StatusAfter(const std::function<void()>& dies) {
  auto* const status = new (mmap(nullptr, sizeof(ProcessStatus), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0)) ProcessStatus{};
  CodeOf([&] {
    EnterNamespaces();
    return CodeOf([&] {
      NoteCrashesIn(*status);
      if (!Sandbox::Enter(RLIM_INFINITY).ok()) return 99;
      dies();
      return 98;
    });
  });
  return *status;
}

TEST(CrashNoteTest, TheDeniedCallIsNoted) {
  const ProcessStatus status = StatusAfter([] { (void)socket(AF_UNIX, SOCK_STREAM, 0); });
  EXPECT_EQ(status.signal, SIGSYS);
  EXPECT_EQ(status.denied_call, SYS_socket);
}

TEST(CrashNoteTest, AnAbortIsOneAlsoOfAFirstProcess) {
  EXPECT_EQ(StatusAfter([] { abort(); }).signal, SIGABRT);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(CrashNoteTest, AFaultIsNotedWithItsThread) {
  const ProcessStatus status = StatusAfter([] {
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  });
  EXPECT_EQ(status.signal, SIGSEGV);
  EXPECT_NE(status.thread[0], '\0');
  EXPECT_EQ(status.failed_cpu, -1);
}
#endif

}  // namespace
}  // namespace emu
