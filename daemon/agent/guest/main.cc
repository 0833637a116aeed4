// emu-agent: what the host asks of a guest from the inside.
//
//   emu-agent                      serves until the guest ends
//   emu-agent --init PROGRAM ...   as a kernel's first process: begins to serve, and becomes
//   PROGRAM
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/agent/guest/agent.h"

int main(int argc, char** argv) {
  const bool is_init = argc >= 3 && strcmp(argv[1], "--init") == 0;
  if (argc != 1 && !is_init) {
    fprintf(stderr, "usage: emu-agent [--init PROGRAM [ARGUMENT...]]\n");
    return 2;
  }
  if (is_init) {
    if (fork() > 0) {
      execv(argv[2], argv + 2);
      perror(argv[2]);
      return 127;
    }
    setsid();
    // An initramfs's end and a shutdown's kill leave a process alone that calls itself so (systemd:
    // Storage daemons for the root file system).
    argv[0][0] = '@';
  }
  umask(022);
  emu::agent::Agent(emu::agent::Port::Open()).Run();
}
