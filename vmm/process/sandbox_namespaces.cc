#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm/process/sandbox.h"

namespace emu {
namespace {

// Below the working directory; none for an empty one.
bool WriteResolverConfiguration(std::string_view text) {
  if (text.empty()) return true;
  // Its reader will be another user, whatever umask the daemon has.
  umask(0);
  if (mkdir("etc", 0555) != 0) return false;
  const int file = open("etc/resolv.conf", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
  if (file < 0) return false;
  const bool is_written =
      write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  return is_written;
}

// Likewise.
bool KeepFolder(const char* folder) {
  if (folder == nullptr) return true;
  const char* const kept = kKeptFolder + 1;
  const unsigned long flags = MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return mkdir(kept, 0555) == 0 && mount(folder, kept, nullptr, MS_BIND | MS_REC, nullptr) == 0 &&
         mount(nullptr, kept, nullptr, MS_REMOUNT | flags, nullptr) == 0;
}

// Of the mount namespace: an empty file system that nobody can write to, and nothing behind it. It
// is mounted over /proc because that is there on every host.
bool EnterEmptyRoot(const KeptOfHost& kept) {
  const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("emu-vm", "/proc", "tmpfs", flags, "mode=0555,nr_inodes=4,size=64k") == 0 &&
         chdir("/proc") == 0 && WriteResolverConfiguration(kept.resolver_configuration) &&
         KeepFolder(kept.folder) &&
         mount(nullptr, "/proc", nullptr, MS_REMOUNT | MS_RDONLY | flags, nullptr) == 0 &&
         // The old root comes to lie over the new one, and goes (pivot_root(2), example).
         syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 && chdir("/") == 0;
}

}  // namespace

SandboxSteps EnterNamespaces(const KeptOfHost& kept) {
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
  if (!kept.process_numbers) enter(CLONE_NEWPID, vm::v1::PID_NAMESPACE);
  if (!kept.network) enter(CLONE_NEWNET, vm::v1::NETWORK_NAMESPACE);
  enter(CLONE_NEWIPC, vm::v1::IPC_NAMESPACE);
  enter(CLONE_NEWUTS, vm::v1::UTS_NAMESPACE);
  if (reached.Has(vm::v1::MOUNT_NAMESPACE) && EnterEmptyRoot(kept)) {
    reached.Add(vm::v1::EMPTY_ROOT);
  }
  return reached;
}

}  // namespace emu
