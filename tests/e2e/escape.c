// What somebody would try who has taken over a thread of a VM process, as a library that is loaded
// into it by a test: the program itself knows nothing of this. Once the thread that ESCAPE_THREAD
// names has got its filter, it makes the attempt that ESCAPE names, on process ESCAPE_VICTIM.
//
// An attempt that the sandbox kills for never comes back. One that comes back is reported on standard
// error, the VM's log: "escape: denied" with the error, or "escape: done".
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long Attempt(const char* what, pid_t victim) {
  char bytes[16];
  char path[64];
  struct iovec mine = {bytes, sizeof(bytes)};
  struct iovec theirs = {(void*)0x400000, sizeof(bytes)};
  void* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (strcmp(what, "open") == 0) return open("/etc/passwd", O_RDONLY);
  if (strcmp(what, "create") == 0) return open("/escaped", O_WRONLY | O_CREAT, 0600);
  if (strcmp(what, "victim's memory") == 0) {
    snprintf(path, sizeof(path), "/proc/%d/mem", victim);
    return open(path, O_RDWR);
  }
  if (strcmp(what, "process_vm_readv") == 0) return process_vm_readv(victim, &mine, 1, &theirs, 1, 0);
  if (strcmp(what, "process_vm_writev") == 0) {
    return process_vm_writev(victim, &mine, 1, &theirs, 1, 0);
  }
  if (strcmp(what, "ptrace") == 0) return ptrace(PTRACE_ATTACH, victim, NULL, NULL);
  if (strcmp(what, "kill") == 0) return kill(victim, SIGKILL);
  if (strcmp(what, "pidfd_open") == 0) return syscall(SYS_pidfd_open, victim, 0);
  if (strcmp(what, "socket") == 0) return socket(AF_INET, SOCK_STREAM, 0);
  if (strcmp(what, "execve") == 0) return execl("/bin/true", "true", NULL);
  if (strcmp(what, "fork") == 0) return syscall(SYS_fork);
  if (strcmp(what, "clone") == 0) return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
  if (strcmp(what, "unshare") == 0) return unshare(CLONE_NEWUSER);
  if (strcmp(what, "mount") == 0) return syscall(SYS_mount, "proc", "/", "proc", 0, NULL);
  if (strcmp(what, "setuid") == 0) return syscall(SYS_setuid, 0);
  if (strcmp(what, "memfd_create") == 0) return memfd_create("code", 0);
  if (strcmp(what, "io_uring_setup") == 0) return syscall(SYS_io_uring_setup, 1, page);
  if (strcmp(what, "bpf") == 0) return syscall(SYS_bpf, 0, page, 64);
  if (strcmp(what, "personality") == 0) return syscall(SYS_personality, 0x0400000);
  if (strcmp(what, "mmap") == 0) {
    return (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  if (strcmp(what, "mprotect") == 0) return mprotect(page, 4096, PROT_READ | PROT_EXEC);
  if (strcmp(what, "pkey_mprotect") == 0) return syscall(SYS_pkey_mprotect, page, 4096, PROT_EXEC, 0);
  if (strcmp(what, "shmat") == 0) return (long)shmat(0, NULL, SHM_EXEC);
  if (strcmp(what, "seccomp") == 0) return syscall(SYS_seccomp, 0, 0, NULL);
  if (strcmp(what, "rt_sigaction") == 0) return (long)signal(SIGSYS, SIG_IGN);
  return 0;
}

static int HasOwnFilter(const char* thread) {
  static __thread int filters;
  // The main thread loads the filter for all first.
  return ++filters == (strcmp(thread, "emu-vm") == 0 ? 2 : 1);
}

int seccomp_load(const scmp_filter_ctx filter) {
  int (*load)(const scmp_filter_ctx) = (int (*)(const scmp_filter_ctx))dlsym(RTLD_NEXT, "seccomp_load");
  const int error = load(filter);
  char thread[16];
  prctl(PR_GET_NAME, thread);
  const char* const wanted = getenv("ESCAPE_THREAD");
  if (error == 0 && wanted != NULL && strcmp(thread, wanted) == 0 && HasOwnFilter(thread)) {
    const long result = Attempt(getenv("ESCAPE"), atoi(getenv("ESCAPE_VICTIM")));
    char text[64];
    const int size = result == -1 ? snprintf(text, sizeof(text), "escape: denied, error %d\n", errno)
                                  : snprintf(text, sizeof(text), "escape: done\n");
    if (write(2, text, size) != size) abort();
  }
  return error;
}
