// The network processes of one VM: found or started, connected to it, and kept as its spec says.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "daemon/vm_directory.h"
#include "daemon/vm_process.h"
#include "emud/v1/vm.pb.h"
#include "net/v1/net_control.pb.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// What there is, is compared with what the spec says, again and again: after an event, and every
// second. So it is all one whether a process was started just now, has died, or was started by an
// earlier daemon. It ends by itself with its VM.
class VmNetworks {
 public:
  struct Surroundings {
    std::string uid;
    VmDirectory directory;
    std::string program;  // emu-net
    bool requires_sandbox = false;
    std::shared_ptr<VmProcess> process;
    std::function<std::shared_ptr<const emud::v1::Vm>()> current;  // null: it is deleted
  };

  explicit VmNetworks(Surroundings surroundings);

  // On a thread of its own, until End.
  void Run();
  // Every thread: the VM's process has ended; the spec has changed; what has become of each card.
  void End();
  void Reconsider();
  std::vector<emud::v1::NicStatus> statuses() const;

 private:
  using Forward = ::net::v1::Forward;

  struct Network {
    UniqueFd control;  // absent: not found yet, or lost
    pid_t child = 0;   // 0: of an earlier daemon
    // By forwards without a port: the one that was chosen last, to be had again.
    std::map<std::string, uint32_t> chosen = {};
    std::string complaint = {};  // logged last
  };

  void Keep(size_t index, const emud::v1::Nic& nic);
  absl::StatusOr<::net::v1::Response> Look(size_t index, const emud::v1::Nic& nic);
  absl::Status FindOrStart(size_t index, const emud::v1::Nic& nic);
  absl::Status Start(size_t index, const emud::v1::Nic& nic);
  absl::StatusOr<::net::v1::Response> Ask(size_t index, const ::net::v1::Request& request);
  // Of one that does not answer.
  void Drop(Network& network);
  void Adjust(size_t index, const emud::v1::Nic& nic, ::net::v1::Response seen,
              emud::v1::NicStatus& status);
  void Open(size_t index, const emud::v1::Forward& wanted,
            emud::v1::NicStatus::OpenForward& status);
  void WaitForEvent();

  const Surroundings around_;
  const UniqueFd wake_;
  std::vector<Network> networks_;  // Run's thread
  mutable std::mutex mutex_;
  bool has_ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<emud::v1::NicStatus> statuses_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
