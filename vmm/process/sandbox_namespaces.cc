#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm/process/sandbox.h"

namespace emu {
namespace {

// Of the mount namespace: an empty file system that nobody can write to, and nothing behind it. It
// is mounted over /proc because that is there on every host.
bool EnterEmptyRoot() {
  const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("emu-vm", "/proc", "tmpfs", flags, "mode=0555,nr_inodes=1,size=4k") == 0 &&
         chdir("/proc") == 0 &&
         // The old root comes to lie over the new one, and goes (pivot_root(2), example).
         syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 && chdir("/") == 0;
}

}  // namespace

SandboxSteps EnterNamespaces() {
  SandboxSteps reached;
  const auto enter = [&reached](int flag, vm::v1::SandboxStep step) {
    if (unshare(flag) == 0) reached.Add(step);
  };
  if (geteuid() != 0) reached.Add(vm::v1::UNPRIVILEGED_USER);
  enter(CLONE_NEWNS, vm::v1::MOUNT_NAMESPACE);
  if (!reached.Has(vm::v1::MOUNT_NAMESPACE)) {
    // Who may not make the others makes them inside a user namespace. No user is mapped into it:
    // nobody needs to be anybody there. Root takes this step later, when it is somebody else.
    enter(CLONE_NEWUSER, vm::v1::USER_NAMESPACE);
    enter(CLONE_NEWNS, vm::v1::MOUNT_NAMESPACE);
  }
  enter(CLONE_NEWPID, vm::v1::PID_NAMESPACE);
  enter(CLONE_NEWNET, vm::v1::NETWORK_NAMESPACE);
  enter(CLONE_NEWIPC, vm::v1::IPC_NAMESPACE);
  enter(CLONE_NEWUTS, vm::v1::UTS_NAMESPACE);
  if (reached.Has(vm::v1::MOUNT_NAMESPACE) && EnterEmptyRoot()) reached.Add(vm::v1::EMPTY_ROOT);
  return reached;
}

}  // namespace emu
