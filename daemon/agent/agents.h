// The agents of all VMs: one link for each, while somebody holds it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "daemon/agent/agent_link.h"
#include "daemon/vm_table.h"

namespace emu::daemon {

class Agents {
 public:
  explicit Agents(VmTable& vms) : vms_(vms) {}

  // The link to the agent in `vm`, which may take `timeout` to come. What is sent comes to a guest
  // that knows which VM it is (wire.h, kGoneOn). VM_NOT_FOUND, WRONG_STATE,
  // NO_AGENT, CANCELLED when `is_cancelled`. Any thread.
  absl::StatusOr<std::shared_ptr<AgentLink>> Open(const std::string& vm,
                                                  std::chrono::milliseconds timeout,
                                                  const std::function<bool()>& is_cancelled);

 private:
  // One that is opened waits for its guest, which holds nobody else up.
  struct Place {
    std::mutex opening;
    std::weak_ptr<AgentLink> link ABSL_GUARDED_BY(opening);
  };

  // To a guest that has gone on from a snapshot: who it is now, the time, and random numbers.
  static absl::Status TellGeneration(const emud::v1::Vm& vm, AgentLink& link);
  std::shared_ptr<Place> PlaceOf(const std::string& uid);
  absl::StatusOr<std::shared_ptr<AgentLink>> OpenNow(const std::string& vm, Place& place);

  VmTable& vms_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<Place>> places_ ABSL_GUARDED_BY(mutex_);  // by uid
};

}  // namespace emu::daemon
