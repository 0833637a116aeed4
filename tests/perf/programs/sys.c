/* What the kernel does for a program: calls, switches, processes, faults, signals, files. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static uint64_t calls(uint64_t repeats) {
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) sum += (uint64_t)syscall(SYS_getppid) != 0;
  return sum != 0;
}

static uint64_t clocks(uint64_t repeats) {
  double last = 0;
  for (; repeats > 0; --repeats) last = seconds_now();
  return last > 0;
}

static uint64_t switches(uint64_t repeats) {
  int there[2], back[2];
  if (pipe(there) != 0 || pipe(back) != 0) return 0;
  const pid_t child = fork();
  char byte = 1;
  if (child == 0) {
    close(there[1]);
    while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1) {
    }
    _exit(0);
  }
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) {
    if (write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1) sum |= (uint64_t)byte;
  }
  close(there[1]);
  waitpid(child, NULL, 0);
  close(there[0]);
  close(back[0]);
  close(back[1]);
  return sum;
}

static uint64_t forks(uint64_t repeats) {
  int status = 0;
  for (; repeats > 0; --repeats) {
    const pid_t child = fork();
    if (child == 0) _exit(7);
    waitpid(child, &status, 0);
  }
  return (uint64_t)WEXITSTATUS(status);
}

static uint64_t executions(uint64_t repeats) {
  int status = 0;
  for (; repeats > 0; --repeats) {
    const pid_t child = fork();
    if (child == 0) {
      execl("/proc/self/exe", "sys", "--exit", (char*)NULL);
      _exit(1);
    }
    waitpid(child, &status, 0);
  }
  return (uint64_t)WEXITSTATUS(status);
}

static uint64_t faults(uint64_t repeats) {
  enum { kBytes = 64 * 4096 };
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) {
    uint8_t* memory =
        mmap(NULL, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < kBytes; i += 4096) sum += memory[i]++;
    munmap(memory, kBytes);
  }
  return sum;
}

static uint64_t protections(uint64_t repeats) {
  static uint8_t* memory;
  if (memory == NULL) {
    memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  for (; repeats > 0; --repeats) {
    mprotect(memory, 4096, PROT_READ | PROT_WRITE);
    *(volatile uint8_t*)memory = 3;
    mprotect(memory, 4096, PROT_READ);
  }
  return memory[0];
}

static volatile sig_atomic_t signals_seen;
static void see_signal(int number) { signals_seen = number; }

static uint64_t signals(uint64_t repeats) {
  signal(SIGUSR1, see_signal);
  for (; repeats > 0; --repeats) raise(SIGUSR1);
  return (uint64_t)signals_seen;
}

static uint64_t files(uint64_t repeats) {
  static uint8_t data[65536];
  const int file = open("/tmp/perf-file", O_RDWR | O_CREAT | O_TRUNC, 0600);
  uint64_t sum = 0;
  for (; repeats > 0; --repeats) {
    data[9] = 5;
    if (pwrite(file, data, sizeof(data), 0) < 0 || pread(file, data, sizeof(data), 0) < 0) break;
    sum |= data[9];
  }
  close(file);
  return sum;
}

static uint64_t sleeps(uint64_t repeats) {
  const struct timespec nap = {0, 50000};
  for (; repeats > 0; --repeats) nanosleep(&nap, NULL);
  return 1;
}

int main(int argc, char** argv) {
  static const struct kernel kernels[] = {
      {"sys-call", calls, 1e-3, "kcall/s"},
      {"sys-clock", clocks, 1e-3, "kcall/s"},
      {"sys-switch", switches, 1e-3, "kround/s"},
      {"sys-fork", forks, 1, "fork/s"},
      {"sys-exec", executions, 1, "exec/s"},
      {"sys-fault", faults, 64e-3, "kfault/s"},
      {"sys-protect", protections, 2e-3, "kcall/s"},
      {"sys-signal", signals, 1e-3, "ksignal/s"},
      {"sys-file", files, 2 * 65536e-6, "MB/s"},
      {"sys-sleep", sleeps, 1, "wake/s"},
  };
  if (argc > 1 && strcmp(argv[1], "--exit") == 0) return 9;
  return run_kernels(kernels, COUNT_OF(kernels), argc, argv);
}
