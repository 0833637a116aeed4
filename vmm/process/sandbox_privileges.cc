#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "vmm/process/sandbox.h"

namespace emu {
namespace {

// Users of nobody: above those that hosts give to people and containers (systemd's UIDS-GIDS), and
// wide enough for every number of a process (2^22).
constexpr uid_t kFirstVmUser = 0x7000'0000;

// Raw calls: the C library would change all threads of the process, by signals.
bool BecomeUser(uid_t user) {
  return syscall(SYS_setgroups, 0, nullptr) == 0 && syscall(SYS_setresgid, user, user, user) == 0 &&
         syscall(SYS_setresuid, user, user, user) == 0;
}

void DropBoundingSet() {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
}

bool DropCapabilities() {
  DropBoundingSet();
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

// As linux/landlock.h has it by now; Debian 12's knows its first field.
struct LandlockRuleset {
  uint64_t access_fs;
  uint64_t access_net;  // from version 4 on
  uint64_t scoped;      // from version 6 on
};

// Rules that allow nothing: no file, no TCP; no signal to others and no abstract socket of theirs.
bool RestrictByLandlock() {
  const long version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  constexpr int kFileRights[] = {13, 14, 15, 15, 16};  // how many there are, by version
  const int rights = version < 5 ? kFileRights[version - 1] : kFileRights[4];
  const LandlockRuleset ruleset = {.access_fs = (uint64_t{1} << rights) - 1,
                                   .access_net = version < 4 ? 0u : 3u,
                                   .scoped = version < 6 ? 0u : 3u};
  const size_t size = version < 4   ? sizeof(ruleset.access_fs)
                      : version < 6 ? offsetof(LandlockRuleset, scoped)
                                    : sizeof(ruleset);
  const auto fd = static_cast<int>(syscall(SYS_landlock_create_ruleset, &ruleset, size, 0));
  if (fd < 0) return false;
  const bool entered = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
  close(fd);
  return entered;
}

}  // namespace

SandboxSteps JoinCgroups(const vm::v1::VmConfig& config) {
  SandboxSteps reached;
  for (const vm::v1::VmConfig::Cgroup& cgroup : config.cgroups()) {
    const bool joined = write(cgroup.join_fd(), "0", 1) == 1;
    close(cgroup.join_fd());
    for (int i = 0; joined && i < cgroup.limits_size(); ++i) reached.Add(cgroup.limits(i));
  }
  return reached;
}

SandboxSteps LeavePrivileges(pid_t monitor_pid, SandboxSteps reached) {
  if (!reached.Has(vm::v1::UNPRIVILEGED_USER)) {
    DropBoundingSet();  // root may, before it is somebody else
    const uid_t user = kFirstVmUser + static_cast<uid_t>(monitor_pid);
    if (BecomeUser(user)) reached.Add(vm::v1::UNPRIVILEGED_USER);
  }
  if (!reached.Has(vm::v1::USER_NAMESPACE) && unshare(CLONE_NEWUSER) == 0) {
    reached.Add(vm::v1::USER_NAMESPACE);
  }
  if (DropCapabilities()) reached.Add(vm::v1::NO_CAPABILITIES);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) reached.Add(vm::v1::NO_NEW_PRIVILEGES);
  return reached;
}

SandboxSteps EnterLandlock() {
  SandboxSteps reached;
  if (RestrictByLandlock()) reached.Add(vm::v1::LANDLOCK);
  return reached;
}

}  // namespace emu
