// Tells guests that they have become another VM than they were.
#pragma once

#include <map>
#include <string>

#include "daemon/agent/agents.h"
#include "daemon/vm_table.h"

namespace emu::daemon {

// Opens the link to the agent of each VM that has gone on from a snapshot, as soon as it runs: the
// link tells what the guest can't know (Agents). A guest without an agent is told nothing, and one
// that was missed is told by the next link. Threads of its own, one more for each VM while it is
// told. Lives until the process ends.
class CloneGreeter {
 public:
  CloneGreeter(VmTable& vms, Agents& agents);

 private:
  void Main();
  void LookAt(const emud::v1::Vm& vm);

  VmTable& vms_;
  Agents& agents_;
  std::map<std::string, std::string> greeted_;  // generations, by uid
};

}  // namespace emu::daemon
