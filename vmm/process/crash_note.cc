#include "vmm/process/crash_note.h"

#include <signal.h>
#include <sys/prctl.h>

#include <cstring>

#include "vmm/process/sandbox.h"

namespace emu {
namespace {

ProcessStatus* noted = nullptr;  // for the handler, which gets nothing else to know

// A signal handler: plain system calls only.
void Note(int signal, siginfo_t* info, void*) {
  if (noted->signal == 0) {
    noted->signal = signal;
    noted->failed_cpu = -1;
    prctl(PR_GET_NAME, noted->thread);
    if (std::strncmp(noted->thread, "vcpu", 4) == 0) noted->failed_cpu = noted->thread[4] - '0';
    if (signal == SIGSYS) noted->denied_call = info->si_syscall;
  }
  // The handler is reset by now: a faulty instruction is executed again, and kills. The first
  // process of a namespace does not die of a signal that was sent.
  const bool is_fault = info->si_code > 0 && signal != SIGSYS;
  if (!is_fault) Sandbox::Die();
}

}  // namespace

void NoteCrashesIn(ProcessStatus& status) {
  noted = &status;
  struct sigaction action = {};
  action.sa_sigaction = &Note;
  action.sa_flags = SA_SIGINFO | static_cast<int>(SA_RESETHAND);
  sigfillset(&action.sa_mask);
  for (const int signal : {SIGABRT, SIGSYS, SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    sigaction(signal, &action, nullptr);
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // Else the sanitizer's own handler has more to say.
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE}) sigaction(signal, &action, nullptr);
#endif
}

}  // namespace emu
