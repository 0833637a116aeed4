// The door that every VM passes (RunVm): what is not done behind it, and what comes first.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "proto/vm/v1/console_ring_layout.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/base/unique_fd.h"
#include "vmm/process/run_vm.h"

namespace emu {
namespace {

// Prints X on the UART, then powers off.
constexpr uint32_t kFirmware[] = {
    0x10000537,  // lui a0, 0x10000
    0x05800593,  // li a1, 'X'
    0x00b50023,  // sb a1, 0(a0)
    0x00100537,  // lui a0, 0x100
    0x000055b7,  // lui a1, 5
    0x55558593,  // addi a1, a1, 0x555
    0x00b52023,  // sw a1, 0(a0)
    0x0000006f,  // j .
};

// What the child tells the test.
struct Report {
  int calls;
  char paths[64][128];
};
Report* report = nullptr;
ConsoleRingLayout* ring = nullptr;

UniqueFd FileOf(size_t size) {
  UniqueFd file(memfd_create("door", 0));
  EXPECT_EQ(ftruncate(file.get(), static_cast<off_t>(size)), 0);
  return file;
}

template <typename T>
T* MapShared(int file) {
  void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  return memory == MAP_FAILED ? nullptr : new (memory) T;
}

class DoorTest : public testing::Test {
 protected:
  DoorTest() : ring_(FileOf(sizeof(ConsoleRingLayout))), report_(FileOf(sizeof(Report))) {
    ring = MapShared<ConsoleRingLayout>(ring_.get());
    ring->magic = kConsoleRingMagic;
    ring->head = 0;
    report = MapShared<Report>(report_.get());
    *report = {};
  }
  ~DoorTest() override {
    munmap(ring, sizeof *ring);
    munmap(report, sizeof *report);
  }

  // The wait status of a process that runs the firmware in a VM and has `handler` called in the
  // place of each of these system calls.
  enum class Filter : uint8_t { kSandbox, kOursOnly };
  int RunTrapping(std::initializer_list<int> calls, void (*handler)(int, siginfo_t*, void*),
                  Filter mode) {
    const UniqueFd firmware = FileOf(sizeof kFirmware);
    EXPECT_EQ(pwrite(firmware.get(), kFirmware, sizeof kFirmware, 0), ssize_t{sizeof kFirmware});
    vm::v1::VmConfig config;
    config.set_arch("riscv64");
    config.set_cpus(1);
    config.set_memory_bytes(64 << 20);
    // RunVm takes its descriptors over.
    config.set_firmware_fd(dup(firmware.get()));
    config.set_console_ring_fd(dup(ring_.get()));
    config.set_no_sandbox(mode == Filter::kOursOnly);
    const pid_t child = fork();
    if (child == 0) {
      struct sigaction action = {};
      action.sa_sigaction = handler;
      action.sa_flags = SA_SIGINFO;
      sigaction(SIGSYS, &action, nullptr);
      scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
      for (const int call : calls) seccomp_rule_add(filter, SCMP_ACT_TRAP, call, 0);
      if (seccomp_load(filter) != 0) _exit(99);
      absl::Status why;
      _exit(RunVm(config, {}, why));
    }
    close(config.firmware_fd());
    close(config.console_ring_fd());
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return status;
  }

 private:
  const UniqueFd ring_;
  const UniqueFd report_;
};

// A start that takes its time to enter the sandbox: long enough for a guest to say something.
void AtTheSandbox(int, siginfo_t*, void*) {
  usleep(300'000);
  _exit(ring->head == 0 ? 42 : 43);
}

TEST_F(DoorTest, TheGuestRunsNothingBeforeTheSandboxIsOn) {
  const int status = RunTrapping({SCMP_SYS(seccomp)}, &AtTheSandbox, Filter::kSandbox);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

void NotePath(int, siginfo_t* info, void* context) {
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const bool is_first = info->si_syscall == SCMP_SYS(open) || info->si_syscall == SCMP_SYS(execve);
  const auto path = static_cast<uintptr_t>(registers[is_first ? REG_RDI : REG_RSI]);
  const int number = __atomic_fetch_add(&report->calls, 1, __ATOMIC_RELAXED);
  // SAFETY: the argument of a system call that takes a path.
  if (number < 64) {
    std::string_view(reinterpret_cast<const char*>(path)).copy(report->paths[number], 127);
  }
  registers[REG_RAX] = -EACCES;
}

TEST_F(DoorTest, NoPathIsOpenedBehindIt) {
  // What the C library looks up by itself; it does without.
  const std::vector<std::string> libc = {"/etc/localtime", "/sys/devices/system/cpu/online",
                                         "/sys/devices/system/cpu/possible", "/proc/self/maps"};
  const int status =
      RunTrapping({SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(execve)},
                  &NotePath, Filter::kOursOnly);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(ring->head, 1u);
  EXPECT_EQ(ring->data[0], 'X');
  for (int number = 0; number < std::min(report->calls, 64); ++number) {
    EXPECT_TRUE(std::ranges::count(libc, report->paths[number]) != 0) << report->paths[number];
  }
}

}  // namespace
}  // namespace emu
