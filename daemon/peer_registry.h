// Who is at the other end of a connection on the host. gRPC 1.51 does not tell; a connection that
// we accept and hand over is called "fd:N" by ServerContext::peer().
#pragma once

#include <sys/types.h>

#include <map>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"

namespace emu::daemon {

struct LocalPeer {
  uid_t uid = static_cast<uid_t>(-1);
  bool is_admin = false;
};

// For every thread.
class PeerRegistry {
 public:
  // A number is used again after its connection is closed: the newest owner counts, so a call asks
  // at its start.
  void Add(int fd, const LocalPeer& peer) {
    std::lock_guard lock(mutex_);
    peers_["fd:" + std::to_string(fd)] = peer;
  }
  // Nobody, without any right, if it is not known.
  LocalPeer Find(const std::string& peer) {
    std::lock_guard lock(mutex_);
    const auto it = peers_.find(peer);
    return it == peers_.end() ? LocalPeer() : it->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, LocalPeer> peers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
