// Control groups that bound what a VM's process takes of the host: version 2, or version 1 where
// that is what the host has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

struct CgroupLimits {
  uint64_t memory_bytes;
  uint32_t cpu_millis;  // 1000 is one processor
  uint32_t threads;
};

// The groups of one VM, one folder in each hierarchy. What is missing here the host refused.
struct VmCgroups {
  struct Entrance {
    UniqueFd join;  // who writes "0" to it is inside
    std::vector<vm::v1::SandboxStep> limits;
  };
  std::vector<std::string> folders;
  std::vector<Entrance> entrances;
  UniqueFd memory_events;  // counts out-of-memory kills as "oom_kill N"
};

// Stateless but for where it looks; every thread.
class Cgroups {
 public:
  // A folder in which groups are made, and what can be limited there.
  struct Hierarchy {
    enum class Version : uint8_t { k1, k2 };
    Version version;
    std::string folder;
    std::vector<std::string> controllers;  // of "cpu", "memory", "pids"
  };

  // Of this process. In version 1 the groups lie below its own. In version 2 they lie beside it,
  // because there a group that holds processes can't have limited groups below.
  static Cgroups Find();
  // From what /proc/self/{cgroup,mountinfo} say.
  static std::vector<Hierarchy> Parse(absl::string_view cgroup, absl::string_view mountinfo);

  explicit Cgroups(std::vector<Hierarchy> hierarchies) : hierarchies_(std::move(hierarchies)) {}

  // `name` is one that no other VM of the host has.
  VmCgroups Make(const std::string& name, const CgroupLimits& limits) const;
  // Waits a little for processes that are about to leave. False if a folder is left because one is
  // still inside.
  static bool Remove(const std::vector<std::string>& folders);

 private:
  std::vector<Hierarchy> hierarchies_;
};

}  // namespace emu::daemon
