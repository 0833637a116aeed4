#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "vmm/base/unique_fd.h"
#include "vmm/process/sandbox.h"

namespace emu {
namespace {

// The wait status of a process that enters the sandbox and does `body`.
int StatusOf(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    if (!Sandbox::Enter(RLIM_INFINITY).ok()) _exit(99);
    body();
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

bool IsKilled(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS; }

TEST(SandboxTest, LetsOrdinaryWorkPass) {
  const int status = StatusOf([] {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || munmap(page, 4096) != 0) _exit(1);
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(SandboxTest, RefusesToOpenFiles) {
  const int status =
      StatusOf([] { _exit(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 0 : 1); });
  EXPECT_EQ(status, 0);
}

TEST(SandboxTest, KillsForSocketsProcessesAndTracing) {
  EXPECT_TRUE(IsKilled(StatusOf([] { (void)socket(AF_UNIX, SOCK_STREAM, 0); })));
  EXPECT_TRUE(IsKilled(StatusOf([] { (void)fork(); })));
  EXPECT_TRUE(IsKilled(StatusOf([] { execl("/bin/true", "true", nullptr); })));
  EXPECT_TRUE(IsKilled(StatusOf([] { ptrace(PTRACE_TRACEME, 0, 0, 0); })));
}

TEST(SandboxTest, KillsForExecutableMappings) {
  EXPECT_TRUE(IsKilled(StatusOf([] {
    (void)mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  })));
  EXPECT_TRUE(IsKilled(StatusOf([] {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
  })));
}

TEST(SandboxTest, HoldsForThreadsThatWereThereBefore) {
  const pid_t child = fork();
  if (child == 0) {
    std::atomic<bool> inside = false;
    std::thread earlier([&] {
      while (!inside) sched_yield();
      (void)socket(AF_UNIX, SOCK_STREAM, 0);
      _exit(1);
    });
    if (!Sandbox::Enter(RLIM_INFINITY).ok()) _exit(99);
    inside = true;
    earlier.join();
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(IsKilled(status));
}

// The wait status of a process with one thread, which has that role and does `body`.
int StatusOfRole(ThreadRole role, const std::function<void()>& body) {
  return StatusOf([&] {
    if (!Sandbox::EnterRole(role).ok()) _exit(99);
    body();
  });
}

TEST(SandboxRoleTest, AThreadMayCallOnlyWhatItIsThereFor) {
  const UniqueFd file(memfd_create("file", 0));
  ASSERT_EQ(ftruncate(file.get(), 16), 0);
  char byte = 0;
  const std::function<void()> writes_a_disk = [&] { (void)!pwrite(file.get(), &byte, 1, 0); };
  const std::function<void()> reads_a_file = [&] { (void)!pread(file.get(), &byte, 1, 0); };
  const std::function<void()> receives = [&] { (void)recv(file.get(), &byte, 1, 0); };
  const std::function<void()> waits = [&] { (void)poll(nullptr, 0, 0); };
  const std::function<void()> makes_a_ring = [] { syscall(SYS_io_uring_setup, 1, nullptr); };
  const std::function<void()> changes_a_ring = [] {
    syscall(SYS_io_uring_register, -1, 0, nullptr, 0);
  };
  const std::function<void()> uses_a_ring = [] {
    syscall(SYS_io_uring_enter, -1, 0, 0, 0, nullptr, 0);
  };
  struct Case {
    ThreadRole role;
    std::vector<std::function<void()>> allowed;
    std::vector<std::function<void()>> denied;
  };
  const Case cases[] = {
      {ThreadRole::kVcpu, {}, {writes_a_disk, reads_a_file, receives, waits, uses_a_ring}},
      {ThreadRole::kDisk, {writes_a_disk, reads_a_file}, {receives, waits, uses_a_ring}},
      {ThreadRole::kRing,
       {uses_a_ring},
       {writes_a_disk, reads_a_file, receives, waits, makes_a_ring, changes_a_ring}},
      {ThreadRole::kStateDriver, {reads_a_file}, {writes_a_disk, receives, waits}},
      {ThreadRole::kIoLoop, {receives, waits}, {reads_a_file}},
  };
  for (const Case& tried : cases) {
    for (const auto& body : tried.allowed) EXPECT_EQ(StatusOfRole(tried.role, body), 0);
    for (const auto& body : tried.denied) EXPECT_TRUE(IsKilled(StatusOfRole(tried.role, body)));
  }
}

TEST(SandboxRoleTest, NoThreadTakesAFilterOrTheHandlerOffAgain) {
  for (const ThreadRole role : {ThreadRole::kVcpu, ThreadRole::kDisk, ThreadRole::kRing,
                                ThreadRole::kStateDriver, ThreadRole::kIoLoop}) {
    EXPECT_TRUE(IsKilled(StatusOfRole(role, [] { syscall(SYS_seccomp, 0, 0, nullptr); })));
    EXPECT_TRUE(IsKilled(StatusOfRole(role, [] { signal(SIGSYS, SIG_IGN); })));
  }
}

}  // namespace
}  // namespace emu
