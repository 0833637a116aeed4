// Who is at the other end of a connection. gRPC 1.51 does not tell; a connection that we accept and
// hand over is called "fd:N" by ServerContext::peer().
#pragma once

#include <sys/types.h>

#include <map>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"

namespace emu::daemon {

// For every thread.
class PeerRegistry {
 public:
  // A number is used again after its connection is closed: the newest owner counts, so a call asks
  // at its start.
  void Add(int fd, uid_t uid) {
    std::lock_guard lock(mutex_);
    principals_["fd:" + std::to_string(fd)] = "unix:" + std::to_string(uid);
  }
  std::string PrincipalOf(const std::string& peer) {
    std::lock_guard lock(mutex_);
    const auto it = principals_.find(peer);
    return it == principals_.end() ? "unknown" : it->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> principals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
